import type { ViewState } from "../state";
import { Which } from "../Which";
import { scaled } from "./keys";

/** Above the matrix: one head or the mean, and how much of it is drawn. */
export function Tools({ state }: { state: ViewState }) {
  const t = state.store.traits;
  const w = state.words.value.matrix;
  const zoom = t.zoom.value;
  const [, , queries, keys] = state.info.value.shape;
  const zoomBy = (factor: number) => state.store.choose({ zoom: scaled(state, factor) });
  return (
    <div class="attnw-matrix-tools">
      <Which state={state} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in line */}
      <div role="group" class="attnw-zoom" aria-label={w.zoomHelp} title={w.zoomHelp}>
        {zoom && (
          <button
            type="button"
            class="attnw-plain"
            data-testid="attnw-zoom-all"
            onClick={() => state.store.choose({ zoom: null })}
          >
            {w.zoomAll}
          </button>
        )}
        <button
          type="button"
          aria-label={w.zoomOut}
          aria-disabled={!zoom}
          data-testid="attnw-zoom-out"
          onClick={() => zoom && zoomBy(1 / 1.5)}
        >
          −
        </button>
        <button
          type="button"
          aria-label={w.zoomIn}
          data-testid="attnw-zoom-in"
          onClick={() => zoomBy(1.5)}
        >
          +
        </button>
      </div>
      {zoom && (
        <p class="attnw-quiet attnw-small attnw-window" data-testid="attnw-zoomed">
          {w.window(zoom[0], zoom[1] - 1, zoom[2], zoom[3] - 1, Math.max(queries, keys))}
        </p>
      )}
    </div>
  );
}
