import { useEffect, useState } from "preact/hooks";
import { css, differenceRamp, ramp, veiled } from "../draw/color";
import { weight } from "../text/numbers";
import { groupSwatch } from "./fills";
import { showsSpecial } from "./grid/badge";
import { Scale, Tuning } from "./Scale";
import type { ViewState } from "./state";

/** From about this many tokens on a small picture has less than a pixel for each. */
const POOLED = 60;
/** How long Python may take before it is said that it has not answered, in milliseconds. */
const LATE = 700;
const SIGNED_TICKS = [-1, -0.3, -0.05, 0, 0.05, 0.3, 1];

/** Colours of a difference: less on the left, more on the right, paper in the middle. */
function DifferenceLegend({ state }: { state: ViewState }) {
  const w = state.words.value;
  const colors = differenceRamp(state.theme.value);
  const second = state.second.info.value;
  const lone = second && second.loneQueries.length + second.loneKeys.length > 0;
  const stops = Array.from({ length: 17 }, (_, i) =>
    css(colors[Math.max(1, Math.min(255, i * 16))]!),
  );
  return (
    <section class="attnw-legend" aria-label={w.legend}>
      <div class="attnw-scale" title={w.differenceNote}>
        <span class="attnw-scale-name">{w.differenceScale}</span>
        <div class="attnw-scale-body">
          <div
            class="attnw-ramp"
            style={{ background: `linear-gradient(to right, ${stops.join(", ")})` }}
          />
          <div class="attnw-ticks" aria-hidden="true">
            {SIGNED_TICKS.map((tick) => (
              <span
                key={tick}
                style={{ left: `${50 * (1 + Math.sign(tick) * Math.sqrt(Math.abs(tick)))}%` }}
              >
                {tick > 0 ? `+${tick}` : String(tick).replace("-", "−")}
              </span>
            ))}
          </div>
        </div>
      </div>
      <p class="attnw-quiet attnw-small">{state.between.value?.hint}</p>
      <Unhidden state={state} />
      <ul class="attnw-keys">
        <li>
          <i class="attnw-swatch attnw-moved" />
          {state.between.value?.movedLegend}
        </li>
        {lone && (
          <li>
            <i class="attnw-swatch attnw-hidden" />
            {w.legendLone}
          </li>
        )}
      </ul>
    </section>
  );
}

/** What the colours and marks mean; the threshold is set on the scale it cuts. */
export function Legend({ state }: { state: ViewState }) {
  return state.second.shown.value === "difference" ? (
    <DifferenceLegend state={state} />
  ) : (
    <WeightLegend state={state} />
  );
}

/** What a long text's picture cannot show by itself. */
function Unhidden({ state }: { state: ViewState }) {
  const w = state.words.value.grid;
  const unhidden = state.unhidden.value;
  const [late, wait] = useState(false);
  useEffect(() => {
    if (!unhidden) return;
    const timer = setTimeout(() => wait(true), LATE);
    return () => {
      clearTimeout(timer);
      wait(false);
    };
  }, [unhidden]);
  if (!unhidden || !late) return null;
  return (
    <p class="attnw-problem attnw-small" role="status" data-testid="attnw-unhidden">
      {state.hides ? w.unhidden : w.stillHidden}
    </p>
  );
}

function WeightLegend({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value;
  const theme = state.theme.value;
  const colors = ramp(theme, t.colors.value);
  const threshold = t.threshold.value;
  const marked = showsSpecial(state) && t.special_mode.value === "mark";
  const shares = state.grid.barred && state.grid.badge.value.name === "special";
  const roles = marked || shares ? state.roles.value : [];
  const arrives = state.arriving.value;
  const share = arrives ? w.normsShare : w.legendShare;
  const mark = arrives ? w.normsMark : w.legendMark;
  const roleSaid = marked ? (shares ? mark : w.grid.legendBand) : share;
  return (
    <section class="attnw-legend" aria-label={w.legend}>
      <Scale state={state} />
      <Tuning state={state} />
      <p class={`attnw-quiet attnw-small ${threshold > 0 ? "" : "attnw-hint"}`}>
        {threshold > 0 ? w.thresholdValue(weight(threshold)) : w.thresholdHint}
      </p>
      {(!state.whole || state.info.value.shape[3] > POOLED) && (
        <p class="attnw-quiet attnw-small">{w.pooledNote}</p>
      )}
      <Unhidden state={state} />
      <ul class="attnw-keys">
        {roles.map((role) => (
          <li key={role}>
            <i
              class={`attnw-swatch ${role === "sep" ? "attnw-half" : ""}`}
              style={{ background: groupSwatch(theme, role) }}
            />
            {roleSaid(w.roleName(role))}
          </li>
        ))}
        {shares && (
          <li>
            <i class="attnw-swatch attnw-tick" />
            {w.legendUniform}
          </li>
        )}
        {state.hides && (
          <li>
            <i class="attnw-swatch attnw-hidden" />
            {w.legendHidden}
          </li>
        )}
        {state.bound.value && (
          <>
            <li>
              <i class="attnw-swatch" style={{ background: css(veiled(colors[150]!, theme)) }} />
              {w.legendVeil}
            </li>
            {state.grid.loses && (
              <li>
                <i class="attnw-swatch attnw-lost" />
                {w.legendOutside}
              </li>
            )}
          </>
        )}
      </ul>
    </section>
  );
}
