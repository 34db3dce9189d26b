import { afterEach, expect, test, vi } from "vitest";
import { parse } from "../../src/masks";
import { ended, find, type Shown, show, soon } from "./lab_shown";

afterEach(ended);

const numbers = (view: Shown, side: "keys" | "queries") =>
  [...view.el.querySelectorAll(`.attnw-names-${side} span`)].map((one) => one.textContent);

function press(view: Shown, key: string): void {
  const canvas = find(view, "attnw-mask");
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

test("a mask that takes long to count is counted in slices, and the page answers", async () => {
  const view = await show({ n: 2 ** 20, mask: parse("strided(1024)") });
  const counting = await soon(view, "attnw-lab-counting");
  expect(counting.textContent).toMatch(/^Counting: .+ of the tokens so far/);
  const share = counting.textContent;
  await vi.waitFor(() => expect(counting.textContent).not.toBe(share), { timeout: 20_000 });
  view.model.set("mask", parse("local(8)"));
  await vi.waitFor(
    () => expect(find(view, "attnw-lab-cost").textContent).toContain("17,825,720 of"),
    { timeout: 20_000 },
  );
});

test("the sides are numbered, and say where one is after a zoom", async () => {
  const view = await show({ n: 2 ** 20, mask: parse("local(8)"), lang: "en" });
  expect(numbers(view, "keys").at(0)).toBe("0");
  expect(numbers(view, "queries").at(-1)).toBe("1,048,575");
  for (let i = 0; i < 10; i++) press(view, "+");
  press(view, "ArrowRight");
  await vi.waitFor(() => expect(numbers(view, "keys").at(0)).toBe("523,904"));
  expect(numbers(view, "keys").at(-1)).toBe("524,927");
  expect(numbers(view, "queries").at(0)).toBe("523,776");
});

test("a row's reading goes with the pointer", async () => {
  const view = await show();
  const canvas = find(view, "attnw-mask");
  const { left, top } = canvas.getBoundingClientRect();
  canvas.dispatchEvent(
    new PointerEvent("pointermove", { clientX: left + 30, clientY: top + 30, bubbles: true }),
  );
  await soon(view, "attnw-lab-row");
  canvas.dispatchEvent(new PointerEvent("pointerleave"));
  await vi.waitFor(() => expect(view.el.querySelector("[data-testid=attnw-lab-row]")).toBeNull());
});

test("growth goes on to the text's own length", async () => {
  const view = await show({ n: 2 ** 15, mask: parse("local(2)") });
  await vi.waitFor(
    () =>
      expect(find(view, "attnw-growth").textContent).toContain(
        "power 1.00, counted up to N = 32,768",
      ),
    { timeout: 20_000 },
  );
});

test("a mask that fits one length alone says so", async () => {
  const view = await show({ n: 48, mask: parse("documents(24, 24)") });
  await vi.waitFor(() => expect(view.el.textContent).toContain("there is no growth to count"));
});

test("the growth of a mask that follows data is Python's, and an answer of old is dropped", async () => {
  const view = await show({
    n: 5,
    _roles: ["cls", "word", "word", "word", "sep"],
    _tokens: [..."abcde"],
    _layers: [0],
    _heads: [0],
    mask: parse("lsh(8)"),
    _kept: { text: "lsh(8)", share: 0.5, place: [0, 0] },
    _bits: new DataView(new ArrayBuffer(4)),
  });
  const ask = await soon<HTMLButtonElement>(view, "attnw-growth-ask");
  expect(view.el.textContent).toContain("depends on a head's data");
  ask.click();
  await vi.waitFor(() => expect(view.sent[0]).toMatchObject({ ask: "growth" }));
  const points = [64, 128, 256].map((n) => [n, n * n]);
  const about = { n: 5, place: [0, 0], points, vectors: true, id: view.sent[0]!.id };
  view.emit("msg:custom", { ...about, text: "lsh(16)" }, []);
  await vi.waitFor(() => expect(ask.disabled).toBe(false));
  expect(view.el.querySelector("[data-testid=attnw-growth]")).toBeNull();
  ask.click();
  await vi.waitFor(() => expect(view.sent).toHaveLength(2));
  view.emit("msg:custom", { ...about, text: "lsh(8)", id: view.sent[1]!.id }, []);
  await vi.waitFor(() => expect(find(view, "attnw-growth").textContent).toContain("power 2.00"));
  expect(view.el.textContent).toContain("drawn by lot");
});
