import { useState } from "preact/hooks";
import { depthOf } from "../../data/told";
import type { FocusProps } from "../Focus";
import { useOwnId } from "../ids";
import { useTold } from "../neuron/telling";
import { Multiple } from "./Multiple";
import { panels } from "./panels";
import { Rollout } from "./Rollout";

const GAP = 14;
/** Wide enough for three panels in a row. */
const THREE = 520;

/** Numbers over depth, of the heads shown; and where the picked token comes from. */
export function Layers({ state, model, signal, width }: FocusProps) {
  const { store } = state;
  const t = store.traits;
  const w = state.words.value.layers;
  const id = useOwnId();
  const depth = depthOf(t._depth.value);
  const silent = useTold(state, model, signal, depth ? null : { ask: "depth" });
  const [pointed, point] = useState<number | null>(null);
  const layers = state.layers.value;
  const at = layers.indexOf(t.layer.value);
  const rows = width >= THREE ? 3 : 2;
  const each = Math.floor((width - (rows - 1) * GAP) / rows);
  const drawn = panels(state, depth);
  const read = pointed !== null && pointed < layers.length ? pointed : null;
  const second = state.second.info.value && state.between.value;
  return (
    <div class="attnw-depth" data-testid="attnw-depth">
      <div class="attnw-line">
        <label for={id}>{w.layer}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={layers.length - 1}
          value={Math.max(0, at)}
          disabled={layers.length < 2}
          aria-valuetext={String(t.layer.value)}
          onInput={(event) => store.choose({ layer: layers[Number(event.currentTarget.value)]! })}
        />
        <b>{read === null ? t.layer.value : layers[read]}</b>
      </div>
      <div class="attnw-multiples" style={{ gap: `6px ${GAP}px` }}>
        {drawn.map((panel) => (
          <Multiple
            key={panel.id}
            state={state}
            panel={panel}
            width={each}
            at={at}
            pointed={read}
            onPoint={point}
          />
        ))}
      </div>
      {!depth && (
        <p class="attnw-quiet" aria-live="polite">
          {silent ? w.needsPython : w.asking}
        </p>
      )}
      <ul class="attnw-keys" aria-label={state.words.value.legend}>
        <li>
          <i class="attnw-swatch attnw-mean-key" />
          {w.mean(state.heads.value.length)}
        </li>
        <li>
          <i class="attnw-swatch attnw-band-key" />
          {w.band}
        </li>
        <li>
          <i class="attnw-swatch attnw-dashes" />
          {w.evenKey}
        </li>
        {second && (
          <li>
            <i class="attnw-swatch attnw-second-key" />
            {second.second}
          </li>
        )}
      </ul>
      <p class="attnw-quiet attnw-small">{w.help}</p>
      <label class="attnw-switch">
        <input
          type="checkbox"
          checked={t.rollout.value}
          onChange={(event) => store.choose({ rollout: event.currentTarget.checked })}
        />
        {w.rollout}
      </label>
      {t.rollout.value && <Rollout state={state} model={model} signal={signal} width={width} />}
    </div>
  );
}
