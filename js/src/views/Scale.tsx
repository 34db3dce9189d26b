import type { Colors, Scale as ScaleName } from "../data/types";
import { css, ramp } from "../draw/color";
import { placeOf, ticks, toneOf, weightAt } from "../draw/tone";
import { weight } from "../text/numbers";
import { useOwnId } from "./ids";
import type { ViewState } from "./state";

const COLORS: readonly Colors[] = ["magma", "viridis", "cividis"];

/** What each colour stands for; the threshold, a weight, is set on the scale it cuts. */
export function Scale({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value;
  const scale = t.scale.value;
  const own = toneOf(scale);
  const named = state.arriving.value ? w.normsScale : w.scale;
  const tick = (value: number) => (own === "table" ? value : `${Math.round(100 * value)}%`);
  const cut = own === "table" ? 100 * placeOf(t.threshold.value, scale) : 0;
  return (
    <>
      <div class="attnw-scale" title={w.matrix.scaleNotes[scale]}>
        <span class="attnw-scale-name">{own === "table" ? named : w.matrix.scaleTitles[own]}</span>
        <div class="attnw-scale-body">
          <div class="attnw-ramp" style={{ background: gradient(state, t.colors.value) }}>
            <div class="attnw-cut" style={{ width: `${cut}%` }} />
          </div>
          {own === "table" && <Ring state={state} scale={scale} />}
          <Ticks values={ticks(scale)} scale={scale} said={tick} />
        </div>
      </div>
      {own !== "table" && (
        <div class="attnw-scale">
          <span class="attnw-scale-name">{w.threshold}</span>
          <div class="attnw-scale-body">
            <div class="attnw-apart" />
            <Ring state={state} scale="sqrt" />
            <Ticks values={ticks("sqrt")} scale="sqrt" said={(value) => value} />
          </div>
        </div>
      )}
    </>
  );
}

/** A ring on a scale of weights: what lies to its left is not drawn. */
function Ring({ state, scale }: { state: ViewState; scale: ScaleName }) {
  const w = state.words.value;
  const threshold = state.store.traits.threshold.value;
  const said = w.thresholdValue(weight(threshold));
  return (
    <input
      type="range"
      class="attnw-threshold"
      aria-label={w.threshold}
      aria-valuetext={said}
      title={said}
      min={0}
      max={255}
      step={1}
      value={Math.round(255 * placeOf(threshold, scale))}
      onInput={({ currentTarget }) =>
        state.store.drag({ threshold: weightAt(currentTarget.valueAsNumber / 255, scale) })
      }
    />
  );
}

function Ticks(props: {
  values: readonly number[];
  scale: ScaleName;
  said: (value: number) => string | number;
}) {
  return (
    <div class="attnw-ticks" aria-hidden="true">
      {props.values.map((value) => (
        <span key={value} style={{ left: `${100 * placeOf(value, props.scale)}%` }}>
          {props.said(value)}
        </span>
      ))}
    </div>
  );
}

/** What colour follows, and in which colours: a quiet line below the scale. */
export function Tuning({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value.matrix;
  const group = useOwnId();
  const options = Object.entries(w.scales) as [ScaleName, string][];
  return (
    <div class="attnw-tuning">
      <label title={w.scaleNotes[t.scale.value]}>
        {w.scaleName}{" "}
        <select
          data-testid="attnw-scale"
          value={t.scale.value}
          onChange={({ currentTarget }) =>
            state.store.choose({ scale: currentTarget.value as ScaleName })
          }
        >
          {options.map(([name, said]) => (
            <option key={name} value={name}>
              {said}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="attnw-tables">
        <legend class="attnw-hush">{w.colorsName}</legend>
        {COLORS.map((colors) => (
          <label
            key={colors}
            title={colors}
            class={colors === t.colors.value ? "attnw-chosen" : ""}
          >
            <input
              type="radio"
              name={group}
              aria-label={colors}
              checked={colors === t.colors.value}
              onChange={() => state.store.choose({ colors })}
            />
            <i style={{ background: gradient(state, colors) }} />
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function gradient(state: ViewState, colors: Colors): string {
  const table = ramp(state.theme.value, colors);
  const stops = Array.from({ length: 17 }, (_, i) => css(table[Math.min(255, i * 16)]!));
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
