import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { fakeModel } from "../fake_model";
import { drawn, find, N, record, role, type Shown, show, traits, WORDS } from "./shown";

const view = (values: readonly number[]) => new DataView(Float32Array.from(values).buffer);

/** A pair of head 0.0 as Python tells it; its weights are the soft-max of dots times scaling. */
function told(change: Record<string, unknown> = {}) {
  const q = [1, -2, 0.5, 1];
  const k = [2, 0.5, -1, 1];
  const dots = [0, 1, q.reduce((sum, value, d) => sum + value * k[d]!, 0), -1, 2];
  const powers = dots.map((dot) => Math.exp(dot * 0.5));
  const total = powers.reduce((a, b) => a + b, 0);
  return {
    asked: [0, 0, 1, 2],
    layer: 0,
    head: 0,
    query: 1,
    key: 2,
    scaling: 0.5,
    softcap: null,
    sink: false,
    changed: false,
    q: view(q),
    k: view(k),
    dots: view(dots),
    bias: null,
    weights: view(powers.map((power) => power / total)),
    ...change,
  };
}

async function neuron(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  const model = fakeModel(traits({ view: "neuron", query: 1, key: 2, ...change }));
  return show(model, width, "attnw-grid");
}

const text = (el: HTMLElement) => el.querySelector<HTMLElement>(".attnw-neuron")!.textContent!;
const numbers = (el: HTMLElement) =>
  [...el.querySelectorAll(".attnw-steps output")].map((one) => one.textContent);
const button = (el: HTMLElement, name: string) =>
  [...el.querySelectorAll<HTMLButtonElement>(".attnw-neuron button")].find(
    (one) => one.getAttribute("aria-label") === name || one.textContent === name,
  )!;

test("what is not here is asked for once, by the pair that is picked", async () => {
  const { el, sent, model, emit } = await neuron();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "score")).toBe(true));
  const asked = sent.filter(({ ask }) => ask === "score");
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ layer: 0, head: 0, query: 1, key: 2 });
  model.set("_score", told());
  emit("msg:custom", { id: asked[0]!.id, result: "told" }, []);
  await vi.waitFor(() => expect(numbers(el)).toHaveLength(5));
  expect(sent.filter(({ ask }) => ask === "score")).toHaveLength(1);
});

test("each step has its number, and the last is the recorded weight", async () => {
  const { el, sent } = await neuron({ _score: told() });
  expect(numbers(el)).toEqual(["1.5", "0.75", "0.75", "0.2617", "0.2617"]);
  expect(find(el, "attnw-agrees").textContent).toContain("The same");
  expect(text(el)).toContain("products above zero add up to 3. Blue, down: those below, to −1.5.");
  expect(sent.some(({ ask }) => ask === "score")).toBe(false);
});

test("soft-cap, bias and sink are steps where a model has them", async () => {
  const plain = told();
  const capped = await neuron({ _score: told({ softcap: 2, bias: view([0, 0, -1, 0, 0]) }) });
  expect(numbers(capped.el).slice(0, 4)).toEqual(["1.5", "0.75", "0.7167", "−0.2833"]);
  expect(text(capped.el)).toContain("− 1");
  const half = new DataView(plain.weights.buffer.slice(0));
  for (let at = 0; at < N; at++) half.setFloat32(4 * at, half.getFloat32(4 * at, true) / 2, true);
  const sunk = await neuron({ _score: told({ sink: true, weights: half }) });
  expect(numbers(sunk.el).at(-2)).toBe("0.1308");
  expect(text(sunk.el)).toContain("A learned score that belongs to no token takes 0.5");
  expect(find(sunk.el, "attnw-agrees").textContent).toContain("The same");
});

test("a key that comes later gets minus infinity, and the row's other keys its part", async () => {
  const weights = view([0.5, 0.5, 0, 0, 0]);
  const { el } = await neuron({
    _record: record({ kind: "decoder" }),
    _score: told({ dots: view([1, 1, 1.5, -1, 2]), weights }),
  });
  expect(numbers(el).slice(2)).toEqual(["−∞", "0", "0"]);
  expect(text(el)).toContain("The mask forbids 3 of the row's 5.");
});

test.each([
  [false, "adds something that the record does not hold"],
  [true, "ran under a change"],
])(
  "a weight that the steps do not give is said to be another: changed %s",
  async (changed, why) => {
    const { el } = await neuron({
      _score: told({ changed, weights: view([0.6, 0.1, 0.1, 0.1, 0.1]) }),
    });
    expect(find(el, "attnw-agrees").className).toBe("attnw-problem");
    expect(find(el, "attnw-agrees").textContent).toContain("another weight, 0.1617 away");
    expect(find(el, "attnw-agrees").textContent).toContain(why);
  },
);

test("without queries and keys the line of Python is shown that gives them, and nothing is asked", async () => {
  const line = 'view.record = ModelRunner.from_pretrained("demo").run("a dog ran")';
  const { el, sent } = await neuron({ _score: { asked: [0, 0, 0, 0], absent: line } });
  expect(el.querySelector(".attnw-python")!.textContent).toBe(line);
  expect(sent.some(({ ask }) => ask === "score")).toBe(false);
  const never = await neuron({ _score: { asked: [0, 0, 0, 0], absent: "" } });
  expect(never.el.querySelector(".attnw-python")).toBeNull();
  expect(text(never.el)).toContain("cannot be captured");
});

