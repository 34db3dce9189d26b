import { percent } from "../../text/numbers";
import { labColor } from "./Picture";
import { type LabState, REACH_MOST } from "./state";

/** How far a token draws after one, two, … layers; stepped by hand. */
export function ReachPanel({ state }: { state: LabState }) {
  const w = state.words.value;
  const n = state.store.traits.n.value;
  if (n > REACH_MOST)
    return (
      <section class="attnw-panel" aria-label={w.reach}>
        <h3>{w.reach}</h3>
        <p class="attnw-quiet attnw-small">{w.reachTooLong(String(REACH_MOST))}</p>
      </section>
    );
  const spreads = state.spreads.value;
  const last = spreads.at(-1);
  if (!last) return null;
  const depth = Math.min(state.depth.value, spreads.length);
  const now = spreads[depth - 1]!;
  const theme = state.theme.value;
  return (
    <section class="attnw-panel" aria-label={w.reach}>
      <h3>{w.reach}</h3>
      <div class="attnw-row">
        <button
          type="button"
          data-testid="attnw-reach-step"
          disabled={depth >= spreads.length}
          onClick={() => {
            state.depth.value = depth + 1;
          }}
        >
          {w.reachStep}
        </button>
        <button
          type="button"
          disabled={depth === 1}
          onClick={() => {
            state.depth.value = 1;
          }}
        >
          {w.reachReset}
        </button>
        <strong data-testid="attnw-reach" aria-live="polite">
          {w.layers(now.layers)}: {w.reached(percent(now.share))}
        </strong>
      </div>
      <p class="attnw-quiet attnw-small">
        {last.share === 1 ? w.reachAll(last.layers) : w.reachNever}
      </p>
      {depth > 1 && (
        <p class="attnw-quiet attnw-small">
          <i class="attnw-swatch" style={{ background: labColor(theme, "reach") }} />{" "}
          {w.reachLegend}
        </p>
      )}
    </section>
  );
}
