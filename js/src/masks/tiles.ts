import { union } from "./intervals";
import type { RowSource } from "./rows";

/** Counts the `size` × `size` tiles that hold a kept pair: what a machine that computes tiles pays. */
export class Tiles {
  touched = 0;
  readonly size: number;
  readonly #shift: number;
  #band = -1;
  /** Tiles of the row before, and of all the band's rows so far, as intervals. */
  #row = new Int32Array(8);
  #rowEnd = 0;
  #all = new Int32Array(8);
  #allEnd = 0;
  #joined = new Int32Array(16);

  /** Of `2 ** power` keys by as many queries. */
  constructor(power: number) {
    this.size = 2 ** power;
    this.#shift = power;
  }

  /** Take a row; rows come in order. */
  add(row: number, list: Int32Array, end: number): void {
    const band = row >> this.#shift;
    if (band !== this.#band) this.#close(band);
    if (this.#row.length < end) this.#row = new Int32Array(2 * end);
    let same = true;
    let at = 0;
    for (let i = 0; i < end; i += 2) {
      const from = list[i]! >> this.#shift;
      const to = ((list[i + 1]! - 1) >> this.#shift) + 1;
      if (at > 0 && from <= this.#row[at - 1]!) {
        if (this.#row[at - 1] !== to) {
          this.#row[at - 1] = to;
          same = false;
        }
        continue;
      }
      if (at >= this.#rowEnd || this.#row[at] !== from || this.#row[at + 1] !== to) {
        this.#row[at] = from;
        this.#row[at + 1] = to;
        same = false;
      }
      at += 2;
    }
    if (same && at === this.#rowEnd) return;
    this.#rowEnd = at;
    if (this.#joined.length < at + this.#allEnd)
      this.#joined = new Int32Array(2 * (at + this.#allEnd));
    const joined = union(this.#all, this.#allEnd, this.#row, at, this.#joined);
    [this.#all, this.#joined, this.#allEnd] = [this.#joined, this.#all, joined];
  }

  /** End the last band; the count is whole then. */
  end(): void {
    this.#close(-1);
  }

  #close(next: number): void {
    for (let i = 0; i < this.#allEnd; i += 2) this.touched += this.#all[i + 1]! - this.#all[i]!;
    this.#band = next;
    this.#allEnd = 0;
    this.#rowEnd = 0;
  }
}

/** How many tiles of `2 ** power` a side hold a kept pair. */
export function tilesTouched(mask: RowSource, power: number): number {
  const tiles = new Tiles(power);
  mask.forEachRow((row, list, end) => tiles.add(row, list, end));
  tiles.end();
  return tiles.touched;
}
