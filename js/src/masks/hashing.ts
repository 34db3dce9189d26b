/** Random numbers by counter, bit for bit those of Python's `attn_widgets.masks.patterns.hashing`. */

const GOLDEN = 0x9e3779b9;
const ROUNDS = 4;

export type Words = readonly [number, number];

/** Scatter a word over all 32 bits; one to one. */
function mix(word: number): number {
  let x = word ^ (word >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** The two words of a row. */
export function rowWords(seed: number, row: number): Words {
  const one = mix(mix(row + GOLDEN) ^ seed);
  return [one, mix(one + GOLDEN)];
}

/** The row's random word for a counter, from 0 to 2 ** 32 - 1. */
export function word([one, two]: Words, counter: number): number {
  return mix(mix(one ^ counter) + two) >>> 0;
}

/** The first `count` places of the row's random order of `0..size`, each once. */
export function draws(seed: number, row: number, count: number, size: number): number[] {
  const words = rowWords(seed, row);
  let half = 1;
  while (4 ** half < size) half++;
  const low = 2 ** half - 1;
  return Array.from({ length: count }, (_, start) => {
    let place = start;
    do {
      let [left, right] = [place >>> half, place & low];
      for (let turn = 0; turn < ROUNDS; turn++) {
        [left, right] = [right, left ^ (word(words, right | (turn << 16)) & low)];
      }
      place = (left << half) | right;
    } while (place >= size);
    return place;
  });
}
