/** The share of attention outside a mask, against the sum over its bits. */

import { expect, test } from "vitest";
import { bind, MaskError, OutsideShare, parse } from "../../src/masks";

/** Weights of `heads` heads whose rows sum to 1, from a fixed generator. */
function attention(heads: number, nQueries: number, nKeys: number): Float32Array {
  const values = new Float32Array(heads * nQueries * nKeys);
  let state = 12345;
  for (let line = 0; line < heads * nQueries; line++) {
    const row = values.subarray(line * nKeys, (line + 1) * nKeys);
    row.forEach((_, key) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      row[key] = state / 2 ** 32;
    });
    const total = row.reduce((sum, weight) => sum + weight, 0);
    for (let key = 0; key < nKeys; key++) row[key]! /= total;
  }
  return values;
}

function plain(
  weights: (index: number) => number,
  bits: Uint8Array,
  heads: number,
  rows: readonly number[],
): number[] {
  const nKeys = bits.length / (rows.at(-1)! + 1);
  const nQueries = bits.length / nKeys;
  return Array.from({ length: heads }, (_, head) => {
    let sum = 0;
    for (const row of rows) {
      for (let key = 0; key < nKeys; key++) {
        if (!bits[row * nKeys + key]) sum += weights((head * nQueries + row) * nKeys + key);
      }
    }
    return sum / rows.length;
  });
}

const masks = [
  "local(1)",
  "local(9) & ~local(0)",
  "full()",
  "~full()",
  "causal() | global_(0, 5)",
  "dilated(3, 2)",
  "~sink(1)",
];
const [heads, nQueries, nKeys] = [3, 11, 13];
const every = Array.from({ length: nQueries }, (_, row) => row);

test.each(masks)("weights outside %s are summed per head", (text) => {
  const values = attention(heads, nQueries, nKeys);
  const bound = bind(parse(text), nQueries, nKeys, null, 2);
  const share = new OutsideShare({ heads, nQueries, nKeys, values }).of(bound);
  plain((index) => values[index]!, bound.toBits(), heads, every).forEach((expected, head) => {
    expect(share[head]).toBeCloseTo(expected, 6);
  });
});

test.each(masks)("codes outside %s are summed through their table", (text) => {
  const table = Float32Array.from({ length: 256 }, (_, code) => (code / 255) ** 2);
  const values = Uint8Array.from(
    { length: heads * nQueries * nKeys },
    (_, index) => (index * 37) % 256,
  );
  const bound = bind(parse(text), nQueries, nKeys);
  const share = new OutsideShare({ heads, nQueries, nKeys, values, table }).of(bound);
  const weights = (index: number) => table[values[index]!]!;
  plain(weights, bound.toBits(), heads, every).forEach((expected, head) => {
    expect(share[head]).toBeCloseTo(expected, 6);
  });
});

test("only the chosen queries are averaged", () => {
  const values = attention(heads, nQueries, nKeys);
  const bound = bind(parse("local(2)"), nQueries, nKeys);
  const rows = Uint8Array.from(every, (row) => (row === 3 || row === nQueries - 1 ? 1 : 0));
  const share = new OutsideShare({ heads, nQueries, nKeys, values }).of(bound, rows);
  const expected = plain((index) => values[index]!, bound.toBits(), heads, [3, nQueries - 1]);
  expected.forEach((sum, head) => {
    expect(share[head]).toBeCloseTo(sum, 6);
  });
});

test("what does not fit is refused", () => {
  const values = attention(heads, nQueries, nKeys);
  const share = new OutsideShare({ heads, nQueries, nKeys, values });
  const mask = parse("local(1)");
  expect(() => share.of(bind(mask, nQueries, nKeys + 1))).toThrow(/bound to 11 queries x 14 keys/);
  const bound = bind(mask, nQueries, nKeys);
  expect(() => share.of(bound, new Uint8Array(nQueries))).toThrow(MaskError);
  expect(() => share.of(bound, new Uint8Array(2).fill(1))).toThrow(MaskError);
  expect(() => new OutsideShare({ heads: 4, nQueries, nKeys, values })).toThrow(MaskError);
  const codes = new Uint8Array(values.length);
  expect(() => new OutsideShare({ heads, nQueries, nKeys, values: codes })).toThrow(/table of 256/);
  expect(() => bound.toBits(new Uint8Array(3))).toThrow(MaskError);
  expect(() => bound.rows(0, nQueries + 1)).toThrow(MaskError);
});
