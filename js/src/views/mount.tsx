import type { AnyModel } from "@anywidget/types";
import { effect, type Signal } from "@preact/signals";
import { type ComponentChild, render } from "preact";
import { subscribe } from "../data/subscribe";
import type { Theme } from "../draw/color";
import { OnScreen } from "./canvas";
import { keepFocus } from "./kept";
import { themeOf, watchTheme } from "./theme";

/** What every view has of its own. */
export interface Frame {
  readonly theme: Signal<Theme>;
  readonly width: Signal<number>;
  /** Whether any of it can be seen. */
  readonly onScreen: Signal<boolean>;
  readonly problem: Signal<string | null>;
}

/** How far from what is seen a view is drawn, in CSS pixels. */
const NEAR = 200;

/** Put a view on the page: it owns its listeners, and all of them go with it. */
export function mountView<State extends Frame>(
  model: AnyModel,
  el: HTMLElement,
  make: (signal: AbortSignal) => { readonly state: State; readonly app: ComponentChild },
): () => void {
  const abort = new AbortController(); // hosts before anywidget 0.11 pass no signal of their own
  const { signal } = abort;
  const { state, app } = make(signal);
  subscribe(
    model,
    "msg:custom",
    (message: { refused?: unknown }) => {
      if (typeof message?.refused === "string") state.problem.value = message.refused;
    },
    signal,
  );
  el.classList.add("attnw");
  // JupyterLab matches its shortcuts against the focused element: arrows would leave the widget, and
  // "d d" on a button would delete the cell.
  el.addEventListener(
    "keydown",
    (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    },
    { signal },
  );
  el.addEventListener(
    "pointerdown",
    ({ target }) => {
      if (!(target as Element).closest(".attnw-banner")) state.problem.value = null;
    },
    { signal },
  );
  keepFocus(el, signal);
  const follow = () => {
    state.theme.value = themeOf(el);
  };
  follow();
  watchTheme(follow, signal);
  const stop = effect(() => {
    el.dataset.attnwTheme = state.theme.value;
  });
  // What is on the page already is drawn at once.
  const { paddingLeft, paddingRight } = getComputedStyle(el);
  const inside = el.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
  if (inside > 0) state.width.value = Math.floor(inside);
  // In the next frame: a new size inside the callback would make the observer report a loop.
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width <= 0) return; // a host has put the cell out of sight
    requestAnimationFrame(() => {
      state.width.value = width;
    });
  });
  observer.observe(el);
  // Started a little before it comes into view. A scrolled notebook clips by a box of its own, which
  // needs scrollMargin; browsers that do not know it start when the edge is seen.
  const margin = { rootMargin: `${NEAR}px`, scrollMargin: `${NEAR}px` };
  if (inside > 0) state.onScreen.value = el.getBoundingClientRect().top < innerHeight + NEAR;
  const seen = new IntersectionObserver(([entry]) => {
    state.onScreen.value = entry?.isIntersecting ?? true;
  }, margin);
  seen.observe(el);
  render(<OnScreen.Provider value={state.onScreen}>{app}</OnScreen.Provider>, el);
  return () => {
    abort.abort();
    stop();
    observer.disconnect();
    seen.disconnect();
    render(null, el);
  };
}
