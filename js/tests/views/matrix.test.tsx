import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { differenceRamp, pack, palette, SAME } from "../../src/draw/color";
import { levelOf } from "../../src/draw/levels";
import { label } from "../../src/views/labels";
import { fakeModel } from "../fake_model";
import {
  drawn,
  find,
  HEADS,
  LAYERS,
  matrixBox,
  perHead,
  record,
  role,
  type Shown,
  show,
  square,
  traits,
} from "./shown";

async function view(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits(change)), width);
}

/** A text of some length whose heads are held pooled, in one cell for `by` × `by` weights. */
function pooled(n: number, by: number, change: Record<string, unknown> = {}) {
  const size = n / by;
  const tokens = Array.from({ length: n }, (_, i) => ({
    text: `w${i}`,
    ...role("word"),
    segment: i < n / 2 ? 0 : 1,
  }));
  return {
    _record: record({ shape: [LAYERS, HEADS, n, n], tokens }),
    _cells: new DataView(new Uint8Array(LAYERS * HEADS * size * size).fill(99).buffer),
    _cells_shape: [LAYERS, HEADS, size, size],
    special_mode: "off",
    ...change,
  };
}

const matrix = (one: Shown) => find<HTMLCanvasElement>(one.el, "attnw-matrix");
const notes = (one: Shown) => find(one.el, "attnw-matrix-notes").textContent;

/** Press a key over the matrix, and say whether it was taken. */
async function press(one: Shown, key: string, options: KeyboardEventInit = {}): Promise<boolean> {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  const taken = !matrix(one).dispatchEvent(event);
  await Promise.resolve();
  return taken;
}

/** Where a part of the squares is on the page. */
function at(one: Shown, across: number, down: number) {
  const box = matrix(one).getBoundingClientRect();
  const { left, top, size } = matrixBox(matrix(one));
  return { clientX: box.left + left + across * size, clientY: box.top + top + down * size };
}

test("keys zoom about the picked square, move the part that is drawn, and show all again", async () => {
  const one = await view(pooled(40, 1, { query: 20, key: 10 }));
  expect(await press(one, "+")).toBe(true);
  const [q0, q1, k0, k1] = one.state.zoom as number[];
  expect(q1! - q0!).toBe(27);
  expect(q0! <= 20 && 20 < q1! && k0! <= 10 && 10 < k1!).toBe(true);
  await press(one, "ArrowDown", { shiftKey: true });
  expect((one.state.zoom as number[])[0]).toBe(Math.min(13, q0! + 7));
  await vi.waitFor(() => expect(find(one.el, "attnw-zoomed").textContent).toContain("of 40"));
  await press(one, "-");
  expect(one.state.zoom).toBeNull();
  await press(one, "+");
  await press(one, "0");
  expect(one.state.zoom).toBeNull();
  expect(await press(one, "+", { ctrlKey: true })).toBe(false);
  expect(await press(one, "ArrowDown", { shiftKey: true })).toBe(false);
});

test("arrows take the part that is drawn with them", async () => {
  const one = await view(pooled(40, 1, { query: 13, key: 20, zoom: [4, 14, 15, 25] }));
  await press(one, "ArrowDown");
  expect([one.state.query, one.state.zoom]).toEqual([14, [5, 15, 15, 25]]);
  await press(one, "ArrowLeft");
  expect([one.state.key, one.state.zoom]).toEqual([19, [5, 15, 15, 25]]);
});

test("buttons zoom, and what is drawn is said", async () => {
  const one = await view(pooled(40, 1));
  expect(one.el.querySelector("[data-testid=attnw-zoom-all]")).toBeNull();
  find<HTMLButtonElement>(one.el, "attnw-zoom-out").click();
  expect(one.state.zoom).toBeNull();
  find<HTMLButtonElement>(one.el, "attnw-zoom-in").click();
  expect(one.state.zoom).toEqual([7, 34, 7, 34]);
  await vi.waitFor(() =>
    expect(find(one.el, "attnw-zoomed").textContent).toBe("Rows 7–33, columns 7–33 of 40"),
  );
  find<HTMLButtonElement>(one.el, "attnw-zoom-all").click();
  expect(one.state.zoom).toBeNull();
});

