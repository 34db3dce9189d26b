import { levelOf, SQUARES } from "./levels";
import type { Levels } from "./raster";

/** The mean of the weights of several heads, as levels again. */
export function meanLevels(heads: readonly Levels[]): Levels {
  const [{ rows, cols }] = heads as [Levels];
  const sums = new Float64Array(rows * cols);
  for (const { values } of heads)
    for (let i = 0; i < sums.length; i++) sums[i]! += SQUARES[values[i]!]!;
  return { rows, cols, values: Uint8Array.from(sums, (sum) => levelOf(sum / heads.length)) };
}

/** A part `[top, bottom)` × `[left, right)` of flags or bits, row by row. */
export function cut(
  bits: Uint8Array,
  cols: number,
  [top, bottom, left, right]: readonly [number, number, number, number],
): Uint8Array {
  const width = right - left;
  const out = new Uint8Array((bottom - top) * width);
  for (let r = top; r < bottom; r++)
    out.set(bits.subarray(r * cols + left, r * cols + right), (r - top) * width);
  return out;
}
