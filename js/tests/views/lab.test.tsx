import axe from "axe-core";
import { afterEach, expect, test, vi } from "vitest";
import widget from "../../src/lab";
import "../../src/widget.css";
import { parse } from "../../src/masks";
import { fakeModel } from "../fake_model";

type Shown = ReturnType<typeof fakeModel> & { el: HTMLElement; stop: () => void };
const shown: Shown[] = [];

afterEach(() => {
  for (const one of shown.splice(0)) one.stop();
  document.body.replaceChildren();
  delete document.body.dataset.jpThemeLight;
  document.body.style.background = "";
});

async function show(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  const model = fakeModel({
    _roles: [],
    _segments: [],
    _tokens: [],
    _layers: [],
    _heads: [],
    _kept: {},
    _bits: new DataView(new ArrayBuffer(0)),
    layer: 0,
    head: 0,
    n: 32,
    mask: parse("local(2)"),
    lang: "en",
    ...change,
  });
  const el = document.createElement("div");
  el.style.width = `${width}px`;
  document.body.append(el);
  const stop = await widget.render({
    model: model.model,
    el,
    signal: new AbortController().signal,
  } as unknown as Parameters<typeof widget.render>[0]);
  const view = { ...model, el, stop: stop as () => void };
  shown.push(view);
  await vi.waitFor(() => expect(find(view, "attnw-mask").dataset.drawn).toBeDefined());
  return view;
}

function find<T extends HTMLElement = HTMLElement>(view: Shown, testid: string): T {
  const found = view.el.querySelector<T>(`[data-testid=${testid}]`);
  if (!found) throw new Error(`no ${testid}`);
  return found;
}

function pixel(view: Shown, q: number, k: number, n = 32): number[] {
  const canvas = find<HTMLCanvasElement>(view, "attnw-mask");
  const at = (i: number) => Math.floor(((i + 0.5) * canvas.width) / n);
  return [...canvas.getContext("2d")!.getImageData(at(k), at(q), 1, 1).data];
}

test("the picture is the mask, row by row", async () => {
  const view = await show({ mask: parse("local(left=0, right=3) & ~sink(1)") });
  const kept = pixel(view, 5, 6);
  for (let q = 0; q < 32; q++)
    for (let k = 0; k < 32; k++) {
      const allowed = k >= q && k <= q + 3 && k > 0;
      if (allowed) expect(pixel(view, q, k)).toEqual(kept);
      else expect(pixel(view, q, k)).not.toEqual(kept);
    }
});

test("a knob moves the mask, its text, its costs and its growth", async () => {
  const view = await show();
  const knob = find<HTMLInputElement>(view, "attnw-knob-window");
  knob.value = "5";
  knob.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await vi.waitFor(() =>
    expect(find<HTMLInputElement>(view, "attnw-mask-text").value).toBe("local(5)"),
  );
  expect(view.state.mask).toEqual({ kind: "local", left: 5, right: 5 });
  expect(find(view, "attnw-lab-cost").textContent).toContain("322 of 1,024 pairs");
  expect(find(view, "attnw-growth").textContent).toContain("power 1.00");
});

test("parts are added, joined and removed", async () => {
  const view = await show();
  find(view, "attnw-add-part").click();
  await vi.waitFor(() =>
    expect(find<HTMLInputElement>(view, "attnw-mask-text").value).toBe("local(2) | global_(0)"),
  );
  const [join] = view.el.querySelectorAll("select");
  const second = [...view.el.querySelectorAll("select")].find((s) => s.value === "or") ?? join!;
  second.value = "minus";
  second.dispatchEvent(new Event("change", { bubbles: true }));
  await vi.waitFor(() =>
    expect(find<HTMLInputElement>(view, "attnw-mask-text").value).toBe("local(2) & ~global_(0)"),
  );
  view.el.querySelectorAll<HTMLButtonElement>(".attnw-part .attnw-plain")[1]!.click();
  await vi.waitFor(() =>
    expect(find<HTMLInputElement>(view, "attnw-mask-text").value).toBe("local(2)"),
  );
});

test("a mask that only text can say is kept, and one that does not fit says why", async () => {
  const view = await show({ mask: parse("global_cols(3) | local(1)") });
  expect(view.el.textContent).toContain("parts cannot say it");
  view.model.set("mask", parse("global_(40)"));
  await vi.waitFor(() =>
    expect(view.el.querySelector(".attnw-problem")?.textContent).toContain("40"),
  );
  view.model.set("n", 64);
  await vi.waitFor(() => expect(view.el.querySelector(".attnw-problem")).toBeNull());
});

