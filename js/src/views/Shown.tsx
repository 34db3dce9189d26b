import { keyTokens } from "../data/decode";
import type { Effect } from "../data/types";
import { Choices } from "./Choices";
import { saidAll } from "./edits";
import type { ViewState } from "./state";

/** Which of two records is drawn, or how they differ; nothing where there is one. */
export function Shown({ state }: { state: ViewState }) {
  const { store, second } = state;
  const w = state.words.value;
  const info = second.info.value;
  const between = state.between.value;
  if (!info || !between) return null;
  const effect = store.traits._effect.value;
  const change =
    effect.written === undefined
      ? info.name
      : saidAll(effect as Effect, w, keyTokens(state.info.value));
  const lone = info.loneQueries.length + info.loneKeys.length > 0;
  return (
    <div class="attnw-shown" data-testid="attnw-shown">
      <Choices
        name={w.shownTitle}
        options={{
          first: between.first,
          second: between.second,
          difference: w.shownDifference,
        }}
        value={second.shown.value}
        onChoose={(shown) => store.choose({ shown })}
      />
      <p class="attnw-quiet attnw-small">
        <bdi>{between.about(change)}</bdi>
        {lone && ` ${w.shownLone}`}
      </p>
    </div>
  );
}
