/** From a query and a key to a weight, one step after the other. */

/** A weight that a record would not hold as 0: what is, is forbidden. */
const SEEN = 1e-6;
/** Larger differences than the number formats of weights make. */
export const SAME = 1e-3;

export interface Parts {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly key: number;
  /** Products of the query with every key of its row, what is added to them, what they became. */
  readonly dots: Float32Array;
  readonly bias: Float32Array | null;
  readonly weights: Float32Array;
  readonly scaling: number;
  readonly softcap: number | null;
  /** Whether rows may sum to less than 1, the rest being nobody's. */
  readonly sink: boolean;
  /** Whether a key is forbidden whatever its score: it comes later, or is padding. */
  readonly barred: (key: number) => boolean;
}

export interface Steps {
  readonly products: Float32Array;
  readonly sum: number;
  /** The parts of the sum that are above and below zero. */
  readonly up: number;
  readonly down: number;
  readonly scaled: number;
  readonly capped: number | null;
  readonly added: number | null;
  readonly score: number;
  /** Whether the mask forbids the key, and how many of the row it forbids. */
  readonly forbidden: boolean;
  readonly gone: number;
  /** The largest score that competes; e to the power of what the others are below it, added up. */
  readonly top: number;
  readonly total: number;
  /** Of every key: its score, whether it competes, and the weight it gets. */
  readonly scores: Float64Array;
  readonly competes: Uint8Array;
  readonly shares: Float64Array;
  /** What no key gets. */
  readonly rest: number;
  readonly weight: number;
  readonly recorded: number;
}

export function steps(parts: Parts): Steps {
  const { q, k, key, bias, weights, scaling, softcap } = parts;
  const products = q.map((value, d) => value * k[d]!);
  let [up, down] = [0, 0];
  for (let d = 0; d < q.length; d++) {
    const product = q[d]! * k[d]!;
    if (product > 0) up += product;
    else down += product;
  }
  const cap = (score: number) => (softcap === null ? score : softcap * Math.tanh(score / softcap));
  const scores = Float64Array.from(
    parts.dots,
    (dot, at) => cap(dot * scaling) + (bias ? bias[at]! : 0),
  );
  const sum = up + down;
  const capped = softcap === null ? null : cap(sum * scaling);
  const added = bias ? bias[key]! : null;
  const score = (capped ?? sum * scaling) + (added ?? 0);
  scores[key] = score;

  const { competes, top, total } = competing(scores, parts);
  const all = weights.reduce((a, b) => a + b, 0);
  const given = parts.sink ? Math.min(1, all) : total > 0 ? 1 : 0;
  const shares = scores.map((score, at) =>
    competes[at] ? (given * Math.exp(score - top)) / total : 0,
  );
  return {
    products,
    sum,
    up,
    down,
    scaled: sum * scaling,
    capped,
    added,
    score,
    forbidden: !competes[key],
    gone: competes.length - competes.reduce((a, b) => a + b, 0),
    top,
    total,
    scores,
    competes,
    shares,
    rest: 1 - given,
    weight: shares[key]!,
    recorded: weights[key]!,
  };
}

/**
 * Which keys the soft-max runs over. A record keeps no mask: of weight 0, a key was forbidden if its
 * score would have given it more.
 */
function competing(scores: Float64Array, { weights, barred }: Parts) {
  const competes = Uint8Array.from(weights, (weight) => Number(weight > 0));
  let top = -Infinity;
  scores.forEach((score, at) => {
    if (competes[at] && score > top) top = score;
  });
  let total = 0;
  scores.forEach((score, at) => {
    if (competes[at]) total += Math.exp(score - top);
  });
  scores.forEach((score, at) => {
    if (total > 0 && !barred(at) && Math.exp(score - top) <= SEEN * total) competes[at] = 1;
  });
  return { competes, top, total };
}

export type Order = "size" | "number";

/** Dimensions from left to right: as they are numbered, or the largest products first. */
export function ordered(products: Float32Array, by: Order): number[] {
  const all = [...products.keys()];
  return by === "number"
    ? all
    : all.sort((a, b) => Math.abs(products[b]!) - Math.abs(products[a]!) || a - b);
}

/** The keys that get most, `key` among them, the largest weight first; and what the others get. */
export function rivals(
  shares: Float64Array,
  key: number,
  most: number,
): { readonly named: number[]; readonly others: number; readonly share: number } {
  const all = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]! || a - b);
  const named = all.slice(0, most);
  if (!named.includes(key)) named.splice(-1, 1, key);
  const rest = all.filter((at) => !named.includes(at));
  return { named, others: rest.length, share: rest.reduce((sum, at) => sum + shares[at]!, 0) };
}

/** Where the bars of a row of numbers stand: the position and width of each within `width`. */
export function slots(
  count: number,
  width: number,
): { readonly step: number; readonly bar: number } {
  const step = width / count;
  return { step, bar: step > 4 ? step - 1 : step };
}

/** The largest size of some numbers; 1 where all are 0, so that it can be divided by. */
export function reach(...rows: readonly Float32Array[]): number {
  let most = 0;
  for (const row of rows) for (const value of row) most = Math.max(most, Math.abs(value));
  return most || 1;
}
