import { expect, test } from "vitest";
import type { Zoom } from "../../src/data/types";
import { palette, ramp } from "../../src/draw/color";
import { levelOf, SQUARES, weightOf } from "../../src/draw/levels";
import { margins } from "../../src/draw/margins";
import {
  colStrip,
  hitMatrix,
  labelled,
  matrixLayout,
  parts,
  rowStrip,
} from "../../src/draw/matrix";
import { cut, meanLevels } from "../../src/draw/mean";
import { edgePixels, outline } from "../../src/draw/outline";
import { binOf, edges, paint, rowTones } from "../../src/draw/raster";
import { placeOf, ticks, tones, weightAt } from "../../src/draw/tone";
import { holding, panned, zoomed } from "../../src/draw/zoom";

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

const SCALES = ["sqrt", "linear", "log", "row", "head"] as const;

test("every square of the matrix can be hit, and nothing outside it", () => {
  const layout = matrixLayout(400, 5, 9, 60);
  for (let query = 0; query < 5; query++)
    for (let key = 0; key < 9; key++) {
      const x = layout.left + ((key + 0.5) * layout.width) / 9;
      const y = layout.top + ((query + 0.5) * layout.height) / 5;
      expect(hitMatrix(layout, x, y)).toEqual({ query, key });
    }
  expect(hitMatrix(layout, layout.left - 1, layout.top + 5)).toBeNull();
  expect(hitMatrix(layout, layout.left + layout.width + 1, layout.top + 5)).toBeNull();
});

test("labels keep their distance, and the picked one is always there", () => {
  for (const [count, every, picked] of [
    [100, 7, 50],
    [9, 1, 3],
    [40, 3, 39],
  ] as const) {
    const shown = labelled(count, every, [picked, null, count + 5]);
    expect(shown).toContain(picked);
    for (let i = 1; i < shown.length; i++)
      expect(shown[i]! - shown[i - 1]!).toBeGreaterThanOrEqual(every);
  }
  expect(labelled(4, 1, [null])).toEqual([0, 1, 2, 3]);
  expect(labelled(100, 10, [1], [0, 99])).toEqual([1, 20, 30, 40, 50, 60, 70, 80, 99]);
});

test("a part of the matrix fills the same frame, and every square of it can be hit", () => {
  const whole = matrixLayout(400, 40, 60, 60);
  const layout = matrixLayout(400, 40, 60, 60, [10, 14, 30, 37]);
  expect([layout.width, layout.height]).toEqual([whole.width, whole.height]);
  for (let query = 10; query < 14; query++)
    for (let key = 30; key < 37; key++) {
      const [top, bottom] = rowStrip(layout, query)!;
      const [left, right] = colStrip(layout, key)!;
      const at = [layout.left + (left + right) / 2, layout.top + (top + bottom) / 2] as const;
      expect(hitMatrix(layout, ...at)).toEqual({ query, key });
    }
  expect([rowStrip(layout, 9), rowStrip(layout, 14), colStrip(layout, 37)]).toEqual([
    null,
    null,
    null,
  ]);
});

test("labels of a part stand at the same tokens as those of the whole", () => {
  const shown = labelled(60, 4, [31], [33, 80, 41], 22);
  expect(shown).toEqual([24, 31, 36, 41, 48, 52, 56]);
  expect(labelled(6, 1, [null], [], 3)).toEqual([3, 4, 5]);
});

test("texts are told apart where there are two, and special tokens belong to the one before", () => {
  const of = (...segments: (number | null)[]) => parts(segments.map((segment) => ({ segment })));
  expect(of(null, 0, 0, null, 1, 1, null)).toEqual([
    { segment: 0, from: 0, to: 4 },
    { segment: 1, from: 4, to: 7 },
  ]);
  expect(of(0, 0, null)).toEqual([]);
  expect(of(null, null)).toEqual([]);
});

test("zooming in and out stays within the text, keeps its place, and always moves", () => {
  const next = random(7);
  const shape = [37, 53] as const;
  let zoom: Zoom | null = null;
  for (let i = 0; i < 300; i++) {
    const [q0, q1, k0, k1]: Zoom = zoom ?? [0, 37, 0, 53];
    const factor = next() < 0.5 ? 1 + next() : 1 / (1 + next());
    const at = [q0 + next() * (q1 - q0), k0 + next() * (k1 - k0)] as const;
    const to = zoomed(zoom, shape, factor, at);
    const [a, b, c, d]: Zoom = to ?? [0, 37, 0, 53];
    expect(a).toBeGreaterThanOrEqual(0);
    expect(c).toBeGreaterThanOrEqual(0);
    expect(b).toBeLessThanOrEqual(37);
    expect(d).toBeLessThanOrEqual(53);
    expect(Math.min(b - a, d - c)).toBeGreaterThanOrEqual(4);
    if (factor > 1 && q1 - q0 > 4) expect(b - a).toBeLessThan(q1 - q0);
    if (factor < 1 && q1 - q0 < 37) expect(b - a).toBeGreaterThan(q1 - q0);
    if (b - a < 37 && a > 0 && b < 37) {
      expect(at[0]).toBeGreaterThanOrEqual(a - 1);
      expect(at[0]).toBeLessThanOrEqual(b + 1);
    }
    zoom = to;
  }
  expect(zoomed([0, 36, 0, 52], shape, 0.1, [3, 3])).toBeNull();
  expect(zoomed(null, [3, 2], 2, [1, 1])).toBeNull();
});

