import { parts } from "../../draw/matrix";
import type { ViewState } from "../state";
import type { Drawn } from "./scene";

/** What the lines mean, in a few words below. */
export function Notes(props: { state: ViewState; drawn: readonly Drawn[]; scrolls: boolean }) {
  const { state, drawn, scrolls } = props;
  const t = state.store.traits;
  const w = state.words.value;
  const changed = state.second.shown.value === "difference";
  const notes = [
    w.lines.strength(w.matrix.scales[changed ? "sqrt" : t.scale.value]),
    ...(changed ? [w.lines.less] : []),
    ...(drawn.some(({ links }) => links?.outside.includes(true)) ? [w.lines.dashed] : []),
    ...(state.hides ? [w.lines.struck] : []),
    ...(parts(state.info.value.tokens).length > 0 ? [w.matrix.parts] : []),
    w.lines.faint,
    ...(scrolls ? [w.lines.sight] : []),
  ];
  return (
    <>
      {drawn.some(({ links }) => links === null) && <p class="attnw-quiet">{w.lines.pooled}</p>}
      <ul class="attnw-keys attnw-notes" data-testid="attnw-lines-notes">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </>
  );
}
