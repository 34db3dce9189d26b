import type { ViewState } from "./state";
import { TwoEnds } from "./TwoEnds";

/** Which layers and heads are shown: a slider with two ends, and a button for each head. */
export function Controls({ state }: { state: ViewState }) {
  return (
    <div class="attnw-controls">
      <LayerRange state={state} />
      <HeadToggles state={state} />
    </div>
  );
}

function LayerRange({ state }: { state: ViewState }) {
  const w = state.words.value;
  const all = state.info.value.layers;
  const [first, last] = state.store.traits.layers.value;
  return (
    <div class="attnw-range">
      <span class="attnw-range-name">{w.layersShown(first, last)}</span>
      <TwoEnds
        ends={[all.indexOf(first), all.indexOf(last)]}
        most={all.length - 1}
        page={4}
        names={[w.firstLayer, w.lastLayer]}
        testids={["attnw-first-layer", "attnw-last-layer"]}
        said={(position) => all[position]!}
        onMove={([from, to], pace) => state.store[pace]({ layers: [all[from]!, all[to]!] })}
      />
    </div>
  );
}

function HeadToggles({ state }: { state: ViewState }) {
  const w = state.words.value;
  const all = state.info.value.heads;
  const shown = state.heads.value;
  const toggle = (head: number) => {
    const now = state.heads.peek();
    const next = now.includes(head) ? now.filter((h) => h !== head) : [...now, head];
    if (next.length > 0) state.store.choose({ heads: next.sort((a, b) => a - b) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in line
    <div role="group" class="attnw-heads" aria-label={w.headsShown}>
      <span class="attnw-range-name">{w.headsShown}</span>
      {all.map((head) => (
        <button
          key={head}
          type="button"
          aria-pressed={shown.includes(head)}
          aria-label={w.showHead(head)}
          onClick={() => toggle(head)}
        >
          {head}
        </button>
      ))}
      <button
        type="button"
        class="attnw-all"
        aria-disabled={shown.length === all.length}
        onClick={() => state.store.choose({ heads: [...all] })}
      >
        {w.allHeads}
      </button>
    </div>
  );
}