test("reach is stepped by hand, and says when it never arrives", async () => {
  const view = await show({ mask: parse("dilated(2, 2)") });
  const step = find<HTMLButtonElement>(view, "attnw-reach-step");
  const before = pixel(view, 4, 12);
  for (let i = 0; i < 3; i++) {
    step.click();
    await vi.waitFor(() =>
      expect(find(view, "attnw-reach").textContent).toContain(`${i + 2} layers`),
    );
  }
  await vi.waitFor(() => expect(pixel(view, 4, 12)).not.toEqual(before));
  expect(pixel(view, 4, 13)).toEqual(pixel(view, 4, 31));
  expect(view.el.textContent).toContain("It never reaches all tokens");
});

test("a row says what it sees; the keyboard moves it, zooms and shows all again", async () => {
  const view = await show({ mask: parse("local(1) | sink(1)") });
  const canvas = find<HTMLCanvasElement>(view, "attnw-mask");
  const press = (key: string) =>
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (let i = 0; i < 7; i++) press("ArrowDown");
  await vi.waitFor(() =>
    expect(find(view, "attnw-lab-row").textContent).toBe("Token 7 sees 4 tokens: 0, 6–8"),
  );
  press("+");
  await vi.waitFor(() => expect(view.el.textContent).toContain("show all"));
  press("0");
  await vi.waitFor(() => expect(view.el.textContent).not.toContain("show all"));
});

test("a text's own tokens are named, and its length is fixed", async () => {
  const view = await show({
    n: 3,
    _roles: ["cls", "word", "sep"],
    _tokens: ["[CLS]", "<b>dog</b>", "[SEP]"],
    mask: parse("global_('sep') | local(0)"),
  });
  expect(find<HTMLInputElement>(view, "attnw-length").disabled).toBe(true);
  const canvas = find<HTMLCanvasElement>(view, "attnw-mask");
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  await vi.waitFor(() =>
    expect(find(view, "attnw-lab-row").textContent).toContain("1 “<b>dog</b>”–2 “[SEP]”"),
  );
  expect(view.el.querySelector("b b")).toBeNull();
});

test("a mask that follows the data waits for Python, and drops answers of old", async () => {
  const bits = Uint8Array.from([0b00010001, 0b10000000, 0b00000001]); // 5 x 5: (0,0) (0,4) (3,0) (3,1)
  const view = await show({
    n: 5,
    _roles: ["cls", "word", "word", "word", "sep"],
    _tokens: ["[CLS]", "a", "b", "c", "[SEP]"],
    _layers: [0, 1],
    _heads: [0, 1, 2],
    layer: 1,
    head: 2,
    mask: parse("top_k(1)"),
  });
  const empty = pixel(view, 0, 0, 5);
  const answer = { text: "top_k(1)", share: 0.42, place: [1, 2] };
  view.model.set("_bits", new DataView(Uint8Array.from([...bits, 0]).buffer));
  view.model.set("_kept", answer);
  await vi.waitFor(() => expect(pixel(view, 0, 0, 5)).not.toEqual(empty));
  expect(pixel(view, 0, 4, 5)).toEqual(pixel(view, 0, 0, 5));
  expect(pixel(view, 1, 1, 5)).toEqual(empty);
  expect(find(view, "attnw-lab-kept").textContent).toContain("keeps 42%");
  const head = find<HTMLSelectElement>(view, "attnw-lab-head");
  head.value = "0";
  head.dispatchEvent(new Event("change", { bubbles: true }));
  expect(view.state.head).toBe(0);
  await vi.waitFor(() => expect(pixel(view, 0, 0, 5)).toEqual(empty));
});

test("a million tokens are drawn and counted", async () => {
  const view = await show({ n: 2 ** 20, mask: parse("local(256) | global_(0)") });
  expect(find(view, "attnw-lab-cost").textContent).toContain("539,950,334 of 1,099,511,627,776");
  expect(view.el.textContent).toContain("a spread of them is drawn");
});

test("two laboratories live apart, and leave nothing behind", async () => {
  const one = await show();
  const two = await show({ lang: "ja" });
  one.model.set("mask", parse("local(9)"));
  await vi.waitFor(() =>
    expect(find<HTMLInputElement>(one, "attnw-mask-text").value).toBe("local(9)"),
  );
  expect(find<HTMLInputElement>(two, "attnw-mask-text").value).toBe("local(2)");
  for (const view of shown.splice(0)) {
    view.stop();
    expect(view.listeners()).toBe(0);
    expect(view.el.childElementCount).toBe(0);
  }
});

for (const theme of ["light", "dark"] as const)
  for (const lang of ["en", "ja"] as const)
    test(`axe finds nothing: ${theme}, ${lang}`, async () => {
      document.body.dataset.jpThemeLight = String(theme === "light");
      document.body.style.background = theme === "light" ? "#fff" : "#111";
      const view = await show({ lang, mask: parse("local(2) | global_('cls')") });
      find<HTMLButtonElement>(view, "attnw-reach-step").click();
      const { violations } = await axe.run(view.el);
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
