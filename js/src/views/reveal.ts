import type { ViewState } from "./state";

/** Widen what is shown so that a head that is picked is on the picture. */
export function shownWith(state: ViewState, layer: number, head: number) {
  const t = state.store.traits;
  const [first, last] = t.layers.peek();
  const heads = t.heads.peek();
  return {
    layers: [Math.min(first, layer), Math.max(last, layer)] as const,
    heads: heads.includes(head) ? heads : [...heads, head].sort((a, b) => a - b),
  };
}