test("the wheel zooms only with Ctrl, a drag moves and picks nothing, a double click shows all", async () => {
  const one = await view(pooled(40, 1));
  const turn = (options: WheelEventInit) =>
    matrix(one).dispatchEvent(
      new WheelEvent("wheel", {
        bubbles: true,
        cancelable: true,
        ...at(one, 0.5, 0.5),
        ...options,
      }),
    );
  expect(turn({ deltaY: -100 })).toBe(true);
  expect(one.state.zoom).toBeNull();
  expect(turn({ deltaY: -100, ctrlKey: true })).toBe(false);
  const before = one.state.zoom as number[];
  expect(before[1]! - before[0]!).toBe(31);
  await vi.waitFor(() => find(one.el, "attnw-zoomed"));

  const point = (type: string, across: number, down: number) =>
    matrix(one).dispatchEvent(
      new PointerEvent(type, { bubbles: true, pointerId: 1, ...at(one, across, down) }),
    );
  vi.spyOn(matrix(one), "setPointerCapture").mockImplementation(() => {});
  point("pointerdown", 0.5, 0.5);
  point("pointermove", 0.6, 0.4);
  point("pointerup", 0.6, 0.4);
  matrix(one).dispatchEvent(new MouseEvent("click", { bubbles: true, ...at(one, 0.6, 0.4) }));
  const after = one.state.zoom as number[];
  expect([after[0]! - before[0]!, after[2]! - before[2]!]).toEqual([3, -3]);
  expect(one.state.query).toBeNull();

  await vi.waitFor(() => expect(one.el.querySelector(".attnw-zoomed")).not.toBeNull());
  matrix(one).dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  expect(one.state.zoom).toBeNull();
});

test("a part shows its own squares, and a click picks the token that stands there", async () => {
  const one = await view({ special_mode: "off", zoom: [1, 5, 0, 4] });
  const { plain } = palette("light", 0);
  const { left, top, size } = matrixBox(matrix(one));
  const ratio = window.devicePixelRatio;
  const pixel = (row: number, col: number) => {
    const [x, y] = [left + ((col + 0.5) * size) / 4, top + ((row + 0.5) * size) / 4];
    const ctx = matrix(one).getContext("2d")!;
    const { data } = ctx.getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1);
    return new Uint32Array(data.buffer)[0];
  };
  for (let row = 0; row < 4; row++)
    for (let col = 0; col < 4; col++)
      expect(pixel(row, col)).toBe(plain[col === row + 1 ? 255 : 0]);
  matrix(one).dispatchEvent(new MouseEvent("click", { bubbles: true, ...at(one, 0.1, 0.9) }));
  expect([one.state.query, one.state.key]).toEqual([4, 0]);
});

test("a pooled head says so, and a part of it comes from Python weight by weight", async () => {
  const one = await view(pooled(40, 4));
  expect(notes(one)).toContain("largest of up to 4 × 4 weights");
  one.model.set("zoom", [8, 13, 20, 25]);
  await vi.waitFor(() => expect(one.sent.at(-1)).toMatchObject({ ask: "window" }));
  const asked = one.sent.at(-1)!;
  expect(asked).toMatchObject({ layer: 0, head: 0, of: "first", window: [8, 13, 20, 25] });
  expect(notes(one)).toContain("asking Python");
  const cells = Uint8Array.from({ length: 25 }, (_, i) => 10 * i);
  one.emit("msg:custom", { id: asked.id, result: "window" }, [new DataView(cells.buffer)]);
  await vi.waitFor(() => expect(notes(one)).not.toContain("up to"));
  const before = drawn(one.el, "attnw-matrix");
  await vi.waitFor(() => expect(drawn(one.el, "attnw-matrix")).toBeGreaterThanOrEqual(before));
  const { plain } = palette("light", 0);
  await vi.waitFor(() => expect(square(one.el, 1, 2)).toBe(plain[70]));
  expect(square(one.el, 4, 4)).toBe(plain[240]);
});

