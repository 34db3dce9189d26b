import type { Order } from "../data/types";

export interface Head {
  readonly layer: number;
  readonly head: number;
}

/** A head with the number under it, on a scale from 0 to 1; null where it has none. */
export interface Valued extends Head {
  readonly value: number | null;
}

/** Heads under one caption, in the order they are drawn; null where there is no caption. */
export interface Group {
  readonly name: string | null;
  readonly heads: readonly Valued[];
}

export type Ends = readonly [number, number];

/** Sums of shares are right to float32. */
const NEAR = 1e-6;

export function narrowed([low, high]: Ends): boolean {
  return low > 0 || high < 1;
}

/** Whether a number is within the ends; one that is not known is, unless they are narrowed. */
export function within(value: number | null, ends: Ends): boolean {
  if (!narrowed(ends)) return true;
  return value !== null && ends[0] - NEAR <= value && value <= ends[1] + NEAR;
}

/** The heads that an order draws: all of them in the model's own, else those within the ends. */
export function arrange(
  heads: readonly Valued[],
  order: Order,
  ends: Ends,
  groupOf: (head: Head) => string | null,
  names: readonly string[],
): Group[] {
  if (order === "model") return [{ name: null, heads }];
  const kept = heads.filter(({ value }) => within(value, ends));
  if (order === "group")
    return names
      .map((name) => ({ name, heads: kept.filter((head) => groupOf(head) === name) }))
      .filter(({ heads }) => heads.length > 0);
  const sign = order === "high" ? -1 : 1;
  const known = kept
    .filter(({ value }) => value !== null)
    .sort((a, b) => sign * (a.value! - b.value!));
  return [{ name: null, heads: [...known, ...kept.filter(({ value }) => value === null)] }];
}

/** Query heads that share one key head, among those shown: first and last column of each run. */
export function brackets(heads: readonly number[], shared: number): [number, number][] {
  if (shared <= 1) return [];
  const runs: [number, number][] = [];
  heads.forEach((head, column) => {
    const last = runs.at(-1);
    if (last && Math.floor(heads[last[0]]! / shared) === Math.floor(head / shared))
      last[1] = column;
    else runs.push([column, column]);
  });
  return runs;
}

/** Every how many of a side's numbers are written, where each has `step` pixels for `room`. */
export function every(step: number, room: number): number {
  return [1, 2, 4, 5, 8, 10, 16, 20].find((n) => n * step >= room) ?? Math.ceil(room / step);
}
