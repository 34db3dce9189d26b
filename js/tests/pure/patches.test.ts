import { describe, expect, test } from "vitest";
import type { PatchesInfo, RecordInfo } from "../../src/data/types";
import {
  canvasPixels,
  patchesOf,
  patchSize,
  spotOf,
  stepped,
  thumbs,
  tokenOf,
} from "../../src/draw/patches";

const PATCHES: PatchesInfo = { rows: 3, columns: 4, first: 5, height: 8, width: 8 };
const info = (keyTokens: unknown, patches: PatchesInfo | null = PATCHES) =>
  ({ keyTokens, patches }) as unknown as RecordInfo;

describe("which tokens are patches", () => {
  test("the keys are, and the queries where these are the same", () => {
    expect(patchesOf(info(null), true)).toBe(PATCHES);
    expect(patchesOf(info(null), false)).toBe(PATCHES);
    expect(patchesOf(info([]), true)).toBe(PATCHES);
    expect(patchesOf(info([]), false)).toBeNull();
    expect(patchesOf(info(null, null), true)).toBeNull();
  });

  test("each has one place, and each place one token", () => {
    for (let at = 5; at < 17; at++) expect(tokenOf(PATCHES, spotOf(PATCHES, at)!)).toBe(at);
    expect(spotOf(PATCHES, 4)).toBeNull();
    expect(spotOf(PATCHES, 17)).toBeNull();
    expect(spotOf(PATCHES, 10)).toEqual({ row: 1, column: 1 });
  });
});

test.each([
  ["ArrowUp", { row: 0, column: 2 }],
  ["ArrowDown", { row: 2, column: 2 }],
  ["ArrowLeft", { row: 1, column: 1 }],
  ["ArrowRight", { row: 1, column: 3 }],
  ["Home", { row: 1, column: 0 }],
  ["End", { row: 1, column: 3 }],
  ["PageUp", { row: 0, column: 2 }],
  ["PageDown", { row: 2, column: 2 }],
])("%s leads to a patch", (key, to) => {
  expect(stepped(PATCHES, { row: 1, column: 2 }, key)).toEqual(to);
});

test("no key leads out of the picture, and others lead nowhere", () => {
  expect(stepped(PATCHES, { row: 0, column: 0 }, "ArrowUp")).toEqual({ row: 0, column: 0 });
  expect(stepped(PATCHES, { row: 2, column: 3 }, "ArrowRight")).toEqual({ row: 2, column: 3 });
  expect(stepped(PATCHES, { row: 0, column: 0 }, "a")).toBeNull();
});

test("a picture fits its room and keeps its form", () => {
  for (const room of [200, 400, 900])
    for (const [rows, columns] of [
      [14, 14],
      [3, 40],
      [40, 3],
    ] as const) {
      const cell = patchSize({ ...PATCHES, rows, columns }, room);
      expect(columns * cell.width).toBeLessThanOrEqual(room);
      expect(rows * cell.height).toBeLessThanOrEqual(400);
      expect(cell.width).toBe(cell.height);
    }
  expect(patchSize({ ...PATCHES, width: 16 }, 400)).toEqual({ width: 100, height: 50 });
});

test("thumbnails stand at each token where they are large enough, else apart", () => {
  expect(thumbs(8)).toEqual({ size: 8, every: 1 });
  expect(thumbs(44)).toEqual({ size: 18, every: 1 });
  for (const cell of [0.5, 2, 5, 7.9]) {
    const { size, every } = thumbs(cell);
    expect(every * cell).toBeGreaterThan(size);
  }
});

test("pixels are as they came, or as bright as they came", () => {
  const bytes = Uint8Array.of(255, 0, 0, 10, 20, 30, 90, 90, 90);
  expect([...canvasPixels(bytes, false)]).toEqual([
    255, 0, 0, 255, 10, 20, 30, 255, 90, 90, 90, 255,
  ]);
  expect([...canvasPixels(bytes, true)]).toEqual([
    76, 76, 76, 255, 18, 18, 18, 255, 90, 90, 90, 255,
  ]);
});
