import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { fakeModel } from "../fake_model";
import { drawn, find, LAYERS, N, perHead, record, role, type Shown, show, traits } from "./shown";

const DEPTH = {
  heads: {
    itself: perHead((l, h) => (l + h) / 20),
    previous: perHead(() => 0.1),
    next: perHead((l) => (l === 1 ? null : 0.2) as number),
    local: perHead(() => 0.3),
    entropy: perHead((_, h) => h / 4),
  },
  even: { itself: 0.2, previous: 0.2, next: 0.2, local: 0.5, entropy: 1 },
  layers: {},
};

/** Half of what there is moves on to the token before, layer by layer. */
function told(change: Record<string, unknown> = {}) {
  const steps = [
    [0, 0, 1, 0, 0],
    [0, 0.5, 0.5, 0, 0],
    [0.25, 0.5, 0.25, 0, 0],
  ];
  const raw = new DataView(Float32Array.from(steps.flat()).buffer);
  return { asked: [1, 2], layer: 1, query: 2, raw, norms: null, ...change };
}

async function layers(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits({ view: "layers", ...change })), width, "attnw-grid");
}

const text = (el: HTMLElement) => el.querySelector<HTMLElement>(".attnw-depth")!.textContent!;
const panel = (el: HTMLElement, id: string) =>
  el.querySelector<HTMLElement>(`[data-panel="${id}"]`)!;

test("special tokens are there at once; the rest is asked for, once", async () => {
  const { el, sent, model, emit } = await layers({ layer: 1 });
  expect(panel(el, "cls").textContent).toContain("on [CLS] 25%");
  expect(panel(el, "cls").textContent).toContain("heads: 10% to 40%");
  expect(panel(el, "itself")).toBeNull();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "depth")).toBe(true));
  model.set("_depth", DEPTH);
  emit("msg:custom", { id: sent.find(({ ask }) => ask === "depth")!.id, result: "told" }, []);
  await vi.waitFor(() => expect(panel(el, "itself").textContent).toContain("on itself 13%"));
  expect(panel(el, "entropy").textContent).toContain("entropy 0.38");
  expect(panel(el, "next").textContent).toContain("–");
  expect(sent.filter(({ ask }) => ask === "depth")).toHaveLength(1);
});

test("only the heads and layers shown, and the roles that count, are drawn", async () => {
  const { el } = await layers({
    _depth: DEPTH,
    heads: [3],
    layers: [1, 2],
    layer: 2,
    special_roles: ["cls"],
  });
  expect(panel(el, "cls").textContent).toContain("on [CLS] 50%");
  expect(panel(el, "cls").textContent).not.toContain("heads:");
  expect(panel(el, "sep")).toBeNull();
  expect(find<HTMLInputElement>(el, "attnw-depth").querySelector("input")!.max).toBe("1");
});

test("a click goes to the layer under it, the slider to any, and pointing only reads", async () => {
  const { el, state } = await layers({ _depth: DEPTH });
  const at = (part: number) => {
    const box = panel(el, "itself").querySelector("svg")!.getBoundingClientRect();
    return { clientX: box.left + part * box.width, clientY: box.top + 20, bubbles: true };
  };
  const area = () => panel(el, "itself").querySelector("div")!;
  area().dispatchEvent(new PointerEvent("pointermove", at(0.98)));
  await vi.waitFor(() => expect(panel(el, "cls").textContent).toContain("35%"));
  expect(state.layer).toBe(0);
  area().dispatchEvent(new PointerEvent("pointerleave"));
  await vi.waitFor(() => expect(panel(el, "cls").textContent).toContain("15%"));
  area().dispatchEvent(new MouseEvent("click", at(0.5)));
  expect(state.layer).toBe(1);
  const slider = el.querySelector<HTMLInputElement>(".attnw-depth input[type=range]")!;
  slider.value = "2";
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  expect(state.layer).toBe(2);
});

test("a second record's shares are drawn beside, and norms where they are known", async () => {
  const second = {
    kind: "norms",
    name: "",
    text: [],
    loneQueries: [],
    loneKeys: [],
    moved: perHead(() => 0),
    groups: { cls: perHead(() => 0.02), sep: perHead(() => 0) },
    rows: {},
  };
  const { el } = await layers({
    _depth: { ...DEPTH, layers: { special: [0.1, null, 0.3], context: [0.4, 0.5, 0.6] } },
    _second: second,
    _second_cells: new DataView(new ArrayBuffer(LAYERS * 4 * N * N)),
  });
  expect(panel(el, "cls").textContent).toContain("┄ 2%");
  expect(panel(el, "cls").querySelector(".attnw-second")).not.toBeNull();
  expect(panel(el, "norms special").textContent).toContain("special tokens, by norms 10%");
  expect(panel(el, "norms context").textContent).toContain("40%");
  expect(text(el)).toContain("what arrives");
});

test("without a kernel what is missing is said, and what is here stays", async () => {
  const { el, sent, emit } = await layers();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "depth")).toBe(true));
  emit("msg:custom", { id: sent.find(({ ask }) => ask === "depth")!.id, absent: true }, []);
  await vi.waitFor(() => expect(text(el)).toContain("needs a running kernel"));
  expect(panel(el, "cls").textContent).toContain("on [CLS]");
});

