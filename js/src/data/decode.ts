import { meanLevels } from "../draw/mean";
import type { Levels } from "../draw/raster";
import type { RecordInfo, TokenInfo } from "./types";

/** The bytes of one head. A DataView may start anywhere inside a larger buffer. */
export function headLevels(
  cells: DataView,
  shape: readonly number[],
  layer: number,
  head: number,
): Levels {
  const [, heads = 0, rows = 0, cols = 0] = shape;
  const size = rows * cols;
  const start = (layer * heads + head) * size;
  if (start + size > cells.byteLength)
    throw new Error(`${cells.byteLength} bytes hold no head ${layer}.${head} of ${rows} × ${cols}`);
  return { values: new Uint8Array(cells.buffer, cells.byteOffset + start, size), rows, cols };
}

/** Heads drawn as one: each of `heads` in each of `layers`. */
export interface Mean {
  readonly layers: readonly number[];
  readonly heads: readonly number[];
}

/** The mean of several heads in full: its own bytes if they came, else that of the grid's cells. */
export function meanFocus(
  record: RecordInfo,
  cells: DataView,
  shape: readonly number[],
  focus: DataView,
  place: readonly number[],
  { layers, heads }: Mean,
): Levels {
  const [first, last, rows = 0, cols = 0, ...own] = place;
  const sent = first === layers[0] && last === layers.at(-1) && own.join() === heads.join();
  if (sent && focus.byteLength === rows * cols)
    return { values: new Uint8Array(focus.buffer, focus.byteOffset, rows * cols), rows, cols };
  return meanLevels(
    layers.flatMap((layer) =>
      heads.map((head) =>
        headLevels(cells, shape, record.layers.indexOf(layer), record.heads.indexOf(head)),
      ),
    ),
  );
}

/** The head in full: its own bytes if they came, else its part of the grid. */
export function focusLevels(
  record: RecordInfo,
  cells: DataView,
  shape: readonly number[],
  focus: DataView,
  place: readonly number[],
  layer: number,
  head: number,
): Levels {
  const [atLayer, atHead, rows = 0, cols = 0, ...others] = place;
  const sent = atLayer === layer && atHead === head && others.length === 0;
  if (sent && focus.byteLength === rows * cols)
    return { values: new Uint8Array(focus.buffer, focus.byteOffset, rows * cols), rows, cols };
  return headLevels(cells, shape, record.layers.indexOf(layer), record.heads.indexOf(head));
}

/** Little-endian float32, wherever the view starts. */
export function floats(view: DataView): Float32Array {
  const values = new Float32Array(view.byteLength / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

export function keyTokens(record: RecordInfo): readonly TokenInfo[] {
  return record.keyTokens ?? record.tokens;
}
