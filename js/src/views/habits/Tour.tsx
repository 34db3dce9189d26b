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
      "aria-disabled": !bookmark || unfit,
      title: unfit ? w.tourUnfit : undefined,
      onClick: () => go(state, step),
    };
  };
  return (
    <section class="attnw-tour" aria-label={w.tour}>
      {step !== null && (
        <>
          <button type="button" aria-label={w.tourBack} {...to(step - 1)}>
            ←
          </button>
          <span class="attnw-quiet">{w.tourAt(step + 1, tour.length)}</span>
        </>
      )}
      {/* one button that starts and goes on, so that it keeps the focus */}
      <button
        type="button"
        aria-label={step === null ? undefined : w.tourNext}
        {...to(step === null ? 0 : step + 1)}
      >
        {step === null ? w.tourStart(tour.length) : "→"}
      </button>
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
