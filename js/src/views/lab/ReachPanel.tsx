import { useEffect, useRef, useState } from "preact/hooks";
import { MaskError } from "../../masks";
import type { Spreads } from "../../masks/reach";
import { labColor } from "./colors";
import { useStill } from "./motion";
import { type LabState, REACH_MOST } from "./state";

/** How long a layer is on show while it plays. */
const PACE_MS = 900;

/** How far a token draws after one, two, … layers; stepped by hand, or played. */
export function ReachPanel({ state }: { state: LabState }) {
  const w = state.words.value;
  const spreads = state.spreads.value;
  const last = useRef<Spreads | null>(null);
  if (spreads) last.current = spreads;
  const bound = state.bound.value;
  if (!bound || bound instanceof MaskError) return null;
  const asks = !spreads && bound.mask.nKeys > REACH_MOST;
  return (
    <section class="attnw-panel" aria-label={w.reach}>
      <h3>{w.reach}</h3>
      {asks && <Ask state={state} />}
      {!asks && last.current && (
        <Steps state={state} spreads={last.current} pending={spreads === null} />
      )}
    </section>
  );
}

/** Long texts are followed by Python, when asked to. */
function Ask({ state }: { state: LabState }) {
  const w = state.words.value;
  const { asker } = state;
  const most = REACH_MOST.toLocaleString(state.lang.value);
  if (!state.store.traits._asks.value)
    return <p class="attnw-quiet attnw-small">{w.reachAbsent(most)}</p>;
  const asking = asker.following.value === state.place.value;
  return (
    <>
      <p class="attnw-quiet attnw-small">{w.reachTooLong(most)}</p>
      <div class="attnw-row" aria-live="polite">
        <button
          type="button"
          data-testid="attnw-reach-ask"
          disabled={asking}
          onClick={() => {
            state.depth.value = 1;
            void asker.follow(state.place.peek());
          }}
        >
          {w.reachAsk}
        </button>
        {asking && <span class="attnw-quiet">{w.reachAsking}</span>}
        {!asking && asker.silent.value && <span class="attnw-problem">{w.silent}</span>}
      </div>
    </>
  );
}

/** While a changed mask is followed anew, the former one's steps hold the place, and say nothing. */
function Steps(props: { state: LabState; spreads: Spreads; pending: boolean }) {
  const { state, spreads, pending } = props;
  const w = state.words.value;
  const { steps } = spreads;
  const now = state.step.value ?? steps[0]!;
  const last = pending || now.layers >= steps.length;
  const still = useStill();
  const [playing, setPlaying] = useState(false);
  const runs = playing && !last && !still;
  useEffect(() => {
    if (playing && !runs) setPlaying(false);
    if (!runs) return;
    const timer = setTimeout(() => {
      state.depth.value = now.layers + 1;
    }, PACE_MS);
    return () => clearTimeout(timer);
  }, [playing, runs, now]);
  const go = (depth: number) => {
    setPlaying(false);
    state.depth.value = depth;
  };
  const layers = (count: number) => w.layers(count.toLocaleString(state.lang.value));
  return (
    <>
      <div class="attnw-row">
        {!still && (
          <button
            type="button"
            data-testid="attnw-reach-play"
            disabled={last}
            onClick={() => setPlaying(!playing)}
          >
            {runs ? w.reachPause : w.reachPlay}
          </button>
        )}
        <button
          type="button"
          data-testid="attnw-reach-step"
          disabled={last}
          onClick={() => go(now.layers + 1)}
        >
          {w.reachStep}
        </button>
        <button type="button" disabled={now.layers === 1} onClick={() => go(1)}>
          {w.reachReset}
        </button>
      </div>
      <div class="attnw-layers" aria-hidden="true">
        {steps.map(({ layers: count, share }) => (
          <i
            key={count}
            class={count <= now.layers ? "attnw-passed" : ""}
            style={{ height: `${Math.max(4, 100 * share)}%` }}
          />
        ))}
      </div>
      <p data-testid="attnw-reach" aria-live="polite">
        <strong>{pending ? "…" : state.said(now)}</strong>
      </p>
      <p class="attnw-quiet attnw-small">{pending ? "…" : outlook(state, spreads, layers)}</p>
      {state.under.value && (
        <p class="attnw-quiet attnw-small">
          <i class="attnw-swatch" style={{ background: labColor(state.theme.value, "reach") }} />{" "}
          {w.reachLegend}
        </p>
      )}
    </>
  );
}

/** Where it ends, and what these numbers do not show. */
function outlook(state: LabState, spreads: Spreads, layers: (count: number) => string): string {
  const w = state.words.value;
  const { fullAfter, settled, of, sources, steps } = spreads;
  const number = (value: number) => value.toLocaleString(state.lang.value);
  const full = of === "causal" ? w.reachFullCausal : w.reachFull;
  return [
    fullAfter !== null
      ? full(layers(fullAfter))
      : settled
        ? `${w.reachNever} ${why(state, spreads)}`
        : w.reachUnsettled(layers(steps.length)),
    sources === null ? "" : w.reachSources(number(sources)),
    steps.some(({ reach }) => reach) ? "" : w.reachTold(number(REACH_MOST)),
  ].join(" ");
}

/** Why not every pair is ever joined, as far as it is known. */
function why(state: LabState, { missing }: Spreads): string {
  const w = state.words.value;
  const bound = state.bound.value;
  const counts = bound && !(bound instanceof MaskError) && bound.counts.done ? bound.counts : null;
  if (counts?.step === 0) return w.reachAlone;
  if (counts && counts.step > 1) return w.reachClass(counts.step.toLocaleString(state.lang.value));
  return missing ? w.reachMissing(...missing) : "";
}
