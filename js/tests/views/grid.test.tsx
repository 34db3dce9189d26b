import axe from "axe-core";
import { expect, test, vi } from "vitest";
import "../../src/widget.css";
import { modelLayout } from "../../src/draw/grid";
import { fakeModel } from "../fake_model";
import {
  cells,
  drawn,
  find,
  HEADS,
  N,
  perHead,
  record,
  type Shown,
  show,
  traits,
  WORDS,
} from "./shown";

const ENTROPY = perHead((l, h) => (l * HEADS + h) / 12);
const CLASSES = perHead((l, h) => (h === 0 ? 0 : l)).map((row) =>
  row.map((i) => ["vertical", "block", "broad"][i]!),
);
const IMPORTANCE = {
  values: perHead((l, h) => l + h / 10),
  measure: "gradient",
  about: "the loss",
};
const BADGES = { entropy: ENTROPY, class: CLASSES, importance: IMPORTANCE };

async function open(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  const view = await show(fakeModel(traits(change)), width, "attnw-grid");
  return view;
}

const grid = (view: Shown) => find<HTMLCanvasElement>(view.el, "attnw-grid");
const text = (view: Shown, testid: string) => find<HTMLElement>(view.el, testid).textContent;

/** Press a key; what it changes is read together once this is over. */
async function press(target: HTMLElement, key: string): Promise<void> {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await Promise.resolve();
}

async function pick(view: Shown, testid: string, value: string): Promise<void> {
  const select = find<HTMLSelectElement>(view.el, testid);
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  await vi.waitFor(() => expect(select.value).toBe(value));
}

/** Point at a place of the grid, in CSS pixels. */
function point(view: Shown, x: number, y: number): void {
  const box = grid(view).getBoundingClientRect();
  grid(view).dispatchEvent(
    new PointerEvent("pointermove", { clientX: box.left + x, clientY: box.top + y, bubbles: true }),
  );
}

function layout(view: Shown) {
  const port = grid(view).closest<HTMLElement>(".attnw-column")!;
  return modelLayout([0, 1, 2], [0, 1, 2, 3], {
    width: Number.parseFloat(port.style.width),
    bars: 1,
    means: true,
    bracketed: false,
  });
}

test("heads that look at [SEP] at least half the time are one press away", async () => {
  const share = perHead((l, h) => (l === 2 && h > 1 ? 0.75 : 0.1));
  const { special } = record();
  const groups = { ...special.groups, sep: { share, uniform: 0.2 } };
  const view = await open({ _record: record({ special: { ...special, groups } }) });
  expect(text(view, "attnw-heads-kept")).toBe("all 12 heads");
  const button = find<HTMLButtonElement>(view.el, "attnw-half-sep");
  button.click();
  expect(view.state.badge_range).toEqual([0.5, 1]);
  expect(view.state.special_roles).toEqual(["sep"]);
  await vi.waitFor(() => expect(text(view, "attnw-heads-kept")).toBe("2 of 12 heads"));
  expect(text(view, "attnw-sentence")).toBe(
    "Heads that give [SEP] 50% to 100% of the words' attention:",
  );
  expect(button.ariaPressed).toBe("true");
  expect(find<HTMLSelectElement>(view.el, "attnw-badge").value).toBe("special:sep");
  button.click();
  await vi.waitFor(() => expect(text(view, "attnw-heads-kept")).toBe("all 12 heads"));
});

