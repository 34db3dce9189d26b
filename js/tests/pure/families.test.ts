import { expect, test } from "vitest";
import { bind, format, parse } from "../../src/masks";
import {
  compose,
  decompose,
  FAMILIES,
  family,
  startTerm,
  type Term,
} from "../../src/masks/families";
import { growthPower, tilesTouched } from "../../src/masks/tiles";

test("each family starts with a mask that fits, and can be read back", () => {
  for (const n of [2, 8, 512])
    for (const { id, data } of FAMILIES) {
      const term = startTerm(id, n);
      const mask = compose([term])!;
      if (data) expect(() => bind(mask, n, n)).toThrow("ask Python");
      else
        expect(
          bind(mask, n, n, ["cls", ...Array(n - 2).fill("word"), "sep"]).nnz(),
        ).toBeGreaterThan(0);
      const back = decompose(mask)!;
      expect(format(compose(back)!)).toBe(format(mask));
    }
});

test("what is composed is what is joined, and can be taken apart again", () => {
  const local: Term = { join: "or", negated: false, family: "local", values: [2] };
  const others: Term[] = [
    { join: "or", negated: false, family: "global", values: [2] },
    { join: "and", negated: false, family: "causal", values: [] },
    { join: "minus", negated: false, family: "sink", values: [1] },
    { join: "or", negated: true, family: "dilated", values: [2, 3] },
  ];
  for (const one of others)
    for (const two of others) {
      const mask = compose([local, one, two])!;
      const back = decompose(mask);
      expect(back && format(compose(back)!), format(mask)).toBe(format(mask));
    }
  expect(format(compose([local, others[0]!, others[1]!])!)).toBe(
    "(local(2) | global_(0, 1)) & causal()",
  );
  expect(compose([])).toBeNull();
});

test("what a list of parts cannot say is left to the text", () => {
  for (const text of ["local(1) & (causal() | sink(2))", "global_cols(3)"])
    expect(decompose(parse(text))).toBeNull();
});

test("every family has bounds that hold for every length", () => {
  for (const { knobs } of FAMILIES)
    for (const knob of knobs)
      for (const n of [2, 3, 64, 2 ** 20]) expect(knob.most(n)).toBeGreaterThanOrEqual(knob.least);
  expect(() => family("none")).toThrow("no family is called none");
});

test("tiles are those that hold a kept pair", () => {
  for (const text of ["local(3)", "dilated(3, 5) | global_(7)", "~local(2)"])
    for (const [n, size] of [
      [40, 16],
      [37, 8],
      [16, 16],
    ] as const) {
      const mask = bind(parse(text), n, n);
      const bits = mask.toBits();
      const tiles = new Set<number>();
      for (let q = 0; q < n; q++)
        for (let k = 0; k < n; k++)
          if (bits[q * n + k]) tiles.add(Math.floor(q / size) * 1000 + Math.floor(k / size));
      expect(tilesTouched(mask, size)).toBe(tiles.size);
    }
});

test("the power of a power law is found", () => {
  for (const power of [1, 1.5, 2])
    expect(growthPower([64, 128, 1024].map((n) => [n, 3 * n ** power]))).toBeCloseTo(power, 9);
});
