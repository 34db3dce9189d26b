import { BAND } from "./layout";
import type { Group, Head } from "./order";

/** A head's place: the corner of its picture, from that of the part that scrolls. */
export interface Cell extends Head {
  readonly x: number;
  readonly y: number;
  readonly row: number;
  readonly column: number;
}

/** Where everything in the grid lies, in CSS pixels. */
export interface GridLayout {
  /** A picture's side, and what the next one is away. */
  readonly size: number;
  readonly stepX: number;
  readonly stepY: number;
  /** What stays where it is when the rest scrolls: numbers and means. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** All of it, and what is seen at once. */
  readonly width: number;
  readonly height: number;
  readonly viewWidth: number;
  readonly viewHeight: number;
  readonly rows: number;
  readonly columns: number;
  /** Room above a picture for marks and its name, and below it for bars. */
  readonly band: number;
  readonly name: number;
  readonly bar: number;
  readonly barStep: number;
  /** Room for numbers beside the bars. */
  readonly wordy: boolean;
  readonly cells: readonly Cell[];
  readonly captions: readonly { readonly name: string; readonly count: number; y: number }[];
}

export interface Room {
  readonly width: number;
  /** Bars below each picture. */
  readonly bars: number;
  /** Whether means stand along the sides. */
  readonly means: boolean;
  /** Whether heads that share keys are bracketed. */
  readonly bracketed: boolean;
}

/** A grid up to this height is shown whole; its pictures shrink to `SMALL` pixels for it. */
const TALLEST = 800;
const SMALL = 24;
/** What does not fit is seen through a part this tall. */
const PORT = 600;
/** Room for the bar of a part that scrolls. */
export const SCROLLBAR = 12;
export const WORDY_SIZE = 44;
const LEFT = 46;
const TOP = 20;
const BRACKET = 4;
const RIGHT = 40;
const BOTTOM = 40;
const MIN_SIZE = 10;
const MAX_SIZE = 120;
const CAPTION = 22;
const NAME = 13;
/** In an order of their own heads need room for their names. */
const FLOW_SIZE = 48;
const FLOW_LARGEST = 96;

/** Gaps, marks and bars of pictures that have `step` pixels each: small ones get the less. */
function trim(step: number, bars: number) {
  const [gap, band, bar, barStep] =
    step < 20 ? [2, 0, 2, 4] : step < 32 ? [3, BAND, 5, 8] : [5, BAND, 5, 11];
  return { gap, band, bar, barStep, below: bars > 0 ? bars * barStep + (band ? 2 : 1) : 0 };
}

/** Layers below each other, heads beside each other. */
export function modelLayout(
  layers: readonly number[],
  heads: readonly number[],
  { width, bars, means, bracketed }: Room,
): GridLayout {
  const right = means ? RIGHT : 0;
  const bottom = means ? BOTTOM : 0;
  const top = TOP + (bracketed ? BRACKET : 0);
  const sized = (step: number) => {
    const trimmed = trim(step, bars);
    const { gap, band, below } = trimmed;
    const size = Math.max(MIN_SIZE, Math.min(MAX_SIZE, step - gap - band));
    const [stepX, stepY] = [size + gap + band, size + gap + band + below];
    const height = top + layers.length * stepY + bottom;
    return { ...trimmed, size, stepX, stepY, height, width: LEFT + heads.length * stepX + right };
  };
  const widest = (room: number) => Math.floor((room - LEFT - right) / heads.length);
  let step = Math.min(widest(width), MAX_SIZE + 9);
  while (sized(step).height > TALLEST && sized(step - 1).size >= SMALL) step--;
  const scrolls = sized(step).height > TALLEST;
  const fitted = sized(scrolls ? Math.min(step, widest(width - SCROLLBAR)) : step);
  const { band, size, stepX, stepY } = fitted;
  return {
    ...fitted,
    ...seen(fitted, width, scrolls),
    left: LEFT,
    top,
    right,
    bottom,
    rows: layers.length,
    columns: heads.length,
    name: 0,
    wordy: size >= WORDY_SIZE,
    cells: layers.flatMap((layer, row) =>
      heads.map((head, column) => ({
        layer,
        head,
        row,
        column,
        x: column * stepX + band,
        y: row * stepY + band,
      })),
    ),
    captions: [],
  };
}

