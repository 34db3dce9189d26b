import { describe, expect, test } from "vitest";
import { PAPER, type Rgb, type Theme } from "../../src/draw/color";
import { gaps, inkOn, largest, luminance, PART, partOf } from "../../src/draw/flow";
import { readLevel, weightOf } from "../../src/draw/levels";
import {
  addRow,
  along,
  countOf,
  cutOf,
  FAINT,
  fan,
  HEAD_COLORS,
  inSight,
  linked,
  MOST_HEADS,
  middle,
  noLinks,
  ROW,
  reach,
  slots,
} from "../../src/draw/lines";
import { linesEn } from "../../src/text/lines.en";
import { linesJa } from "../../src/text/lines.ja";
import { direction } from "../../src/text/tokens";

function random(count: number, seed: number): Float32Array {
  let x = seed;
  return Float32Array.from({ length: count }, () => {
    x = (x * 1103515245 + 12345) % 2147483648;
    return Math.round((x / 2147483648) * 20) / 20; // many are equal
  });
}

const all = { most: 99, keep: () => true, allowed: null, place: (w: number) => w };

test("the strongest of a row are those that a full sort finds, however many are equal", () => {
  for (let seed = 1; seed < 30; seed++)
    for (const count of [1, 2, 5, 17, 40]) {
      const row = random(40, seed).map((w, i) => (i % 3 ? w : -w));
      const links = noLinks();
      addRow(links, 7, row, { ...all, most: count, place: (w) => Math.sign(w || 1) });
      const sizes = [...row].map(Math.abs).sort((a, b) => b - a);
      expect(links.keys).toHaveLength(count);
      const kept = links.keys.map((key) => Math.abs(row[key]!)).sort((a, b) => b - a);
      expect(kept).toEqual(sizes.slice(0, count));
      expect(new Set(links.queries)).toEqual(new Set([7]));
      const { least, ties } = cutOf(row, count);
      expect(least).toBe(sizes[count - 1]);
      expect(ties).toBe(sizes.slice(0, count).filter((size) => size === least).length);
    }
});

test("a line that could not be seen is not drawn, and one that is less keeps its sign", () => {
  const links = noLinks();
  const row = Float32Array.from([FAINT, FAINT / 2, -FAINT, -FAINT / 2, 0]);
  addRow(links, 0, row, all);
  expect(links.keys).toEqual([0, 2]);
  expect(links.places).toEqual([FAINT, -FAINT]);
});

test("what a filter leaves out is not drawn, and what a mask forbids is told apart", () => {
  const links = noLinks();
  const row = Float32Array.from([0.5, 0.4, 0.3]);
  addRow(links, 1, row, { ...all, keep: (key) => key !== 1, allowed: (key) => key === 0 });
  expect(links).toEqual({
    queries: [1, 1],
    keys: [0, 2],
    places: [...row].filter((_, i) => i !== 1),
    outside: [false, true],
  });
});

test("hidden keys are not counted among the largest of a row", () => {
  const links = noLinks();
  const row = Float32Array.from([0.5, 0.2, 0.3, 0.1]);
  addRow(links, 0, row, { ...all, most: 2, hidden: Uint8Array.from([1, 0, 0, 0]) });
  expect(links.keys).toEqual([1, 2]);
});

test.each([
  [0.01, 12, 1],
  [0.1, 12, 1],
  [0.5, 12, 6],
  [1, 12, 12],
  [0.1, 512, 51],
])("a share of %f of %i keys is %i of them", (share, keys, count) => {
  expect(countOf(share, keys)).toBe(count);
});

test("lines of a pair are told apart by where both ends stand", () => {
  const pairs = [0, 1].flatMap((query) => [0, 1].map((key) => [query, key] as const));
  for (const [name, letters] of [
    ["aa", [0, 0]],
    ["ab", [0, 1]],
    ["ba", [1, 0]],
    ["bb", [1, 1]],
  ] as const)
    expect(pairs.filter(([query, key]) => linked(name, query, key))).toEqual([letters]);
  expect(pairs.every(([query, key]) => linked("all", query, key))).toBe(true);
  expect(linked("aa", null, 0)).toBe(false);
});

