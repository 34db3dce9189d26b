/** Which keys a query can draw on after several layers: what its keys could draw on before. */

/** One bit per pair, 32 to a word, each query's row starting on a word. */
export interface Reach {
  readonly n: number;
  readonly words: number;
  readonly bits: Uint32Array;
}

/** Reach after one layer: the mask itself, and each token's own vector, which residuals carry. */
export function firstReach(allowed: Uint8Array, n: number): Reach {
  const words = Math.ceil(n / 32);
  const bits = new Uint32Array(n * words);
  for (let q = 0; q < n; q++) {
    for (let k = 0; k < n; k++)
      if (allowed[q * n + k] || q === k) bits[q * words + (k >> 5)]! |= 1 << (k & 31);
  }
  return { n, words, bits };
}

/** Reach one layer further on: the union of what each allowed key reaches. */
export function nextReach(first: Reach, reach: Reach): Reach {
  const { n, words } = first;
  const bits = new Uint32Array(n * words);
  for (let q = 0; q < n; q++)
    for (let k = 0; k < n; k++) {
      if (!((first.bits[q * words + (k >> 5)]! >>> (k & 31)) & 1)) continue;
      for (let w = 0; w < words; w++) bits[q * words + w]! |= reach.bits[k * words + w]!;
    }
  return { n, words, bits };
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
