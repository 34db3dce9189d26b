import type { AnyModel, Render } from "@anywidget/types";
import { effect } from "@preact/signals";
import { Store } from "./data/store";
import { TRAITS, type Traits } from "./data/types";
import { App } from "./views/App";
import { ExactRows } from "./views/exact";
import { mountView } from "./views/mount";
import { ViewState } from "./views/state";

/** The attention explorer. */
const render: Render = ({ model, el }) => {
  const any = model as unknown as AnyModel;
  return mountView(any, el, (signal) => {
    const state = new ViewState(new Store<Traits>(any, TRAITS, signal));
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
    signal.addEventListener("abort", forget, { once: true });
    return { state, app: <App state={state} model={any} rows={rows} signal={signal} /> };
  });
};

export default { render };