test("without a kernel a pooled part stays as it is, and says what it would take", async () => {
  const one = await view(pooled(40, 4, { zoom: [8, 13, 20, 25] }));
  await vi.waitFor(() => expect(one.sent.at(-1)).toMatchObject({ ask: "window" }));
  one.emit("msg:custom", { id: one.sent.at(-1)!.id, absent: true });
  await vi.waitFor(() => expect(notes(one)).toContain("a kernel must run"));
  const asked = one.sent.length;
  one.model.set("query", 9);
  await vi.waitFor(() => expect(find(one.el, "attnw-reading").textContent).toContain("w9"));
  expect(one.sent.filter(({ ask }) => ask === "window")).toHaveLength(1);
  expect(asked).toBeGreaterThan(0);
});

test("without a kernel no square of a pooled head is read as a weight", async () => {
  const one = await view(pooled(40, 4, { query: 9, key: 3 }));
  const reading = () => find(one.el, "attnw-reading").textContent;
  await vi.waitFor(() => expect(one.sent.some(({ ask }) => ask === "row")).toBe(true));
  expect(reading()).toContain("Asking Python");
  const { id } = one.sent.find(({ ask }) => ask === "row")!;
  one.emit("msg:custom", { id, absent: true });
  await vi.waitFor(() => expect(reading()).toContain("too long"));
  expect(reading()).toContain("w9");
  expect(reading()).not.toMatch(/0\.\d/);
});

test("of pooled squares only Python hides: they are not rescaled, and it is said until it has", async () => {
  const special_roles = ["sep"];
  const change = { special_mode: "hide_renormalise", special_roles };
  const one = await view(pooled(40, 4, change));
  const said = () => one.el.querySelector("[data-testid=attnw-unhidden]")?.textContent;
  const late = { timeout: 4000 };
  expect(said()).toBeUndefined();
  await vi.waitFor(() => expect(said()).toContain("only Python can leave special"), late);
  one.model.set("_pooled_for", { rescales: true, roles: special_roles });
  await vi.waitFor(() => expect(said()).toBeUndefined());
  one.model.set("special_mode", "hide");
  await vi.waitFor(() => expect(said()).toContain("only Python can leave special"), late);
  one.model.set("special_mode", "off");
  await vi.waitFor(() => expect(said()).toContain("only Python can show them"), late);
  one.model.set("_pooled_for", {});
  await vi.waitFor(() => expect(said()).toBeUndefined());
});

test("a rescaled part of a pooled head is asked for as such", async () => {
  const change = { special_mode: "hide_renormalise", zoom: [8, 13, 20, 25] };
  const one = await view(pooled(40, 4, change));
  await vi.waitFor(() => expect(one.sent.at(-1)).toMatchObject({ ask: "window", rescaled: true }));
});

test("a part of a difference is that of both records' weights", async () => {
  const cells = new DataView(new Uint8Array(LAYERS * HEADS * 100).fill(50).buffer);
  const second = { kind: "record", name: "b", text: ["b"], loneQueries: [], loneKeys: [] };
  const one = await view(
    pooled(40, 4, {
      shown: "difference",
      zoom: [8, 13, 20, 25],
      _second: { ...second, moved: perHead(() => 0), groups: {}, rows: {} },
      _second_cells: cells,
    }),
  );
  for (const [of, level] of [
    ["first", 255],
    ["second", 0],
  ] as const) {
    await vi.waitFor(() => expect(one.sent.at(-1)).toMatchObject({ ask: "window", of }));
    const bytes = new Uint8Array(25).fill(level);
    const { id } = one.sent.at(-1)!;
    one.emit("msg:custom", { id, result: "window" }, [new DataView(bytes.buffer)]);
  }
  const less = pack(differenceRamp("light")[SAME - 127]!);
  await vi.waitFor(() => expect(square(one.el, 2, 2)).toBe(less));
  expect(notes(one)).toBe("A, B: first and second text");
});

