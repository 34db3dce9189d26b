import { percent } from "../../text/numbers";
import type { LabState } from "./state";

/** Which head a data-dependent mask follows, and how much of its attention the mask keeps. */
export function HeadChoice({ state }: { state: LabState }) {
  const w = state.words.value;
  const { _layers, _heads, _kept, layer, head } = state.store.traits;
  if (_layers.value.length === 0) return null;
  const choose = (name: "layer" | "head", all: readonly number[], now: number) => (
    <label class="attnw-switch">
      {w[name]}
      <select
        value={now}
        data-testid={`attnw-lab-${name}`}
        onChange={(event) => state.store.choose({ [name]: Number(event.currentTarget.value) })}
      >
        {all.map((number) => (
          <option key={number} value={number} selected={number === now}>
            {number}
          </option>
        ))}
      </select>
    </label>
  );
  const { text, share } = _kept.value;
  const fresh = share !== undefined && text !== undefined && text === state.text.value;
  return (
    <section class="attnw-panel" aria-label={w.onHead}>
      <div class="attnw-row">
        {choose("layer", _layers.value, layer.value)}
        {choose("head", _heads.value, head.value)}
      </div>
      {fresh && <p data-testid="attnw-lab-kept">{w.keptHere(percent(share))}</p>}
    </section>
  );
}
