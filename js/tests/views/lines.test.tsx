import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { fakeModel } from "../fake_model";
import {
  cells,
  drawn,
  find,
  HEADS,
  LAYERS,
  N,
  record,
  role,
  type Shown,
  show,
  traits,
  WORDS,
} from "./shown";

async function lines(change: Record<string, unknown> = {}): Promise<Shown> {
  return show(fakeModel(traits({ view: "lines", ...change })), 900, "attnw-lines-canvas");
}

function token(el: HTMLElement, side: "query" | "key", at: number): HTMLButtonElement {
  return el.querySelector<HTMLButtonElement>(`[data-side=${side}][data-at="${at}"]`)!;
}

/** How much ink there is along a line from one token to another, from 0 to 1. */
function ink(el: HTMLElement, query: number, key: number): number {
  const canvas = find<HTMLCanvasElement>(el, "attnw-lines-canvas");
  const box = canvas.getBoundingClientRect();
  const [from, to] = (["query", "key"] as const).map((side) =>
    token(el, side, side === "query" ? query : key).getBoundingClientRect(),
  ) as [DOMRect, DOMRect];
  const ratio = canvas.width / box.width;
  const [x0, x1] = [from.right - box.left, to.left - box.left];
  const [y0, y1] = [from, to].map((rect) => (rect.top + rect.bottom) / 2 - box.top) as [
    number,
    number,
  ];
  let most = 0;
  const ctx = canvas.getContext("2d")!;
  // near the end, where lines to other tokens have left
  const [x, y] = [x0 + 0.97 * (x1 - x0), y1 - (y1 - y0) * 0.0026];
  for (let dy = -2; dy <= 2; dy++) {
    const [, , , alpha] = ctx.getImageData(
      Math.round(x * ratio),
      Math.round((y + dy) * ratio),
      1,
      1,
    ).data;
    most = Math.max(most, alpha! / 255);
  }
  return most;
}

const redrawn = (el: HTMLElement, before: number) =>
  vi.waitFor(() => expect(drawn(el, "attnw-lines-canvas")).toBeGreaterThan(before));
const count = (el: HTMLElement) => drawn(el, "attnw-lines-canvas");

async function changed(made: Shown, values: Record<string, unknown>): Promise<void> {
  const before = count(made.el);
  for (const [name, value] of Object.entries(values)) made.model.set(name, value as never);
  await redrawn(made.el, before);
}

test("each token on the left is joined to the one it looks at", async () => {
  const { el } = await lines({ layer: 1, head: 1 }); // query q looks at q + 2
  for (let q = 0; q < N; q++) expect(ink(el, q, (q + 2) % N)).toBeGreaterThan(0.9);
});

test("pointing at a token fades the lines of the others", async () => {
  const { el } = await lines({ layer: 1, head: 1 });
  const before = count(el);
  await userEvent.hover(token(el, "query", 1));
  await redrawn(el, before);
  expect(ink(el, 1, 3)).toBeGreaterThan(0.9);
  expect(ink(el, 2, 4)).toBeLessThan(0.2);
  expect(find(el, "attnw-reading").textContent).toContain("“a” looks most at");
  await userEvent.hover(el.querySelector(".attnw-head")!);
  await vi.waitFor(() => expect(ink(el, 2, 4)).toBeGreaterThan(0.9));
});

test("a click picks a query or a key, and a second one lets go", async () => {
  const { el, state } = await lines();
  token(el, "query", 2).click();
  expect(state.query).toBe(2);
  token(el, "key", 3).click();
  expect([state.query, state.key]).toEqual([2, 3]);
  await vi.waitFor(() =>
    expect(find(el, "attnw-reading").textContent).toContain("“dog” looks at “ran”"),
  );
  token(el, "query", 2).click();
  expect([state.query, state.key]).toEqual([null, 3]);
  await vi.waitFor(() =>
    expect(find(el, "attnw-says").textContent).toContain("“ran” is looked at"),
  );
});

