import type { Zoom } from "../data/types";
import { BAND, span } from "./layout";

/** Where everything in the full matrix of one head lies, in CSS pixels. */
export interface MatrixLayout {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** The first query and key drawn, and how many of each. */
  readonly firstRow: number;
  readonly firstCol: number;
  readonly rows: number;
  readonly cols: number;
  /** Every how many tokens a label is written. */
  readonly rowEvery: number;
  readonly colEvery: number;
}

const LABEL_STEP = 12;
const MAX_CELL = 44;
const LEAST = 40;
/** How tall a leaning label is, of its length; and room for the names of the axes beside it. */
const LEANING = 0.87;
const HEADED = 36;

/** Lay out a head of some queries by keys, or the part of it that is drawn, in the same frame. */
export function matrixLayout(
  room: number,
  queries: number,
  keys: number,
  labelWidth: number,
  zoom: Zoom | null = null,
): MatrixLayout {
  const left = labelWidth + BAND + 4;
  const cell = Math.min(MAX_CELL, (room - left) / Math.max(queries, keys));
  const width = Math.max(LEAST, Math.round(cell * keys));
  const height = Math.max(LEAST, Math.round(cell * queries));
  const [firstRow, endRow, firstCol, endCol] = zoom ?? [0, queries, 0, keys];
  const [rows, cols] = [endRow - firstRow, endCol - firstCol];
  return {
    left,
    top: Math.max(HEADED, Math.ceil(labelWidth * LEANING) + BAND + 10),
    width,
    height,
    firstRow,
    firstCol,
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
  const { query, key } = placeAt(layout, x, y);
  const [q, k] = [Math.floor(query), Math.floor(key)];
  const inside = k >= 0 && q >= 0 && k < layout.cols && q < layout.rows;
  return inside ? { query: layout.firstRow + q, key: layout.firstCol + k } : null;
}

/** How many rows and columns from the corner a point is. */
export function placeAt(
  layout: MatrixLayout,
  x: number,
  y: number,
): { readonly query: number; readonly key: number } {
  return {
    query: ((y - layout.top) / layout.height) * layout.rows,
    key: ((x - layout.left) / layout.width) * layout.cols,
  };
}

/** The strip of pixels of a query or key, from the top or left of the squares; null if not drawn. */
export function rowStrip(layout: MatrixLayout, query: number): [number, number] | null {
  return strip(query - layout.firstRow, layout.rows, layout.height);
}

export function colStrip(layout: MatrixLayout, key: number): [number, number] | null {
  return strip(key - layout.firstCol, layout.cols, layout.width);
}

function strip(i: number, n: number, length: number): [number, number] | null {
  return i < 0 || i >= n ? null : span(i, n, length);
}

/**
 * The labels to write of the tokens `from..to`: `always`; then those of `rather` that keep a
 * label's height from them and from each other; then every so many that keep it from both.
 */
export function labelled(
  to: number,
  every: number,
  always: readonly (number | null)[],
  rather: readonly number[] = [],
  from = 0,
): number[] {
  const inside = (i: number | null): i is number => i !== null && i >= from && i < to;
  const forced = always.filter(inside);
  for (const i of rather)
    if (inside(i) && forced.every((f) => Math.abs(f - i) >= every)) forced.push(i);
  const thin: number[] = [];
  for (let i = Math.ceil(from / every) * every; i < to; i += every)
    if (every === 1 || forced.every((f) => Math.abs(f - i) >= every)) thin.push(i);
  return [...new Set([...thin, ...forced])].sort((a, b) => a - b);
}

/** Neighbouring tokens of one text of a pair. */
export interface Part {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
}

/** The texts that tokens belong to, in order; none where there is only one. */
export function parts(tokens: readonly { readonly segment: number | null }[]): Part[] {
  const runs: Part[] = [];
  tokens.forEach(({ segment }, i) => {
    const last = runs.at(-1);
    if (last && (segment === null || segment === last.segment))
      runs[runs.length - 1] = { ...last, to: i + 1 };
    else if (segment !== null) runs.push({ segment, from: last ? i : 0, to: i + 1 });
  });
  return new Set(runs.map(({ segment }) => segment)).size > 1 ? runs : [];
}
