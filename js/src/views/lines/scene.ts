import {
  addRow,
  countOf,
  type Filter,
  HEAD_COLORS,
  type Links,
  linked,
  noLinks,
  slots,
} from "../../draw/lines";
import { parts } from "../../draw/matrix";
import { legalKeys } from "../bound";
import type { Seen } from "../second";
import type { ViewState } from "../state";
import { isWhole, pictured } from "../textual/targets";
import { strengths, toner } from "../textual/tone";

/** One head, or a mean, and how its lines are drawn. */
export interface Drawn {
  readonly seen: Seen;
  /** Null for the ink of one head alone. */
  readonly color: string | null;
  /** Null where the picture does not hold every weight. */
  readonly links: Links | null;
  /** The lines of one row, given its weights. */
  readonly row: (query: number, weights: Float32Array) => Links;
}

/** What the lines are drawn of: the head in focus, a mean, or heads beside each other. */
export function seens(state: ViewState): { seen: Seen; color: string | null }[] {
  const t = state.store.traits;
  const heads = t.compared.value;
  if (t.averaged.value || heads.length === 0) return [{ seen: state.seen.value, color: null }];
  const colors = HEAD_COLORS[state.theme.value];
  const layer = t.layer.value;
  return slots(heads).map((slot, i) => ({
    seen: { layer, head: heads[i]!, mean: null },
    color: colors[slot]!,
  }));
}

/** The text of a pair that each token belongs to; null where there is only one. */
export function sides(state: ViewState): { queries: Int8Array; keys: Int8Array } | null {
  const info = state.info.value;
  if (info.keyTokens !== null || parts(info.tokens).length === 0) return null;
  const all = new Int8Array(info.tokens.length);
  for (const { segment, from, to } of parts(info.tokens)) all.fill(segment, from, to);
  return { queries: all, keys: all };
}

export function scene(state: ViewState): Drawn[] {
  const t = state.store.traits;
  const info = state.info.value;
  const [, , queries, keys] = info.shape;
  const over = state.overlay(queries, keys);
  const usable = (query: number) => {
    const legal = legalKeys(info, query);
    return legal - (over.hiddenCols?.subarray(0, legal).reduce((sum, one) => sum + one, 0) ?? 0);
  };
  const links = t.links.value;
  const pair = sides(state);
  const top = t.top.value;
  const strength = strengths(state);
  return seens(state).map(({ seen, color }) => {
    const tone = toner(state, seen);
    const pairs = state.pairs(seen);
    const add = (into: Links, query: number, weights: Float32Array) => {
      if (over.hiddenRows?.[query]) return;
      const side = pair?.queries[query] ?? null;
      const filter: Filter = {
        most: top < 1 ? countOf(top, usable(query)) : weights.length,
        keep: (key) => !pair || linked(links, side, pair.keys[key]!),
        hidden: over.hiddenCols ?? null,
        allowed: pairs && ((key) => pairs[query * keys + key] === 1),
        place: (weight) => strength[tone(weight, query)]!,
      };
      addRow(into, query, weights, filter);
    };
    const all = isWhole(state, seen) ? noLinks() : null;
    if (all)
      for (let query = 0; query < queries; query++)
        add(all, query, pictured(state, seen, query, pairs));
    const row = (query: number, weights: Float32Array) => {
      const own = noLinks();
      add(own, query, weights);
      return own;
    };
    return { seen, color, links: all, row };
  });
}
