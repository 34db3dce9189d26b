import type { AnyModel } from "@anywidget/types";
import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { NoReply, request } from "../../data/request";
import type { ViewState } from "../state";

/** Some of the answers take a pass over all weights. */
const SECONDS = 30;

type Question = Readonly<Record<string, unknown>> & { readonly ask: string };

/** Questions that Python answers in a trait, one at a time: the newest takes the place of others. */
class Telling {
  /** Whether Python has failed to answer the last one. */
  readonly silent: Signal<boolean> = signal(false);
  #wanted: Question | null = null;
  #asking = false;

  constructor(
    readonly model: AnyModel,
    readonly signal: AbortSignal,
    readonly onError: (message: string) => void,
  ) {}

  want(question: Question): void {
    this.#wanted = question;
    if (!this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    for (let question = this.#wanted; question; question = this.#wanted) {
      this.#wanted = null;
      try {
        await request(this.model, question, this.signal, SECONDS);
        this.silent.value = false;
      } catch (error) {
        if (this.signal.aborted) break;
        if (error instanceof NoReply) this.silent.value = true;
        else this.onError(String((error as Error).message));
      }
    }
    this.#asking = false;
  }
}

/** Ask a question unless it is null; says whether nobody answers. */
export function useTold(
  state: ViewState,
  model: AnyModel,
  signal: AbortSignal,
  question: Question | null,
): boolean {
  const telling = useMemo(
    () => new Telling(model, signal, (message) => (state.problem.value = message)),
    [state, model, signal],
  );
  const said = question && JSON.stringify(question);
  useEffect(() => {
    if (question) telling.want(question);
  }, [said, state.info.value]);
  return question !== null && telling.silent.value;
}