test("without a kernel the pair that is kept stays, is named, and can be gone to", async () => {
  const { el, sent, emit, state } = await neuron({ _score: told(), key: 4, layer: 1 });
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "score")).toBe(true));
  emit("msg:custom", { id: sent.find(({ ask }) => ask === "score")!.id, absent: true }, []);
  await vi.waitFor(() => expect(text(el)).toContain("needs a running kernel"));
  expect(text(el)).toContain("in layer 0, head 0");
  expect(numbers(el).at(-1)).toBe("0.2617");
  button(el, "go there").click();
  expect(state).toMatchObject({ layer: 0, head: 0, query: 1, key: 2 });
  await vi.waitFor(() => expect(text(el)).not.toContain("needs a running kernel"));
});

test("where nothing was ever asked and nobody answers, that is said", async () => {
  const { el, sent, emit } = await neuron();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "score")).toBe(true));
  emit("msg:custom", { id: sent.find(({ ask }) => ask === "score")!.id, absent: true }, []);
  await vi.waitFor(() => expect(el.textContent).toContain("needs a running kernel"));
});

test("a refusal of Python's is shown", async () => {
  const { el, sent, emit } = await neuron();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "score")).toBe(true));
  emit("msg:custom", { id: sent.find(({ ask }) => ask === "score")!.id, error: "no such key" }, []);
  await vi.waitFor(() => expect(el.textContent).toContain("no such key"));
});

test("both tokens can be changed, and a rival picked", async () => {
  const { el, state } = await neuron({ _score: told(), query: null, key: null });
  button(el, "looking token: the token after").click();
  expect(state).toMatchObject({ query: 2, key: 2 });
  button(el, "token looked at: the token before").click();
  expect(state).toMatchObject({ query: 1, key: 1 });
  const rival = [...el.querySelectorAll<HTMLButtonElement>(".attnw-rivals button")];
  expect(rival.map((one) => one.querySelector("bdi")!.textContent)).toEqual(
    [4, 2, 1, 0, 3].map((at) => WORDS[at]),
  );
  rival[0]!.click();
  expect(state).toMatchObject({ query: 1, key: 4 });
});

test("arrows read one dimension after the other, in the order that is chosen", async () => {
  const { el } = await neuron({ _score: told() });
  const canvas = find<HTMLCanvasElement>(el, "attnw-dimensions");
  await vi.waitFor(() => expect(drawn(el, "attnw-dimensions")).toBeGreaterThan(0));
  const press = (key: string) =>
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  press("ArrowRight");
  await vi.waitFor(() => expect(text(el)).toContain("Dimension 0: 1 × 2 = 2"));
  press("ArrowRight");
  await vi.waitFor(() => expect(text(el)).toContain("Dimension 1: −2 × 0.5 = −1"));
  press("End");
  await vi.waitFor(() => expect(text(el)).toContain("Dimension 3: 1 × 1 = 1"));
  press("Escape");
  await vi.waitFor(() => expect(text(el)).not.toContain("Dimension 3"));
  el.querySelector<HTMLInputElement>(".attnw-dimensions input[value=size]")!.click();
  press("End");
  await vi.waitFor(() => expect(text(el)).toContain("Dimension 2: 0.5 × −1 = −0.5"));
});

test("a pointer reads the dimension under it", async () => {
  const { el } = await neuron({ _score: told() });
  const canvas = find<HTMLCanvasElement>(el, "attnw-dimensions");
  await vi.waitFor(() => expect(drawn(el, "attnw-dimensions")).toBeGreaterThan(0));
  const box = canvas.getBoundingClientRect();
  const at = { clientX: box.right - 6, clientY: box.top + 10, bubbles: true };
  canvas.dispatchEvent(new PointerEvent("pointermove", at));
  await vi.waitFor(() => expect(text(el)).toContain("Dimension 3"));
  canvas.dispatchEvent(new PointerEvent("pointerleave"));
  await vi.waitFor(() => expect(text(el)).not.toContain("Dimension 3"));
});

test("256 dimensions and 2,048 keys are few nodes", async () => {
  const n = 2048;
  const many = Array.from({ length: n }, (_, i) => ({
    text: `w${i}`,
    ...role("word"),
    segment: 0,
  }));
  const even = view(Array(n).fill(1 / n));
  const wide = view(Array.from({ length: 256 }, (_, d) => Math.sin(d)));
  const { el } = await neuron(
    {
      _record: record({ shape: [3, 4, n, n], tokens: many }),
      _score: told({ q: wide, k: wide, dots: view(Array(n).fill(128)), weights: even }),
    },
    480,
  );
  await vi.waitFor(() => expect(drawn(el, "attnw-dimensions")).toBeGreaterThan(0));
  expect(el.querySelector(".attnw-neuron")!.querySelectorAll("*").length).toBeLessThan(150);
  expect(text(el)).toContain("2040 others");
});

test.each(["en", "ja"])("axe finds nothing: %s", async (lang) => {
  const { el } = await neuron({ _score: told({ softcap: 2, bias: view([0, 0, -1, 0, 0]) }), lang });
  expect((await axe.run(el)).violations).toEqual([]);
});
