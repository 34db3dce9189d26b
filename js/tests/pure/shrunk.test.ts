import { expect, test } from "vitest";
import { palette } from "../../src/draw/color";
import { type Levels, type Overlay, paint } from "../../src/draw/raster";
import { ShrunkHeads, tint } from "../../src/draw/shrunk";

const random = (seed: number) => () => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const bytes = (count: number, most: number, seed: number) => {
  const next = random(seed);
  return Uint8Array.from({ length: count }, () => Math.floor(next() * (most + 1)));
};

test.each([
  [12, 12, 5],
  [17, 30, 11],
  [9, 9, 9],
  [40, 13, 1],
])(
  "a head of %i × %i cells in %i pixels is coloured as if it were read whole",
  (rows, cols, edge) => {
    const buffer = bytes(3 * rows * cols, 255, rows);
    const heads = new ShrunkHeads();
    const allowed = [null, bytes(rows * cols, 1, 5), bytes(rows * cols, 1, 9)];
    for (const threshold of [0, 0.2])
      for (const mask of allowed)
        for (const at of [0, 1, 2, 1]) {
          const values = buffer.subarray(at * rows * cols, (at + 1) * rows * cols);
          const head: Levels = { values, rows, cols };
          const colors = palette("dark", threshold);
          const [whole, small] = [new Uint32Array(400), new Uint32Array(400)];
          paint(whole, 20, 3, 2, edge, edge, head, { allowed: mask }, colors);
          tint(small, 20, 3, 2, heads.at(edge, head, { allowed: mask })!, colors);
          expect(small).toEqual(whole);
        }
  },
);

test("another record or size is shrunk anew", () => {
  const heads = new ShrunkHeads();
  const head = (seed: number): Levels => ({ values: bytes(64, 255, seed), rows: 8, cols: 8 });
  const [one, two] = [head(1), head(2)];
  const first = heads.at(2, one, {})!.values;
  expect(heads.at(2, one, {})!.values).toBe(first);
  expect(heads.at(2, two, {})!.values).not.toEqual(first);
  expect(heads.at(4, two, {})!.values).toHaveLength(16);
  expect(heads.at(2, one, {})!.values).toEqual(first);
});

test("what hides cells, scales rows, or needs more pixels than cells is left to be read whole", () => {
  const heads = new ShrunkHeads();
  const head: Levels = { values: bytes(64, 255, 1), rows: 8, cols: 8 };
  const flags = new Uint8Array(8);
  const overlays: Overlay[] = [
    { hiddenRows: flags },
    { hiddenCols: flags },
    { rowScale: new Float32Array(8) },
    { rowTone: new Float64Array(8) },
  ];
  for (const overlay of overlays) expect(heads.at(4, head, overlay)).toBeNull();
  expect(heads.at(9, head, {})).toBeNull();
  expect(heads.at(4, { ...head, zero: 128 }, {})).toBeNull();
  expect(heads.at(8, head, {})).not.toBeNull();
});