/** Heads one after another, each under its name, with a caption above each group. */
export function flowLayout(groups: readonly Group[], { width, bars }: Room): GridLayout {
  const count = groups.reduce((sum, { heads }) => sum + heads.length, 0);
  const captioned = groups.some(({ name }) => name !== null);
  const sized = (room: number, wanted: number) => {
    const { gap, band, bar, barStep, below } = trim(wanted, bars);
    const least = wanted + gap + band;
    const columns = Math.max(1, Math.floor(room / least));
    const size = Math.max(wanted, Math.min(FLOW_LARGEST, Math.floor(room / columns) - gap - band));
    const [stepX, stepY] = [size + gap + band, size + gap + band + NAME + below];
    const rows = groups.reduce((sum, { heads }) => sum + Math.ceil(heads.length / columns), 0);
    const height = rows * stepY + (captioned ? groups.length * CAPTION : 0);
    return { band, bar, barStep, size, stepX, stepY, columns, rows, height };
  };
  // as large as lets all of them be seen at once
  let wanted = FLOW_SIZE;
  while (wanted + 8 <= FLOW_LARGEST && sized(width, wanted + 8).height <= PORT) wanted += 8;
  const scrolls = sized(width, wanted).height > TALLEST;
  const fitted = sized(scrolls ? width - SCROLLBAR : width, wanted);
  const { band, stepX, stepY, columns } = fitted;
  const cells: Cell[] = [];
  const captions: { name: string; count: number; y: number }[] = [];
  let [top, row] = [0, 0];
  for (const { name, heads } of groups) {
    if (name !== null) {
      captions.push({ name, count: heads.length, y: top });
      top += CAPTION;
    }
    heads.forEach(({ layer, head }, i) => {
      const column = i % columns;
      const y = top + Math.floor(i / columns) * stepY + NAME + band;
      cells.push({
        layer,
        head,
        row: row + Math.floor(i / columns),
        column,
        x: column * stepX + band,
        y,
      });
    });
    const rows = Math.ceil(heads.length / columns);
    top += rows * stepY;
    row += rows;
  }
  const full = { width: Math.min(columns, Math.max(1, count)) * stepX, height: Math.max(1, top) };
  return {
    ...fitted,
    ...full,
    ...seen(full, width, scrolls),
    left: 0,
    top: 0,
    right: 0,
    bottom: 0,
    name: NAME,
    wordy: fitted.size >= WORDY_SIZE,
    cells,
    captions,
  };
}

function seen(all: { width: number; height: number }, room: number, scrolls: boolean) {
  const widest = scrolls ? room - SCROLLBAR : room;
  return {
    viewWidth: Math.max(1, Math.min(widest, all.width)),
    viewHeight: scrolls ? PORT : all.height,
  };
}

export function scrollable(layout: GridLayout): boolean {
  return layout.width > layout.viewWidth || layout.height > layout.viewHeight;
}

/** Where the scrolled part begins on the canvas, for a part scrolled by (`x`, `y`). */
export interface Scrolled {
  readonly x: number;
  readonly y: number;
}

/** The head under a point of the canvas, its marks, name and bars included. */
export function cellAt(layout: GridLayout, scroll: Scrolled, x: number, y: number): Cell | null {
  const { left, top, right, bottom, viewWidth, viewHeight, band, name, stepX, stepY } = layout;
  if (x < left || y < top || x >= viewWidth - right || y >= viewHeight - bottom) return null;
  const inX = x - left + scroll.x + band;
  const inY = y - top + scroll.y + band + name;
  const found = layout.cells.find(
    (cell) => inX >= cell.x && inX < cell.x + stepX && inY >= cell.y && inY < cell.y + stepY,
  );
  return found ?? null;
}

