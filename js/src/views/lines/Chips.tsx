import { HEAD_COLORS, MOST_HEADS, slots } from "../../draw/lines";
import type { ViewState } from "../state";

/** Which heads of the layer are drawn together, each with its colour. */
export function Chips({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value.lines;
  const chosen = t.compared.value;
  if (t.averaged.value || chosen.length === 0) return null;
  const offered = state.info.value.heads.filter(
    (head) => state.heads.value.includes(head) || chosen.includes(head),
  );
  const colors = slots(chosen).map((slot) => HEAD_COLORS[state.theme.value][slot]!);
  const full = chosen.length >= MOST_HEADS;
  const toggle = (head: number) => {
    const on = chosen.includes(head);
    const next = on ? chosen.filter((one) => one !== head) : [...chosen, head];
    if (next.length > 0 && next.length <= MOST_HEADS)
      state.store.choose({ compared: next.sort((a, b) => a - b) });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in line
    <div role="group" class="attnw-chips" aria-label={w.chips(t.layer.value)}>
      <span class="attnw-quiet">{w.chips(t.layer.value)}</span>
      {offered.map((head) => {
        const color = colors[chosen.indexOf(head)];
        return (
          <button
            key={head}
            type="button"
            aria-label={w.chip(head)}
            aria-pressed={color !== undefined}
            aria-disabled={color === undefined && full}
            onClick={() => toggle(head)}
          >
            {color && <i style={{ background: color }} />}
            {head}
          </button>
        );
      })}
      {offered.length > MOST_HEADS && <span class="attnw-quiet">{w.chipsMost(MOST_HEADS)}</span>}
    </div>
  );
}
