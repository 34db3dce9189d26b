import { expect, test } from "vitest";
import { escaped, whole } from "../../src/text/xml";
import { seen } from "../../src/views/still/fills";
import { closed, wrapped } from "../../src/views/still/still";
import { fontOf, textSvg } from "../../src/views/still/words";

const HOSTILE = [
  "</text><script>alert(1)</script>",
  "]]>&amp;&#0;<!--\"'",
  "\u0000\u0008\u001b\ufffe\uffff",
  "\ud83d",
  "x\udc00",
  "\u202eevil",
  "👩‍👩‍👧",
];

test("what no XML file may hold is replaced, and the rest is escaped", () => {
  for (const text of HOSTILE) {
    const made = escaped(text);
    expect(made).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/);
    expect(whole(made)).toBe(made);
    const names = { amp: "&", lt: "<", gt: ">", quot: '"' };
    const back = made.replace(/&(\w+);/g, (_, name) => names[name as keyof typeof names]);
    expect(back).toBe(whole(text));
  }
  for (const refused of ["\u0000", "\u001b", "\ud83d", "\udc00", "\ufffe"])
    expect(escaped(`a${refused}b`)).toBe("a\ufffdb");
  for (const kept of ["\t", "\n", "é", "注", "👩", "\u202e"]) expect(escaped(kept)).toBe(kept);
  expect(whole("a\u0000b")).toBe("a\ufffdb");
});

test("a canvas's font is named part by part", () => {
  expect(fontOf('600 12px system-ui, "Segoe UI"')).toEqual({
    size: 12,
    weight: "600",
    family: "system-ui, 'Segoe UI'",
    italic: false,
  });
  expect(fontOf("italic bold 9.5px/1.2 serif")).toEqual({
    size: 9.5,
    weight: "700",
    family: "serif",
    italic: true,
  });
});

test("a line of letters keeps where and how it stands", () => {
  const svg = textSvg({
    text: "a<b",
    font: "12px serif",
    color: "#102030",
    anchor: "end",
    matrix: [1, 0, 0, 1, 5.25, 7],
    opacity: 0.2,
    pressed: 30,
  });
  expect(svg).toMatch(/^<text transform="matrix\(1 0 0 1 5\.25 7\)" [^<>]*>a&lt;b<\/text>$/);
  for (const part of ['text-anchor="end"', 'opacity="0.2"', 'textLength="30"', 'fill="#102030"'])
    expect(svg).toContain(part);
});

test("where controls stood the pieces close up, and keep their distance where they are near", () => {
  const piece = (top: number, bottom: number, svg: string) => ({ top, bottom, svg });
  const { svg, height } = closed([
    piece(10, 20, "one"),
    piece(15, 30, "two"),
    piece(130, 150, "three"),
    piece(155, 160, "four"),
  ]);
  const moves = [...svg.matchAll(/translate\(0 (-?[\d.]+)\)">(\w+)/g)].map(([, by, name]) => [
    name,
    Number(by),
  ]);
  expect(moves).toEqual([
    ["one", -10],
    ["two", -10],
    ["three", -94],
    ["four", -94],
  ]);
  expect(height).toBe(66);
  expect(closed([])).toEqual({ svg: "", height: 0 });
});

test("long lines are broken at spaces, wide letters count for two", () => {
  const text = "all of these words stand on some line of what is written below";
  const lines = wrapped(text, 150);
  expect(lines.join(" ")).toBe(text);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(26);
  const wide = wrapped("注".repeat(50), 150);
  expect(wide.join("")).toBe("注".repeat(50));
  expect(wide[0]!.length).toBeLessThanOrEqual(14);
  expect(wrapped("", 100)).toEqual([""]);
});

test("a colour without any strength is none", () => {
  expect(seen("rgba(0, 0, 0, 0)")).toBe(false);
  expect(seen("transparent")).toBe(false);
  expect(seen("rgb(1, 2, 3)")).toBe(true);
  expect(seen("rgba(1, 2, 3, 0.5)")).toBe(true);
  expect(seen("color(srgb 1 0 0 / 0)")).toBe(false);
});