test("what was clicked and let go leaves all lines as they were", async () => {
  const { el } = await lines({ layer: 1, head: 1 });
  await userEvent.click(token(el, "query", 1));
  await vi.waitFor(() => expect(ink(el, 2, 4)).toBeLessThan(0.2));
  await userEvent.click(token(el, "query", 1));
  await userEvent.hover(el.querySelector(".attnw-head")!);
  await vi.waitFor(() => expect(ink(el, 2, 4)).toBeGreaterThan(0.9));
});

test("a picked row's numbers are Python's own once they are here", async () => {
  const { el, sent, emit } = await lines({ query: 2 });
  await vi.waitFor(() => expect(token(el, "key", 2).textContent).toContain("≈ 1.00"));
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "row")).toBe(true));
  const asked = sent.find(({ ask }) => ask === "row")!;
  const row = new DataView(Float32Array.from([0.5, 0.25, 0.125, 0.1, 0.025]).buffer);
  emit("msg:custom", { id: asked.id, result: "row" }, [row]);
  await vi.waitFor(() => expect(token(el, "key", 0).textContent).toBe("[CLS] 0.50"));
  expect(ink(el, 2, 0)).toBeGreaterThan(0.5);
});

test("the threshold, the strongest of each row, and hiding leave lines out", async () => {
  const levels = cells();
  // head 0 of layer 0: row 2 looks at all, [CLS] most, then the word before it
  [200, 150, 100, 60, 30].forEach((level, key) => {
    levels.setUint8(2 * N + key, level);
  });
  const made = await lines({ _cells: levels, query: 2 });
  const { el } = made;
  const row = () => WORDS.map((_, key) => ink(el, 2, key) > 0.15);
  expect(row()).toEqual([true, true, true, true, false]);
  await changed(made, { threshold: (120 / 255) ** 2 });
  expect(row()).toEqual([true, true, false, false, false]);
  await changed(made, { threshold: 0, top: 0.2 });
  expect(row()).toEqual([true, false, false, false, false]);
  await changed(made, { top: 1, special_mode: "hide" });
  expect(row()).toEqual([false, true, true, true, false]);
  expect(token(el, "key", 0).querySelector("s")).not.toBeNull();
  await changed(made, { query: 0 });
  expect(WORDS.some((_, key) => ink(el, 0, key) > 0.15)).toBe(false);
});

test.each(["hide", "hide_renormalise"])("hidden keys are not the strongest: %s", async (mode) => {
  const levels = cells();
  [200, 150, 100, 60, 30].forEach((level, key) => {
    levels.setUint8(2 * N + key, level);
  });
  const { el } = await lines({ _cells: levels, query: 2, top: 0.4, special_mode: mode });
  expect(WORDS.map((_, key) => ink(el, 2, key) > 0.15)).toEqual([false, true, false, false, false]);
  expect(find(el, "attnw-top").getAttribute("aria-valuetext")).toBe("40%: 1 key each");
});

test("each of several heads is asked who looks at a token", async () => {
  const { sent, emit, el } = await lines({ key: 2, compared: [0, 1] });
  const asked = new Set<unknown>();
  await vi.waitFor(() => {
    for (const { ask, id, head } of sent)
      if (ask === "column" && !asked.has(head)) {
        asked.add(head);
        const column = Float32Array.from([0.1, 0.2, 0.3, 0.125 + Number(head) / 100, 0]);
        emit("msg:custom", { id, result: "column" }, [new DataView(column.buffer)]);
      }
    expect(find<HTMLElement>(el, "attnw-several").dataset.exact).toBe("yes");
  });
  expect([...asked]).toEqual([0, 1]);
});

test("the slider says how many keys of each row are left", async () => {
  const { el, state } = await lines();
  const slider = find<HTMLInputElement>(el, "attnw-top");
  slider.value = "40";
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  expect(state.top).toBe(0.4);
  await vi.waitFor(() => expect(slider.getAttribute("aria-valuetext")).toBe("40%: 2 keys each"));
});

