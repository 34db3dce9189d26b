import type { AnyModel } from "@anywidget/types";
import { useState } from "preact/hooks";
import { NoReply, request } from "../data/request";
import type { SpecialMode } from "../data/types";
import type { Words } from "../text";
import { percent } from "../text/numbers";
import { Choices } from "./Choices";
import { SpecialProfile } from "./SpecialProfile";
import type { ViewState } from "./state";

type Props = { state: ViewState; model: AnyModel; signal: AbortSignal };

/** A model may take its time. */
const PATIENCE = 120;

/** Ask the model how much is handed on, not only where it looks. */
function Weigh({ state, model, signal }: Props) {
  const w = state.words.value;
  const [busy, setBusy] = useState(false);
  if (!state.store.traits._can_weigh.value || state.second.info.value?.kind === "norms")
    return null;
  const weigh = async () => {
    setBusy(true);
    state.problem.value = null;
    try {
      await request(model, { ask: "norms" }, signal, PATIENCE);
    } catch (error) {
      if (signal.aborted) return;
      const silent = error instanceof NoReply;
      state.problem.value = silent ? state.words.peek().noKernel : String((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <div class="attnw-line">
      <button type="button" disabled={busy} onClick={weigh}>
        {busy ? w.weighing : w.weigh}
      </button>
    </div>
  );
}

/** A difference has no bars of shares, and its rows are not scaled. */
function help(mode: SpecialMode, difference: boolean, w: Words): string {
  if (difference && mode === "mark") return w.markedOnly;
  return w.specialModeHelp[difference && mode === "hide_renormalise" ? "hide" : mode];
}

/** How special tokens are treated, and how much attention they take. */
export function SpecialPanel({ state, model, signal }: Props) {
  const { store } = state;
  const w = state.words.value;
  const mode = store.traits.special_mode.value;
  const { special } = state.info.value;
  const roles = state.roles.value;
  const mean = state.meanShown((layer, head) => state.special(layer, head).all);
  const parts = roles.map((role, i) => {
    const share = state.meanShown((layer, head) => state.special(layer, head).parts[i]![1]);
    return `${w.roleName(role)} ${percent(share)}`;
  });
  return (
    <section class="attnw-panel" aria-label={w.specialTitle}>
      <h3>{w.specialTitle}</h3>
      {roles.length === 0 ? (
        <p class="attnw-quiet">{w.specialNone}</p>
      ) : (
        <>
          <Choices
            name={w.specialTitle}
            options={w.specialModes}
            value={mode}
            onChoose={(special_mode) => store.choose({ special_mode })}
          />
          <p data-testid="attnw-special-summary">
            {mode.startsWith("hide")
              ? w.hiddenSummary(percent(mean))
              : (state.arriving.value ? w.normsSummary : w.specialSummary)(
                  percent(mean),
                  parts.join(", "),
                  percent(special.uniform),
                )}
            {state.second.shown.value === "difference" && ` ${w.ofTheFirst}`}
          </p>
          <SpecialProfile state={state} />
          <Weigh state={state} model={model} signal={signal} />
          {special.words === false && <p>{w.noWords}</p>}
          <p class="attnw-quiet attnw-small">
            {help(mode, state.second.shown.value === "difference", w)}
          </p>
        </>
      )}
    </section>
  );
}
