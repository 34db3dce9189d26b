import type { PerHead, SecondInfo, SpecialRow } from "../../data/types";
import { groupColor, roleKey } from "../../draw/color";
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
  const names = sides(state);
  const measured = [special, ...(second ? [second] : [])].map((of, i) => ({
    name: names[i]!,
    parts: role === null ? groups(state, of) : row(state, of, role),
  }));
  const uniform = role === null ? state.uniform.value : even(state, special.rows[role]!);
  return { measured, uniform };
}

/** What each of two records is called; one record needs no name. */
export function sides(state: ViewState): readonly string[] {
  const w = state.words.value;
  const second = state.second.info.value;
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
    { name: w.partSpecial, color: groupColor(theme, "special"), table: counted(state, own) },
  ];
}

/** What a row gives to all that counts as special, itself left out. */
export function counted(state: ViewState, row: SpecialRow): PerHead {
  const chosen = state.store.traits.special_roles.value;
  const tables = Object.entries(row.groups).filter(([group]) => chosen.includes(group));
  return row.itself.map((layer, l) =>
    layer.map((_, h) => tables.reduce((sum, [, table]) => sum + table[l]![h]!, 0)),
  );
}

/** What a row gives to the rest: words, and groups that are not counted. */
export function uncounted(state: ViewState, row: SpecialRow): PerHead {
  const chosen = state.store.traits.special_roles.value;
  const tables = Object.entries(row.groups).filter(([group]) => !chosen.includes(group));
  return row.words.map((layer, l) =>
    layer.map((share, h) => tables.reduce((sum, [, table]) => sum + table[l]![h]!, share)),
  );
}

/** What the rest of a row is called: words, unless special tokens are among it. */
export function restName(state: ViewState, row: SpecialRow): string {
  const w = state.words.value;
  const chosen = state.store.traits.special_roles.value;
  const left = Object.keys(row.groups).some((group) => roleKey(group) && !chosen.includes(group));
  return left ? w.partRest : w.partWords;
}

function even(state: ViewState, row: SpecialRow): number {
  const chosen = state.store.traits.special_roles.value;
  return Object.entries(row.even.groups).reduce(
    (sum, [group, share]) => (chosen.includes(group) ? sum + share : sum),
    row.even.itself,
  );
}

/** What a square per head stands for: the parts of the record that is drawn, or how two differ. */
export function perHead(state: ViewState, { measured }: Shares): Measured {
  const w = state.words.value;
  const second = state.second.info.value;
  const between = state.between.value;
  const shown = state.second.shown.value;
  if (shown === "difference" && second && between)
    return {
      name: between.movedLegend,
      parts: [{ name: between.movedLegend, color: "", table: second.moved }],
    };
  const role = from(state);
  const arrives = state.arriving.value;
  const at = role === null ? null : w.roleName(role);
  const name =
    at === null
      ? arrives
        ? w.headNorms
        : w.headLooks
      : (arrives ? w.headRowNorms : w.headRow)(at);
  const one = shown === "second" ? measured[1]! : measured[0]!;
  return {
    name: second && second.kind !== "norms" ? `${name}, ${one.name}` : name,
    parts: one.parts,
  };
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
