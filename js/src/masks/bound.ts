/** A mask laid over one text: rows, counts and bits, the same as Python's BoundMask. */

import { type Frame, type RowWriter, rowWriter } from "./evaluate";
import { bitsOf, covered, degreesOf } from "./rows";
import { MAX_TOKENS, MaskError, type MaskSpec, whole } from "./spec";

/** Row `r` keeps the intervals `bounds[starts[r]], ..., bounds[starts[r + 1] - 1]`, lo and hi. */
export interface Rows {
  readonly starts: Int32Array;
  readonly bounds: Int32Array;
}

/** Lay a validated mask over a text; throws MaskError where it does not fit. */
export function bind(
  spec: MaskSpec,
  nQueries: number,
  nKeys: number,
  roles: readonly string[] | null = null,
  qOffset = 0,
  segments: readonly (number | null)[] | null = null,
): BoundMask {
  whole("nQueries", nQueries, 1, MAX_TOKENS);
  whole("nKeys", nKeys, 1, MAX_TOKENS);
  whole("qOffset", qOffset, 0, MAX_TOKENS);
  if (roles !== null && roles.length !== nKeys) {
    throw new MaskError(`${roles.length} roles given for ${nKeys} keys; give one role per key`);
  }
  if (segments !== null && segments.length !== nKeys) {
    throw new MaskError(`${segments.length} segments given for ${nKeys} keys; one per key`);
  }
  return new BoundMask(spec, { nQueries, nKeys, qOffset, roles, segments });
}

export class BoundMask {
  readonly nQueries: number;
  readonly nKeys: number;
  readonly qOffset: number;
  private readonly writer: RowWriter;
  private readonly list: Int32Array;

  constructor(
    readonly spec: MaskSpec,
    frame: Frame,
  ) {
    this.nQueries = frame.nQueries;
    this.nKeys = frame.nKeys;
    this.qOffset = frame.qOffset;
    this.writer = rowWriter(spec, frame);
    this.list = new Int32Array(2 * this.writer.slots);
  }

  /**
   * Visit the queries `r0..r1` in order. `list[0..end]` holds lo, hi, lo, hi, ... of the keys the
   * row keeps, sorted, apart from one another, never empty; it is overwritten by the next row.
   */
  forEachRow(
    visit: (row: number, list: Int32Array, end: number) => void,
    r0 = 0,
    r1 = this.nQueries,
  ): void {
    if (!(Number.isInteger(r0) && Number.isInteger(r1) && r0 >= 0 && r1 <= this.nQueries)) {
      throw new MaskError(`rows ${r0}..${r1} are not within 0..${this.nQueries}`);
    }
    for (let row = r0; row < r1; row++) {
      visit(row, this.list, this.writer.write(row + this.qOffset, this.list));
    }
  }

  /** The intervals of the queries `r0..r1`, to keep. */
  rows(r0 = 0, r1 = this.nQueries): Rows {
    const starts = new Int32Array(Math.max(r1 - r0, 0) + 1);
    const bounds: number[] = [];
    this.forEachRow(
      (row, list, end) => {
        for (let i = 0; i < end; i++) bounds.push(list[i]!);
        starts[row - r0 + 1] = bounds.length;
      },
      r0,
      r1,
    );
    return { starts, bounds: Int32Array.from(bounds) };
  }

  /** How many keys each query keeps. */
  degrees(): Int32Array {
    return degreesOf(this);
  }

  /** How many pairs the mask keeps. */
  nnz(): number {
    let total = 0;
    this.forEachRow((_, list, end) => {
      total += covered(list, end);
    });
    return total;
  }

  /** The whole mask, row by row, 1 where attention may go. */
  toBits(out: Uint8Array = new Uint8Array(this.nQueries * this.nKeys)): Uint8Array {
    if (out.length !== this.nQueries * this.nKeys) {
      throw new MaskError(
        `the mask has ${this.nQueries} x ${this.nKeys} pairs, the array ${out.length}`,
      );
    }
    return bitsOf(this, out);
  }
}
