import type { PerHead, SecondInfo } from "../../data/types";
import { groupColor } from "../../draw/color";
import type { ViewState } from "../state";

/** A part of some attention, head by head. */
export interface Part {
  readonly name: string;
  readonly color: string;
  readonly table: PerHead;
}

/** What is drawn of one record: its parts, from the bottom up. */
export interface Measured {
  /** What sets it apart from the other record; empty where there is none. */
  readonly name: string;
  readonly parts: readonly Part[];
}

export interface Shares {
  /** Of the record, and of the one beside it. */
  readonly measured: readonly Measured[];
  /** The share of all parts together under an even spread. */
  readonly uniform: number;
}

/** Whose own attention is shown: a role that the text has; null for who looks at it. */
export function from(state: ViewState): string | null {
  const role = state.store.traits.special_from.value;
  return role !== null && role in state.info.value.special.rows ? role : null;
}

/** The shares of the chosen direction, of the record and of the one that lies beside it. */
export function shares(state: ViewState): Shares {
  const { special } = state.info.value;
  const second = state.second.info.value;
  const role = from(state);
  const names = sides(state, second);
  const measured = [special, ...(second ? [second] : [])].map((of, i) => ({
    name: names[i]!,
    parts: role === null ? groups(state, of) : row(state, of, role),
  }));
  const uniform = role === null ? state.uniform.value : special.rows[role]!.uniform;
  return { measured, uniform };
}

function sides(state: ViewState, second: SecondInfo | null): readonly string[] {
  const w = state.words.value;
  const between = state.between.value;
  if (!second || !between) return [""];
  return second.kind === "norms" ? [w.normsFirst, w.normsSecond] : [between.first, between.second];
}

interface Told {
  readonly groups: Readonly<Record<string, PerHead | { readonly share: PerHead }>>;
  readonly rows: SecondInfo["rows"];
}

function groups(state: ViewState, of: Told): Part[] {
  const w = state.words.value;
  const theme = state.theme.value;
  const chosen = state.store.traits.special_roles.value;
  return Object.entries(of.groups).flatMap(([group, told]) => {
    const table = "share" in told ? told.share : told;
    return chosen.includes(group)
      ? [{ name: w.roleName(group), color: groupColor(theme, group), table }]
      : [];
  });
}

function row(state: ViewState, of: Told, role: string): Part[] {
  const own = of.rows[role];
  if (!own) return [];
  const w = state.words.value;
  const theme = state.theme.value;
  return [
    { name: w.partItself(w.roleName(role)), color: groupColor(theme, role), table: own.itself },
    { name: w.partSpecial, color: groupColor(theme, "special"), table: own.special },
  ];
}

/** The sum of the parts of one head. */
export function total(state: ViewState, parts: readonly Part[], layer: number, head: number) {
  const { layers, heads } = state.info.value;
  const [l, h] = [layers.indexOf(layer), heads.indexOf(head)];
  return parts.reduce((sum, { table }) => sum + table[l]![h]!, 0);
}

/** The mean of one layer over the heads shown. */
export function ofLayer(state: ViewState, table: PerHead, layer: number): number {
  const all = state.info.value;
  const row = table[all.layers.indexOf(layer)]!;
  const heads = state.heads.value;
  return heads.reduce((sum, head) => sum + row[all.heads.indexOf(head)]!, 0) / heads.length;
}
