import { expect, test } from "vitest";
import { labels } from "../../src/draw/ticks";
import { bind, parse } from "../../src/masks";
import { Counting } from "../../src/masks/counting";
import { Growing, growthPower } from "../../src/masks/growth";
import { Remembered } from "../../src/masks/remembered";
import { bitsOf } from "../../src/masks/rows";
import { tilesTouched } from "../../src/masks/tiles";

const TEXTS = [
  "local(3)",
  "dilated(3, 5) | global_(7)",
  "~local(2)",
  "strided(8)",
  "random(r=3, seed=1)",
  "random(p=0.05, seed=2)",
  "global_(5) & ~sink(1)",
  "full()",
];

test("tiles are those that hold a kept pair", () => {
  for (const text of TEXTS)
    for (const [n, power] of [
      [40, 4],
      [37, 3],
      [16, 4],
      [300, 6],
    ] as const) {
      const mask = bind(parse(text), n, n);
      const bits = mask.toBits();
      const tiles = new Set<number>();
      for (let q = 0; q < n; q++)
        for (let k = 0; k < n; k++)
          if (bits[q * n + k]) tiles.add((q >> power) * 1000 + (k >> power));
      expect(tilesTouched(mask, power), text).toBe(tiles.size);
    }
});

test("counts taken some rows at a time are those of the whole", () => {
  for (const text of [...TEXTS, "local(0)", "residue(6)", "dilated(2, 4)", "global_rows(3)"]) {
    const n = 300;
    const mask = bind(parse(text), n, n);
    const counting = new Counting(mask);
    let before = 0;
    while (!counting.more()) {
      expect(counting.counts()).toMatchObject({ done: false });
      expect(counting.counts().rows).toBeGreaterThan(before);
      before = counting.counts().rows;
    }
    const degrees = mask.degrees();
    expect(counting.counts()).toMatchObject({
      rows: n,
      done: true,
      degrees,
      nnz: mask.nnz(),
      low: Math.min(...degrees),
      high: Math.max(...degrees),
      empty: degrees.filter((degree) => degree === 0).length,
    });
    for (const [size, touched] of counting.counts().tiles)
      expect(touched).toBe(tilesTouched(mask, Math.log2(size)));
  }
});

test("the step that all distances are multiples of is found", () => {
  const step = (text: string) => {
    const counting = new Counting(bind(parse(text), 60, 60));
    while (!counting.more());
    return counting.counts().step;
  };
  expect(step("dilated(4, 2)")).toBe(2);
  expect(step("residue(6) & causal()")).toBe(6);
  expect(step("dilated(1, 4) | dilated(1, 6)")).toBe(2);
  expect(step("dilated(1, 4) | dilated(1, 9)")).toBe(1);
  expect(step("local(1)")).toBe(1);
  expect(step("local(0)")).toBe(0);
});

test("growth is counted length by length, and lengths that do not fit are left out", () => {
  const growing = new Growing(parse("local(2) | global_(200)"), [64, 256, 512], (n) =>
    Array(n).fill("word"),
  );
  while (!growing.more());
  const at = (n: number) => bind(parse("local(2) | global_(200)"), n, n).nnz();
  expect(growing.points).toEqual([
    [256, at(256)],
    [512, at(512)],
  ]);
});

test("the power of a power law is found", () => {
  for (const power of [1, 1.5, 2])
    expect(growthPower([64, 128, 1024].map((n) => [n, 3 * n ** power]))).toBeCloseTo(power, 9);
});

test("numbered tokens are the first, the last and round ones apart from both", () => {
  expect(labels(0, 64, 4)).toEqual([0, 20, 40, 63]);
  expect(labels(0, 2 ** 20, 5)).toEqual([0, 500_000, 1_048_575]);
  expect(labels(524_000, 525_024, 5)).toEqual([524_000, 524_500, 525_023]);
  expect(labels(7, 8, 5)).toEqual([7]);
  for (const [from, to, most] of [
    [0, 8, 9],
    [3, 700, 6],
    [99_990, 100_020, 3],
  ] as const) {
    const at = labels(from, to, most);
    expect(at).toEqual([...new Set(at)].sort((a, b) => a - b));
    expect(at[0]).toBe(from);
    expect(at.at(-1)).toBe(to - 1);
    expect(at.length).toBeLessThanOrEqual(most + 2);
  }
});

function same(one: Uint8Array, two: Uint8Array): boolean {
  return one.length === two.length && one.every((bit, i) => bit === two[i]);
}

test("rows that are remembered are the mask's own, also beyond the room there is", () => {
  for (const text of [...TEXTS, "residue(2)"]) {
    const n = text === "residue(2)" ? 3000 : 64;
    const mask = bind(parse(text), n, n);
    const remembered = new Remembered(mask);
    for (let again = 0; again < 2; again++)
      expect(same(bitsOf(remembered), mask.toBits())).toBe(true);
  }
});
