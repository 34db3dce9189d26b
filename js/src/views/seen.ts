import type { ViewState } from "./state";

/** What is drawn in full, in words: a head, or the mean over several. */
export function seenTitle(state: ViewState): string {
  const { layer, head, mean } = state.seen.value;
  const w = state.words.value;
  if (!mean) return w.matrixTitle(layer, head);
  const { layers, heads } = mean;
  return w.matrix.meanTitle(layers.length * heads.length, layers[0]!, layers.at(-1)!);
}
