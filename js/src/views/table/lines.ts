import { keyTokens } from "../../data/decode";
import { readLevel } from "../../draw/levels";
import { strongest } from "../../draw/strongest";
import type { ViewState } from "../state";
import type { Row } from "../useRows";

/** Pairs that are listed where no token is picked. */
export const PAIRS_MOST = 500;

/** One line of the table: a pair of tokens, by position, and how much one looks at the other. */
export interface Line {
  readonly query: number;
  readonly key: number;
  readonly weight: number;
}

/** The picked token's row in full; a difference where that is drawn. */
export function rowLines(query: number, rows: readonly Row[]): Line[] {
  const [first, second] = rows as [Row, Row?];
  return Array.from(first.values, (value, key) => ({
    query,
    key,
    weight: second ? second.values[key]! - value : value,
  }));
}

/** The head's strongest pairs, as far as the picture holds them one by one; else null. */
export function pairLines(state: ViewState): Line[] | null {
  const levels = state.focus.value;
  const keys = keyTokens(state.info.value).length;
  if (levels.cols !== keys || levels.rows !== state.info.value.tokens.length) return null;
  const { zero, values } = levels;
  return strongest(levels, PAIRS_MOST).map((at) => ({
    query: Math.floor(at / keys),
    key: at % keys,
    weight: readLevel(values[at]!, zero),
  }));
}

export type Column = "query" | "key" | "weight";

/** Lines in the order of a column; weights by their size, the largest first unless turned. */
export function ordered(lines: readonly Line[], column: Column, turned: boolean): Line[] {
  const by = (a: Line, b: Line) =>
    column === "weight" ? Math.abs(b.weight) - Math.abs(a.weight) : a[column] - b[column];
  return [...lines].sort((a, b) => (turned ? -by(a, b) : by(a, b)) || a.key - b.key);
}
