import type { Theme } from "./color";

/** Height of a token's line, in CSS pixels. */
export const ROW = 20;
/** No more heads than this are drawn in colours of their own. */
export const MOST_HEADS = 8;
/** Of full strength: fainter lines could not be seen. */
export const FAINT = 1 / 16;
/** Rows kept ready above and below those in sight. */
const SPARE = 2;
/** How far apart the lines of two heads meet a token, at most, and how much of its height they take. */
const FAN = 3;
const FANNED = 0.7;

/**
 * Colours of heads: each at least 3:1 on the paper, and each two apart to eyes that lack a cone.
 * They were searched for with that aim; a number always stands beside them.
 */
export const HEAD_COLORS: Readonly<Record<Theme, readonly string[]>> = {
  light: ["#2d1ee1", "#f0690f", "#1ea596", "#69001e", "#c369ff", "#4b0087", "#b41e00", "#874b87"],
  dark: ["#00f0ff", "#f0961e", "#b478ff", "#e12d0f", "#f0e15a", "#008778", "#960fe1", "#3cc3a5"],
};

/** The colour of each of some heads: its own number's where that is free, so that few change. */
export function slots(heads: readonly number[]): number[] {
  const taken = new Set<number>();
  return heads.map((head) => {
    let slot = head % MOST_HEADS;
    while (taken.has(slot) && taken.size < MOST_HEADS) slot = (slot + 1) % MOST_HEADS;
    taken.add(slot);
    return slot;
  });
}

/** Lines from queries to keys, in the order of the queries. */
export interface Links {
  readonly queries: number[];
  readonly keys: number[];
  /** How strong, up to 1; below 0 where a difference is less. */
  readonly places: number[];
  /** Whether the mask forbids it. */
  readonly outside: boolean[];
}

export function noLinks(): Links {
  return { queries: [], keys: [], places: [], outside: [] };
}

/** What of a row is drawn. */
export interface Filter {
  /** Weights to keep, the largest first. */
  readonly most: number;
  readonly keep: (key: number) => boolean;
  /** Keys that are not shown at all, and not counted among the largest. */
  readonly hidden?: Uint8Array | null;
  readonly allowed: ((key: number) => boolean) | null;
  /** How strong a line of this weight is. */
  readonly place: (weight: number) => number;
}

/** Add the lines of one row that can be seen. */
export function addRow(links: Links, query: number, row: Float32Array, filter: Filter): void {
  const { most, keep, hidden, allowed, place } = filter;
  const counted = hidden ? row.filter((_, key) => !hidden[key]) : row;
  let { least, ties } =
    most < counted.length ? cutOf(counted, most) : { least: 0, ties: counted.length };
  for (let key = 0; key < row.length; key++) {
    if (hidden?.[key]) continue;
    const size = Math.abs(row[key]!);
    if (size < least || (size === least && ties-- <= 0) || !keep(key)) continue;
    const at = place(row[key]!);
    if (Math.abs(at) < FAINT) continue;
    links.queries.push(query);
    links.keys.push(key);
    links.places.push(at);
    links.outside.push(allowed !== null && !allowed(key));
  }
}

/** The size of the `count`th largest of a row, and how many of just that size are among them. */
export function cutOf(row: Float32Array, count: number): { least: number; ties: number } {
  const sorted = row.map(Math.abs).sort();
  const least = sorted[row.length - count]!;
  return { least, ties: count - sorted.filter((size) => size > least).length };
}

/** How many of a row's keys a share is, of those that it may look at: at least one. */
export function countOf(share: number, usable: number): number {
  return Math.max(1, Math.round(share * usable));
}

/** The tokens in sight, and a few more: `[first, end)`. */
export function inSight(top: number, height: number, count: number): [number, number] {
  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  return [Math.min(first, count), Math.min(count, Math.ceil((top + height) / ROW) + SPARE)];
}

/** Where to scroll to so that a token is seen. */
export function reach(at: number, top: number, height: number): number {
  if (at * ROW < top) return at * ROW;
  return (at + 1) * ROW > top + height ? (at + 1) * ROW - height : top;
}

/** How far below a token's middle the lines of one of several heads meet it. */
export function fan(which: number, of: number): number {
  const step = of > 1 ? Math.min(FAN, (FANNED * ROW) / (of - 1)) : 0;
  return (which - (of - 1) / 2) * step;
}

/** The middle of a token's line, from the top of all. */
export function middle(at: number): number {
  return (at + 0.5) * ROW;
}

/** A point of the curve that leaves (x0, y0) and meets (x1, y1) level, at `t` from 0 to 1. */
export function along(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  t: number,
): [number, number] {
  const bend = (x0 + x1) / 2;
  const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
  return [a * x0 + (b + c) * bend + d * x1, (a + b) * y0 + (c + d) * y1];
}

const LINKS = { aa: [0, 0], ab: [0, 1], ba: [1, 0], bb: [1, 1] } as const;

/** Whether a pair of texts A and B is drawn, by where both of its tokens stand. */
export function linked(
  links: keyof typeof LINKS | "all",
  query: number | null,
  key: number | null,
): boolean {
  return links === "all" || (LINKS[links][0] === query && LINKS[links][1] === key);
}
