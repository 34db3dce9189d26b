import type { RowSource } from "./rows";

/** Numbers that are kept at most. */
const MOST = 2 ** 21;

/** A mask whose rows are worked out once, as far as they have room; the rest anew each time. */
export class Remembered implements RowSource {
  readonly nQueries: number;
  readonly nKeys: number;
  /** Where each known row lies among the numbers; -1 for a row that is not known. */
  readonly #from: Int32Array;
  readonly #ends: Int32Array;
  #numbers = new Int32Array(4096);
  #used = 0;
  #list = new Int32Array(64);

  constructor(readonly mask: RowSource) {
    this.nQueries = mask.nQueries;
    this.nKeys = mask.nKeys;
    this.#from = new Int32Array(mask.nQueries).fill(-1);
    this.#ends = new Int32Array(mask.nQueries);
  }

  forEachRow(
    visit: (row: number, list: Int32Array, end: number) => void,
    r0 = 0,
    r1 = this.nQueries,
  ): void {
    const learn = (row: number, list: Int32Array, end: number) => {
      this.#learn(row, list, end);
      visit(row, list, end);
    };
    for (let row = r0; row < r1; row++) {
      const from = this.#from[row]!;
      if (from < 0) {
        this.mask.forEachRow(learn, row, row + 1);
        continue;
      }
      const end = this.#ends[row]!;
      if (this.#list.length < end) this.#list = new Int32Array(2 * end);
      for (let i = 0; i < end; i++) this.#list[i] = this.#numbers[from + i]!;
      visit(row, this.#list, end);
    }
  }

  #learn(row: number, list: Int32Array, end: number): void {
    const used = this.#used + end;
    if (used > MOST) return;
    if (used > this.#numbers.length) {
      const more = new Int32Array(2 * used);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    for (let i = 0; i < end; i++) this.#numbers[this.#used + i] = list[i]!;
    this.#from[row] = this.#used;
    this.#ends[row] = end;
    this.#used = used;
  }
}
