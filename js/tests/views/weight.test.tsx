/** What a view may weigh: elements, timers and listeners, whatever the text. */

import { afterEach, expect, test, vi } from "vitest";
import type { View } from "../../src/data/types";
import { fakeModel } from "../fake_model";
import { drawn, record, role, show, traits } from "./shown";

const MOST_ELEMENTS = 3000;
const VIEWS: View[] = ["matrix", "lines", "text", "neuron", "layers", "table"];

const gone: (() => void)[] = [];
afterEach(() => {
  for (const clean of gone.splice(0)) clean();
});

/** A record of many heads or tokens, whose cells are pooled as Python does it. */
function large(layers: number, heads: number, length: number, cells: number) {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
  const table = (value: number) => numbers(layers).map(() => numbers(heads).map(() => value));
  const tokens = numbers(length).map((i) => ({
    text: `token${i}`,
    ...role(i === 0 ? "cls" : i === length - 1 ? "sep" : "word"),
    segment: 0,
  }));
  const bytes = new Uint8Array(layers * heads * cells * cells).map((_, i) => (i * 31) % 251);
  return {
    _record: record({
      shape: [layers, heads, length, length],
      layers: numbers(layers),
      heads: numbers(heads),
      tokens,
      special: {
        groups: {
          cls: { share: table(0.3), uniform: 0.1 },
          sep: { share: table(0.2), uniform: 0.1 },
        },
        rows: {},
      },
    }),
    _cells: new DataView(bytes.buffer),
    _cells_shape: [layers, heads, cells, cells],
    layers: [0, layers - 1],
    heads: numbers(heads),
  };
}

const shapes: [number, number, number, number][] = [
  [12, 12, 2048, 64],
  [32, 32, 128, 48],
];
for (const shape of shapes)
  test.each(VIEWS)(`the elements of ${shape.join(" × ")} are bounded: %s`, async (view) => {
    const { el, model, stop } = await show(fakeModel(traits(large(...shape))), 1400);
    gone.push(stop);
    model.set("view", view);
    const frame = () => new Promise(requestAnimationFrame);
    for (let count = 0; count < 3; count++) await frame();
    expect(el.getElementsByTagName("*").length).toBeLessThan(MOST_ELEMENTS);
  });

test("a view that nobody sees neither draws nor waits for anything", async () => {
  const { el, model, stop } = await show(fakeModel(traits()));
  gone.push(stop);
  el.style.position = "absolute";
  el.style.top = "-9000px";
  const wait = window.setTimeout.bind(window); // as it is before it is counted
  await new Promise((done) => wait(done, 300));
  const before = drawn(el, "attnw-grid");
  const asked = (["setTimeout", "setInterval", "requestAnimationFrame"] as const).map((name) =>
    vi.spyOn(window, name),
  );
  await new Promise((done) => wait(done, 300));
  const calls = asked.map((spy) => spy.mock.calls.length);
  vi.restoreAllMocks();
  model.set("threshold", 0.5);
  await new Promise((done) => wait(done, 100));
  expect(calls).toEqual([0, 0, 0]);
  expect(drawn(el, "attnw-grid")).toBe(before);
});

test("what a view has listened to is let go of", async () => {
  const held: { type: string; signal: AbortSignal | undefined }[] = [];
  const real = EventTarget.prototype.addEventListener;
  vi.spyOn(EventTarget.prototype, "addEventListener").mockImplementation(function (
    this: EventTarget,
    type,
    listener,
    options,
  ) {
    const outlives = [window, document, document.body, document.documentElement].includes(
      this as Document,
    );
    if (outlives || this instanceof MediaQueryList)
      held.push({ type, signal: typeof options === "object" ? options?.signal : undefined });
    real.call(this, type, listener, options);
  });
  const { el, listeners, stop } = await show(fakeModel(traits()));
  vi.restoreAllMocks();
  stop();
  expect(held.length).toBeGreaterThan(0);
  expect(held.filter(({ signal }) => !signal?.aborted)).toEqual([]);
  expect(listeners()).toBe(0);
  expect(el.childElementCount).toBe(0);
});
