import type { AnyModel, Render } from "@anywidget/types";
import { Store } from "./data/store";
import { Lab } from "./views/lab/Lab";
import { LabState } from "./views/lab/state";
import { LAB_TRAITS, type LabTraits } from "./views/lab/traits";
import { mountView } from "./views/mount";

/** The mask laboratory. */
const render: Render = ({ model, el }) => {
  const any = model as unknown as AnyModel;
  return mountView(any, el, (signal) => {
    const state = new LabState(new Store<LabTraits>(any, LAB_TRAITS, signal), any, signal);
    return { state, app: <Lab state={state} /> };
  });
};

export default { render };
