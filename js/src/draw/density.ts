import type { RowSource } from "../masks/rows";

/** A part of a mask, `[top, bottom)` queries by `[left, right)` keys. */
export interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export interface Density {
  /** Share of the pairs under each pixel that the mask keeps, row by row. */
  readonly shares: Float32Array;
  /** Whether every query was read, rather than a spread of them. */
  readonly complete: boolean;
}

/**
 * How full a mask is under each of `rows` × `cols` pixels. Where many queries lie under a pixel, at
 * most `most` of them are read, evenly spread.
 */
export function density(
  mask: RowSource,
  window: Window,
  rows: number,
  cols: number,
  most: number,
): Density {
  const shares = new Float32Array(rows * cols);
  const slope = new Float64Array(cols + 1);
  const level = new Float64Array(cols + 1);
  const height = window.bottom - window.top;
  const width = window.right - window.left;
  const perPixel = width / cols;
  let complete = true;
  for (let y = 0; y < rows; y++) {
    const from = window.top + Math.floor((y * height) / rows);
    const to = Math.max(from + 1, window.top + Math.floor(((y + 1) * height) / rows));
    const step = Math.max(1, Math.ceil((to - from) / most));
    if (step > 1) complete = false;
    slope.fill(0);
    level.fill(0);
    let read = 0;
    for (let row = from + Math.floor(step / 2) * Number(step > 1); row < to; row += step) {
      read++;
      mask.forEachRow(
        (_, list, end) => {
          for (let i = 0; i < end; i += 2)
            cover(
              (Math.max(list[i]!, window.left) - window.left) / perPixel,
              (Math.min(list[i + 1]!, window.right) - window.left) / perPixel,
              slope,
              level,
            );
        },
        row,
        row + 1,
      );
    }
    let full = 0;
    for (let x = 0; x < cols; x++) {
      full += slope[x]!;
      shares[y * cols + x] = read > 0 ? (full + level[x]!) / read : 0;
    }
  }
  return { shares, complete };
}

/** Add one run, in pixels: `level` takes its parts of pixels, `slope` its whole ones. */
function cover(from: number, to: number, slope: Float64Array, level: Float64Array): void {
  if (to <= from) return;
  const first = Math.floor(from);
  const last = Math.floor(to);
  if (first === last) {
    level[first]! += to - from;
    return;
  }
  level[first]! += first + 1 - from;
  level[last]! += to - last;
  slope[first + 1]! += 1;
  slope[last]! -= 1;
}
