import type { Depth, NumbersByLayer } from "../../data/told";
import { groupColor } from "../../draw/color";
import { type Band, bands, topOf } from "../../draw/depth";
import { percent, weight } from "../../text/numbers";
import type { ViewState } from "../state";

/** One number over depth. */
export interface Panel {
  readonly id: string;
  readonly name: string;
  /** What it is, in a sentence. */
  readonly help: string;
  /** Per layer shown: of its heads; of norms, which are of all heads together, a single number. */
  readonly bands: readonly (Band | null)[];
  /** The mean of the same in a second record. */
  readonly second: readonly (number | null)[] | null;
  readonly even: number | null;
  readonly top: number;
  readonly color: string | null;
  readonly say: (value: number) => string;
}

/** Everything that is drawn over depth: what the record came with, then what Python has measured. */
export function panels(state: ViewState, depth: Depth | null): Panel[] {
  const w = state.words.value;
  const info = state.info.value;
  const rows = state.layers.value.map((layer) => info.layers.indexOf(layer));
  const heads = state.heads.value.map((head) => info.heads.indexOf(head));
  const second = state.second.info.value;
  const of = (table: NumbersByLayer) => bands(table, rows, heads);
  const panel = (part: Omit<Panel, "top" | "say"> & Partial<Panel>): Panel => {
    const drawn = [
      part.even ?? 0,
      ...part.bands.map((band) => band?.high ?? 0),
      ...(part.second ?? []).map((value) => value ?? 0),
    ];
    return { say: percent, top: topOf(Math.max(...drawn)), ...part };
  };
  const roles = Object.entries(info.special.groups)
    .filter(([group]) => state.store.traits.special_roles.value.includes(group))
    .map(([group, { share, uniform }]) => {
      const other = second?.groups[group];
      return panel({
        id: group,
        name: w.layers.on(w.roleName(group)),
        help: w.layers.onHelp(w.roleName(group)),
        bands: of(share),
        second: other ? of(other).map((band) => band?.mean ?? null) : null,
        even: uniform,
        color: groupColor(state.theme.value, group),
      });
    });
  const measured = Object.entries(depth?.heads ?? {}).map(([name, table]) =>
    panel({
      id: name,
      ...w.layers.measured[name as keyof typeof w.layers.measured],
      bands: of(table),
      second: null,
      even: depth?.even[name] ?? null,
      color: null,
      ...(name === "entropy" ? { say: weight, top: 1 } : {}),
    }),
  );
  const norms = Object.entries(depth?.layers ?? {}).map(([name, values]) =>
    panel({
      id: `norms ${name}`,
      ...w.layers.norms[name as keyof typeof w.layers.norms],
      bands: rows.map((row) => {
        const value = values[row] ?? null;
        return value === null ? null : { low: value, mean: value, high: value };
      }),
      second: null,
      even: null,
      color: null,
    }),
  );
  return [...roles, ...measured, ...norms];
}
