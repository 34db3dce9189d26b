import { expect, test } from "vitest";
import { firstLevel, pack, palette, ramp, roleKey, WEIGHTS, weightOf } from "../../src/draw/color";
import { span } from "../../src/draw/layout";
import { binOf, bins, paint, poolBits, poolFlags, rowScales } from "../../src/draw/raster";

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function levels(rows: number, cols: number, seed = 1) {
  const next = random(seed);
  const values = Uint8Array.from({ length: rows * cols }, () => Math.floor(next() * 256));
  return { values, rows, cols };
}

for (const theme of ["light", "dark"] as const) {
  test(`each ${theme} level has its own place between paper and ink`, () => {
    const colors = ramp(theme);
    const light = colors.map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b);
    const sign = theme === "light" ? -1 : 1;
    for (let i = 1; i < 256; i++) expect(sign * (light[i]! - light[i - 1]!)).toBeGreaterThan(-1.5);
    expect(Math.abs(light[255]! - light[0]!)).toBeGreaterThan(180);
  });
}

test("a threshold hides what is below it and nothing else", () => {
  for (const threshold of [0, 0.001, 0.05, 0.5, 1]) {
    const first = firstLevel(threshold);
    for (let level = 0; level < 256; level++)
      expect(level >= first).toBe(weightOf(level) >= threshold - 1e-6);
    const { plain } = palette("light", threshold);
    const whole = palette("light", 0).plain;
    for (let level = 0; level < 256; level++)
      expect(plain[level]).toBe(level < first ? whole[0] : whole[level]);
  }
});

test("a threshold read from the slider goes back to the same place", () => {
  for (let level = 0; level < 256; level++) expect(firstLevel(weightOf(level))).toBe(level);
  expect(WEIGHTS[255]).toBe(1);
});

test("only roles that a tokenizer makes have a colour", () => {
  expect(["cls", "sep", "bos", "pad", "word", "punctuation", "unk"].map(roleKey)).toEqual([
    "cls",
    "sep",
    "other",
    "other",
    null,
    null,
    null,
  ]);
});

test("bins cover every input once, and each input knows its bin", () => {
  for (const [length, n] of [
    [1, 1],
    [7, 3],
    [512, 100],
    [5, 5],
  ] as const) {
    const starts = bins(length, n);
    expect([starts[0], starts[n]]).toEqual([0, length]);
    for (let i = 0; i < length; i++) {
      const bin = binOf(i, length, n);
      expect(starts[bin]).toBeLessThanOrEqual(i);
      expect(starts[bin + 1]).toBeGreaterThan(i);
    }
  }
});

function painted(
  head: ReturnType<typeof levels>,
  width: number,
  height: number,
  overlay = {},
): Uint32Array {
  const [stride, left, top] = [width + 5, 3, 2];
  const target = new Uint32Array(stride * (height + 4)).fill(7);
  paint(target, stride, left, top, width, height, head, overlay, palette("light", 0));
  for (let y = 0; y < height + 4; y++)
    for (let x = 0; x < stride; x++) {
      const inside = x >= left && x < left + width && y >= top && y < top + height;
      if (!inside) expect(target[y * stride + x]).toBe(7);
    }
  const out = new Uint32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) out[y * width + x] = target[(top + y) * stride + left + x]!;
  return out;
}

test("a picture of one pixel per cell is the cells, not their transpose", () => {
  const head = levels(4, 7);
  const { plain } = palette("light", 0);
  expect([...painted(head, 7, 4)]).toEqual([...head.values].map((level) => plain[level]));
});

test("a large picture repeats its cells", () => {
  const head = levels(3, 2);
  const out = painted(head, 20, 30);
  const { plain } = palette("light", 0);
  for (let y = 0; y < 30; y++)
    for (let x = 0; x < 20; x++)
      expect(out[y * 20 + x]).toBe(
        plain[head.values[Math.floor(y / 10) * 2 + Math.floor(x / 10)]!],
      );
});

test("a small picture shows the largest cell under each pixel", () => {
  const head = levels(50, 40);
  head.values.fill(0);
  head.values[33 * 40 + 17] = 200;
  const out = painted(head, 8, 10);
  const { plain } = palette("light", 0);
  const at = Math.floor((33 * 10) / 50) * 8 + Math.floor((17 * 8) / 40);
  out.forEach((pixel, i) => {
    expect(pixel).toBe(plain[i === at ? 200 : 0]);
  });
});

test("veil, hidden rows and columns, and row scales each touch only their cells", () => {
  const head = levels(3, 3, 5);
  head.values.set([100, 100, 100, 100, 100, 100, 100, 100, 100]);
  const { plain, veiled, hidden } = palette("light", 0);
  const out = painted(head, 3, 3, {
    allowed: Uint8Array.from([1, 0, 1, 1, 1, 1, 0, 1, 1]),
    hiddenRows: Uint8Array.from([0, 0, 1]),
    hiddenCols: Uint8Array.from([0, 0, 1]),
    rowScale: Float32Array.from([1, 2, 1]),
  });
  expect([...out]).toEqual([
    plain[100],
    veiled[100],
    hidden,
    plain[200],
    plain[200],
    hidden,
    hidden,
    hidden,
    hidden,
  ]);
});

test("a thin window is seen in a small picture", () => {
  const head = levels(64, 64);
  const allowed = new Uint8Array(64 * 64);
  for (let i = 0; i < 64; i++) allowed[i * 65] = 1;
  const out = painted(head, 8, 8, { allowed });
  const veiled = new Set(palette("light", 0).veiled);
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) expect(veiled.has(out[y * 8 + x]!)).toBe(x !== y);
});

test("row scales make the kept part of a row sum to all of it", () => {
  const head = levels(6, 9, 3);
  const allowed = Uint8Array.from({ length: 54 }, (_, i) => (i % 3 === 0 ? 0 : 1));
  const hidden = Uint8Array.from({ length: 9 }, (_, i) => (i === 4 ? 1 : 0));
  const scales = rowScales(head, allowed, hidden);
  for (let r = 0; r < 6; r++) {
    let [all, kept] = [0, 0];
    for (let c = 0; c < 9; c++) {
      const weight = weightOf(head.values[r * 9 + c]!);
      all += weight;
      if (allowed[r * 9 + c] && !hidden[c]) kept += weight * scales[r]! ** 2;
    }
    expect(kept).toBeCloseTo(all, 4);
  }
  expect([...rowScales(head, new Uint8Array(54), null)]).toEqual([1, 1, 1, 1, 1, 1]);
});

test("pooled bits say whether any pair is allowed, pooled flags whether all are set", () => {
  const bits = new Uint8Array(10 * 12);
  bits[7 * 12 + 11] = 1;
  const pooled = poolBits(bits, 10, 12, 5, 4);
  pooled.forEach((bit, i) => {
    expect(bit).toBe(i === 3 * 4 + 3 ? 1 : 0);
  });
  expect(poolBits(bits, 10, 12, 10, 12)).toBe(bits);
  expect([...poolFlags(Uint8Array.from([1, 0, 1, 1]), 2)]).toEqual([0, 1]);
});

test("strips tile a length without gaps", () => {
  for (let i = 0; i < 13; i++)
    expect(span(i, 13, 100)[1]).toBe(i < 12 ? span(i + 1, 13, 100)[0] : 100);
  expect(span(500, 512, 40)[1] - span(500, 512, 40)[0]).toBe(1);
});

test("pixels are packed opaque, red first in memory", () => {
  const bytes = new Uint8Array(Uint32Array.from([pack([1, 2, 3])]).buffer);
  expect([...bytes]).toEqual([1, 2, 3, 255]);
});
