import type { AnyModel, Render } from "@anywidget/types";
import { Store } from "./data/store";
import { LAB_TRAITS, type LabTraits } from "./data/types";
import { Lab } from "./views/lab/Lab";
import { LabState } from "./views/lab/state";
import { mountView } from "./views/mount";

/** The mask laboratory. */
const render: Render = ({ model, el }) => {
  const any = model as unknown as AnyModel;
  return mountView(any, el, (signal) => {
    const state = new LabState(new Store<LabTraits>(any, LAB_TRAITS, signal));
    return { state, app: <Lab state={state} /> };
  });
};

export default { render };
