import type { ReadonlySignal, Signal } from "@preact/signals";
import type { CommonWords } from "../text/common";

/** What went wrong, until it is closed. */
export function Problem({
  state,
  say = (message) => message,
}: {
  readonly state: {
    readonly problem: Signal<string | null>;
    readonly words: ReadonlySignal<CommonWords>;
  };
  /** Put a message into the reader's language. */
  readonly say?: (message: string) => string;
}) {
  const problem = state.problem.value;
  if (!problem) return null;
  return (
    <p class="attnw-problem attnw-banner" role="alert">
      {say(problem)}
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