test("what the mask forbids is fainter, and the legend says so", async () => {
  const made = await lines({ layer: 1, head: 1 });
  const full = ink(made.el, 0, 2);
  await changed(made, { mask: { kind: "local", left: 1, right: 1 } });
  expect(ink(made.el, 0, 2)).toBeLessThan(full * 0.6);
  expect(find(made.el, "attnw-lines-notes").textContent).toContain("dashed: the mask forbids it");
  await changed(made, { mask_reading: "renormalised" });
  expect(ink(made.el, 0, 2)).toBe(0);
});

const PAIR = record({
  tokens: WORDS.map((text, i) => ({
    text,
    ...role(i === 0 ? "cls" : i === 4 ? "sep" : "word"),
    segment: i < 3 ? 0 : 1,
  })),
});

test("lines of a pair can be narrowed to one direction", async () => {
  const made = await lines({ _record: PAIR, layer: 1, head: 1 }); // q looks at q + 2
  const options = [...made.el.querySelectorAll<HTMLInputElement>("input")];
  options.find(({ value }) => value === "ab")!.click();
  expect(made.state.links).toBe("ab");
  await vi.waitFor(() => expect(ink(made.el, 0, 2)).toBe(0));
  expect([ink(made.el, 1, 3), ink(made.el, 2, 4)].every((one) => one > 0.9)).toBe(true);
  expect(ink(made.el, 3, 0)).toBe(0);
});

test("one text has no directions to choose from", async () => {
  const { el } = await lines();
  expect(el.querySelector('input[value="ab"]')).toBeNull();
});

test("several heads are drawn in colours of their own, and read one by one", async () => {
  const { el, state } = await lines({ query: 1 });
  const options = [...el.querySelectorAll<HTMLInputElement>("input")];
  options.find(({ value }) => value === "compare")!.click();
  expect(state.compared).toEqual([0, 1, 2, 3]);
  await vi.waitFor(() => expect(find(el, "attnw-several").querySelectorAll("li")).toHaveLength(4));
  const said = [...find(el, "attnw-several").querySelectorAll("li")].map((li) => li.textContent);
  expect(said).toEqual(["0a ≈ 1.00", "1dog ≈ 1.00", "2ran ≈ 1.00", "3[SEP] ≈ 1.00"]);
  const chip = (head: number) =>
    [...el.querySelectorAll<HTMLButtonElement>(".attnw-chips button")].find(
      (one) => one.textContent === String(head),
    )!;
  for (const head of [0, 1, 2]) {
    chip(head).click();
    await vi.waitFor(() => expect(chip(head).getAttribute("aria-pressed")).toBe("false"));
  }
  expect(state.compared).toEqual([3]);
  chip(3).click();
  expect(state.compared).toEqual([3]);
  options.find(({ value }) => value === "mean")!.click();
  expect([state.averaged, state.averaged_over]).toEqual([true, "shown"]);
  await vi.waitFor(() => expect(el.querySelector(".attnw-chips")).toBeNull());
});

test("more than eight heads are not drawn at once", async () => {
  const heads = [...Array(10).keys()];
  const made = await lines({
    _record: record({
      heads,
      shape: [1, 10, N, N],
      layers: [0],
      special: { groups: {}, rows: {} },
    }),
    _cells: new DataView(new ArrayBuffer(10 * N * N)),
    _cells_shape: [1, 10, N, N],
    layers: [0, 0],
    heads,
    compared: heads.slice(0, 8),
  });
  const chips = [...made.el.querySelectorAll<HTMLButtonElement>(".attnw-chips button")];
  expect(chips.map((chip) => chip.getAttribute("aria-disabled"))).toEqual([
    ...Array(8).fill("false"),
    ...Array(2).fill("true"),
  ]);
  chips[8]!.click();
  expect(made.state.compared).toEqual(heads.slice(0, 8));
  expect(made.el.querySelector(".attnw-chips")!.textContent).toContain("8 at most");
});