test("in the model's order heads outside the range fade; in others they are left out", async () => {
  const view = await open({ badge: "entropy", _badges: BADGES, special_mode: "off" });
  const { cells: places, left, top, size } = layout(view);
  const pixel = (i: number) => {
    const ratio = window.devicePixelRatio;
    const { x, y } = places[i]!;
    const at = (from: number, side: number) => Math.round((from + side) * ratio);
    const half = size / N / 2;
    // each head's first query looks at key (layer + head) mod N
    const key = (Math.floor(i / HEADS) + (i % HEADS)) % N;
    return grid(view)
      .getContext("2d")!
      .getImageData(at(left, x + (key * size) / N + half), at(top, y + half), 1, 1).data;
  };
  const before = [pixel(1), pixel(11)];
  const count = drawn(view.el, "attnw-grid");
  view.model.set("badge_range", [0.5, 1]);
  await vi.waitFor(() => expect(drawn(view.el, "attnw-grid")).toBeGreaterThan(count));
  await vi.waitFor(() => expect(pixel(1)[0]).toBeGreaterThan(before[0]![0]! + 80));
  expect([...pixel(11)]).toEqual([...before[1]!]);
  expect(text(view, "attnw-heads-kept")).toBe("6 of 12 heads");
  expect(text(view, "attnw-head-reading")).toContain("outside the chosen range");

  await pick(view, "attnw-order", "high");
  await vi.waitFor(() => expect(grid(view).ariaLabel).toContain("6 heads, highest first"));
  await press(grid(view), "ArrowRight"); // the head in focus is left out: to the first
  expect([view.state.layer, view.state.head]).toEqual([2, 3]);
  await press(grid(view), "ArrowRight");
  expect([view.state.layer, view.state.head]).toEqual([2, 2]);
  await vi.waitFor(() => expect(text(view, "attnw-head-reading")).toContain("is spread 83%"));
  await press(grid(view), "End");
  expect([view.state.layer, view.state.head]).toEqual([1, 2]);
  await pick(view, "attnw-order", "low");
  await press(grid(view), "Home");
  expect([view.state.layer, view.state.head]).toEqual([1, 2]);
});

test("a badge that is not here says what it lacks, or that Python is asked", async () => {
  const view = await open({ _record: record({ special: { groups: {}, rows: {} } }) });
  const option = (name: string) =>
    find(view.el, "attnw-badge").querySelector<HTMLOptionElement>(`option[value=${name}]`)!;
  expect(option("special").disabled).toBe(true);
  expect(option("kept").textContent).toBe("share the mask keeps (needs a mask)");
  expect(option("importance").textContent).toBe("importance (not measured)");
  expect(option("importance").title).toContain("view.importance = runner.head_importance(texts)");
  expect(view.el.textContent).toContain("share on special tokens: this text has none.");
  await pick(view, "attnw-badge", "entropy");
  expect(view.state.badge).toBe("entropy");
  await vi.waitFor(() => expect(text(view, "attnw-measuring")).toContain("Python is measuring"));
  view.model.set("_badges", { entropy: ENTROPY, class: CLASSES });
  await vi.waitFor(() => expect(view.el.querySelector("[data-testid=attnw-measuring]")).toBeNull());
  expect(text(view, "attnw-head-reading")).toContain("its attention is spread 0%");
  view.model.set("mask", { kind: "local", left: 1, right: 1 });
  view.model.set("_mask_effect", { text: "local(1)", outside: perHead(() => 0.25) });
  await vi.waitFor(() => expect(option("kept").disabled).toBe(false));
  await pick(view, "attnw-badge", "kept");
  expect(text(view, "attnw-head-reading")).toContain("25% falls outside the mask");
  view.model.set("badge_range", [0.8, 1]);
  await vi.waitFor(() => expect(text(view, "attnw-heads-kept")).toBe("0 of 12 heads"));
  expect(text(view, "attnw-sentence")).toContain("the mask keeps 80% to 100%");
});

test("importance that is not there says how Python measures it", async () => {
  const view = await open({ badge: "importance" });
  expect(view.el.textContent).toContain(
    "importance: not measured. In Python: view.importance = runner.head_importance(texts)",
  );
});

test("where no tokenizer told special tokens, the text is not said to have none", async () => {
  const tokens = WORDS.map((text, i) => ({
    text,
    role: "word",
    group: i === 0 ? "first" : null,
    segment: 0,
  }));
  const groups = { first: { share: perHead(() => 0.6), uniform: 0.2 } };
  const special = { told: false, groups, rows: {} };
  const view = await open({ _record: record({ tokens, special }) });
  expect(view.el.textContent).toContain("No tokenizer said which of these tokens are special");
  expect(view.el.textContent).toContain("the text's first position can be counted");
  expect(view.el.textContent).toContain("share on special tokens: no tokenizer said which.");
  expect(view.el.textContent).not.toContain("no special tokens");
  view.model.set("lang", "ja");
  await vi.waitFor(() => expect(view.el.textContent).toContain("トークナイザーから知らされて"));
});