test("two fingers zoom, and one moves what they have enlarged", async () => {
  const one = await view(pooled(40, 1));
  vi.spyOn(matrix(one), "setPointerCapture").mockImplementation(() => {});
  const point = async (type: string, pointerId: number, across: number, down: number) => {
    matrix(one).dispatchEvent(
      new PointerEvent(type, { bubbles: true, pointerId, ...at(one, across, down) }),
    );
    await Promise.resolve();
  };
  await point("pointerdown", 1, 0.4, 0.5);
  await point("pointermove", 1, 0.45, 0.5);
  expect(one.state.zoom).toBeNull();
  await point("pointerdown", 2, 0.65, 0.5);
  await point("pointermove", 1, 0.35, 0.5);
  await point("pointermove", 2, 0.75, 0.5);
  const [q0, q1] = one.state.zoom as number[];
  expect(q1! - q0!).toBe(20);
  expect(q0! <= 20 && 20 <= q1!).toBe(true);
  await point("pointerup", 2, 0.75, 0.5);
  await point("pointermove", 1, 0.35, 0.75);
  expect((one.state.zoom as number[])[0]).toBe(q0! - 5);
  await point("pointerup", 1, 0.35, 0.75);
});

test("the mean of the heads shown is drawn, named, and asked for by its heads", async () => {
  const one = await view({ special_mode: "off", layers: [0, 1], heads: [0, 1] });
  const choice = [...one.el.querySelectorAll<HTMLInputElement>(".attnw-matrix-tools input")];
  choice.find(({ value }) => value === "mean")!.click();
  expect(one.state.averaged).toBe(true);
  await vi.waitFor(() => expect(one.el.textContent).toContain("Mean of 4 heads, layers 0 to 1"));
  const { plain } = palette("light", 0);
  await vi.waitFor(() => expect(square(one.el, 1, 2)).toBe(plain[levelOf(0.5)]));
  expect(square(one.el, 1, 1)).toBe(plain[levelOf(0.25)]);
  expect(square(one.el, 1, 4)).toBe(plain[0]);
  one.model.set("query", 2);
  one.model.set("key", 3);
  await vi.waitFor(() =>
    expect(one.sent.at(-1)).toMatchObject({ ask: "row", layers: [0, 1], heads: [0, 1], query: 2 }),
  );
  const row = new DataView(Float32Array.of(0, 0, 0.25, 0.5, 0.25).buffer);
  one.emit("msg:custom", { id: one.sent.at(-1)!.id, result: "row" }, [row]);
  await vi.waitFor(() =>
    expect(find(one.el, "attnw-reading").textContent).toMatch(
      /Mean of 4 heads.*“dog” looks at “ran” with 0\.50.*row sum 1\.00/,
    ),
  );
});

test("a mean that Python has sent in full is drawn as it came", async () => {
  const focus = new DataView(new Uint8Array(16).fill(77).buffer);
  const one = await view(
    pooled(4, 2, {
      averaged: true,
      _focus: focus,
      _focus_place: [0, 2, 4, 4, 0, 1, 2, 3],
      colors: "viridis",
    }),
  );
  const { plain } = palette("light", 0, "viridis");
  const pixel = () => square(one.el, 1, 1);
  expect(pixel()).toBe(plain[77]);
  one.model.set("heads", [0, 1, 2]);
  await vi.waitFor(() => expect(pixel()).toBe(plain[99]));
  one.model.set("averaged", false);
  await vi.waitFor(() => expect(find(one.el, "attnw-matrix").ariaLabel).toContain("Layer 0"));
});

test("a row is read with its sum, and with what is drawn of it where that is less", async () => {
  const one = await view({ query: 2, key: 3, threshold: 0.15, special_mode: "hide" });
  await vi.waitFor(() => expect(one.sent).toHaveLength(1));
  const row = new DataView(Float32Array.of(0.5, 0.1, 0.2, 0.2, 0).buffer);
  one.emit("msg:custom", { id: one.sent[0]!.id, result: "row" }, [row]);
  const reading = () => find(one.el, "attnw-reading").textContent;
  await vi.waitFor(() => expect(reading()).toContain("row sum 1.00, drawn 0.40"));
  expect(reading()).toContain("Layer 0, head 0: ");
});

