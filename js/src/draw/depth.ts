/** Numbers over layers, and a token's origins through them. */
import type { NumbersByLayer } from "../data/told";

export interface Band {
  readonly low: number;
  readonly mean: number;
  readonly high: number;
}

/** The least, the mean and the largest over some heads, of each of some layers. */
export function bands(
  table: NumbersByLayer,
  layers: readonly number[],
  heads: readonly number[],
): (Band | null)[] {
  return layers.map((layer) => {
    const values = heads.flatMap((head) => table[layer]?.[head] ?? []);
    if (values.length === 0) return null;
    const sum = values.reduce((a, b) => a + b, 0);
    return { low: Math.min(...values), mean: sum / values.length, high: Math.max(...values) };
  });
}

/** The end of a scale from 0 that holds a number: round, so that it can be read. */
export function topOf(most: number): number {
  if (!(most > 0)) return 0.1;
  const power = 10 ** Math.floor(Math.log10(most));
  const times = [1, 2, 3, 5, 10].find((n) => n * power >= most * (1 - 1e-9))!;
  return Math.min(1, Number((times * power).toPrecision(1)));
}

/** Where a layer stands along a panel, by its place among `count`. */
export function across(at: number, count: number, width: number): number {
  return count === 1 ? width / 2 : (at / (count - 1)) * width;
}

/** The layer that a point along a panel is nearest to. */
export function nearest(x: number, count: number, width: number): number {
  const at = count === 1 ? 0 : Math.round((x / width) * (count - 1));
  return Math.min(count - 1, Math.max(0, at));
}

type Scale = (value: number) => number;

/** A line through values, broken where there is none. */
export function line(values: readonly (number | null)[], x: Scale, y: Scale): string {
  let pen = "M";
  return values
    .map((value, at) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
}

/** The area between the least and the largest, one piece per run of layers that have them. */
export function area(values: readonly (Band | null)[], x: Scale, y: Scale): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at <= values.length; at++) {
    if (values[at]) continue;
    if (at - from > 1) {
      const run = values.slice(from, at) as Band[];
      const there = run.map(({ high }, i) => `${x(from + i).toFixed(1)} ${y(high).toFixed(1)}`);
      const back = run.map(({ low }, i) => `${x(from + i).toFixed(1)} ${y(low).toFixed(1)}`);
      pieces.push(`M${[...there, ...back.reverse()].join("L")}Z`);
    }
    from = at + 1;
  }
  return pieces.join("");
}

export interface Origins {
  /** Shares by token and column: the input first, the token itself last. */
  readonly rows: readonly Float32Array[];
  /** Which token each row is, in the order of the text. */
  readonly tokens: readonly number[];
  /** How many others the last row holds together; 0 if there is none. */
  readonly others: number;
}

/** Turn what Python tells, from the token down, into rows from the input up; few of a long text. */
export function origins(told: Float32Array, keys: number, most: number): Origins {
  const columns = told.length / keys;
  const row = (key: number) =>
    Float32Array.from({ length: columns }, (_, at) => told[(columns - 1 - at) * keys + key]!);
  const all = Array.from({ length: keys }, (_, key) => row(key));
  const total = all.map((shares) => shares.reduce((a, b) => a + b, 0));
  const ranked = [...total.keys()].sort((a, b) => total[b]! - total[a]! || a - b);
  const tokens = (keys > most ? ranked.slice(0, most - 1) : ranked).sort((a, b) => a - b);
  const rows = tokens.map((key) => all[key]!);
  const others = keys - tokens.length;
  if (others > 0) {
    const kept = new Set(tokens);
    const rest = new Float32Array(columns);
    all.forEach((shares, key) => {
      if (kept.has(key)) return;
      for (let at = 0; at < columns; at++) rest[at] = rest[at]! + shares[at]!;
    });
    rows.push(rest);
  }
  return { rows, tokens, others };
}