test("importance has a scale of its own, and its measure is named", async () => {
  const view = await open({ badge: "importance", _badges: BADGES, layer: 2, head: 3 });
  expect(text(view, "attnw-head-reading")).toContain("importance 2.3 (gradient)");
  expect(text(view, "attnw-filter")).toBe("0 to 2.3");
  expect(find(view.el, "attnw-filter-high").ariaValueText).toBe("2.3");
  expect(view.el.textContent).toContain("importance, gradient: full is 2.3 (the loss)");
  await press(find(view.el, "attnw-filter-low"), "PageUp");
  expect(view.state.badge_range).toEqual([0.1, 1]);
});

test("classes are grouped under their names, and one of them can be picked", async () => {
  const view = await open({ badge: "class", order: "group", _badges: BADGES });
  await vi.waitFor(() => expect(grid(view).ariaLabel).toContain("12 heads, by class"));
  expect(view.el.textContent).toContain("Our rule of thumb");
  expect(text(view, "attnw-head-reading")).toContain("class by our rule: vertical");
  await press(grid(view), "End");
  expect([view.state.layer, view.state.head]).toEqual([2, 3]);
  const only = view.el.querySelector<HTMLButtonElement>('[title^="Only: block"]')!;
  only.click();
  await vi.waitFor(() => expect(text(view, "attnw-heads-kept")).toBe("3 of 12 heads"));
  await vi.waitFor(() => expect(grid(view).ariaLabel).toContain("3 heads, by class"));
  await press(grid(view), "Home");
  expect([view.state.layer, view.state.head]).toEqual([1, 1]);
  only.click();
  await vi.waitFor(() => expect(text(view, "attnw-heads-kept")).toBe("all 12 heads"));
});

test("means are read where the pointer is, and told to who does not see them", async () => {
  const view = await open();
  const { cells: places, left, top, size, viewWidth, viewHeight } = layout(view);
  point(view, viewWidth - 5, top + places[HEADS]!.y + size / 2);
  await vi.waitFor(() =>
    expect(text(view, "attnw-head-reading")).toBe("Layer 1, mean of the heads shown: 25%"),
  );
  point(view, left + places[2]!.x + size / 2, viewHeight - 5);
  await vi.waitFor(() =>
    expect(text(view, "attnw-head-reading")).toBe("Head 2, mean of the layers shown: 30%"),
  );
  point(view, left + places[6]!.x + 3, top + places[6]!.y + 3);
  await vi.waitFor(() => expect(text(view, "attnw-head-reading")).toContain("Layer 1, head 2"));
  expect(view.el.textContent).toContain("Layer 1, mean of the heads shown: 25%. Layer 2");
});

test("pointing at a head draws no picture anew", async () => {
  const view = await open();
  await vi.waitFor(() => expect(drawn(view.el, "attnw-matrix")).toBeGreaterThan(0));
  const count = drawn(view.el, "attnw-grid");
  for (const i of [0, 5, 11]) {
    const { cells: places, left, top } = layout(view);
    point(view, left + places[i]!.x + 2, top + places[i]!.y + 2);
    await vi.waitFor(() =>
      expect(text(view, "attnw-head-reading")).toContain(
        `Layer ${Math.floor(i / HEADS)}, head ${i % HEADS}`,
      ),
    );
  }
  expect(drawn(view.el, "attnw-grid")).toBe(count);
});

test("Enter goes from the grid to the head in full", async () => {
  const view = await open();
  await vi.waitFor(() => expect(drawn(view.el, "attnw-matrix")).toBeGreaterThan(0));
  grid(view).focus();
  await press(grid(view), "Enter");
  expect(document.activeElement).toBe(find(view.el, "attnw-matrix"));
});

