/** How much attention falls outside a mask, per head; nothing is run again. */

import type { BoundMask } from "./bound";
import { MaskError } from "./spec";

/** Attention of several heads, `(heads, queries, keys)`, as it lies in memory. */
export interface Attention {
  readonly heads: number;
  readonly nQueries: number;
  readonly nKeys: number;
  /** Weights, or codes where `table` is given. */
  readonly values: Float32Array | Uint8Array;
  /** The weight each of the 256 codes stands for. */
  readonly table?: Float32Array | Float64Array;
}

/**
 * Ready to ask for many masks over the same attention. The sum of each row is taken once, so that
 * one mask costs at most half of the pairs of each row.
 */
export class OutsideShare {
  private readonly totals: Float64Array;

  constructor(private readonly attention: Attention) {
    const { heads, nQueries, nKeys, values, table } = attention;
    if (values.length !== heads * nQueries * nKeys) {
      const shape = `${heads} x ${nQueries} x ${nKeys}`;
      throw new MaskError(`${values.length} weights given for ${shape} (heads, queries, keys)`);
    }
    if (table ? table.length !== 256 : values instanceof Uint8Array) {
      throw new MaskError("codes need a table of 256 weights");
    }
    this.totals = new Float64Array(heads * nQueries);
    for (let line = 0; line < this.totals.length; line++) {
      this.totals[line] = this.sum(line * nKeys, (line + 1) * nKeys);
    }
  }

  /** The share per head, the mean over the queries where `rows` is not 0; all when left out. */
  of(bound: BoundMask, rows: Uint8Array | null = null): Float64Array {
    const { heads, nQueries, nKeys } = this.attention;
    if (bound.nQueries !== nQueries || bound.nKeys !== nKeys) {
      const size = `${bound.nQueries} queries x ${bound.nKeys} keys`;
      throw new MaskError(`the mask is bound to ${size}, the data has ${nQueries} x ${nKeys}`);
    }
    const chosen = rows === null ? nQueries : rows.reduce((count, row) => count + (row ? 1 : 0), 0);
    if ((rows !== null && rows.length !== nQueries) || chosen === 0) {
      throw new MaskError(`rows must be ${nQueries} numbers, one at least not 0`);
    }
    const share = new Float64Array(heads);
    bound.forEachRow((row, list, end) => {
      if (rows !== null && rows[row] === 0) return;
      for (let head = 0; head < heads; head++) {
        share[head]! += this.rowOutside(head * nQueries + row, list, end);
      }
    });
    return share.map((sum) => sum / chosen);
  }

  private rowOutside(line: number, list: Int32Array, end: number): number {
    const { nKeys } = this.attention;
    const start = line * nKeys;
    let degree = 0;
    for (let i = 0; i < end; i += 2) degree += list[i + 1]! - list[i]!;
    if (2 * degree <= nKeys) {
      let inside = 0;
      for (let i = 0; i < end; i += 2) inside += this.sum(start + list[i]!, start + list[i + 1]!);
      return Math.max(this.totals[line]! - inside, 0);
    }
    let outside = 0;
    let from = 0;
    for (let i = 0; i < end; i += 2) {
      outside += this.sum(start + from, start + list[i]!);
      from = list[i + 1]!;
    }
    return outside + this.sum(start + from, start + nKeys);
  }

  private sum(from: number, to: number): number {
    const { values, table } = this.attention;
    let total = 0;
    if (table) for (let i = from; i < to; i++) total += table[values[i]!]!;
    else for (let i = from; i < to; i++) total += values[i]!;
    return total;
  }
}
