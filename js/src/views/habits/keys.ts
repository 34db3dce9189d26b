import type { View } from "../../data/types";
import type { ViewState } from "../state";
import { go } from "./steps";

/** Where a key writes a letter instead. */
const WRITES = 'input:not([type="range"], [type="radio"], [type="checkbox"]), textarea, select';

/** What a key does anywhere in the widget; the pictures have keys of their own. */
export function pressed(state: ViewState, views: readonly View[], event: KeyboardEvent): void {
  if ((event.target as Element).matches(WRITES)) return;
  const act = event.ctrlKey || event.metaKey ? chord(state, event) : plain(state, views, event);
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function chord(state: ViewState, event: KeyboardEvent): (() => void) | undefined {
  if (event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === "z") return () => (event.shiftKey ? state.history.redo() : state.history.undo());
  if (key === "y") return () => state.history.redo();
  return undefined;
}

function plain(
  state: ViewState,
  views: readonly View[],
  event: KeyboardEvent,
): (() => void) | undefined {
  if (event.altKey) return undefined;
  const view = views[Number(event.key) - 1];
  if (view) return () => state.store.choose({ view });
  const step = state.store.traits.step.peek();
  return {
    "[": () => stepLayer(state, -1),
    "]": () => stepLayer(state, 1),
    "/": () => open(state.finding),
    "?": () => open(state.helping),
    n: () => go(state, step === null ? 0 : step + 1),
    p: () => go(state, (step ?? 0) - 1),
  }[event.key];
}

function open(flag: { value: boolean }): void {
  flag.value = true;
}

/** The layer before or after the one in focus, among those shown; false at the end. */
export function stepLayer(state: ViewState, by: number): boolean {
  const layers = state.layers.peek();
  const next = layers[layers.indexOf(state.store.traits.layer.peek()) + by];
  if (next === undefined) return false;
  state.store.choose({ layer: next });
  return true;
}
