import type { AnyModel } from "@anywidget/types";
import { useState } from "preact/hooks";
import { NoReply, request } from "../data/request";
import { useOwnId } from "./ids";
import type { ViewState } from "./state";

/** A model may take its time. */
const PATIENCE = 120;

/** Type a text, or a pair, and see what the model looks at in it. */
export function RunPanel(props: { state: ViewState; model: AnyModel; signal: AbortSignal }) {
  const { state, model, signal } = props;
  const w = state.words.value;
  const [text, pair] = state.info.value.text;
  const [busy, setBusy] = useState(false);
  const ids = [useOwnId(), useOwnId()];
  const run = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    state.problem.value = null;
    try {
      const question = { ask: "run", text: form.get("text"), pair: form.get("pair") || null };
      await request(model, question, signal, PATIENCE);
    } catch (error) {
      if (signal.aborted) return;
      state.problem.value =
        error instanceof NoReply ? state.words.peek().noKernel : String((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <form class="attnw-run" aria-label={w.runTitle} onSubmit={run}>
      <label for={ids[0]}>{w.runText}</label>
      <input id={ids[0]} name="text" type="text" defaultValue={text ?? ""} autocomplete="off" />
      <label for={ids[1]}>{w.runPair}</label>
      <input id={ids[1]} name="pair" type="text" defaultValue={pair ?? ""} autocomplete="off" />
      <button type="submit" class="attnw-go" disabled={busy}>
        {busy ? w.running : w.run}
      </button>
    </form>
  );
}