test("without a kernel the row and its sum are read about, with commas between", async () => {
  const levels = new Uint8Array(LAYERS * HEADS * 25);
  levels.set([200, 150, 60, 30, 0], 2 * 5);
  const one = await view({ _cells: new DataView(levels.buffer), query: 2, key: 3 });
  await vi.waitFor(() => expect(one.sent).toHaveLength(1));
  one.emit("msg:custom", { id: one.sent[0]!.id, absent: true }, []);
  await vi.waitFor(() =>
    expect(find(one.el, "attnw-reading").textContent).toMatch(
      /“dog” looks most at \[CLS\] [\d.]+, a [\d.]+, dog [\d.]+, ran [\d.]+ · row sum ≈ 1\.03/,
    ),
  );
});

test("colours follow the scale and the table that are chosen, beside the legend", async () => {
  const one = await view({ special_mode: "off" });
  const select = find<HTMLSelectElement>(one.el, "attnw-scale");
  select.value = "log";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  expect(one.state.scale).toBe("log");
  const tables = [...one.el.querySelectorAll<HTMLInputElement>(".attnw-tables input")];
  expect(tables.map(({ ariaLabel }) => ariaLabel)).toEqual(["magma", "viridis", "cividis"]);
  tables[2]!.click();
  expect(one.state.colors).toBe("cividis");
  const { plain } = palette("light", 0, "cividis", "log");
  await vi.waitFor(() => expect(square(one.el, 0, 0)).toBe(plain[255]));
  expect(one.el.querySelector(".attnw-ticks")!.textContent).toBe("0.00010.0010.010.11");
  const ring = () => one.el.querySelector<HTMLInputElement>(".attnw-threshold")!;
  ring().value = String(Math.round(255 / 2));
  ring().dispatchEvent(new Event("input", { bubbles: true }));
  expect(one.state.threshold).toBeCloseTo(0.01, 3);
  one.model.set("scale", "row");
  await vi.waitFor(() =>
    expect(one.el.querySelector(".attnw-scale-name")?.textContent).toContain("largest in its row"),
  );
  expect(one.el.querySelector(".attnw-ticks")!.textContent).toContain("20%");
  expect(ring().ariaLabel).toBe("Hide weights below");
});

test("what stands beside the squares is named below, and labels that thin out say so", async () => {
  const mask = { kind: "local", left: 3, right: 3 };
  const one = await view(pooled(80, 1, { mask }), 480);
  for (const part of [
    "right: how much",
    "below: attention",
    "edge of the mask",
    "A, B",
    "token is named",
  ])
    expect(notes(one)).toContain(part);
  expect(notes(one)).toContain("every 3rd token is named");
  one.model.set("zoom", [0, 20, 0, 80]);
  await vi.waitFor(() => expect(notes(one)).toContain("every 3rd column is named"));
  expect(notes(one)).not.toContain("row is named");
});

test("labels are cut between letters, and keep their own direction", () => {
  const family = "👨‍👩‍👧‍👦";
  const cutUp = label(family.repeat(40)).replace("…", "");
  expect(cutUp.length % family.length).toBe(0);
  expect(label("e\u0301".repeat(60)).replace("…", "").length % 2).toBe(0);
  const hebrew = label("שלום".repeat(30));
  expect(hebrew.startsWith("\u2068") && hebrew.endsWith("…\u2069")).toBe(true);
  expect(label("\u0301")).toBe("◌\u0301");
  expect(label("dog")).toBe("dog");
});

for (const theme of ["light", "dark"] as const)
  test(`axe finds nothing in a part of a mean: ${theme}`, async () => {
    document.body.dataset.jpThemeLight = String(theme === "light");
    document.body.style.background = theme === "light" ? "#fff" : "#111";
    const change = { averaged: true, zoom: [4, 24, 4, 24], scale: "head", lang: "ja", query: 5 };
    const one = await view(pooled(40, 1, change), 480);
    const { violations } = await axe.run(one.el);
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    delete document.body.dataset.jpThemeLight;
    document.body.style.background = "";
  });