/** The row or column whose mean is under a point of the canvas. */
export function meanAt(
  layout: GridLayout,
  scroll: Scrolled,
  x: number,
  y: number,
): { readonly row: number } | { readonly column: number } | null {
  const { left, top, right, bottom, viewWidth, viewHeight, stepX, stepY, rows, columns } = layout;
  const inX = x >= left && x < viewWidth - right;
  const inY = y >= top && y < viewHeight - bottom;
  if (right > 0 && inY && x >= viewWidth - right) {
    const row = Math.floor((y - top + scroll.y) / stepY);
    return row < rows ? { row } : null;
  }
  if (bottom > 0 && inX && y >= viewHeight - bottom) {
    const column = Math.floor((x - left + scroll.x) / stepX);
    return column < columns ? { column } : null;
  }
  return null;
}

/** The heads that are seen at least in part. */
export function inView(layout: GridLayout, scroll: Scrolled): Cell[] {
  const { left, top, right, bottom, viewWidth, viewHeight, band, name, stepX, stepY } = layout;
  const [toX, toY] = [scroll.x + viewWidth - left - right, scroll.y + viewHeight - top - bottom];
  return layout.cells.filter(
    ({ x, y }) =>
      x - band + stepX > scroll.x &&
      x - band < toX &&
      y - band - name + stepY > scroll.y &&
      y - band - name < toY,
  );
}

/** How many rows and columns lie outside what is seen, by more than half of each. */
export function beyond(layout: GridLayout, scroll: Scrolled) {
  const { left, top, right, bottom, viewWidth, viewHeight, stepX, stepY, name } = layout;
  const { cells, band, rows, columns } = layout;
  const roomX = viewWidth - left - right;
  const roomY = viewHeight - top - bottom;
  const edge = (at: number, step: number, count: number) =>
    Math.max(0, Math.min(count, Math.round(at / step)));
  const lows = new Map(cells.map(({ row, y }) => [row, y - band - name + stepY / 2]));
  const middles = [...lows.values()];
  return {
    left: edge(scroll.x, stepX, columns),
    right: columns - edge(scroll.x + roomX, stepX, columns),
    above: middles.filter((y) => y < scroll.y).length,
    below: rows - middles.filter((y) => y <= scroll.y + roomY).length,
  };
}

/** How far to scroll so that a head is seen whole. */
export function reveal(layout: GridLayout, scroll: Scrolled, cell: Cell): Scrolled {
  const { left, top, right, bottom, viewWidth, viewHeight, band, name, stepX, stepY } = layout;
  const [roomX, roomY] = [viewWidth - left - right, viewHeight - top - bottom];
  const near = (at: number, from: number, step: number, room: number) =>
    Math.max(0, Math.min(Math.max(at, from + step - room), from));
  return {
    x: near(scroll.x, cell.x - band, stepX, roomX),
    y: near(scroll.y, cell.y - band - name, stepY, roomY),
  };
}

/** The head that a key leads to, in the order that is drawn; null where it leads nowhere. */
export function stepFrom(layout: GridLayout, from: Head, key: string): Cell | null {
  const { cells } = layout;
  const flows = layout.name > 0;
  const at = cells.findIndex(({ layer, head }) => layer === from.layer && head === from.head);
  const own = cells[at];
  if (!own) return cells[0] ?? null;
  const line = cells.filter(({ row }) => row === own.row);
  switch (key) {
    case "ArrowLeft":
      return (flows ? cells[at - 1] : line[own.column - 1]) ?? null;
    case "ArrowRight":
      return (flows ? cells[at + 1] : line[own.column + 1]) ?? null;
    case "ArrowUp":
    case "ArrowDown": {
      const next = own.row + (key === "ArrowUp" ? -1 : 1);
      return cells.findLast(({ row, column }) => row === next && column <= own.column) ?? null;
    }
    case "Home":
      return (flows ? cells[0] : line[0]) ?? null;
    case "End":
      return (flows ? cells.at(-1) : line.at(-1)) ?? null;
    default:
      return null;
  }
}
