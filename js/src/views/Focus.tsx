import type { AnyModel } from "@anywidget/types";
import type { JSX } from "preact";
import type { View } from "../data/types";
import { Choices } from "./Choices";
import type { ExactRows } from "./exact";
import { Layers } from "./layers/Layers";
import { Lines } from "./lines/Lines";
import { Matrix } from "./matrix/Matrix";
import { Neuron } from "./neuron/Neuron";
import { comparedTitle, seenTitle } from "./seen";
import type { ViewState } from "./state";
import { Table } from "./table/Table";
import { Text } from "./textual/Text";

export interface FocusProps {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly rows: ExactRows;
  readonly signal: AbortSignal;
  readonly width: number;
}

/** Every way to draw the head in full, in the order of the tabs. */
const VIEWS: Readonly<Record<View, (props: FocusProps) => JSX.Element | null>> = {
  matrix: Matrix,
  lines: Lines,
  text: Text,
  neuron: Neuron,
  layers: Layers,
  table: Table,
};

/** The names of the views there are, as the tabs and the number keys order them. */
export const VIEWS_SHOWN = Object.keys(VIEWS) as View[];

/** The head in focus, drawn in full in the way that is chosen. */
export function Focus(props: FocusProps) {
  const { state, width } = props;
  const t = state.store.traits;
  const w = state.words.value;
  const view = t.view.value;
  const title = view === "lines" ? comparedTitle(state) : seenTitle(state);
  const Shown = VIEWS[view];
  const names = Object.fromEntries(VIEWS_SHOWN.map((name) => [name, w.views[name]]));
  return (
    <section class="attnw-column" aria-label={title} style={{ width: `${width}px` }}>
      <h3 class="attnw-title">{title}</h3>
      <Choices
        name={w.viewsName}
        options={names as Record<View, string>}
        value={view}
        onChoose={(view) => state.store.choose({ view })}
      />
      <Shown {...props} />
    </section>
  );
}