test("heads that share keys and values are named together", async () => {
  const view = await open({ _record: record({ kvGroups: 2 }), head: 2 });
  expect(text(view, "attnw-head-reading")).toContain("heads 2–3 share keys and values");
  expect(view.el.textContent).toContain("2 heads under a bracket share keys and values");
});

test("a stack of 80 by 64 heads is one canvas of bounded size that scrolls", async () => {
  const [layers, heads] = [80, 64];
  const all = (n: number) => Array.from({ length: n }, (_, i) => i);
  const table = all(layers).map((l) => all(heads).map((h) => (l + h) / 150));
  const size = [layers, heads, N, N];
  const info = record({
    shape: size as unknown as [number, number, number, number],
    layers: all(layers),
    heads: all(heads),
    special: { groups: { cls: { share: table, uniform: 0.2 } }, rows: {} },
  });
  const one = cells();
  const bytes = new Uint8Array(layers * heads * N * N);
  for (let i = 0; i < bytes.length; i++) bytes[i] = one.getUint8(i % one.byteLength);
  const written = vi.spyOn(CanvasRenderingContext2D.prototype, "fillText");
  const view = await open({
    _record: info,
    _cells: new DataView(bytes.buffer),
    _cells_shape: size,
    layers: [0, layers - 1],
    heads: all(heads),
  });
  const canvas = grid(view);
  expect(text(view, "attnw-beyond")).toMatch(
    /^Out of sight: \d+ heads to the right, \d+ layers below \(scroll to see them\)\.$/,
  );
  const side = written.mock.calls.map(([word]) => word);
  written.mockRestore();
  expect(side).toContain("layer →");
  expect(side).toContain("head →");
  const ratio = window.devicePixelRatio;
  expect(canvas.height).toBeLessThanOrEqual(800 * ratio);
  expect(canvas.width).toBeLessThanOrEqual(900 * ratio);
  expect(view.el.querySelectorAll("*").length).toBeLessThan(1000);
  const port = canvas.closest<HTMLElement>(".attnw-port")!;
  const count = drawn(view.el, "attnw-grid");
  for (const key of ["End", ...all(layers - 1).map(() => "ArrowDown")]) await press(canvas, key);
  expect([view.state.layer, view.state.head]).toEqual([layers - 1, heads - 1]);
  await vi.waitFor(() => expect(port.scrollTop).toBeGreaterThan(100));
  await vi.waitFor(() => expect(drawn(view.el, "attnw-grid")).toBeGreaterThan(count));
  expect(canvas.getBoundingClientRect().top).toBeCloseTo(port.getBoundingClientRect().top, 0);
  const box = canvas.getBoundingClientRect();
  canvas.dispatchEvent(
    new MouseEvent("click", { clientX: box.left + 60, clientY: box.top + 40, bubbles: true }),
  );
  expect(view.state.layer).toBeGreaterThan(10);
  await vi.waitFor(() =>
    expect(text(view, "attnw-beyond")).toMatch(
      /^Out of sight: \d+ heads to the left, \d+ layers above \(scroll to see them\)\.$/,
    ),
  );
});

for (const [name, change] of [
  ["an order of its own", { order: "high", badge_range: [0.2, 1] }],
  ["classes", { badge: "class", order: "group", _badges: BADGES }],
  ["importance in Japanese", { badge: "importance", _badges: BADGES, lang: "ja" }],
] as const)
  for (const theme of ["light", "dark"] as const)
    test(`axe finds nothing with ${name}, ${theme}`, async () => {
      document.body.dataset.jpThemeLight = String(theme === "light");
      document.body.style.background = theme === "light" ? "#fff" : "#111";
      const view = await open(change, 480);
      const { violations } = await axe.run(view.el);
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
      delete document.body.dataset.jpThemeLight;
      document.body.style.background = "";
    });

test("the frames over the grid are not spoken of, and the grid is", async () => {
  const view = await open();
  expect(view.el.querySelector(".attnw-frames")!.closest("[aria-hidden=true]")).toBeTruthy();
  expect(grid(view).closest("[aria-hidden=true]")).toBeNull();
});
