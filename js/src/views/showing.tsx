import type { AnyModel, Render } from "@anywidget/types";
import { effect } from "@preact/signals";
import type { JSX } from "preact";
import { Store } from "../data/store";
import { TRAITS, type Traits } from "../data/types";
import { ExactRows } from "./exact";
import { mountView } from "./mount";
import { ViewState } from "./state";

/** What a widget on a record is made of. */
export interface Shown {
  readonly state: ViewState;
  readonly model: AnyModel;
  readonly rows: ExactRows;
  readonly signal: AbortSignal;
}

/** Show a record by a view of it. */
export function showing(View: (props: Shown) => JSX.Element | null): Render {
  return ({ model, el }) => {
    const any = model as unknown as AnyModel;
    return mountView(any, el, (signal) => {
      const state = new ViewState(new Store<Traits>(any, TRAITS, signal), signal);
      const rows = new ExactRows(any, signal, (message) => {
        state.problem.value = message;
      });
      // Before any component asks for a row of the new record, those of the old one are gone.
      const forget = effect(() => {
        state.info.value;
        state.store.traits._second.value;
        rows.clear();
        state.hoverCell.value = null;
        state.hoverHead.value = null;
      });
      // What was chosen over another record is not to come back.
      const anew = effect(() => {
        state.info.value;
        state.history.forget();
      });
      // Another tour: where the former one stood means nothing in it.
      let tours = 0;
      const turn = effect(() => {
        state.store.traits._tour.value;
        if (tours++ > 0) state.history.revise({ step: null });
      });
      for (const stop of [forget, anew, turn])
        signal.addEventListener("abort", stop, { once: true });
      return { state, app: <View state={state} model={any} rows={rows} signal={signal} /> };
    });
  };
}
