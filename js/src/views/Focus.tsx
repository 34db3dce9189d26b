import type { AnyModel } from "@anywidget/types";
import type { JSX } from "preact";
import type { View } from "../data/types";
import { Choices } from "./Choices";
import type { ExactRows } from "./exact";
import { Matrix } from "./Matrix";
import { Reading } from "./Reading";
import type { ViewState } from "./state";

export interface FocusProps {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly rows: ExactRows;
  readonly signal: AbortSignal;
  readonly width: number;
}

/** Every way to draw the head in full, in the order of the tabs. */
const VIEWS: Partial<Record<View, (props: FocusProps) => JSX.Element | null>> = {
  matrix: ({ state, rows, width }) => (
    <>
      <Matrix state={state} width={width} />
      <div aria-live="polite">
        <Reading state={state} rows={rows} />
      </div>
    </>
  ),
};

/** The head in focus, drawn in full in the way that is chosen. */
export function Focus(props: FocusProps) {
  const { state, width } = props;
  const t = state.store.traits;
  const w = state.words.value;
  const title = w.matrixTitle(t.layer.value, t.head.value);
  const view = t.view.value in VIEWS ? t.view.value : "matrix";
  const Shown = VIEWS[view]!;
  const names = Object.fromEntries(
    (Object.keys(VIEWS) as View[]).map((name) => [name, w.views[name]]),
  );
  return (
    <section class="attnw-column" aria-label={title} style={{ width: `${width}px` }}>
      <h3 class="attnw-title">{title}</h3>
      {Object.keys(names).length > 1 && (
        <Choices
          name={w.viewsName}
          options={names as Record<View, string>}
          value={view}
          onChoose={(view) => state.store.choose({ view })}
        />
      )}
      <Shown {...props} />
    </section>
  );
}
