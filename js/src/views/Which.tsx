import { MOST_HEADS } from "../draw/lines";
import { Choices } from "./Choices";
import type { ViewState } from "./state";

/** Heads that are drawn together where the reader has not chosen any. */
const FIRST = 4;

type Way = "one" | "compare" | "layer" | "mean";

/** One head, a mean, or, where `compare` is given, several heads beside each other. */
export function Which({ state, compare = false }: { state: ViewState; compare?: boolean }) {
  const t = state.store.traits;
  const w = state.words.value;
  const heads = state.heads.value;
  const layer = t.layer.value;
  const layers = state.layers.value;
  const own = t.averaged.value && t.averaged_over.value === "layer";
  const compares = compare && t.compared.value.length > 0;
  const options: Partial<Record<Way, string>> = {
    one: w.matrix.oneHead,
    ...(compare && heads.length > 1 ? { compare: w.lines.compare } : {}),
    ...(own || layers.length > 1 || layers[0] !== layer
      ? { layer: w.lines.meanOfLayer(layer) }
      : {}),
    mean: w.matrix.meanOf(layers.length * heads.length),
  };
  const choose = (which: Way) => {
    const alone = { averaged: false, ...(compare ? { compared: [] } : {}) };
    if (which === "layer") state.store.choose({ averaged: true, averaged_over: "layer" });
    else if (which === "mean") state.store.choose({ averaged: true, averaged_over: "shown" });
    else if (which === "compare")
      state.store.choose({ averaged: false, compared: suggested(heads, t.head.peek()) });
    else state.store.choose(alone);
  };
  return (
    <div class="attnw-small">
      <Choices
        name={w.matrix.choice}
        options={options as Record<Way, string>}
        value={t.averaged.value ? (own ? "layer" : "mean") : compares ? "compare" : "one"}
        onChoose={choose}
      />
    </div>
  );
}

/** The head in focus and the first of the others. */
function suggested(heads: readonly number[], head: number): number[] {
  const others = heads.filter((one) => one !== head);
  return [head, ...others.slice(0, Math.min(FIRST, MOST_HEADS) - 1)].sort((a, b) => a - b);
}
