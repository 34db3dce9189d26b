import type { AnyModel, Render } from "@anywidget/types";
import { effect } from "@preact/signals";
import { render as mount } from "preact";
import { Store } from "./data/store";
import { subscribe } from "./data/subscribe";
import type { Traits } from "./data/types";
import { App } from "./views/App";
import { ExactRows } from "./views/exact";
import { ViewState } from "./views/state";
import { themeOf, watchTheme } from "./views/theme";
import "./explorer.css";

/** One view of one model: it owns its listeners, and all of them go with it. */
const render: Render<Traits> = ({ model, el }) => {
  const abort = new AbortController(); // hosts before anywidget 0.11 pass no signal of their own
  const { signal } = abort;
  const untyped = model as unknown as AnyModel;
  const state = new ViewState(new Store(untyped, signal));
  const tell = (message: string) => {
    state.problem.value = message;
  };
  const rows = new ExactRows(untyped, signal, tell);
  subscribe(
    untyped,
    "msg:custom",
    (message: { refused?: unknown }) => {
      if (typeof message?.refused === "string") tell(message.refused);
    },
    signal,
  );

  el.classList.add("attnw");
  el.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take arrows and letters for its own
  const follow = () => {
    state.theme.value = themeOf(el);
  };
  follow();
  watchTheme(follow, signal);
  const stop = effect(() => {
    el.dataset.attnwTheme = state.theme.value;
  });
  // In the next frame: a new size inside the callback would make the observer report a loop.
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width <= 0) return; // a host has put the cell out of sight
    requestAnimationFrame(() => {
      state.width.value = width;
    });
  });
  observer.observe(el);
  mount(<App state={state} model={untyped} rows={rows} signal={signal} />, el);
  return () => {
    abort.abort();
    stop();
    observer.disconnect();
    mount(null, el);
  };
};

export default { render };
