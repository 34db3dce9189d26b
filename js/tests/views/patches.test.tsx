import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { fakeModel } from "../fake_model";
import { find, N, record, role, type Shown, show, traits } from "./shown";

const SIDE = 4;
const TOKENS = ["[CLS]", "0,0", "0,1", "1,0", "1,1"].map((text, at) => ({
  text,
  ...role(at === 0 ? "cls" : "word"),
  segment: null,
}));
const PATCHES = { rows: 2, columns: 2, first: 1, height: SIDE, width: SIDE };
const COLORS = [
  [200, 30, 30],
  [30, 160, 30],
  [30, 30, 200],
  [240, 240, 240],
];

/** Four patches of one colour each, inside a larger buffer, as they arrive. */
function pixels(): DataView {
  const bytes = new Uint8Array(7 + 12 * SIDE * SIDE);
  for (let y = 0; y < 2 * SIDE; y++)
    for (let x = 0; x < 2 * SIDE; x++) {
      const color = COLORS[2 * Math.floor(y / SIDE) + Math.floor(x / SIDE)]!;
      bytes.set(color, 7 + 3 * (y * 2 * SIDE + x));
    }
  return new DataView(bytes.buffer, 7);
}

async function picture(change: Record<string, unknown> = {}, info = {}): Promise<Shown> {
  const _record = record({ tokens: TOKENS, text: [], patches: PATCHES, ...info });
  const given = { view: "text", head: 1, _record, _pixels: pixels(), ...change };
  const canvas = given.view === "text" ? "attnw-patches-canvas" : "attnw-matrix";
  return show(fakeModel(traits(given)), 900, canvas);
}

const grid = (el: HTMLElement) => find<HTMLElement>(el, "attnw-patches");
const cell = (el: HTMLElement) => grid(el).querySelector<HTMLElement>("[role=gridcell]")!;

/** The colour in the middle of a patch. */
function colorAt(el: HTMLElement, row: number, column: number): number[] {
  const canvas = find<HTMLCanvasElement>(el, "attnw-patches-canvas");
  const at = (i: number, size: number) => Math.round(((i + 0.5) / 2) * size);
  const [x, y] = [at(column, canvas.width), at(row, canvas.height)];
  return [...canvas.getContext("2d")!.getImageData(x, y, 1, 1).data].slice(0, 3);
}

function click(el: HTMLElement, row: number, column: number): void {
  const { left, top, width, height } = grid(el).getBoundingClientRect();
  grid(el).dispatchEvent(
    new MouseEvent("click", {
      bubbles: true,
      clientX: left + ((column + 0.5) / 2) * width,
      clientY: top + ((row + 0.5) / 2) * height,
    }),
  );
}

const isGrey = ([r, g, b]: number[]) => Math.abs(r! - g!) < 3 && Math.abs(g! - b!) < 3;

test("nothing picked, the picture is as it came", async () => {
  const { el } = await picture();
  expect(el.textContent).toContain("Pick a patch, or a token above the picture");
  for (const [i, color] of COLORS.entries())
    expect(colorAt(el, Math.floor(i / 2), i % 2)).toEqual(color);
  expect([...el.querySelectorAll(".attnw-flow button")].map((b) => b.textContent)).toEqual([
    "[CLS]",
  ]);
  expect(el.querySelector(".attnw-picture-legend")).toBeNull();
});

test("a picked patch colours those it looks at, and others stay grey pictures", async () => {
  const { el, state } = await picture();
  click(el, 0, 1);
  expect(state.query).toBe(2);
  await vi.waitFor(() => expect(isGrey(colorAt(el, 0, 0))).toBe(true));
  const [dark] = colorAt(el, 1, 0); // query 2 looks at key 3
  expect(dark).toBeLessThan(60);
  expect(colorAt(el, 1, 1)[0]).toBeGreaterThan(200);
  expect(find(el, "attnw-says").textContent).toContain("“patch row 0, column 1” looks most at");
  expect(find(el, "attnw-says").textContent).toContain("patch row 1, column 0 ≈ 1.0");
  expect(el.querySelector(".attnw-picture-legend")!.getAttribute("aria-label")).toContain("grey");
  click(el, 0, 1);
  expect(state.query).toBeNull();
});

test("a token above the picture colours it, too, and is coloured by a patch", async () => {
  const { el, state } = await picture();
  const token = el.querySelector<HTMLElement>(".attnw-flow button")!;
  token.click();
  expect(state.query).toBe(0);
  await vi.waitFor(() => expect(colorAt(el, 0, 0)[0]).toBeLessThan(100));
  click(el, 1, 1); // query 4 looks at key 0
  await vi.waitFor(() => expect(token.style.background).not.toBe(""));
});

test("turned round, it shows who looks at a patch", async () => {
  const { el, state } = await picture({ looks: "by" });
  click(el, 1, 0);
  expect(state.key).toBe(3);
  await vi.waitFor(() => expect(colorAt(el, 0, 1)[0]).toBeLessThan(60));
  expect(isGrey(colorAt(el, 1, 1))).toBe(true);
});

