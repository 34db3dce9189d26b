import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { keyTokens } from "../../data/decode";
import type { Looks, TokenInfo } from "../../data/types";
import { largest } from "../../draw/flow";
import { readLevel } from "../../draw/levels";
import type { ColumnName, ExactRows, RowName } from "../exact";
import type { Seen } from "../second";
import type { ViewState } from "../state";
import { useColumns, useRows } from "../useRows";

/** How many of them are named with their numbers. */
export const NAMED = 5;

/** How much a token looks at each other, or is looked at by each. */
export interface Targets {
  /** Null where the text is too long for the picture to tell, and Python has not told. */
  readonly values: Float32Array | null;
  /** Those that are nothing by choice, as hidden special tokens. */
  readonly hidden: Uint8Array | null;
  /** The largest, hidden ones aside, and whether Python has given all of these. */
  readonly named: readonly number[];
  readonly exact: boolean;
  readonly others: readonly TokenInfo[];
  /** How much of its attention goes to hidden special tokens; null where none is hidden. */
  readonly hiddenShare: number | null;
  /** Why there are no values. */
  readonly why: "asked" | "silent" | null;
}

/** One row as it is read, from the picture's levels. */
export function pictured(
  state: ViewState,
  seen: Seen,
  query: number,
  pairs: Uint8Array | null,
): Float32Array {
  const rows = state.second.sides.map((of) => state.rowOf({ ...seen, query, of }));
  return together(state, rows, query, pairs);
}

/** What is read of one row, or of both where they are compared. */
export function together(
  state: ViewState,
  [row, other]: readonly Float32Array[],
  query: number,
  pairs: Uint8Array | null,
): Float32Array {
  if (other) return other.map((weight, key) => weight - row![key]!);
  return state.readRow(row!, query, pairs);
}

/** Whether the picture holds each weight of a head by itself. */
export function isWhole(state: ViewState, seen: Seen): boolean {
  const { rows, cols } = state.second.focus(seen);
  const [, , queries, keys] = state.info.value.shape;
  return rows === queries && cols === keys;
}

/** One column as it is read, from the picture's levels; null where they are pooled. */
export function columnOf(state: ViewState, seen: Seen, key: number): Float32Array | null {
  if (!isWhole(state, seen)) return null;
  const queries = state.info.value.tokens;
  if (rescales(state)) {
    const pairs = state.pairs(seen);
    return Float32Array.from(queries, (_, query) => pictured(state, seen, query, pairs)[key]!);
  }
  const read = state.second.sides.map((of) => state.second.levels(of, seen));
  return Float32Array.from(queries, (_, query) => {
    const [first, second] = read.map(({ values, cols }) => readLevel(values[query * cols + key]!));
    return second === undefined ? first! : second - first!;
  });
}

/** Whether rows are rescaled where they are read. */
export function rescales(state: ViewState): boolean {
  const t = state.store.traits;
  const masked = t.mask_reading.value === "renormalised" && state.bound.value !== null;
  return masked || t.special_mode.value === "hide_renormalise";
}

/** How a column is named to Python, as its rows are read. */
export function columnNames(state: ViewState, seen: Seen, key: number): ColumnName[] {
  const t = state.store.traits;
  const scaled = state.second.shown.value !== "difference" && rescales(state);
  const by = [t.special_mode, t.special_roles, t.mask_reading, t.mask_shown, t.mask];
  const rescaled = scaled ? JSON.stringify(by.map(({ value }) => value)) : "";
  return state.second.sides.map((of) => ({ ...seen, key, of, rescaled }));
}

/** A column as Python has given it, or how two of them differ; null while one is missing. */
export function givenColumn(sent: readonly (Float32Array | null)[]): Float32Array | null {
  const [first, second] = sent;
  if (!first || second === null) return null;
  return second ? second.map((weight, query) => weight - first[query]!) : first;
}

/** The numbers of one token, Python's own where they have come. */
export function useTargets(
  state: ViewState,
  { rows }: { rows: ExactRows },
  looks: Looks,
  at: number | null,
  picked: boolean,
): Targets {
  const info = state.info.value;
  const seen = state.seen.value;
  const by = looks === "by" && at !== null && at < keyTokens(info).length;
  const over = useComputed(() => {
    const { shape } = state.info.value;
    return state.overlay(shape[2], shape[3]);
  }).value;
  const hidden = (looks === "at" ? over.hiddenCols : over.hiddenRows) ?? null;
  const read = [state.focus.value, state.bound.value, rescales(state), over] as const;
  const drawn = useMemo(() => (by ? columnOf(state, seen, at) : null), [by, at, ...read]);
  const columns = useColumns(state, rows, by ? columnNames(state, seen, at) : [], picked);
  const query = looks === "at" && at !== null && at < info.tokens.length ? at : null;
  const names: RowName[] =
    query === null ? [] : state.second.sides.map((of) => ({ ...seen, query, of }));
  const got = useRows(state, rows, names, picked);
  const why = rows.silent.value ? "silent" : "asked";
  if (by) {
    const given = givenColumn(columns);
    const values = given ?? drawn;
    const named = values ? without(largest(values, values.length), hidden) : [];
    const others = info.tokens;
    const exact = given !== null;
    return { values, hidden, named, exact, others, hiddenShare: null, why: values ? null : why };
  }
  const exact = got.length > 0 && got.every((row) => row.exact);
  const known = query !== null && (exact || isWhole(state, seen));
  const values = known
    ? together(
        state,
        got.map((row) => row.values),
        query,
        state.pairs(),
      )
    : null;
  const named = values ? without(largest(values, values.length), hidden) : [];
  const raw = got.length === 1 ? got[0]!.values : null;
  const hiddenShare =
    raw && values && hidden
      ? raw.reduce((sum, value, key) => sum + (hidden[key] ? value : 0), 0)
      : null;
  return {
    values,
    hidden,
    named,
    exact,
    others: keyTokens(info),
    hiddenShare,
    why: query === null || values ? null : why,
  };
}

function without(found: readonly number[], hidden: Uint8Array | null): number[] {
  return found.filter((at) => !hidden?.[at]).slice(0, NAMED);
}