test("arrows walk both sides, Enter picks, Escape lets go", async () => {
  const { el, state } = await lines();
  token(el, "query", 0).focus();
  await userEvent.keyboard("{ArrowDown}{ArrowDown}");
  await vi.waitFor(() => expect(document.activeElement).toBe(token(el, "query", 2)));
  await userEvent.keyboard("{Enter}");
  expect(state.query).toBe(2);
  await userEvent.keyboard("{ArrowRight}");
  await vi.waitFor(() => expect(document.activeElement).toBe(token(el, "key", 2)));
  await userEvent.keyboard("{End}");
  await vi.waitFor(() => expect(document.activeElement).toBe(token(el, "key", N - 1)));
  await userEvent.keyboard(" ");
  expect(state.key).toBe(N - 1);
  await userEvent.keyboard("{Escape}");
  expect([state.query, state.key]).toEqual([null, null]);
  expect(el.querySelectorAll('.attnw-lines [tabindex="0"]')).toHaveLength(2);
});

function long(n: number, whole: boolean): Record<string, unknown> {
  const side = whole ? n : 64;
  return {
    _record: record({
      shape: [LAYERS, HEADS, n, n],
      tokens: Array.from({ length: n }, (_, i) => ({ text: `t${i}`, ...role("word"), segment: 0 })),
      special: { groups: {}, rows: {} },
    }),
    _cells: new DataView(new ArrayBuffer(LAYERS * HEADS * 64 * 64)),
    _cells_shape: [LAYERS, HEADS, 64, 64],
    _focus: new DataView(new ArrayBuffer(side * side)),
    _focus_place: [0, 0, side, side],
  };
}

test("of a long text only the tokens in sight are there, wherever it is scrolled to", async () => {
  const { el } = await lines(long(512, true));
  const box = find(el, "attnw-lines");
  expect(box.querySelectorAll("*").length).toBeLessThan(200);
  box.scrollTop = 6000;
  await vi.waitFor(() => expect(token(el, "query", 305)).not.toBeNull());
  expect(box.querySelectorAll("*").length).toBeLessThan(200);
  expect(token(el, "query", 10)).toBeNull();
});

test("a token that is picked elsewhere comes into sight", async () => {
  const made = await lines(long(512, true));
  made.model.set("query", 400 as never);
  await vi.waitFor(() => expect(token(made.el, "query", 400)).not.toBeNull());
});

test("where the picture is pooled, it says so, and asks Python for the token's row", async () => {
  const { el, sent, emit } = await lines({ ...long(512, false), query: 3 });
  expect(el.textContent).toContain("too long for all lines to be drawn");
  await vi.waitFor(() =>
    expect(el.textContent).toContain("Asking Python for this token’s weights"),
  );
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "row")).toBe(true));
  const asked = sent.find(({ ask }) => ask === "row")!;
  const row = new Float32Array(512);
  row[5] = 1;
  emit("msg:custom", { id: asked.id, result: "row" }, [new DataView(row.buffer)]);
  await vi.waitFor(() => expect(token(el, "key", 5).textContent).toBe("t5 1.00"));
  await vi.waitFor(() => expect(ink(el, 3, 5)).toBeGreaterThan(0.9));
});

test.each([
  ["en", {}],
  ["ja", { compared: [0, 1], query: 1 }],
  ["en", { key: 2, special_mode: "hide_renormalise" }],
])("axe finds nothing: %s %j", async (lang, change) => {
  const { el } = await lines({ lang, _record: PAIR, ...change });
  expect((await axe.run(el)).violations).toEqual([]);
});

test("a token too long for its place is read as it is seen, and cut by its end", async () => {
  const long = "Donaudampfschifffahrtsgesellschaft";
  const words = record().tokens.map((one, at) => ({
    ...one,
    text: at === 1 ? long : at === 2 ? long.repeat(4) : one.text,
  }));
  const { el } = await lines({ _record: record({ tokens: words }), query: 3 });
  const rules = { runOnly: ["label-content-name-mismatch"] };
  expect((await axe.run(el, rules)).violations).toEqual([]);
  const word = token(el, "query", 1).querySelector("bdi")!;
  expect(word.textContent).toBe(long);
  expect(word.offsetWidth).toBeLessThanOrEqual(92);
  expect(word.scrollWidth).toBeGreaterThan(word.offsetWidth);
  for (const short of [0, 3, 4].map((at) => token(el, "query", at).querySelector("bdi")!))
    expect(short.scrollWidth).toBeLessThanOrEqual(short.offsetWidth);
});
