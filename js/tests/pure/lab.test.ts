import { expect, test } from "vitest";
import { Density } from "../../src/draw/density";
import { bind, parse } from "../../src/masks";
import { followed, nextReach, noReach, reached, reaches } from "../../src/masks/reach";

const MASKS = ["local(2)", "local(3) | global_(0, 7)", "dilated(2, 3)", "~local(1)", "causal()"];

test("density is the mean of the pairs under each pixel", () => {
  for (const text of MASKS) {
    const mask = bind(parse(text), 24, 24);
    const bits = mask.toBits();
    for (const [top, bottom, left, right, rows, cols] of [
      [0, 24, 0, 24, 24, 24],
      [0, 24, 0, 24, 6, 8],
      [3, 21, 5, 23, 9, 6],
      [0, 24, 0, 24, 5, 7],
      [4, 8, 2, 6, 12, 16],
    ] as const) {
      const density = new Density(mask, { top, bottom, left, right }, rows, cols, 100);
      for (let y = 0; y < rows; y++) {
        const shares = density.row(y);
        for (let x = 0; x < cols; x++) {
          const from = top + Math.floor((y * (bottom - top)) / rows);
          const to = Math.max(from + 1, top + Math.floor(((y + 1) * (bottom - top)) / rows));
          const [l, r] = [x, x + 1].map((edge) => left + (edge * (right - left)) / cols) as [
            number,
            number,
          ];
          let sum = 0;
          for (let q = from; q < to; q++)
            for (let k = 0; k < 24; k++)
              sum += bits[q * 24 + k]! * Math.max(0, Math.min(r, k + 1) - Math.max(l, k));
          expect(shares[x]).toBeCloseTo(sum / (to - from) / (r - l), 5);
        }
      }
    }
  }
});

test("a million tokens are read by a spread of their queries, and no long row is missed", () => {
  const n = 1 << 20;
  const window = { top: 0, bottom: n, left: 0, right: n };
  const mask = bind(parse("local(256) | global_cols(0) | global_rows(300001)"), n, n);
  const density = new Density(mask, window, 64, 64, 16, mask.degrees());
  const long = Math.floor((300_001 / n) * 64);
  for (let y = 1; y < 63; y++) {
    const shares = density.row(y);
    expect(shares[y]).toBeGreaterThan(0);
    expect(shares[0]).toBeGreaterThan(0);
    const off = shares[((y + 20) % 63) + 1]!;
    if (y === long) expect(off).toBeCloseTo(64 / n, 9);
    else expect(off).toBe(0);
  }
});

test("a long row that is among those read is not taken for many", () => {
  const n = 96;
  const mask = bind(parse("global_rows(1) | local(0)"), n, n);
  const window = { top: 0, bottom: n, left: 0, right: n };
  const density = new Density(mask, window, 32, 32, 1, mask.degrees());
  expect(density.row(0)[20]).toBeCloseTo(1 / 3, 6);
});

test("reach is the boolean power of the mask with the diagonal", () => {
  const n = 40;
  for (const text of MASKS) {
    const mask = bind(parse(text), n, n);
    const bits = mask.toBits();
    let reach = nextReach(mask, noReach(n));
    let brute = Array.from({ length: n }, (_, q) =>
      Array.from({ length: n }, (_, k) => bits[q * n + k] === 1 || q === k),
    );
    const step = brute;
    for (let layer = 1; layer <= 4; layer++) {
      let count = 0;
      for (let q = 0; q < n; q++)
        for (let k = 0; k < n; k++) {
          expect(reaches(reach, q, k)).toBe(brute[q]![k]);
          count += Number(brute[q]![k]);
        }
      expect(reached(reach)).toBe(count);
      reach = nextReach(mask, reach);
      const before = brute;
      brute = before.map((_, q) =>
        before.map((_, k) => step[q]!.some((allowed, via) => allowed && before[via]![k])),
      );
    }
  }
});

test("a dilated mask alone never leaves its residue class", () => {
  const n = 64;
  const { steps } = followed(bind(parse("dilated(4, 2)"), n, n), 40);
  expect(reached(steps.at(-1)!.reach!)).toBe((n * n) / 2);
});

test("layers are followed until nothing more is joined, and what they end in is said", () => {
  const n = 40;
  const ends = (text: string, most = 64) => followed(bind(parse(text), n, n), most);
  const window = ends("local(3)");
  expect(window).toMatchObject({ of: "pairs", fullAfter: 13, settled: true });
  expect(window.steps).toHaveLength(13);
  expect(ends("local(left=3, right=0)")).toMatchObject({ of: "causal", fullAfter: 13 });
  expect(ends("dilated(4, 2)")).toMatchObject({ fullAfter: null, settled: true, missing: [0, 1] });
  expect(ends("local(1)", 8)).toMatchObject({ fullAfter: null, settled: false });
  expect(ends("full()")).toMatchObject({ fullAfter: 1, settled: true, missing: null });
  expect(ends("causal() - global_cols(2)")).toMatchObject({ of: "causal", missing: [3, 2] });
  expect(ends("local(0)")).toMatchObject({ of: "causal", fullAfter: null, settled: true });
});
