/** Counting a mask a little at a time, so that a page can answer in between. */

import { covered, type RowSource } from "./rows";
import { Tiles } from "./tiles";

/** What is known of a mask after some of its rows. */
export interface Counts {
  /** Rows counted so far. */
  readonly rows: number;
  readonly done: boolean;
  readonly nnz: number;
  /** The fewest and the most keys of a row, and how many rows have none. */
  readonly low: number;
  readonly high: number;
  readonly empty: number;
  /** Keys of each row; 0 for rows to come. */
  readonly degrees: Int32Array;
  /** What all distances from query to key are multiples of; 0 where a token sees itself at most. */
  readonly step: number;
  /** Tiles touched, by their size. */
  readonly tiles: readonly (readonly [size: number, touched: number])[];
}

/** Tiles of 16, 64 and 128 keys. */
const POWERS = [4, 6, 7];
/** Runs of keys that are read at one go. */
const AT_A_GO = 4096;

export class Counting {
  #rows = 0;
  #nnz = 0;
  #low: number;
  #high = 0;
  #empty = 0;
  #step = 0;
  #some = 64;
  readonly #degrees: Int32Array;
  readonly #tiles: readonly Tiles[];

  constructor(readonly mask: RowSource) {
    this.#low = mask.nKeys;
    this.#degrees = new Int32Array(mask.nQueries);
    this.#tiles = POWERS.filter((power) => 2 ** power <= mask.nKeys).map((p) => new Tiles(p));
  }

  /** Count some more rows; true once all are. */
  more(): boolean {
    const { mask } = this;
    const to = Math.min(mask.nQueries, this.#rows + this.#some);
    let runs = 0;
    mask.forEachRow(
      (row, list, end) => {
        runs += end >> 1;
        const degree = covered(list, end);
        this.#degrees[row] = degree;
        this.#nnz += degree;
        if (degree < this.#low) this.#low = degree;
        if (degree > this.#high) this.#high = degree;
        if (degree === 0) this.#empty++;
        for (let i = 0; i < end && this.#step !== 1; i += 2)
          this.#step = list[i + 1]! - list[i]! > 1 ? 1 : divisor(this.#step, list[i]! - row);
        for (const tiles of this.#tiles) tiles.add(row, list, end);
      },
      this.#rows,
      to,
    );
    const each = Math.max(1, runs / Math.max(1, to - this.#rows));
    this.#some = Math.max(1, Math.round(AT_A_GO / each));
    this.#rows = to;
    if (to < mask.nQueries) return false;
    for (const tiles of this.#tiles) tiles.end();
    return true;
  }

  counts(): Counts {
    return {
      rows: this.#rows,
      done: this.#rows === this.mask.nQueries,
      nnz: this.#nnz,
      low: this.#low,
      high: this.#high,
      empty: this.#empty,
      degrees: this.#degrees,
      step: this.#step,
      tiles: this.#tiles.map(({ size, touched }) => [size, touched] as const),
    };
  }
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  let [x, y] = [a, Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}
