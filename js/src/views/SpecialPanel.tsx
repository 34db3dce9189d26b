import { percent } from "../text/numbers";
import { Choices } from "./Choices";
import { SpecialProfile } from "./SpecialProfile";
import type { ViewState } from "./state";

/** How special tokens are treated, and how much attention they take. */
export function SpecialPanel({ state }: { state: ViewState }) {
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
              : w.specialSummary(percent(mean), parts.join(", "), percent(special.uniform))}
            {state.second.shown.value === "difference" && ` ${w.ofTheFirst}`}
          </p>
          <SpecialProfile state={state} />
          {special.words === false && <p>{w.noWords}</p>}
          <p class="attnw-quiet attnw-small">
            {mode === "mark" && state.second.shown.value === "difference"
              ? w.markedOnly
              : w.specialModeHelp[mode]}
          </p>
        </>
      )}
    </section>
  );
}