test("a window moves no farther than the text goes, and follows what is picked", () => {
  expect(panned([5, 10, 5, 10], [12, 12], 9, -9)).toEqual([7, 12, 0, 5]);
  expect(panned(null, [12, 12], 1, 1)).toBeNull();
  expect(holding([5, 10, 5, 10], [12, 12], 11, 3)).toEqual([7, 12, 3, 8]);
  expect(holding([5, 10, 5, 10], [12, 12], 7, null)).toEqual([5, 10, 5, 10]);
});

test("each scale goes from nothing to all, and its places lead back to their weights", () => {
  for (const scale of SCALES) {
    const table = tones(scale);
    expect([table[0], table[255]]).toEqual([0, 255]);
    for (let i = 1; i < 256; i++) expect(table[i]).toBeGreaterThanOrEqual(table[i - 1]!);
    for (let i = 0; i < 256; i++) {
      const weight = weightAt(i / 255, scale);
      if (i > 0) expect(placeOf(weight, scale)).toBeCloseTo(i / 255, 9);
    }
    for (const tick of ticks(scale)) expect(placeOf(tick, scale)).toBeLessThanOrEqual(1);
  }
  expect(placeOf(0.01, "log")).toBeCloseTo(0.5);
  expect(placeOf(1e-9, "log")).toBe(0);
  expect(weightAt(0, "log")).toBe(0);
});

test("a threshold stays on weights, whatever the scale", () => {
  const paper = palette("light", 0).plain[0];
  for (const scale of ["sqrt", "linear", "log"] as const) {
    const { plain } = palette("light", 0.04, "viridis", scale);
    expect(plain[50]).toBe(paper);
    expect(plain[51]).not.toBe(paper);
  }
  const head = { values: Uint8Array.of(50, 51, 102, 10), rows: 2, cols: 2 };
  const rowTone = rowTones(head, "row", {}, null);
  const table = palette("light", 0.04, "magma", "row").plain;
  const out = new Uint32Array(4);
  paint(out, 2, 0, 0, 2, 2, head, { rowTone, first: 51 }, palette("light", 0.04, "magma", "row"));
  expect([...out]).toEqual([paper, table[255], table[255], paper]);
});

test("the largest weight that is drawn has the last colour, in each row or in the head", () => {
  const head = { values: Uint8Array.of(10, 20, 200, 40, 30, 80), rows: 2, cols: 3 };
  const hiddenCols = Uint8Array.of(0, 0, 1);
  expect([...rowTones(head, "row", { hiddenCols }, null)]).toEqual([255 / 20, 255 / 40]);
  expect([...rowTones(head, "head", { hiddenCols }, null)]).toEqual([255 / 40, 255 / 40]);
  const within = Uint8Array.of(1, 0, 0, 0, 0, 0);
  expect([...rowTones(head, "row", {}, within)]).toEqual([255 / 10, 1]);
  const rowScale = Float32Array.of(2, 1);
  expect([...rowTones(head, "row", { hiddenCols, rowScale }, null)]).toEqual([255 / 40, 255 / 40]);
});

test("every colour table starts as paper and is its own", () => {
  for (const theme of ["light", "dark"] as const) {
    const tables = (["magma", "viridis", "cividis"] as const).map((name) => ramp(theme, name));
    for (const table of tables) expect(table[0]).toEqual(ramp(theme)[0]);
    expect(new Set(tables.map((table) => table[200]!.join())).size).toBe(3);
  }
});

test("the mean of several heads is that of their weights", () => {
  const heads = [levels(4, 5, 1), levels(4, 5, 2), levels(4, 5, 3)];
  const mean = meanLevels(heads);
  mean.values.forEach((level, i) => {
    const weight = heads.reduce((sum, { values }) => sum + weightOf(values[i]!), 0) / 3;
    expect(Math.abs(weightOf(level) - weight)).toBeLessThan(0.004);
  });
  expect([...meanLevels([heads[0]!]).values]).toEqual([...heads[0]!.values]);
  for (let level = 0; level < 256; level++) expect(levelOf(SQUARES[level]!)).toBe(level);
});

