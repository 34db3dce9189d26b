/** A mask as rows of intervals, whoever worked it out. */

export interface RowSource {
  readonly nQueries: number;
  readonly nKeys: number;
  /** See `BoundMask.forEachRow`. */
  forEachRow(
    visit: (row: number, list: Int32Array, end: number) => void,
    r0?: number,
    r1?: number,
  ): void;
}

/** A mask that came as 0 and 1, pair by pair. */
export class BitRows implements RowSource {
  readonly #list: Int32Array;

  constructor(
    readonly bits: Uint8Array,
    readonly nQueries: number,
    readonly nKeys: number,
  ) {
    this.#list = new Int32Array(nKeys + 2);
  }

  forEachRow(
    visit: (row: number, list: Int32Array, end: number) => void,
    r0 = 0,
    r1 = this.nQueries,
  ): void {
    for (let row = r0; row < r1; row++) {
      let end = 0;
      let before = 0;
      const at = row * this.nKeys;
      for (let key = 0; key <= this.nKeys; key++) {
        const here = key < this.nKeys ? this.bits[at + key]! : 0;
        if (here !== before) this.#list[end++] = key;
        before = here;
      }
      visit(row, this.#list, end);
    }
  }
}

/** How many keys a row's intervals hold. */
export function covered(list: Int32Array, end: number): number {
  let total = 0;
  for (let i = 0; i < end; i += 2) total += list[i + 1]! - list[i]!;
  return total;
}

/** How many keys each query keeps. */
export function degreesOf(rows: RowSource): Int32Array {
  const degrees = new Int32Array(rows.nQueries);
  rows.forEachRow((row, list, end) => {
    degrees[row] = covered(list, end);
  });
  return degrees;
}

/** Every pair, 1 where attention may go. */
export function bitsOf(
  rows: RowSource,
  out: Uint8Array = new Uint8Array(rows.nQueries * rows.nKeys),
): Uint8Array {
  out.fill(0);
  rows.forEachRow((row, list, end) => {
    const at = row * rows.nKeys;
    for (let i = 0; i < end; i += 2) out.fill(1, at + list[i]!, at + list[i + 1]!);
  });
  return out;
}
