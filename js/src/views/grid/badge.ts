import type { Badge, HeadClass } from "../../data/types";
import type { Words } from "../../text";
import { percent, significant } from "../../text/numbers";
import type { ViewState } from "../state";
import { CLASSES } from "./classes";

/** A part of a bar: a group of tokens, a class of heads, or all there is. */
export interface Part {
  readonly of: { readonly group: string } | { readonly class: HeadClass } | null;
  readonly share: number;
}

/** The number under each head, on a scale from 0 to 1. */
export interface BadgeView {
  readonly name: Badge | "moved";
  /** Whether the numbers are here. */
  readonly ready: boolean;
  /** False while a number is read from the picture's levels. */
  readonly exact: boolean;
  /** What it is if a head looks at everything alike; null where that says nothing. */
  readonly even: number | null;
  readonly value: (layer: number, head: number) => number | null;
  readonly parts: (layer: number, head: number) => readonly Part[];
  /** A number of the scale, in words. */
  readonly text: (value: number) => string;
}

/** What falls outside a mask is measured in the first record. */
export function showsOutside(state: ViewState): boolean {
  return state.second.shown.value === "first" && state.bound.value !== null;
}

/** Whether special tokens are marked or hidden in the pictures. */
export function showsSpecial(state: ViewState): boolean {
  return (
    state.second.shown.value !== "difference" &&
    state.store.traits.special_mode.value !== "off" &&
    state.specialKeys.value.some((s) => s === 1)
  );
}

/** What a badge lacks, or null. */
export function lacks(state: ViewState, badge: Badge): string | null {
  const w = state.words.value;
  const difference = state.second.shown.value === "difference";
  if (badge === "special") {
    const none = state.info.value.special.told === false ? w.grid.untold : w.grid.noSpecial;
    return difference || state.roles.value.length ? null : none;
  }
  if (badge === "kept") return showsOutside(state) ? null : w.grid.noMask;
  if (badge === "importance" && !state.store.traits._badges.value.importance)
    return w.grid.noImportance;
  return null;
}

const NOTHING = { exact: true, even: null, value: () => null, parts: () => [] } as const;

/** The badge that is chosen. */
export function badgeView(state: ViewState, w: Words): BadgeView {
  const { badge, _badges } = state.store.traits;
  const name = badge.value;
  const { layers, heads } = state.info.value;
  const at = <Value>(table: readonly (readonly Value[])[], layer: number, head: number) =>
    table[layers.indexOf(layer)]?.[heads.indexOf(head)] ?? null;
  const whole = (value: (layer: number, head: number) => number | null): Partial<BadgeView> => ({
    value,
    parts: (layer, head) => {
      const share = value(layer, head);
      return share === null ? [] : [{ of: null, share }];
    },
  });
  const made = (change: Partial<BadgeView>): BadgeView => ({
    name,
    ready: true,
    text: percent,
    ...NOTHING,
    ...change,
  });
  if (name === "special" && state.second.shown.value === "difference")
    return made({ name: "moved", ...whole((layer, head) => state.moved(layer, head)) });
  if (lacks(state, name) !== null) return made({ ready: false });
  if (name === "special")
    return made({
      even: state.uniform.value,
      value: (layer, head) => state.special(layer, head).all,
      parts: (layer, head) =>
        state.special(layer, head).parts.map(([group, share]) => ({ of: { group }, share })),
    });
  if (name === "kept") {
    const outside = state.outside.value;
    if (!outside) return made({ ready: false });
    const share = whole((layer, head) => 1 - outside.share(layer, head));
    const text = (value: number) => (outside.exact ? percent(value) : w.about(percent(value)));
    return made({ exact: outside.exact, text, ...share });
  }
  if (name === "importance") {
    const { values } = _badges.value.importance!;
    const most = Math.max(...values.flat()) || 1;
    const text = (value: number) => significant(value * most);
    return made({ text, ...whole((layer, head) => (at(values, layer, head) ?? 0) / most) });
  }
  if (name === "entropy") {
    const table = _badges.value.entropy;
    if (!table) return made({ ready: false });
    return made(whole((layer, head) => at(table, layer, head)));
  }
  const table = _badges.value.class;
  if (!table) return made({ ready: false });
  const place = (layer: number, head: number) => {
    const own = at(table, layer, head);
    return own === null ? -1 : CLASSES.indexOf(own);
  };
  return made({
    value: (layer, head) => (place(layer, head) + 0.5) / CLASSES.length,
    parts: (layer, head) => [{ of: { class: CLASSES[place(layer, head)]! }, share: 1 }],
    text: (value) => w.grid.classes[classAt(value)],
  });
}

/** Classes share the scale in equal parts. */
export function classAt(value: number): HeadClass {
  return CLASSES[Math.min(CLASSES.length - 1, Math.floor(value * CLASSES.length))]!;
}

export function classEnds(name: HeadClass): [number, number] {
  const place = CLASSES.indexOf(name);
  return [place / CLASSES.length, (place + 1) / CLASSES.length];
}

/** The mean of a number over several heads, part by part. */
export function meanParts(all: readonly (readonly Part[])[]): Part[] {
  const known = all.filter((parts) => parts.length > 0);
  const sums = new Map<string, { of: Part["of"]; share: number }>();
  for (const parts of known)
    for (const { of, share } of parts) {
      const key = of === null ? "" : "group" in of ? of.group : of.class;
      const sum = sums.get(key) ?? { of, share: 0 };
      sum.share += share / known.length;
      sums.set(key, sum);
    }
  return [...sums.values()];
}
