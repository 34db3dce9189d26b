import type { ReadonlySignal, Signal } from "@preact/signals";
import type { CommonWords } from "../text/common";

/** What went wrong, until it is closed. */
export function Problem({
  state,
}: {
  readonly state: {
    readonly problem: Signal<string | null>;
    readonly words: ReadonlySignal<CommonWords>;
  };
}) {
  const problem = state.problem.value;
  if (!problem) return null;
  return (
    <p class="attnw-problem attnw-banner" role="alert">
      {problem}
      <button
        type="button"
        class="attnw-plain"
        aria-label={state.words.value.dismiss}
        onClick={() => {
          state.problem.value = null;
        }}
      >
        ×
      </button>
    </p>
  );
}
