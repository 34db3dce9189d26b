import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { fakeModel } from "../fake_model";
import { find, HEADS, LAYERS, record, role, type Shown, show, traits, WORDS } from "./shown";

async function text(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits({ view: "text", ...change })), width, "attnw-grid");
}

function token(el: HTMLElement, at: number, flow = 0): HTMLButtonElement {
  return el
    .querySelectorAll(".attnw-flow")
    [flow]!.querySelector<HTMLButtonElement>(`[data-at="${at}"]`)!;
}

const said = (el: HTMLElement) =>
  [...el.querySelectorAll(".attnw-top li")].map((li) => li.textContent);

/** Each query's weights, by levels, in head 0 of layer 0. */
function levels(rows: readonly (readonly number[])[]): DataView {
  const n = rows.length;
  const bytes = new Uint8Array(LAYERS * HEADS * n * n);
  rows.forEach((row, q) => {
    bytes.set(row, q * n);
  });
  return new DataView(bytes.buffer);
}
const ROWS = [
  [255, 0, 0, 0, 0],
  [100, 100, 180, 60, 0],
  [200, 120, 80, 60, 0],
  [0, 0, 90, 0, 240],
  [0, 0, 0, 0, 255],
];
const w = (level: number) => ((level / 255) ** 2).toFixed(2);

test("without a picked token it says what to do, and shades nothing", async () => {
  const { el } = await text();
  expect(find(el, "attnw-head-reading")).not.toBeNull();
  expect(el.textContent).toContain("Pick a token: the others are shaded by how much it looks");
  expect(token(el, 2).style.background).toBe("");
  expect([...el.querySelectorAll(".attnw-flow button")].map((b) => b.textContent)).toEqual(WORDS);
});

test("a picked token shades the others, and says and lists where it looks", async () => {
  const { el, state } = await text({ _cells: levels(ROWS) });
  token(el, 2).click();
  expect(state.query).toBe(2);
  await vi.waitFor(() =>
    expect(find(el, "attnw-says").textContent).toContain("“dog” looks most at"),
  );
  expect(said(el)).toEqual([
    `≈ ${w(200)} [CLS] token 0`,
    `≈ ${w(120)} a token 1`,
    `≈ ${((80 / 255) ** 2).toFixed(3)} dog token 2`,
    `≈ ${((60 / 255) ** 2).toFixed(3)} ran token 3`,
  ]);
  expect(token(el, 0).getAttribute("aria-label")).toBe(`[CLS], ≈ ${w(200)}`);
  expect(token(el, 0).style.background).not.toBe("");
  expect(token(el, 4).style.background).toBe("");
  token(el, 2).click();
  expect(state.query).toBeNull();
});

test("turned round, the same token is looked at by the others", async () => {
  const { el, state } = await text({ _cells: levels(ROWS), query: 2 });
  [...el.querySelectorAll<HTMLInputElement>("input")].find(({ value }) => value === "by")!.click();
  expect([state.looks, state.key]).toEqual(["by", 2]);
  await vi.waitFor(() =>
    expect(find(el, "attnw-says").textContent).toContain("“dog” is looked at most by"),
  );
  expect(said(el).map((line) => line!.replace(/^≈ [\d.]+ /, ""))).toEqual([
    "a token 1",
    "ran token 3",
    "dog token 2",
  ]);
});

test("numbers are Python's own once they are here, with four decimals in the list", async () => {
  const { el, sent, emit } = await text({ _cells: levels(ROWS), query: 2 });
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "row")).toBe(true));
  const asked = sent.find(({ ask }) => ask === "row")!;
  const row = new DataView(Float32Array.from([0.5, 0.25, 0.125, 0.1, 0.025]).buffer);
  emit("msg:custom", { id: asked.id, result: "row" }, [row]);
  await vi.waitFor(() => expect(find<HTMLElement>(el, "attnw-says").dataset.exact).toBe("yes"));
  expect(said(el)).toEqual([
    "0.5000 [CLS] token 0",
    "0.2500 a token 1",
    "0.1250 dog token 2",
    "0.1000 ran token 3",
    "0.0250 [SEP] token 4",
  ]);
});

test.each([
  ["hide", false],
  ["hide_renormalise", true],
])("who looks at a token is Python's column, in its order: %s", async (special_mode, rescaled) => {
  const { el, sent, emit } = await text({
    _cells: levels(ROWS),
    key: 2,
    looks: "by",
    special_mode,
  });
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "column")).toBe(true));
  const asked = sent.find(({ ask }) => ask === "column")!;
  expect(asked).toMatchObject({ layer: 0, head: 0, key: 2, of: "first", rescaled });
  // the picture has "ran" before "dog": by their numbers it is the other way, and [CLS] is hidden
  const column = Float32Array.from([0.9, 0.3, 0.1202, 0.1201, 0]);
  emit("msg:custom", { id: asked.id, result: "column" }, [new DataView(column.buffer)]);
  await vi.waitFor(() => expect(find<HTMLElement>(el, "attnw-says").dataset.exact).toBe("yes"));
  expect(said(el).map((line) => line!.replace(/\s+/g, ""))).toEqual([
    "0.3000atoken1",
    "0.1202dogtoken2",
    "0.1201rantoken3",
  ]);
  expect(token(el, 3).getAttribute("aria-label")).toBe("ran, 0.12");
});

