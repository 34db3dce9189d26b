import type { RowSource } from "../masks/rows";

/** A part of a mask, `[top, bottom)` queries by `[left, right)` keys. */
export interface Window {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/**
 * How full a mask is under each of `rows` × `cols` pixels, one row of pixels at a time. Where many
 * queries lie under a pixel, at most `most` of them are read, evenly spread, and beside them the one
 * that sees most of all, if `degrees` tells: a lone long row must not fall between.
 */
export class Density {
  /** Share of the pairs under each pixel of the row read last. */
  readonly shares: Float32Array;
  readonly #slope: Float64Array;
  readonly #level: Float64Array;

  constructor(
    readonly mask: RowSource,
    readonly window: Window,
    readonly rows: number,
    readonly cols: number,
    readonly most: number,
    readonly degrees: Int32Array | null = null,
  ) {
    this.shares = new Float32Array(cols);
    this.#slope = new Float64Array(cols + 1);
    this.#level = new Float64Array(cols + 1);
  }

  /** Read a row of pixels. */
  row(y: number): Float32Array {
    const { shares, window, rows } = this;
    const height = window.bottom - window.top;
    const from = window.top + Math.floor((y * height) / rows);
    const to = Math.max(from + 1, window.top + Math.floor(((y + 1) * height) / rows));
    const step = Math.max(1, Math.ceil((to - from) / this.most));
    const long = step > 1 ? this.#longest(from, to) : -1;
    shares.fill(0);
    const first = from + Math.floor(step / 2) * Number(step > 1);
    const read: number[] = [];
    for (let row = first; row < to; row += step) if (row !== long) read.push(row);
    if (read.length === 0) read.push(long > from ? long - 1 : long + 1);
    const own = long < 0 ? 0 : 1 / (to - from);
    this.#add(read, (1 - own) / read.length);
    if (long >= 0) this.#add([long], own);
    return shares;
  }

  #longest(from: number, to: number): number {
    const { degrees } = this;
    if (!degrees) return -1;
    let longest = from;
    for (let row = from + 1; row < to; row++) if (degrees[row]! > degrees[longest]!) longest = row;
    return longest;
  }

  #add(read: readonly number[], weight: number): void {
    const { window, cols, shares } = this;
    const [slope, level] = [this.#slope.fill(0), this.#level.fill(0)];
    const perPixel = (window.right - window.left) / cols;
    for (const row of read)
      this.mask.forEachRow(
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
    let full = 0;
    for (let x = 0; x < cols; x++) {
      full += slope[x]!;
      shares[x]! += weight * (full + level[x]!);
    }
  }
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
