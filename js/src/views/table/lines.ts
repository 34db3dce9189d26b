import { levelOf, readLevel } from "../../draw/levels";
import { strongest } from "../../draw/strongest";
import type { ViewState } from "../state";
import { isWhole, pictured, rescales } from "../textual/targets";

/** Pairs that are listed where no token is picked. */
export const PAIRS_MOST = 500;

/** One line of the table: a pair of tokens, by position, and how much one looks at the other. */
export interface Line {
  readonly query: number;
  readonly key: number;
  readonly weight: number;
}

/** The picked token's row in full, as it is read. */
export function rowLines(query: number, weights: Float32Array): Line[] {
  return Array.from(weights, (weight, key) => ({ query, key, weight }));
}

/** The strongest pairs that are drawn, as far as the picture holds them one by one; else null. */
export function pairLines(state: ViewState): Line[] | null {
  const seen = state.seen.value;
  if (!isWhole(state, seen)) return null;
  const levels = state.focus.value;
  const { rows, cols, zero } = levels;
  const { hiddenRows, hiddenCols } = state.overlay(rows, cols);
  const scaled = state.second.shown.value !== "difference" && rescales(state);
  const pairs = state.pairs(seen);
  const read = new Float32Array(rows * cols);
  const values = Uint8Array.from(levels.values);
  for (let query = 0; query < rows; query++) {
    const own = scaled ? pictured(state, seen, query, pairs) : null;
    for (let key = 0, at = query * cols; key < cols; key++, at++) {
      if (own) values[at] = levelOf(own[key]!);
      if (hiddenRows?.[query] || hiddenCols?.[key]) values[at] = zero ?? 0;
      read[at] = own ? own[key]! : readLevel(values[at]!, zero);
    }
  }
  return strongest({ ...levels, values }, PAIRS_MOST).map((at) => ({
    query: Math.floor(at / cols),
    key: at % cols,
    weight: read[at]!,
  }));
}

export type Column = "query" | "key" | "weight";

/** Lines in the order of a column; weights by their size, the largest first unless turned. */
export function ordered(lines: readonly Line[], column: Column, turned: boolean): Line[] {
  const by = (a: Line, b: Line) =>
    column === "weight" ? Math.abs(b.weight) - Math.abs(a.weight) : a[column] - b[column];
  return [...lines].sort((a, b) => (turned ? -by(a, b) : by(a, b)) || a.key - b.key);
}
