import type { ViewState } from "../state";
import { fits, go } from "./steps";

/** The views that a teacher has kept, one after the other, and what is said of each. */
export function Tour({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const tour = t._tour.value;
  const w = state.words.value.habits;
  if (tour.length === 0) return null;
  const step = t.step.value;
  const shown = step === null ? null : tour[step];
  const to = (step: number) => {
    const bookmark = tour[step];
    const unfit = bookmark !== undefined && !fits(bookmark, state.info.value);
    return {
      disabled: !bookmark || unfit,
      title: unfit ? w.tourUnfit : undefined,
      onClick: () => go(state, step),
    };
  };
  return (
    <section class="attnw-tour" aria-label={w.tour}>
      {step === null ? (
        <button type="button" {...to(0)}>
          {w.tourStart(tour.length)}
        </button>
      ) : (
        <>
          <button type="button" aria-label={w.tourBack} {...to(step - 1)}>
            ←
          </button>
          <span class="attnw-quiet">{w.tourAt(step + 1, tour.length)}</span>
          <button type="button" aria-label={w.tourNext} {...to(step + 1)}>
            →
          </button>
        </>
      )}
      <p aria-live="polite">
        {shown && (
          <>
            <b>{shown.name}</b> {shown.caption[state.lang.value]}
          </>
        )}
      </p>
      {step !== null && (
        <button
          type="button"
          class="attnw-plain"
          aria-label={w.tourEnd}
          title={w.tourEnd}
          onClick={() => state.store.choose({ step: null })}
        >
          ×
        </button>
      )}
    </section>
  );
}
