import type { Links } from "../../draw/lines";
import { noLinks } from "../../draw/lines";
import type { ExactRows, RowName } from "../exact";
import type { FocusProps } from "../Focus";
import type { ViewState } from "../state";
import {
  columnNames,
  columnOf,
  givenColumn,
  isWhole,
  type Targets,
  together,
  useTargets,
} from "../textual/targets";
import { useColumns, useRows } from "../useRows";
import type { Alone } from "./paint";
import type { Drawn } from "./scene";
import type { Side } from "./Tokens";

/** A token of one side. */
export interface End {
  readonly side: Side;
  readonly at: number;
}

/** Which token's lines stand out: the one pointed at, else the picked one. */
export function aloneOf(state: ViewState, pointed: End | null): Omit<Alone, "links"> | null {
  const t = state.store.traits;
  const [query, key] = [t.query.value, t.key.value];
  if (pointed?.side === "key" && query !== null)
    return { side: "query", at: query, other: pointed.at };
  if (pointed) return { ...pointed, other: pointed.at === query ? key : null };
  if (query !== null) return { side: "query", at: query, other: key };
  return key === null ? null : { side: "key", at: key, other: null };
}

export interface Read {
  readonly alone: Alone | null;
  readonly targets: Targets;
  /** Of each head, the numbers for the tokens of the other side. */
  readonly values: readonly (Float32Array | null)[];
  readonly exact: boolean;
}

/** The lines that stand out, and their numbers: Python's own where they have come. */
export function useAlone(
  props: FocusProps,
  drawn: readonly Drawn[],
  who: Omit<Alone, "links"> | null,
  picked: boolean,
): Read {
  const { state, rows } = props;
  const several = drawn.length > 1;
  const looks = who?.side === "key" ? "by" : "at";
  const targets = useTargets(state, props, looks, several ? null : (who?.at ?? null), picked);
  const own = useEach(state, rows, several ? drawn : [], who, picked);
  const values = several ? own.values : [targets.values];
  if (!who) return { alone: null, targets, values, exact: false };
  const links = drawn.map((head, i) => {
    const row = values[i];
    if (who.side === "query") return row ? head.row(who.at, row) : null;
    return head.links && arriving(head.links, who.at);
  });
  return { alone: { ...who, links }, targets, values, exact: own.exact };
}

/** The same token's numbers in each of several heads. */
function useEach(
  state: ViewState,
  rows: ExactRows,
  drawn: readonly Drawn[],
  who: Omit<Alone, "links"> | null,
  picked: boolean,
): { values: (Float32Array | null)[]; exact: boolean } {
  const sides = state.second.sides;
  const query = who?.side === "query" ? who.at : null;
  const names: RowName[] =
    query === null ? [] : drawn.flatMap(({ seen }) => sides.map((of) => ({ ...seen, query, of })));
  const got = useRows(state, rows, names, picked);
  const wanted =
    who?.side === "key" ? drawn.flatMap(({ seen }) => columnNames(state, seen, who.at)) : [];
  const columns = useColumns(state, rows, wanted, picked);
  if (!who || drawn.length === 0) return { values: [], exact: false };
  if (query === null) {
    const given = drawn.map((_, i) =>
      givenColumn(columns.slice(i * sides.length, (i + 1) * sides.length)),
    );
    const values = drawn.map(({ seen }, i) => given[i] ?? columnOf(state, seen, who.at));
    return { values, exact: given.every((column) => column !== null) };
  }
  const values = drawn.map(({ seen }, i) => {
    const own = got.slice(i * sides.length, (i + 1) * sides.length);
    if (!isWhole(state, seen) && own.some((row) => !row.exact)) return null;
    return together(
      state,
      own.map((row) => row.values),
      query,
      state.pairs(seen),
    );
  });
  return { values, exact: got.every((row) => row.exact) };
}

/** The lines that arrive at a key. */
function arriving(all: Links, key: number): Links {
  const own = noLinks();
  all.keys.forEach((at, i) => {
    if (at !== key) return;
    own.queries.push(all.queries[i]!);
    own.keys.push(at);
    own.places.push(all.places[i]!);
    own.outside.push(all.outside[i]!);
  });
  return own;
}
