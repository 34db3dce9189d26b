/** Where everything in the grid lies, in CSS pixels. */
export interface GridLayout {
  readonly size: number;
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Room for numbers beside the bars. */
  readonly wordy: boolean;
}

export const BAND = 4;
export const BAR_ROW = 11;
const GAP = 5;
const LEFT = 46;
const TOP = 20;
const MIN_SIZE = 10;
const MAX_SIZE = 120;
export const WORDY_SIZE = 44;

/** Fit `rows` × `columns` thumbnails, each with `bars` bars below it, into `width` pixels. */
export function gridLayout(width: number, rows: number, columns: number, bars: number): GridLayout {
  const size = Math.max(
    MIN_SIZE,
    Math.min(MAX_SIZE, Math.floor((width - LEFT) / columns) - GAP - BAND),
  );
  const stepX = size + GAP + BAND;
  const stepY = size + GAP + BAND + (bars > 0 ? bars * BAR_ROW + 2 : 0);
  return {
    size,
    left: LEFT,
    top: TOP,
    stepX,
    stepY,
    width: LEFT + columns * stepX,
    height: TOP + rows * stepY,
    columns,
    rows,
    wordy: size >= WORDY_SIZE,
  };
}

/** The corner of a thumbnail's picture. */
export function thumbnailAt(layout: GridLayout, row: number, column: number): [number, number] {
  return [layout.left + column * layout.stepX + BAND, layout.top + row * layout.stepY + BAND];
}

/** Which thumbnail a point is on, its bands and bars included. */
export function hitGrid(
  layout: GridLayout,
  x: number,
  y: number,
): { row: number; column: number } | null {
  const column = Math.floor((x - layout.left) / layout.stepX);
  const row = Math.floor((y - layout.top) / layout.stepY);
  const inside = column >= 0 && row >= 0 && column < layout.columns && row < layout.rows;
  return inside ? { row, column } : null;
}

/** Where everything in the full matrix of one head lies, in CSS pixels. */
export interface MatrixLayout {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly rows: number;
  readonly cols: number;
  /** Every how many tokens a label is written. */
  readonly rowEvery: number;
  readonly colEvery: number;
}

const LABEL_STEP = 12;
const MAX_CELL = 44;

export function matrixLayout(
  room: number,
  rows: number,
  cols: number,
  labelWidth: number,
): MatrixLayout {
  const left = labelWidth + BAND + 4;
  const cell = Math.min(MAX_CELL, (room - left) / Math.max(rows, cols));
  const width = Math.max(40, Math.round(cell * cols));
  const height = Math.max(40, Math.round(cell * rows));
  return {
    left,
    top: left,
    width,
    height,
    rows,
    cols,
    rowEvery: Math.max(1, Math.ceil(LABEL_STEP / (height / rows))),
    colEvery: Math.max(1, Math.ceil(LABEL_STEP / (width / cols))),
  };
}

/** Which query and key a point is on. */
export function hitMatrix(
  layout: MatrixLayout,
  x: number,
  y: number,
): { query: number; key: number } | null {
  const key = Math.floor(((x - layout.left) / layout.width) * layout.cols);
  const query = Math.floor(((y - layout.top) / layout.height) * layout.rows);
  const inside = key >= 0 && query >= 0 && key < layout.cols && query < layout.rows;
  return inside ? { query, key } : null;
}

/**
 * The labels to write: `always`; then those of `rather` that keep a label's height from them and
 * from each other; then every so many that keep it from both.
 */
export function labelled(
  count: number,
  every: number,
  always: readonly (number | null)[],
  rather: readonly number[] = [],
): number[] {
  const forced = always.filter((i): i is number => i !== null && i >= 0 && i < count);
  for (const i of rather) if (forced.every((f) => Math.abs(f - i) >= every)) forced.push(i);
  const thin = Array.from({ length: count }, (_, i) => i).filter(
    (i) => i % every === 0 && (every === 1 || forced.every((f) => Math.abs(f - i) >= every)),
  );
  return [...new Set([...thin, ...forced])].sort((a, b) => a - b);
}

/** A strip's pixels `[start, end)` of item `i` among `n` over `length` pixels, at least one wide. */
export function span(i: number, n: number, length: number): [number, number] {
  const start = Math.floor((i * length) / n);
  return [start, Math.max(start + 1, Math.floor(((i + 1) * length) / n))];
}
