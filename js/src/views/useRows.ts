import { useEffect } from "preact/hooks";
import { type ColumnName, type ExactRows, key, type RowName } from "./exact";
import type { ViewState } from "./state";

/** A row as it is read: the weights, and whether Python has given them. */
export interface Row {
  readonly values: Float32Array;
  readonly exact: boolean;
}

/**
 * Rows at full precision where Python has sent them, else as the picture has them; those that are
 * missing are asked for. `picked`: they were chosen, not only pointed at, so that it is asked again.
 */
export function useRows(
  state: ViewState,
  rows: ExactRows,
  names: readonly RowName[],
  picked = true,
): Row[] {
  useWanted(state, rows, names, picked);
  return names.map((name) => {
    const exact = rows.get(name);
    return exact ? { values: exact, exact: true } : { values: state.rowOf(name), exact: false };
  });
}

/** Columns at full precision where Python has sent them; those that are missing are asked for. */
export function useColumns(
  state: ViewState,
  rows: ExactRows,
  names: readonly ColumnName[],
  picked = true,
): (Float32Array | null)[] {
  useWanted(state, rows, names, picked);
  return names.map((name) => rows.get(name));
}

function useWanted(
  state: ViewState,
  rows: ExactRows,
  names: readonly (RowName | ColumnName)[],
  picked: boolean,
): void {
  rows.arrivals.value;
  const said = names.map(key).join();
  useEffect(() => {
    if (names.length > 0) rows.want(names, picked);
  }, [said, picked, state.info.value, state.store.traits._second.value]);
}
