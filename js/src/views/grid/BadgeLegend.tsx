import type { HeadClass } from "../../data/types";
import { narrowed } from "../../draw/order";
import { significant } from "../../text/numbers";
import { brush, useFrame } from "../canvas";
import type { ViewState } from "../state";
import { classEnds } from "./badge";
import { CLASSES, classFill, LETTERS } from "./classes";

/** What the bars, letters and brackets of the grid mean. */
export function BadgeLegend({ state }: { state: ViewState }) {
  const { grid } = state;
  const t = state.store.traits;
  const w = state.words.value.grid;
  const { name, ready } = grid.badge.value;
  const grouped = t.order.value === "group" && t._badges.value.class !== undefined;
  const { kvGroups } = state.info.value;
  const importance = t._badges.value.importance;
  return (
    <>
      {((ready && name === "class") || grouped) && <Classes state={state} />}
      <ul class="attnw-keys" aria-label={w.badges[name]}>
        {grid.barred && (name === "entropy" || name === "kept" || name === "importance") && (
          <li>
            <i class="attnw-swatch attnw-full" />
            {name === "entropy" && w.legendEntropy}
            {name === "kept" && w.legendKept}
            {name === "importance" &&
              importance &&
              w.legendImportance(
                importance.measure,
                significant(Math.max(...importance.values.flat())),
                importance.about,
              )}
          </li>
        )}
        {grid.byLayer.value && grid.barred && <li>{w.legendMeans}</li>}
        {grid.byLayer.value && narrowed(t.badge_range.value) && (
          <li>
            <i class="attnw-swatch attnw-faded" />
            {w.legendFaded}
          </li>
        )}
        {grid.byLayer.value && kvGroups > 1 && (
          <li>
            <i class="attnw-swatch attnw-bracket" />
            {w.legendShared(kvGroups)}
          </li>
        )}
      </ul>
    </>
  );
}

/** Every class with its pattern, letter and name; a press leaves only its heads. */
function Classes({ state }: { state: ViewState }) {
  const { store, grid } = state;
  const t = store.traits;
  const w = state.words.value.grid;
  const [low, high] = t.badge_range.value;
  const filters = grid.badge.value.name === "class";
  return (
    <div>
      <ul class="attnw-keys attnw-classes">
        {CLASSES.map((name) => {
          const ends = classEnds(name);
          const only = low === ends[0] && high === ends[1];
          const label = (
            <>
              <Pattern state={state} name={name} />
              <b>{LETTERS[name]}</b> {w.classes[name]}
            </>
          );
          return (
            <li key={name} title={filters ? undefined : w.classHelp[name]}>
              {filters ? (
                <button
                  type="button"
                  aria-pressed={only}
                  title={w.classesOnly(w.classes[name], w.classHelp[name])}
                  onClick={() => store.choose({ badge_range: only ? [0, 1] : ends })}
                >
                  {label}
                </button>
              ) : (
                label
              )}
            </li>
          );
        })}
      </ul>
      <p class="attnw-quiet attnw-small">{w.classNote}</p>
    </div>
  );
}

function Pattern({ state, name }: { state: ViewState; name: HeadClass }) {
  const theme = state.theme.value;
  const canvas = useFrame(
    (element) => {
      const made = brush(element, 16, 9);
      if (!made) return;
      made.ctx.fillStyle = classFill(made.ctx, theme, name, made.ratio);
      made.ctx.fillRect(0, 0, 16, 9);
    },
    [theme, name],
  );
  return <canvas ref={canvas} class="attnw-pattern" />;
}