test("rollout is asked for when it is turned on, and says what it is not", async () => {
  const { el, sent, state, model } = await layers({ _depth: DEPTH, layer: 1, query: 2 });
  expect(sent.some(({ ask }) => ask === "rollout")).toBe(false);
  el.querySelector<HTMLInputElement>(".attnw-depth input[type=checkbox]")!.click();
  expect(state.rollout).toBe(true);
  await vi.waitFor(() =>
    expect(sent.find(({ ask }) => ask === "rollout")).toMatchObject({ layer: 1, query: 2 }),
  );
  model.set("_rollout", told());
  await vi.waitFor(() => expect(drawn(el, "attnw-rollout")).toBeGreaterThan(0));
  expect(text(el)).toContain("rollout (Abnar & Zuidema 2020)".replace("r", "R"));
  expect(text(el)).toContain("not: an explanation of the answer");
  expect(text(el)).toContain("most from: a 50%, [CLS] 25%, dog 25%");
});

test("a place of the strip is read by pointing, and its token followed by a click or arrows", async () => {
  const { el, state } = await layers({
    _depth: DEPTH,
    layer: 1,
    query: 2,
    rollout: true,
    _rollout: told(),
  });
  await vi.waitFor(() => expect(drawn(el, "attnw-rollout")).toBeGreaterThan(0));
  const canvas = find<HTMLCanvasElement>(el, "attnw-rollout");
  const box = canvas.getBoundingClientRect();
  const first = { clientX: box.left + 140, clientY: box.top + 4 + 15 * 1.5, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointermove", first));
  await vi.waitFor(() =>
    expect(text(el)).toContain("“dog” after layer 1: 50% of it comes by way of “a”, input"),
  );
  const next = { ...first, clientX: box.left + 134 + 70 };
  canvas.dispatchEvent(new PointerEvent("pointermove", next));
  await vi.waitFor(() => expect(text(el)).toContain("by way of “a”, after layer 0"));
  canvas.dispatchEvent(new PointerEvent("pointerleave"));
  await vi.waitFor(() => expect(text(el)).toContain("most from"));
  canvas.dispatchEvent(new MouseEvent("click", first));
  expect(state.query).toBe(1);
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  expect(state.query).toBe(3);
});

test("norms are another rollout where they are known", async () => {
  const norms = new DataView(
    Float32Array.from([0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.9, 0.1, 0]).buffer,
  );
  const { el } = await layers({
    _depth: DEPTH,
    layer: 1,
    query: 2,
    rollout: true,
    _rollout: told({ norms }),
  });
  el.querySelector<HTMLInputElement>(".attnw-rollout input[value=norms]")!.click();
  await vi.waitFor(() => expect(text(el)).toContain("most from: dog 90%, ran 10%"));
  expect(text(el)).toContain("Kobayashi et al. 2021");
});

test.each([
  ["cross", "from one text to another"],
  ["gap", "in between are not in this record"],
  ["part", "a part of its text"],
])("where layers cannot be followed, that is said: %s", async (absent, why) => {
  const { el, sent } = await layers({
    _depth: DEPTH,
    rollout: true,
    _rollout: { asked: [0, null], absent },
  });
  expect(text(el)).toContain(why);
  expect(sent.some(({ ask }) => ask === "rollout")).toBe(false);
});

test("without a kernel the token that is kept stays, and can be gone to", async () => {
  const { el, sent, emit, state } = await layers({
    _depth: DEPTH,
    layer: 1,
    query: 0,
    rollout: true,
    _rollout: told(),
  });
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "rollout")).toBe(true));
  emit("msg:custom", { id: sent.find(({ ask }) => ask === "rollout")!.id, absent: true }, []);
  await vi.waitFor(() => expect(text(el)).toContain("needs a running kernel"));
  [...el.querySelectorAll<HTMLButtonElement>(".attnw-kept button")][0]!.click();
  expect(state.query).toBe(2);
  await vi.waitFor(() => expect(text(el)).not.toContain("needs a running kernel"));
});

test("80 layers and 2,048 tokens are few nodes", async () => {
  const [n, deep] = [2048, 80];
  const many = Array.from({ length: n }, (_, i) => ({
    text: `w${i}`,
    ...role("word"),
    segment: 0,
  }));
  const numbers = Array.from({ length: deep }, (_, l) => [0.5, l / deep, 0.1, 0.2]);
  const raw = new Float32Array((deep + 1) * n).fill(1 / n);
  const { el } = await layers({
    _record: record({
      shape: [deep, 4, n, n],
      tokens: many,
      layers: [...numbers.keys()],
      special: { groups: { cls: { share: numbers, uniform: 0.1 } }, rows: {} },
    }),
    _cells: new DataView(new ArrayBuffer(deep * 4 * 4)),
    _cells_shape: [deep, 4, 2, 2],
    _depth: { heads: { entropy: numbers }, even: { entropy: 1 }, layers: {} },
    layers: [0, 79],
    layer: 79,
    query: 5,
    rollout: true,
    _rollout: { asked: [79, 5], layer: 79, query: 5, raw: new DataView(raw.buffer), norms: null },
  });
  await vi.waitFor(() => expect(drawn(el, "attnw-rollout")).toBeGreaterThan(0));
  expect(el.querySelector(".attnw-depth")!.querySelectorAll("*").length).toBeLessThan(200);
});

test.each(["en", "ja"])("axe finds nothing: %s", async (lang) => {
  const { el } = await layers({
    _depth: DEPTH,
    layer: 1,
    query: 2,
    rollout: true,
    _rollout: told({ norms: told().raw }),
    lang,
  });
  await vi.waitFor(() => expect(drawn(el, "attnw-rollout")).toBeGreaterThan(0));
  expect((await axe.run(el)).violations).toEqual([]);
});