test("arrow keys move in both directions, Enter picks, Escape lets go", async () => {
  const { el, state } = await picture();
  grid(el).focus();
  expect(cell(el).textContent).toBe("patch row 0, column 0");
  await userEvent.keyboard("{ArrowDown}{ArrowRight}{ArrowRight}");
  await vi.waitFor(() => expect(cell(el).textContent).toBe("patch row 1, column 1"));
  expect(grid(el).getAttribute("aria-activedescendant")).toBe(cell(el).id);
  expect(cell(el).parentElement!.getAttribute("aria-rowindex")).toBe("2");
  expect(cell(el).getAttribute("aria-colindex")).toBe("2");
  await userEvent.keyboard("{ArrowUp}{Enter}");
  expect(state.query).toBe(2);
  await vi.waitFor(() => expect(cell(el).textContent).toMatch(/^patch row 0, column 1, ≈ 0/));
  expect(cell(el).getAttribute("aria-selected")).toBe("true");
  await userEvent.keyboard("{Home}");
  await vi.waitFor(() => expect(cell(el).getAttribute("aria-selected")).toBe("false"));
  await userEvent.keyboard("{Escape}");
  expect(state.query).toBeNull();
});

test("what the pointer is on is read below", async () => {
  const { el } = await picture({ query: 2 });
  const { left, top, width, height } = grid(el).getBoundingClientRect();
  const [clientX, clientY] = [left + width / 4, top + (3 * height) / 4];
  grid(el).dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX, clientY }));
  await vi.waitFor(() =>
    expect(find(el, "attnw-patches-reading").textContent).toBe("patch row 1, column 0, ≈ 1.00"),
  );
  grid(el).dispatchEvent(new PointerEvent("pointerleave"));
  await vi.waitFor(() =>
    expect(find(el, "attnw-patches-reading").textContent).toContain("Point at a patch"),
  );
});

test("words that look at a picture stand below it", async () => {
  const words = ["a", "red", "disc", "on", "grass"].map((text) => ({
    text,
    ...role("word"),
    segment: null,
  }));
  const cross = { kind: "cross", tokens: words, keyTokens: TOKENS };
  const { el, state } = await picture({ query: 1 }, cross);
  expect([...el.querySelectorAll(".attnw-flow")].map((flow) => flow.textContent)).toEqual([
    "areddiscongrass",
    "[CLS]",
  ]);
  await vi.waitFor(() => expect(colorAt(el, 0, 1)[0]).toBeLessThan(60));
  click(el, 0, 0);
  expect(state.query).toBe(1);
  expect(state.key).toBe(1);
});

test("the matrix shows patches beside it, and says their places", async () => {
  const { el } = await picture({ view: "matrix", query: 2, key: 3 });
  expect(find(el, "attnw-reading").textContent).toContain(
    "“patch row 0, column 1” looks at “patch row 1, column 0”",
  );
  expect(find(el, "attnw-matrix-notes").textContent).toContain("what each patch shows");
  const canvas = find<HTMLCanvasElement>(el, "attnw-matrix");
  const [left = 0, top = 0, , height = 0] = canvas.dataset.box!.split(" ").map(Number);
  const ratio = window.devicePixelRatio;
  COLORS.forEach((color, i) => {
    const y = Math.round((top + ((i + 1.5) * height) / N) * ratio);
    const x = Math.round((left - 4 - 4 - 9) * ratio);
    const data = canvas.getContext("2d")!.getImageData(x, y, 1, 1).data;
    expect([...data].slice(0, 3)).toEqual(color);
  });
});

test("a picture that did not come leaves its patches to be picked and coloured", async () => {
  const { el, state } = await picture({ _pixels: new DataView(new ArrayBuffer(0)) });
  click(el, 1, 0);
  expect(state.query).toBe(3);
  await vi.waitFor(() => expect(colorAt(el, 1, 1)[0]).toBeLessThan(160));
  expect(colorAt(el, 0, 0)[0]).toBeGreaterThan(230);
});

test("a patch that is hidden has no colour, and is said to be hidden", async () => {
  const tokens = TOKENS.map((token, at) => (at === 1 ? { ...token, group: "first" } : token));
  const hides = { special_mode: "hide", special_roles: ["first"], query: 0 };
  const { el } = await picture(hides, { tokens });
  expect(isGrey(colorAt(el, 0, 0))).toBe(true);
  expect(cell(el).textContent).toBe("patch row 0, column 0, hidden in the picture");
});

test.each([
  ["en", {}],
  ["ja", { query: 2 }],
  ["ja", { view: "matrix", query: 2 }],
])("axe finds nothing: %s %j", async (lang, change) => {
  const { el } = await picture({ lang, ...change });
  expect((await axe.run(el)).violations).toEqual([]);
});
