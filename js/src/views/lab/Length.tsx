import { useOwnId } from "../ids";
import { NumberInput } from "../NumberInput";
import type { LabState } from "./state";

/** The slider runs over powers of two, up to a million tokens. */
const SLIDER = { least: 3, most: 20 };

/** How many tokens there are; of a record, as many as it has. */
export function Length({ state }: { state: LabState }) {
  const w = state.words.value;
  const n = state.store.traits.n.value;
  const id = useOwnId();
  if (state.store.traits._roles.value.length > 0)
    return <p data-testid="attnw-length">{w.ofRecord(n.toLocaleString(state.lang.value))}</p>;
  const put = (tokens: number, pace: "choose" | "drag") => {
    state.zoom.value = null;
    state.depth.value = 1;
    state.putLength(tokens, pace);
  };
  return (
    <div class="attnw-row">
      <label for={id}>{w.tokens}</label>
      <input
        id={id}
        type="range"
        data-testid="attnw-length-slider"
        min={SLIDER.least}
        max={SLIDER.most}
        step={1}
        value={Math.log2(n)}
        aria-valuetext={n.toLocaleString(state.lang.value)}
        onInput={(event) => put(2 ** event.currentTarget.valueAsNumber, "drag")}
      />
      <NumberInput
        id={`${id}-number`}
        label={w.tokens}
        testid="attnw-length"
        least={2}
        most={2 ** SLIDER.most}
        range={w.range}
        value={n}
        long
        onCommit={(tokens) => put(tokens ?? n, "choose")}
      />
      <span class="attnw-quiet attnw-small">{w.tokensNote}</span>
    </div>
  );
}