test("hidden tokens have no shade and are not listed, and their share is printed", async () => {
  const { el } = await text({ _cells: levels(ROWS), query: 2, special_mode: "hide_renormalise" });
  expect(said(el).some((line) => line!.includes("[CLS]"))).toBe(false);
  expect(token(el, 0).className).toContain("attnw-struck");
  expect(find(el, "attnw-says").textContent).toContain("62% of its attention goes to hidden");
  const sum = (120 ** 2 + 80 ** 2 + 60 ** 2) / 120 ** 2;
  expect(said(el)[0]).toBe(`≈ ${(1 / sum).toFixed(2)} a token 1`);
});

test("letters stand out from every shade by 4.5 to 1, in light and dark", async () => {
  const rows = [Array.from({ length: 5 }, (_, i) => 40 + 45 * i), ...ROWS.slice(1)];
  for (const [paper, colors] of [
    ["#ffffff", "viridis"],
    ["#111217", "magma"],
    ["#111217", "cividis"],
  ] as const) {
    const made = fakeModel(
      traits({ view: "text", _cells: levels(rows), query: 0, colors, special_mode: "off" }),
    );
    document.body.style.background = paper;
    const shown = await show(made, 900, "attnw-grid");
    const rgb = (css: string) => css.match(/\d+/g)!.map(Number) as [number, number, number];
    const bright = (css: string) => {
      const [r, g, b] = rgb(css).map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      ) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    for (let at = 0; at < 5; at++) {
      const { color, backgroundColor } = getComputedStyle(token(shown.el, at));
      const [a, b] = [bright(color), bright(backgroundColor)];
      expect(Math.max(a, b) / Math.min(a, b)).toBeGreaterThanOrEqual(4.5);
    }
  }
  document.body.style.background = "";
});

test("one Tab stop; arrows move, Enter picks, Escape lets go", async () => {
  const { el, state } = await text();
  expect(el.querySelectorAll('.attnw-flow [tabindex="0"]')).toHaveLength(1);
  token(el, 0).focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  await vi.waitFor(() => expect(document.activeElement).toBe(token(el, 2)));
  await userEvent.keyboard("{Enter}");
  expect(state.query).toBe(2);
  await userEvent.keyboard("{End}");
  await vi.waitFor(() => expect(document.activeElement).toBe(token(el, 4)));
  await userEvent.keyboard("{Escape}");
  expect(state.query).toBeNull();
});

test("arrows up and down go by lines", async () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
  const { el } = await text({ ...of(words) }, 480);
  token(el, 0).focus();
  await userEvent.keyboard("{ArrowDown}");
  await vi.waitFor(() => expect(document.activeElement).not.toBe(token(el, 0)));
  const one = document.activeElement as HTMLElement;
  expect(one.getBoundingClientRect().top).toBeGreaterThan(token(el, 0).getBoundingClientRect().top);
  expect(Number(one.dataset.at)).toBeLessThan(12);
  await userEvent.keyboard("{ArrowUp}");
  await vi.waitFor(() =>
    expect(Number((document.activeElement as HTMLElement).dataset.at)).toBeLessThan(2),
  );
});

/** A record of one layer and head over these words. */
function of(words: readonly string[], change: Record<string, unknown> = {}) {
  const n = words.length;
  return {
    _record: record({
      shape: [1, 1, n, n],
      layers: [0],
      heads: [0],
      tokens: words.map((text) => ({ text, ...role("word"), segment: 0 })),
      special: { groups: {}, rows: {} },
      ...change,
    }),
    _cells: new DataView(new ArrayBuffer(n * n)),
    _cells_shape: [1, 1, n, n],
    layers: [0, 0],
    heads: [0],
  };
}

test("a text is laid out in its own direction, and arrows follow it", async () => {
  const { el } = await text(of(["שלום", "עולם", "abc"]));
  expect(el.querySelector<HTMLElement>(".attnw-flow")!.dir).toBe("rtl");
  const [first, second] = [token(el, 0), token(el, 1)].map((one) => one.getBoundingClientRect());
  expect(second!.right).toBeLessThanOrEqual(first!.left + 1);
  token(el, 0).focus();
  await userEvent.keyboard("{ArrowLeft}");
  await vi.waitFor(() => expect(document.activeElement).toBe(token(el, 1)));
});

