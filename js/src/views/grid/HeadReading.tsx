import { percent } from "../../text/numbers";
import type { ViewState } from "../state";

/** The numbers of the head under the pointer, else of the one in focus; or a mean's. */
export function HeadReading({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value;
  const { grid } = state;
  const mean = grid.hoverMean.value;
  if (mean) {
    const value = grid.meanText(grid.mean(mean));
    return (
      <p class="attnw-reading" data-testid="attnw-head-reading">
        {"layer" in mean
          ? w.grid.meanOfLayer(mean.layer, value)
          : w.grid.meanOfHead(mean.head, value)}
      </p>
    );
  }
  const { layer, head } = state.hoverHead.value ?? { layer: t.layer.value, head: t.head.value };
  return (
    <p class="attnw-reading" aria-live="polite" data-testid="attnw-head-reading">
      <strong>{w.headReading(layer, head)}</strong>
      {said(state, layer, head).map((part) => (
        <span key={part}> · {part}</span>
      ))}
    </p>
  );
}

function said(state: ViewState, layer: number, head: number): string[] {
  const w = state.words.value;
  const { grid } = state;
  const shown = state.second.shown.value;
  const parts: string[] = [];
  const { name, value, text } = grid.badge.value;
  const own = value(layer, head);
  if (own !== null) {
    if (name === "importance") {
      const { measure } = state.store.traits._badges.value.importance!;
      parts.push(w.grid.reading.importance(text(own), measure));
    } else if (name === "entropy" || name === "class") {
      parts.push(w.grid.reading[name](text(own)));
    }
    const first = ["importance", "entropy", "class"].includes(name) && shown !== "first";
    if (first) parts.push(w.ofTheFirst);
  }
  const between = state.between.value;
  if (between) parts.push(between.moved(percent(state.moved(layer, head))));
  if (shown !== "difference" && state.roles.value.length > 0)
    parts.push(
      (state.arriving.value ? w.normsReading : w.specialReading)(
        percent(state.special(layer, head).all),
        percent(state.uniform.value),
      ),
    );
  const outside = state.outside.value;
  if (outside && shown === "first") {
    const share = percent(outside.share(layer, head));
    parts.push(w.outsideReading(outside.exact ? share : w.about(share)));
  }
  const shared = sharing(state, head);
  if (shared) parts.push(w.grid.shared(shared));
  if (!grid.within(own)) parts.push(w.grid.outOfRange);
  return parts;
}

/** The heads that share their keys and values with a head, as a range. */
function sharing(state: ViewState, head: number): string | null {
  const { kvGroups } = state.info.value;
  if (kvGroups <= 1) return null;
  const first = Math.floor(head / kvGroups) * kvGroups;
  return `${first}–${first + kvGroups - 1}`;
}

/** The means of all layers and heads in words, for who does not see the bars. */
export function Means({ state }: { state: ViewState }) {
  const w = state.words.value.grid;
  const { grid } = state;
  if (!grid.byLayer.value || !grid.barred) return null;
  return (
    <p class="attnw-hush">
      {[
        w.means(w.badges[grid.badge.value.name]),
        ...state.layers.value.map((layer) =>
          w.meanOfLayer(layer, grid.meanText(grid.mean({ layer }))),
        ),
        ...state.heads.value.map((head) => w.meanOfHead(head, grid.meanText(grid.mean({ head })))),
      ].join(". ")}
    </p>
  );
}
