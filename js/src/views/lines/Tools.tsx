import type { Links } from "../../data/types";
import { countOf } from "../../draw/lines";
import { percent } from "../../text/numbers";
import { Choices } from "../Choices";
import { useOwnId } from "../ids";
import type { ViewState } from "../state";
import { Which } from "../Which";
import { Chips } from "./Chips";
import { sides } from "./scene";

/** Above the lines: whose, between which texts, and how many of each row. */
export function Tools({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value.lines;
  const id = useOwnId();
  const [, , queries, all] = state.info.value.shape;
  const keys = all - (state.overlay(queries, all).hiddenCols?.reduce((a, b) => a + b, 0) ?? 0);
  const top = t.top.value;
  const decoder = state.info.value.kind === "decoder";
  const said = top < 1 ? w.topSaid(percent(top), countOf(top, keys), decoder) : w.topAll;
  return (
    <>
      <Which state={state} compare />
      <Chips state={state} />
      {sides(state) && (
        <Choices
          name={w.linksName}
          options={w.links as Record<Links, string>}
          value={t.links.value}
          onChoose={(links) => state.store.choose({ links })}
        />
      )}
      <div class="attnw-row attnw-small">
        <label for={id}>{w.top}</label>
        <input
          id={id}
          type="range"
          data-testid="attnw-top"
          min={1}
          max={100}
          value={Math.round(100 * top)}
          aria-valuetext={said}
          onInput={({ currentTarget }) =>
            state.store.drag({ top: currentTarget.valueAsNumber / 100 })
          }
        />
        <span class="attnw-quiet">{said}</span>
      </div>
    </>
  );
}
