/** Which keys a query can draw on after several layers: what its keys could draw on before. */

import type { RowSource } from "./rows";

/** One bit per pair, 32 to a word, each query's row starting on a word. */
export interface Reach {
  readonly n: number;
  readonly words: number;
  readonly bits: Uint32Array;
}

/** Reach after a number of layers, and how it goes on. */
export interface Spread {
  readonly layers: number;
  /** Null where only the share is known. */
  readonly reach: Reach | null;
  /** Of all pairs, or of those that do not look ahead. */
  readonly share: number;
}

/** Reach layer by layer. */
export interface Spreads {
  readonly steps: readonly Spread[];
  /** What the shares are of: all pairs; or, where the mask never looks ahead, those that do not. */
  readonly of: "pairs" | "causal";
  /** Layers until every pair is joined; null if never, or not within the layers followed. */
  readonly fullAfter: number | null;
  /** Whether nothing is joined any more after the last step. */
  readonly settled: boolean;
  /** Queries that were followed, where not all of them. */
  readonly sources: number | null;
  /** A query and a key that are not joined; null where all are, or where it is not known. */
  readonly missing: readonly [query: number, key: number] | null;
}

/** Reach after no layer: each token's own vector, which the residual stream carries along. */
export function noReach(n: number): Reach {
  const words = Math.ceil(n / 32);
  const bits = new Uint32Array(n * words);
  for (let q = 0; q < n; q++) bits[q * words + (q >> 5)]! |= 1 << (q & 31);
  return { n, words, bits };
}

/** Reach one layer further on: the union of what each allowed key, and the token itself, reaches. */
export function nextReach(mask: RowSource, reach: Reach): Reach {
  const { words } = reach;
  const bits = reach.bits.slice();
  const unions = new Unions(reach);
  mask.forEachRow((q, list, end) => {
    for (let i = 0; i < end; i += 2) {
      const [from, to] = [list[i]!, list[i + 1]!];
      const power = 31 - Math.clz32(to - from);
      const rows = unions.of(power);
      const [a, b, row] = [from * words, (to - (1 << power)) * words, q * words];
      for (let w = 0; w < words; w++) bits[row + w]! |= rows[a + w]! | rows[b + w]!;
    }
  });
  return { ...reach, bits };
}

/** The unions of 1, 2, 4, … rows on end, so that two of them make any run. */
class Unions {
  readonly #levels: Uint32Array[];

  constructor(private readonly reach: Reach) {
    this.#levels = [reach.bits];
  }

  of(power: number): Uint32Array {
    const { n, words } = this.reach;
    for (let level = this.#levels.length; level <= power; level++) {
      const below = this.#levels[level - 1]!;
      const joined = below.slice();
      const apart = words << (level - 1);
      const last = (n - (1 << level) + 1) * words;
      for (let at = 0; at < last; at++) joined[at]! |= below[at + apart]!;
      this.#levels.push(joined);
    }
    return this.#levels[power]!;
  }
}

/** Whether query `q` can draw on key `k`. */
export function reaches({ words, bits }: Reach, q: number, k: number): boolean {
  return ((bits[q * words + (k >> 5)]! >>> (k & 31)) & 1) === 1;
}

/** How many pairs are reached. */
export function reached({ bits }: Reach): number {
  let count = 0;
  for (let word of bits) {
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** Follows a mask through 1, 2, … layers, a layer at a time. */
export class Following {
  readonly #steps: Spread[] = [];
  readonly #oneWay: boolean;
  readonly #legal: number;
  #reach: Reach;
  #count = 0;
  #settled = false;

  constructor(
    readonly mask: RowSource,
    readonly most: number,
  ) {
    const n = mask.nKeys;
    this.#oneWay = !looksAhead(mask);
    this.#legal = this.#oneWay ? (n * (n + 1)) / 2 : n * n;
    this.#reach = noReach(n);
  }

  /** One layer more; true once nothing is joined any more, or at `most` layers. */
  more(): boolean {
    this.#reach = nextReach(this.mask, this.#reach);
    const count = reached(this.#reach);
    const more = count > this.#count;
    if (more) {
      const layers = this.#steps.length + 1;
      this.#steps.push({ layers, reach: this.#reach, share: count / this.#legal });
    }
    this.#count = count;
    this.#settled = !more || count === this.#legal;
    return this.#settled || this.#steps.length === this.most;
  }

  spreads(): Spreads {
    const full = this.#count === this.#legal;
    return {
      steps: this.#steps,
      of: this.#oneWay ? "causal" : "pairs",
      fullAfter: full ? this.#steps.length : null,
      settled: this.#settled,
      sources: null,
      missing: full ? null : missing(this.#reach, this.#oneWay),
    };
  }
}

/** Follow a mask through 1, 2, … layers, until nothing is joined any more or `most` layers. */
export function followed(mask: RowSource, most: number): Spreads {
  const following = new Following(mask, most);
  while (!following.more());
  return following.spreads();
}

/** The first pair that is not reached. */
function missing(reach: Reach, oneWay: boolean): readonly [number, number] | null {
  for (let q = 0; q < reach.n; q++)
    for (let k = 0; k < (oneWay ? q : reach.n); k++) if (!reaches(reach, q, k)) return [q, k];
  return null;
}

function looksAhead(mask: RowSource): boolean {
  let ahead = false;
  mask.forEachRow((row, list, end) => {
    if (end > 0 && list[end - 1]! > row + 1) ahead = true;
  });
  return ahead;
}
