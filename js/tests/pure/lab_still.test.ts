import { expect, test } from "vitest";
import { bind, parse } from "../../src/masks";
import { nextReach, noReach, reaches } from "../../src/masks/reach";
import { bitsOf } from "../../src/masks/rows";
import { labEn } from "../../src/text/lab.en";
import { type Still, stillSvg } from "../../src/views/lab/still";

const N = 24;

function still(change: Partial<Still> = {}, text = "local(2) | random(r=2, seed=1)"): Still {
  return {
    mask: bind(parse(text), N, N),
    view: { top: 0, bottom: N, left: 0, right: N },
    reach: null,
    image: null,
    title: text,
    notes: ["24 tokens"],
    names: [],
    words: labEn,
    lang: "en",
    ...change,
  };
}

/** The pairs that the rectangles of a colour cover. */
function painted(svg: string, color: string): Set<string> {
  const path = new RegExp(`<path d="([^"]*)" fill="${color.replace(/[()]/g, "\\$&")}"`).exec(svg);
  const pairs = new Set<string>();
  for (const [, x, y, width] of path?.[1]?.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g) ?? [])
    for (let k = 0; k < Number(width); k++) pairs.add(`${y},${Number(x) + k}`);
  return pairs;
}

const KEPT = "rgb(31 95 191)";
const REACH = "rgb(150 190 235)";

test("the shapes are the mask, pair by pair, in a part of it too", () => {
  for (const view of [
    { top: 0, bottom: N, left: 0, right: N },
    { top: 3, bottom: 13, left: 7, right: 17 },
  ]) {
    const one = still({ view });
    const bits = bitsOf(one.mask);
    const expected = new Set<string>();
    for (let q = view.top; q < view.bottom; q++)
      for (let k = view.left; k < view.right; k++)
        if (bits[q * N + k]) expected.add(`${q - view.top},${k - view.left}`);
    expect(painted(stillSvg(one), KEPT)).toEqual(expected);
  }
});

test("what further layers reach lies under it, with a line in the legend", () => {
  const one = still({}, "dilated(1, 3)");
  const reach = nextReach(one.mask, nextReach(one.mask, noReach(N)));
  const svg = stillSvg({ ...one, reach });
  const expected = new Set<string>();
  for (let q = 0; q < N; q++)
    for (let k = 0; k < N; k++) if (reaches(reach, q, k)) expected.add(`${q},${k}`);
  expect(painted(svg, REACH)).toEqual(expected);
  expect(svg).toContain(labEn.reachLegend);
  expect(stillSvg(one)).not.toContain(labEn.reachLegend);
});

test("tokens are named where there is room, and none of them is believed", () => {
  const names = Array.from({ length: N }, (_, i) => (i === 5 ? '<script>"&\u202e' : `t${i}`));
  const svg = stillSvg(still({ names }));
  expect(svg.match(/>t7</g)).toHaveLength(2);
  expect(svg).toContain("&lt;script&gt;&quot;&amp;⟨");
  expect(svg).not.toContain("<script");
});

test("a long text is numbered at its ends, and a long title ends in dots", () => {
  const title = Array.from({ length: 90 }, (_, i) => `local(${i})`).join(" | ");
  const svg = stillSvg(still({ title, view: { top: 4, bottom: 12, left: 10, right: 18 } }));
  for (const number of [4, 11, 10, 17]) expect(svg).toContain(`>${number}<`);
  expect(svg).toContain("…</text>");
  expect(svg).toContain("local(89)"); // whole in the title that is read aloud
});

test("pixels stand in where there are too many shapes", () => {
  const svg = stillSvg(still({ image: "data:image/png;base64,AAAA" }));
  expect(svg).toContain('<image href="data:image/png;base64,AAAA"');
  expect(svg).not.toContain("<path");
});