test("each of up to eight heads has a colour of its own, and keeps it where it can", () => {
  for (let seed = 1; seed < 40; seed++) {
    const heads = [...new Set(random(8, seed).map((w) => Math.round(w * 30)))].sort(
      (a, b) => a - b,
    );
    expect(new Set(slots(heads)).size).toBe(heads.length);
  }
  expect(slots([3])).toEqual([3]);
  expect(slots([0, 3, 8, 11])).toEqual([0, 3, 1, 4]);
  expect(slots([0, 1, 2, 3, 4, 5, 6, 7])).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

const rgb = (hex: string) =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const contrast = (a: Rgb, b: Rgb) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** What eyes that lack a cone see of linear RGB (Machado, Oliveira & Fernandes 2009, severity 1). */
const EYES = {
  all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protan: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deutan: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritan: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
};
const times = (m: readonly number[], v: readonly number[]) =>
  [0, 3, 6].map((r) => m[r]! * v[0]! + m[r + 1]! * v[1]! + m[r + 2]! * v[2]!);
/** A place in OKLab (Ottosson 2020), where distances are as they look. */
function oklab(color: Rgb, eye: readonly number[]): number[] {
  const linear = color.map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  );
  const seen = times(eye, linear).map((c) => Math.min(1, Math.max(0, c)));
  const cones = times(
    [
      0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566,
      0.0883024619, 0.2817188376, 0.6299787005,
    ],
    seen,
  ).map(Math.cbrt);
  return times(
    [
      0.2104542553, 0.793617785, -0.0040720468, 1.9779984951, -2.428592205, 0.4505937099,
      0.0259040371, 0.7827717662, -0.808675766,
    ],
    cones,
  );
}

describe.each(["light", "dark"] as const)("colours of heads, %s", (theme: Theme) => {
  const colors = HEAD_COLORS[theme].map(rgb);

  test("there are eight, each at least 3:1 on the paper", () => {
    expect(colors).toHaveLength(MOST_HEADS);
    for (const color of colors) expect(contrast(color, PAPER[theme])).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.keys(EYES))("each two are apart to eyes of the kind: %s", (eye) => {
    const places = colors.map((color) => oklab(color, EYES[eye as keyof typeof EYES]));
    places.forEach((a, i) => {
      for (const b of places.slice(0, i))
        expect(Math.hypot(...a.map((x, c) => x - b[c]!))).toBeGreaterThan(0.12);
    });
  });
});

test("only tokens in sight, and a few more, are ready", () => {
  expect(inSight(0, 5 * ROW, 512)).toEqual([0, 7]);
  expect(inSight(100 * ROW, 5 * ROW, 512)).toEqual([98, 107]);
  expect(inSight(510 * ROW, 5 * ROW, 512)).toEqual([508, 512]);
  expect(inSight(100 * ROW, 5 * ROW, 8)).toEqual([8, 8]);
});

test("a token that is in sight does not scroll; another comes to the nearer edge", () => {
  expect(reach(3, 0, 5 * ROW)).toBe(0);
  expect(reach(7, 0, 5 * ROW)).toBe(3 * ROW);
  expect(reach(1, 3 * ROW, 5 * ROW)).toBe(ROW);
});

test("lines of several heads meet a token side by side, within its height", () => {
  for (let of = 1; of <= MOST_HEADS; of++) {
    const offs = Array.from({ length: of }, (_, i) => fan(i, of));
    expect(new Set(offs).size).toBe(of);
    expect(offs.reduce((a, b) => a + b, 0)).toBeCloseTo(0);
    expect(Math.max(...offs) - Math.min(...offs)).toBeLessThan(ROW);
  }
  expect(middle(2)).toBe(2.5 * ROW);
});

test("a curve runs from end to end, and half-way between both in its middle", () => {
  expect(along([10, 5], [110, 45], 0)).toEqual([10, 5]);
  expect(along([10, 5], [110, 45], 1)).toEqual([110, 45]);
  expect(along([10, 5], [110, 45], 0.5)).toEqual([60, 25]);
});

const pieces = (...texts: string[]) =>
  texts.map((text) => ({
    text,
    role: text === "[CLS]" ? "cls" : text === "[SEP]" ? "sep" : "word",
  }));

test.each([
  ["word pieces", pieces("[CLS]", "un", "##do", "it", "##", "[SEP]"), "[CLS] un##do it ## [SEP]"],
  ["a byte-level text", pieces("The", "Ġdog", "s", "."), "The Ġdogs."],
  ["sentence pieces", pieces("▁東京", "都", "は", "[SEP]"), "▁東京都は [SEP]"],
  ["plain words", pieces("a", "dog", "ran"), "a dog ran"],
])("tokens stand apart as their tokenizer has cut them: %s", (_, tokens, text) => {
  const apart = gaps(tokens);
  expect(tokens.map((token, i) => (apart[i] ? " " : "") + token.text).join("")).toBe(text);
});

test.each([
  [["hello"], "ltr"],
  [["12", "שלום", "abc"], "rtl"],
  [["مرحبا"], "rtl"],
  [["🙂", "!"], "ltr"],
  [["犬"], "ltr"],
])("%j is read %s", (tokens, way) => {
  expect(direction(tokens)).toBe(way);
});

test("a long text is shown in parts that hold every token once", () => {
  const count = 2 * PART + 5;
  const starts = new Set(Array.from({ length: count }, (_, at) => partOf(at, count).join()));
  expect([...starts]).toEqual([`0,${PART}`, `${PART},${2 * PART}`, `${2 * PART},${count}`]);
  expect(partOf(0, 0)).toEqual([0, 0]);
});

test("the largest are named in order, those of nothing never", () => {
  expect(largest([0.1, 0, -0.5, 0.1, 0.3], 3)).toEqual([2, 4, 0]);
  expect(largest([0, 0], 3)).toEqual([]);
});

test("black or white stands out by 4.5 to 1 on any shade", () => {
  for (let r = 0; r < 256; r += 15)
    for (let g = 0; g < 256; g += 15)
      for (let b = 0; b < 256; b += 15) {
        const ink = inkOn([r, g, b]) === "#000000" ? 0 : 255;
        expect(contrast([r, g, b], [ink, ink, ink])).toBeGreaterThanOrEqual(4.5);
      }
});

test("a level is a weight, or around a middle a difference", () => {
  expect(readLevel(100)).toBe(weightOf(100));
  expect(readLevel(128, 128)).toBe(0);
  expect(readLevel(255, 128)).toBe(1);
  expect(readLevel(1, 128)).toBe(-1);
});

test("both languages name the same things", () => {
  const names = (words: object): string[] =>
    Object.entries(words).flatMap(([name, value]) =>
      typeof value === "object" ? names(value).map((inner) => `${name}.${inner}`) : [name],
    );
  expect(names(linesJa).sort()).toEqual(names(linesEn).sort());
});
