import type { Bookmark, RecordInfo } from "../../data/types";
import type { ViewState } from "../state";

/** Whether a kept view can be shown over this record. */
export function fits({ state }: Bookmark, info: RecordInfo): boolean {
  const [, , queries, keys] = info.shape;
  const {
    layers = [],
    heads = [],
    compared = [],
    layer = info.layers[0]!,
    head = info.heads[0]!,
  } = state;
  return (
    [...layers, layer].every((one) => info.layers.includes(one)) &&
    [...heads, ...compared, head].every((one) => info.heads.includes(one)) &&
    (state.query ?? 0) < queries &&
    (state.key ?? 0) < keys &&
    (state.zoom?.[1] ?? 0) <= queries &&
    (state.zoom?.[3] ?? 0) <= keys
  );
}

/** Show a view of the tour; nothing happens beyond its ends. */
export function go(state: ViewState, step: number): void {
  const bookmark = state.store.traits._tour.peek()[step];
  if (bookmark && fits(bookmark, state.info.peek()))
    state.store.choose({ ...bookmark.state, step });
}
