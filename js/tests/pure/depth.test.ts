import { expect, test } from "vitest";
import { across, area, bands, line, nearest, origins, topOf } from "../../src/draw/depth";

test("a band is the least, the mean and the largest of the heads shown", () => {
  const table = [
    [0.1, 0.5, 0.9],
    [null, 0.2, null],
    [null, null, null],
  ];
  expect(bands(table, [0, 1, 2], [0, 2])).toEqual([{ low: 0.1, mean: 0.5, high: 0.9 }, null, null]);
  expect(bands(table, [1], [0, 1])).toEqual([{ low: 0.2, mean: 0.2, high: 0.2 }]);
  expect(bands(table, [7], [0])).toEqual([null]);
});

test("a scale ends at a round number that holds the largest, and never above 1", () => {
  for (const most of [0.003, 0.04, 0.1, 0.21, 0.3, 0.55, 0.99, 1]) {
    expect(topOf(most)).toBeGreaterThanOrEqual(most);
    expect(topOf(most)).toBeLessThanOrEqual(Math.min(1, 2.5 * most));
  }
  expect([topOf(0.04), topOf(0.21), topOf(0.3), topOf(0.6)]).toEqual([0.05, 0.3, 0.3, 1]);
  expect(topOf(0)).toBe(0.1);
  expect(topOf(1.0001)).toBe(1);
});

test("each layer is nearest to where it stands", () => {
  for (const count of [1, 2, 6, 80])
    for (let at = 0; at < count; at++) expect(nearest(across(at, count, 200), count, 200)).toBe(at);
  expect(nearest(-50, 6, 200)).toBe(0);
  expect(nearest(999, 6, 200)).toBe(5);
});

const x = (at: number) => 10 * at;
const y = (value: number) => 100 - 100 * value;

test("a line is broken where there is no number", () => {
  expect(line([0, 0.5, null, 1, 0.25], x, y)).toBe("M0.0 100.0L10.0 50.0M30.0 0.0L40.0 75.0");
});

test("an area goes along the largest and back along the least, piece by piece", () => {
  const band = (low: number, high: number) => ({ low, mean: (low + high) / 2, high });
  expect(area([band(0, 1), band(0.5, 0.5), null, band(0, 1)], x, y)).toBe(
    "M0.0 0.0L10.0 50.0L10.0 50.0L0.0 100.0Z",
  );
});

test("origins run from the input to the token itself, and no share is lost in a long text", () => {
  // two steps down from token 1 of five
  const told = Float32Array.from([0, 1, 0, 0, 0, 0.1, 0.6, 0.3, 0, 0, 0.5, 0.2, 0.1, 0.05, 0.15]);
  const all = origins(told, 5, 28);
  expect(all.tokens).toEqual([0, 1, 2, 3, 4]);
  expect(all.others).toBe(0);
  expect([...all.rows[1]!].map((v) => Number(v.toFixed(3)))).toEqual([0.2, 0.6, 1]);
  const few = origins(told, 5, 3);
  expect(few.tokens).toEqual([0, 1]);
  expect(few.others).toBe(3);
  for (let column = 0; column < 3; column++)
    expect(few.rows.reduce((sum, row) => sum + row[column]!, 0)).toBeCloseTo(1, 6);
});
