import type { Zoom } from "../data/types";

/** No window is smaller than this many tokens, unless the text is. */
const LEAST = 4;

type Shape = readonly [queries: number, keys: number];

/** Draw `factor` times larger, with one place, in tokens, left where it is; null is all of it. */
export function zoomed(
  now: Zoom | null,
  [queries, keys]: Shape,
  factor: number,
  at: readonly [query: number, key: number],
): Zoom | null {
  const [q0, q1, k0, k1] = now ?? [0, queries, 0, keys];
  return whole(
    [...scaled(q0, q1, queries, factor, at[0]), ...scaled(k0, k1, keys, factor, at[1])],
    [queries, keys],
  );
}

/** Move the window by some tokens, as far as there are any. */
export function panned(
  now: Zoom | null,
  [queries, keys]: Shape,
  rows: number,
  cols: number,
): Zoom | null {
  if (!now) return null;
  const [q0, q1, k0, k1] = now;
  return [...placed(q0 + rows, q1 - q0, queries), ...placed(k0 + cols, k1 - k0, keys)];
}

/** Move the window as little as shows a query and key. */
export function holding(
  now: Zoom | null,
  shape: Shape,
  query: number | null,
  key: number | null,
): Zoom | null {
  if (!now) return null;
  const by = (at: number | null, from: number, to: number) => {
    if (at === null) return 0;
    return at < from ? at - from : Math.max(0, at + 1 - to);
  };
  return panned(now, shape, by(query, now[0], now[1]), by(key, now[2], now[3]));
}

function scaled(
  from: number,
  to: number,
  total: number,
  factor: number,
  at: number,
): [number, number] {
  const length = to - from;
  const wanted = Math.round(length / factor);
  const moved =
    factor > 1 ? Math.min(wanted, length - 1) : Math.max(wanted, length + Number(factor < 1));
  const size = Math.max(Math.min(LEAST, total), Math.min(total, moved));
  return placed(Math.round(at - ((at - from) / length) * size), size, total);
}

function placed(from: number, size: number, total: number): [number, number] {
  const start = Math.max(0, Math.min(total - size, from));
  return [start, start + size];
}

function whole(window: Zoom, [queries, keys]: Shape): Zoom | null {
  const [q0, q1, k0, k1] = window;
  return q1 - q0 === queries && k1 - k0 === keys ? null : window;
}