test("word pieces stand joined, whole emoji and accents too", async () => {
  const { el } = await text(of(["un", "##do", "👩‍👩‍👧", "東京", "é"]));
  const gap = (at: number) => Number.parseFloat(getComputedStyle(token(el, at)).marginInlineEnd);
  expect(gap(0)).toBe(0);
  expect(gap(1)).toBeGreaterThan(2);
  expect(token(el, 2).textContent).toBe("👩‍👩‍👧");
});

test("a text of thousands of tokens is shown in parts", async () => {
  const words = Array.from({ length: 1500 }, (_, i) => `w${i}`);
  const made = of(words);
  const { el, model } = await text({
    ...made,
    _cells: new DataView(new ArrayBuffer(64 * 64)),
    _cells_shape: [1, 1, 64, 64],
  });
  expect(el.querySelectorAll("*").length).toBeLessThan(1500);
  expect(el.textContent).toContain("tokens 0–599 of 1500");
  model.set("query", 1400 as never);
  await vi.waitFor(() => expect(token(el, 1400)).not.toBeNull());
  expect(el.textContent).toContain("tokens 1200–1499 of 1500");
  expect(el.textContent).toContain("Asking Python for this token’s weights");
});

test("two texts stand below each other: one picks, the other is shaded", async () => {
  const cross = record({
    kind: "cross",
    shape: [LAYERS, HEADS, 5, 5],
    keyTokens: ["le", "chien", "a", "couru", "."].map((text) => ({
      text,
      ...role("word"),
      segment: 0,
    })),
  });
  const { el, state } = await text({ _record: cross, _cells: levels(ROWS) });
  token(el, 1, 0).click();
  expect(state.query).toBe(1);
  await vi.waitFor(() => expect(token(el, 2, 1).style.background).not.toBe(""));
  expect(token(el, 2, 0).style.background).toBe("");
  expect(said(el)[0]).toContain("a");
});

test("the mean of a layer, or of all heads shown, can be read", async () => {
  const { el, state } = await text({ query: 0, layer: 1 });
  const input = (value: string) =>
    [...el.querySelectorAll<HTMLInputElement>("input")].find((one) => one.value === value)!;
  input("layer").click();
  expect([state.averaged, state.averaged_over]).toEqual([true, "layer"]);
  await vi.waitFor(() => expect(el.textContent).toContain("Mean of 4 heads, layer 1"));
  expect(said(el).map((line) => line!.slice(0, 6))).toEqual(Array(4).fill("≈ 0.25"));
  input("mean").click();
  await vi.waitFor(() => expect(el.textContent).toContain("Mean of 12 heads, layers 0 to 2"));
  input("one").click();
  expect(state.averaged).toBe(false);
});

test("a second record's difference is signed", async () => {
  const second = levels([[255, 0, 0, 0, 0], ...ROWS.slice(1)]);
  const zero = Array.from({ length: LAYERS }, () => Array(HEADS).fill(0));
  const { el } = await text({
    _cells: levels([[0, 255, 0, 0, 0], ...ROWS.slice(1)]),
    _second: {
      kind: "rerun",
      name: "ablate",
      text: ["a dog ran"],
      loneQueries: [],
      loneKeys: [],
      moved: zero,
      groups: {},
      rows: {},
    },
    _second_cells: second,
    shown: "difference",
    query: 0,
  });
  await vi.waitFor(() => expect(said(el)).toEqual(["≈ +1.00 [CLS] token 0", "≈ −1.00 a token 1"]));
  expect(find(el, "attnw-says").textContent).toContain("changed most towards");
  expect(token(el, 1).style.background).not.toBe(token(el, 0).style.background);
});

test.each([
  ["en", { query: 2 }],
  ["ja", { key: 2, looks: "by" }],
  ["en", { query: 2, special_mode: "hide" }],
])("axe finds nothing: %s %j", async (lang, change) => {
  const { el } = await text({ lang, _cells: levels(ROWS), ...change });
  expect((await axe.run(el)).violations).toEqual([]);
});

test("boxes are explained where there are any, and the answer stands below the text", async () => {
  const { el } = await text({ query: 2 });
  expect(el.textContent).toContain("boxed: special token");
  const says = find<HTMLElement>(el, "attnw-says");
  const flow = el.querySelector(".attnw-flow")!;
  expect(flow.compareDocumentPosition(says)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  const tokens = WORDS.map((word) => ({ text: word, ...role("word"), segment: 0 }));
  const plain = await text({ _record: record({ tokens }) });
  expect(plain.el.textContent).not.toContain("boxed: special token");
});

test("what is read aloud has spaces between a token, its number and its place", async () => {
  const { el } = await text({ _cells: levels(ROWS), query: 2 });
  await vi.waitFor(() =>
    expect(find(el, "attnw-says").querySelector("p")!.textContent).toBe(
      `“dog” looks most at [CLS] ≈ ${w(200)}, a ≈ ${w(120)}, dog ≈ ${((80 / 255) ** 2).toFixed(3)}`,
    ),
  );
});
