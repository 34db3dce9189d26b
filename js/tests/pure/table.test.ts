import { expect, test } from "vitest";
import { strongest } from "../../src/draw/strongest";
import { tabbed } from "../../src/views/copy";
import { ordered } from "../../src/views/table/lines";

function random(count: number, seed: number): Uint8Array {
  let x = seed;
  return Uint8Array.from({ length: count }, () => {
    x = (x * 1103515245 + 12345) % 2147483648;
    return x % 256;
  });
}

test.each([
  [1, 0],
  [10, 0],
  [10, 128],
  [500, 0],
  [500, 128],
])("the %i strongest cells are those a full sort finds, nothing being %i", (most, zero) => {
  for (const seed of [1, 2, 3]) {
    const values = random(400, seed);
    const far = (at: number) => Math.abs(values[at]! - zero);
    const sorted = [...values.keys()]
      .filter((at) => far(at) > 0)
      .sort((a, b) => far(b) - far(a) || a - b)
      .slice(0, most);
    expect(strongest({ values, rows: 20, cols: 20, zero }, most)).toEqual(sorted);
  }
});

test("cells of nothing are not among the strongest", () => {
  expect(strongest({ values: new Uint8Array(9), rows: 3, cols: 3 }, 5)).toEqual([]);
});

test("a spreadsheet reads back what a token has of tabs, quotes and line ends", () => {
  expect(
    tabbed([
      ["#", "token"],
      [3, 'a\t"b"\n'],
    ]),
  ).toBe('#\ttoken\n3\t"a\t""b""\n"');
});

test("lines are ordered by size, or by position, either way", () => {
  const lines = [
    { query: 0, key: 0, weight: 0.1 },
    { query: 0, key: 1, weight: -0.7 },
    { query: 0, key: 2, weight: 0.3 },
  ];
  const keys = (column: "key" | "weight", turned: boolean) =>
    ordered(lines, column, turned).map(({ key }) => key);
  expect(keys("weight", false)).toEqual([1, 2, 0]);
  expect(keys("weight", true)).toEqual([0, 2, 1]);
  expect(keys("key", false)).toEqual([0, 1, 2]);
  expect(keys("key", true)).toEqual([2, 1, 0]);
});