test("a cut holds its part", () => {
  const { values } = levels(6, 7);
  const part = cut(values, 7, [2, 5, 1, 4]);
  part.forEach((value, i) => {
    expect(value).toBe(values[(2 + Math.floor(i / 3)) * 7 + 1 + (i % 3)]);
  });
});

test("the pixels of a part lie over its tokens alone, pooled or not", () => {
  for (const cells of [40, 13])
    for (const pixels of [5, 30, 90]) {
      const { from, to } = edges(cells, pixels, { from: 8, to: 28, of: 40 });
      expect(from[0]).toBe(binOf(8, 40, cells));
      expect(to[pixels - 1]).toBe(binOf(27, 40, cells) + 1);
      for (let p = 1; p < pixels; p++) {
        expect(from[p]).toBeGreaterThanOrEqual(from[p - 1]!);
        expect(from[p]).toBeLessThanOrEqual(to[p - 1]!);
      }
    }
});

test("margins tell what is drawn of a row whose levels are rounded", () => {
  const n = 200; // 1/200 is coded a little low
  const even = { values: new Uint8Array(n * n).fill(levelOf(1 / n)), rows: n, cols: n };
  const all = margins(even, {}, 0);
  expect(all.rows.every((sum) => Math.abs(sum - 1) < 1e-9)).toBe(true);
  expect(all.cols.every((sum) => Math.abs(sum - 1) < 1e-9)).toBe(true);
  const hiddenCols = Uint8Array.from({ length: n }, (_, i) => Number(i < 50));
  const allowed = Uint8Array.from({ length: n * n }, (_, i) => Number(i % n < 100));
  const part = margins(even, { hiddenCols, allowed }, 0);
  expect(part.rows[3]).toBeCloseTo(0.25);
  expect(part.outside[3]).toBeCloseTo(0.5);
  expect(part.cols[10]).toBe(0);
  expect(part.cols[60]).toBeCloseTo(1);
  expect(part.cols[150]).toBe(0);
  expect(margins(even, {}, 255).most).toBe(0);
});

test("a row that does not sum to 1 is not made to", () => {
  const half = { values: Uint8Array.of(levelOf(0.5), 0), rows: 1, cols: 2 };
  expect(margins(half, {}, 0).rows[0]).toBeCloseTo(0.5, 2);
  const rowScale = Float32Array.of(Math.SQRT2);
  expect(margins(half, { rowScale }, 0).rows[0]).toBeCloseTo(1, 2);
});

test("an outline has each side between allowed and forbidden once, and no other", () => {
  const next = random(11);
  const [rows, cols] = [9, 12];
  const bits = Uint8Array.from({ length: rows * cols }, () => Number(next() < 0.5));
  const part = { rows: { from: 2, to: 8, of: rows }, cols: { from: 1, to: 11, of: cols } };
  const sides = new Map<string, number>();
  const lines = outline(bits, cols, part.rows, part.cols);
  for (let i = 0; i < lines.length; i += 4) {
    const [x0, y0, x1, y1] = lines.slice(i, i + 4) as [number, number, number, number];
    for (let x = x0; x < x1; x++) sides.set(`h${x},${y0}`, (sides.get(`h${x},${y0}`) ?? 0) + 1);
    for (let y = y0; y < y1; y++) sides.set(`v${x0},${y}`, (sides.get(`v${x0},${y}`) ?? 0) + 1);
  }
  const at = (q: number, k: number) => bits[(2 + q) * cols + 1 + k];
  const expected = new Set<string>();
  for (let q = 0; q < 6; q++)
    for (let k = 0; k < 10; k++) {
      if (q > 0 && at(q - 1, k) !== at(q, k)) expected.add(`h${k},${q}`);
      if (k > 0 && at(q, k - 1) !== at(q, k)) expected.add(`v${k},${q}`);
    }
  expect(new Set(sides.keys())).toEqual(expected);
  expect([...sides.values()].every((count) => count === 1)).toBe(true);
});

test("an edge in pixels covers nothing that is allowed, and no thin stripe", () => {
  const n = 40;
  const block = Uint8Array.from({ length: n * n }, (_, i) => Number(i % n >= 20));
  const found = edgePixels(block, n, n);
  expect(found).toEqual(Array.from({ length: n }, (_, y) => y * n + 19));
  const stripes = Uint8Array.from({ length: n * n }, (_, i) => Number(i % 2));
  expect(edgePixels(stripes, n, n)).toEqual([]);
});
