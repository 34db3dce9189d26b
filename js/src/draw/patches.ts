import type { PatchesInfo, RecordInfo } from "../data/types";
import type { Rgb } from "./color";

/** How strong attention's colour lies over the picture: what is left of it can still be told. */
export const VEIL = 0.62;
const LARGEST = 400;
/** Smaller thumbnails show nothing. */
const LEAST_THUMB = 8;
export const MOST_THUMB = 18;
const THIN_THUMB = 12;

/** The patches among the keys, or among the queries where these are the same tokens. */
export function patchesOf(info: RecordInfo, ofKeys: boolean): PatchesInfo | null {
  return ofKeys || info.keyTokens === null ? (info.patches ?? null) : null;
}

export interface Spot {
  readonly row: number;
  readonly column: number;
}

/** Where in the picture a token is; null for those that are no patches. */
export function spotOf({ rows, columns, first }: PatchesInfo, at: number): Spot | null {
  const i = at - first;
  return i < 0 || i >= rows * columns
    ? null
    : { row: Math.floor(i / columns), column: i % columns };
}

/** The token of a patch. */
export function tokenOf({ columns, first }: PatchesInfo, { row, column }: Spot): number {
  return first + row * columns + column;
}

/** The patch that a key leads to, at most to the edge; null for other keys. */
export function stepped({ rows, columns }: PatchesInfo, spot: Spot, key: string): Spot | null {
  const { row, column } = spot;
  const to: Record<string, Spot> = {
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    Home: { row, column: 0 },
    End: { row, column: columns - 1 },
    PageUp: { row: 0, column },
    PageDown: { row: rows - 1, column },
  };
  const next = to[key];
  if (!next) return null;
  const within = (at: number, count: number) => Math.max(0, Math.min(count - 1, at));
  return { row: within(next.row, rows), column: within(next.column, columns) };
}

/** One patch as it is drawn, in CSS pixels: whole numbers, in the picture's own form. */
export function patchSize(patches: PatchesInfo, room: number): { width: number; height: number } {
  const { rows, columns, height, width } = patches;
  const scale = Math.min(Math.min(room, LARGEST) / (columns * width), LARGEST / (rows * height));
  return {
    width: Math.max(2, Math.floor(width * scale)),
    height: Math.max(2, Math.floor(height * scale)),
  };
}

/** How large thumbnails beside an axis are, and every how many tokens there is one. */
export function thumbs(cell: number): { readonly size: number; readonly every: number } {
  if (cell >= LEAST_THUMB) return { size: Math.min(MOST_THUMB, Math.floor(cell)), every: 1 };
  return { size: THIN_THUMB, every: Math.ceil((THIN_THUMB + 1) / cell) };
}

/** Canvas pixels of red, green and blue bytes, or of how bright they are. */
export function canvasPixels(bytes: Uint8Array, grey: boolean): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray((bytes.length / 3) * 4);
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const [r, g, b] = [bytes[from]!, bytes[from + 1]!, bytes[from + 2]!];
    const light = brightness([r, g, b]);
    out[to] = grey ? light : r;
    out[to + 1] = grey ? light : g;
    out[to + 2] = grey ? light : b;
    out[to + 3] = 255;
  }
  return out;
}

/** How bright a colour is among greys (Rec. 601 luma). */
function brightness([r, g, b]: Rgb): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}
