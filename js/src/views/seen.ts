import type { ViewState } from "./state";

/** What is drawn in full, in words: a head, or the mean over several. */
export function seenTitle(state: ViewState): string {
  const { layer, head, mean } = state.seen.value;
  const w = state.words.value;
  if (!mean) return w.matrixTitle(layer, head);
  const { layers, heads } = mean;
  return w.matrix.meanTitle(layers.length * heads.length, layers[0]!, layers.at(-1)!);
}

/** The same where the heads that are compared are drawn together. */
export function comparedTitle(state: ViewState): string {
  const { compared, averaged, layer } = state.store.traits;
  if (averaged.value || compared.value.length === 0) return seenTitle(state);
  return state.words.value.lines.chosen(layer.value, compared.value.join(", "));
}
