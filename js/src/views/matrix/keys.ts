import type { Zoom } from "../../data/types";
import { holding, panned, zoomed } from "../../draw/zoom";
import type { ViewState } from "../state";

const STEPS: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const FACTORS: Record<string, number> = { "+": 1.5, "=": 1.5, "-": 1 / 1.5, _: 1 / 1.5 };

/** What a key does over the matrix: pick, move the window, zoom. */
export function pressed(state: ViewState, event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const choice = chosen(state, event);
  if (!choice) return;
  state.store.choose(choice);
  event.preventDefault();
  event.stopPropagation();
}

function chosen(state: ViewState, { key, shiftKey }: KeyboardEvent) {
  const t = state.store.traits;
  const zoom = t.zoom.peek();
  if (key === "Escape") return { query: null, key: null };
  if (key === "0") return { zoom: null };
  const factor = FACTORS[key];
  if (factor) return { zoom: scaled(state, factor) };
  const step = STEPS[key];
  if (!step) return null;
  const shape = shapeOf(state);
  if (shiftKey) {
    if (!zoom) return null;
    const quarter = (from: number, to: number) => Math.max(1, Math.round((to - from) / 4));
    const [rows, cols] = [quarter(zoom[0], zoom[1]), quarter(zoom[2], zoom[3])];
    return { zoom: panned(zoom, shape, step[0] * rows, step[1] * cols) };
  }
  const to = (at: number | null, by: number, first: number, count: number) =>
    at === null ? first : Math.min(count - 1, Math.max(0, at + by));
  const query = to(t.query.peek(), step[0], zoom?.[0] ?? 0, shape[0]);
  const column = to(t.key.peek(), step[1], zoom?.[2] ?? 0, shape[1]);
  const picked = { query, key: column };
  return zoom ? { ...picked, zoom: holding(zoom, shape, query, column) } : picked;
}

/** The window `factor` times as close, about the picked square where it is drawn, else its middle. */
export function scaled(state: ViewState, factor: number): Zoom | null {
  const t = state.store.traits;
  const shape = shapeOf(state);
  const zoom = t.zoom.peek();
  const [q0, q1, k0, k1] = zoom ?? [0, shape[0], 0, shape[1]];
  const about = (at: number | null, from: number, to: number) =>
    at !== null && at >= from && at < to ? at + 0.5 : (from + to) / 2;
  return zoomed(zoom, shape, factor, [about(t.query.peek(), q0, q1), about(t.key.peek(), k0, k1)]);
}

export function shapeOf(state: ViewState): readonly [queries: number, keys: number] {
  const [, , queries, keys] = state.info.peek().shape;
  return [queries, keys];
}
