import axe from "axe-core";
import { expect, test, vi } from "vitest";
import "../../src/widget.css";
import { palette } from "../../src/draw/color";
import { parse } from "../../src/masks";
import { fakeModel } from "../fake_model";
import {
  drawn,
  find,
  HEADS,
  LAYERS,
  N,
  perHead,
  ROLES,
  record,
  role,
  show,
  square,
  traits,
  WORDS,
} from "./shown";

test("each query's look lands in its row and its key's column", async () => {
  const view = await show(fakeModel(traits({ layer: 1, head: 1, special_mode: "off" })));
  const { plain } = palette("light", 0);
  for (let q = 0; q < N; q++)
    for (let k = 0; k < N; k++)
      expect(square(view.el, q, k)).toBe(plain[k === (q + 2) % N ? 255 : 0]);
});

test("both views of one model follow each other and Python", async () => {
  const model = fakeModel(traits());
  const [one, two] = [await show(model), await show(model)];
  const before = drawn(two.el, "attnw-matrix");
  find<HTMLElement>(one.el, "attnw-grid").focus();
  find<HTMLElement>(one.el, "attnw-grid").dispatchEvent(
    new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }),
  );
  expect(model.state.head).toBe(1);
  await vi.waitFor(() => expect(drawn(two.el, "attnw-matrix")).toBeGreaterThan(before));
  expect(find(two.el, "attnw-grid").getAttribute("aria-label")).toContain("layer 0, head 1");
  model.model.set("layer", 2);
  await vi.waitFor(() =>
    expect(find(one.el, "attnw-matrix").getAttribute("aria-label")).toContain("Layer 2, head 1"),
  );
});

test("two models on one page do not disturb each other", async () => {
  const one = await show(fakeModel(traits()));
  const two = await show(fakeModel(traits({ layer: 2 })));
  one.model.set("head", 3);
  await vi.waitFor(() =>
    expect(find(one.el, "attnw-grid").getAttribute("aria-label")).toContain("head 3"),
  );
  expect(find(two.el, "attnw-grid").getAttribute("aria-label")).toContain("layer 2, head 0");
});

test("a cleaned-up view leaves no listener, no pixel and no element", async () => {
  const model = fakeModel(traits({ query: 1, key: 1 }));
  const watches = vi.spyOn(MutationObserver.prototype, "disconnect"); // the theme's, the focus's
  const views = [await show(model), await show(model)];
  expect(model.listeners()).toBeGreaterThan(20);
  for (const view of views) view.stop();
  expect(model.listeners()).toBe(0);
  expect(watches).toHaveBeenCalledTimes(4);
  for (const view of views) expect(view.el.childElementCount).toBe(0);
});

test("layers move by their slider's keys, and never past each other", async () => {
  const view = await show(fakeModel(traits()));
  const key = (testid: string, name: string) =>
    find(view.el, testid).dispatchEvent(
      new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }),
    );
  key("attnw-first-layer", "ArrowRight");
  expect(view.state.layers).toEqual([1, 2]);
  await vi.waitFor(() =>
    expect(find(view.el, "attnw-first-layer").getAttribute("aria-valuenow")).toBe("1"),
  );
  key("attnw-last-layer", "Home");
  expect(view.state.layers).toEqual([1, 1]);
  await vi.waitFor(() =>
    expect(find(view.el, "attnw-last-layer").getAttribute("aria-valuenow")).toBe("1"),
  );
  key("attnw-last-layer", "End");
  expect(view.state.layers).toEqual([1, 2]);
});

test("a typed mask veils what it forbids; a wrong one says why and changes nothing", async () => {
  const view = await show(fakeModel(traits({ special_mode: "off" })));
  const input = find<HTMLInputElement>(view.el, "attnw-mask-text");
  const type = (text: string) => {
    input.value = text;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  };
  type("local(0)");
  await vi.waitFor(() => expect(view.state.mask).toEqual({ kind: "local", left: 0, right: 0 }));
  const { plain, veiled } = palette("light", 0);
  await vi.waitFor(() => expect(square(view.el, 0, 3)).toBe(veiled[0]));
  expect(square(view.el, 3, 3)).toBe(plain[255]);
  expect(find(view.el, "attnw-mask-cost").textContent).toContain("5 of 25 pairs (20%)");

  type("local(");
  await vi.waitFor(() => expect(view.el.querySelector("[role=alert]")).not.toBeNull());
  expect(view.state.mask).toEqual({ kind: "local", left: 0, right: 0 });
  type("global_('bos')");
  await vi.waitFor(() =>
    expect(view.el.querySelector("[role=alert]")?.textContent).toContain("bos"),
  );
  expect(view.state.mask).toEqual({ kind: "local", left: 0, right: 0 });
});

test("a mask that Python works out head by head is drawn as it was sent", async () => {
  const perHeadBytes = Math.ceil((N * N) / 8);
  const bytes = new Uint8Array(LAYERS * HEADS * perHeadBytes);
  const at = (1 * HEADS + 2) * perHeadBytes;
  for (const pair of [0, 7, 13]) bytes[at + (pair >> 3)]! |= 1 << (pair & 7);
  const mask = { kind: "top_k", k: 1 };
  const effect = { shared: false, text: "top_k(1)", outside: perHead(() => 0.5), pairs: 3 };
  const view = await show(
    fakeModel(
      traits({
        layer: 1,
        head: 2,
        special_mode: "off",
        mask,
        _mask_effect: { ...effect, low: 0, high: 1 },
        _mask_cells: new DataView(bytes.buffer),
      }),
    ),
  );
  const { veiled } = palette("light", 0);
  for (let q = 0; q < N; q++)
    for (let k = 0; k < N; k++)
      expect(veiled.includes(square(view.el, q, k))).toBe(![0, 7, 13].includes(q * N + k));
  expect(find(view.el, "attnw-mask-outside").textContent).toContain("50%");
  expect(find<HTMLInputElement>(view.el, "attnw-mask-text").value).toBe("top_k(1)");

  view.model.set("mask", { kind: "top_k", k: 2 });
  await vi.waitFor(() => expect(view.el.querySelector("[data-testid=attnw-mask-cost]")).toBeNull());
});

test("the share outside a mask is marked as an estimate until Python has confirmed it", async () => {
  const mask = { kind: "local", left: 0, right: 0 };
  const view = await show(fakeModel(traits({ mask })));
  const outside = () => find<HTMLElement>(view.el, "attnw-mask-outside");
  expect(outside().dataset.exact).toBe("no");
  expect(outside().textContent).toContain("≈");
  const table = perHead(() => 0.25);
  view.model.set("_mask_effect", { text: "local(0)", outside: table });
  await vi.waitFor(() => expect(outside().dataset.exact).toBe("yes"));
  expect(outside().textContent).toContain("25%");
});

test("numbers are exact once Python has answered, and say so", async () => {
  const view = await show(fakeModel(traits({ query: 2, key: 3 })));
  const reading = () => find<HTMLElement>(view.el, "attnw-reading");
  expect(reading().dataset.exact).toBe("no");
  await vi.waitFor(() => expect(view.sent).toHaveLength(1));
  expect(view.sent[0]).toMatchObject({ ask: "row", layer: 0, head: 0, query: 2 });
  const row = new DataView(Float32Array.from([0.1, 0.2, 0.3, 0.123, 0.277]).buffer);
  view.emit("msg:custom", { id: view.sent[0]!.id, result: "row" }, [row]);
  await vi.waitFor(() => expect(reading().dataset.exact).toBe("yes"));
  expect(reading().textContent).toContain("“dog” looks at “ran” with 0.12 of its attention");
});

test("without a kernel the numbers say where they come from", async () => {
  const view = await show(fakeModel(traits({ query: 2, key: 2 })));
  await vi.waitFor(() => expect(view.sent).toHaveLength(1));
  view.emit("msg:custom", { id: view.sent[0]!.id, absent: true });
  await vi.waitFor(() =>
    expect(find(view.el, "attnw-reading").textContent).toContain("needs a running kernel"),
  );
});

test("a refusal from Python and a failed run are shown, and can be closed", async () => {
  const view = await show(fakeModel(traits({ _can_run: true })));
  view.emit("msg:custom", { refused: "layer=9: this record has layers 0 to 2" });
  const banner = () => view.el.querySelector(".attnw-banner");
  await vi.waitFor(() => expect(banner()?.textContent).toContain("layers 0 to 2"));
  banner()!.querySelector("button")!.click();
  await vi.waitFor(() => expect(banner()).toBeNull());

  view.el.querySelector<HTMLFormElement>("form")!.requestSubmit();
  await vi.waitFor(() => expect(view.sent.at(-1)).toMatchObject({ ask: "run", text: "a dog ran" }));
  view.emit("msg:custom", { id: view.sent.at(-1)!.id, error: "the text is empty" });
  await vi.waitFor(() => expect(banner()?.textContent).toContain("the text is empty"));
});

test("a picked square follows the text: no number of the old one is left", async () => {
  const view = await show(fakeModel(traits({ query: 3, key: 4 })));
  await vi.waitFor(() => expect(view.sent).toHaveLength(1));
  const old = new DataView(Float32Array.from([0.1, 0.1, 0.1, 0.1, 0.6]).buffer);
  view.emit("msg:custom", { id: view.sent[0]!.id, result: "row" }, [old]);
  const reading = () => find<HTMLElement>(view.el, "attnw-reading");
  await vi.waitFor(() => expect(reading().dataset.exact).toBe("yes"));

  const tokens = ["[CLS]", "birds", "sing", "well", "[SEP]"].map((text, i) => ({
    text,
    ...role(ROLES[i]!),
    segment: 0,
  }));
  view.model.set("_record", record({ tokens, text: ["birds sing well"] }));
  await vi.waitFor(() => expect(reading().textContent).toContain("well"));
  expect(reading().dataset.exact).toBe("no");
  await vi.waitFor(() => expect(view.sent).toHaveLength(2));
  const fresh = new DataView(Float32Array.from([0, 0, 0, 0.75, 0.25]).buffer);
  view.emit("msg:custom", { id: view.sent[1]!.id, result: "row" }, [fresh]);
  await vi.waitFor(() => expect(reading().textContent).toContain("“[SEP]” with 0.25"));

  const short = tokens.slice(0, 2);
  view.model.set("_cells_shape", [LAYERS, HEADS, 2, 2]);
  view.model.set("_record", record({ tokens: short, shape: [LAYERS, HEADS, 2, 2] }));
  await vi.waitFor(() => expect(reading).toThrow());
});

test("a rescaled picture never hides the model's own number", async () => {
  const view = await show(
    fakeModel(traits({ special_mode: "hide_renormalise", query: 1, key: 0 })),
  );
  await vi.waitFor(() => expect(view.sent).toHaveLength(1));
  const row = new DataView(Float32Array.from([0.6, 0.1, 0.2, 0.05, 0.05]).buffer);
  view.emit("msg:custom", { id: view.sent[0]!.id, result: "row" }, [row]);
  const reading = () => find<HTMLElement>(view.el, "attnw-reading");
  await vi.waitFor(() => expect(reading().dataset.exact).toBe("yes"));
  expect(reading().textContent).toContain("“[CLS]” with 0.60 of its attention · hidden");
  view.model.set("key", 2);
  await vi.waitFor(() =>
    expect(reading().textContent).toContain("“dog” with 0.20 of its attention · rescaled 0.57"),
  );
});

test("plain keys stay in the widget, and the host still gets its own", async () => {
  const view = await show(fakeModel(traits()));
  const heard: string[] = [];
  const listen = (event: KeyboardEvent) => heard.push(event.key);
  document.addEventListener("keydown", listen);
  const button = view.el.querySelector<HTMLElement>(".attnw-heads button")!;
  for (const key of ["d", "b", "ArrowDown", "Enter"])
    button.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  button.dispatchEvent(new KeyboardEvent("keydown", { key: "s", ctrlKey: true, bubbles: true }));
  document.removeEventListener("keydown", listen);
  expect(heard).toEqual(["s"]);
});

test("a number out of range is refused with its range, and the mask stays", async () => {
  const mask = { kind: "local", left: 2, right: 2 };
  const view = await show(fakeModel(traits({ mask })));
  const input = find<HTMLInputElement>(view.el, "attnw-window");
  for (const text of ["-3", "1.5", "99999999999"]) {
    input.value = text;
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    await vi.waitFor(() =>
      expect(view.el.querySelector("[role=alert]")?.textContent).toContain("a whole number from 0"),
    );
    expect(view.state.mask).toEqual(mask);
    expect(input.value).toBe("2");
  }
  input.value = "";
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  expect(view.state.mask).toBeNull();
});

test("controls that cannot say a typed mask do not touch it", async () => {
  const mask = parse("sink(2) | local(left=1, right=2)");
  const view = await show(fakeModel(traits({ mask })));
  expect(view.el.textContent).toContain("This mask was typed");
  expect(find<HTMLInputElement>(view.el, "attnw-window").disabled).toBe(true);
  for (const chip of view.el.querySelectorAll<HTMLButtonElement>(".attnw-chip")) chip.click();
  expect(view.state.mask).toBe(mask);
  view.model.set("mask", parse("causal() & local(1)"));
  await vi.waitFor(() => expect(find<HTMLInputElement>(view.el, "attnw-window").value).toBe("1"));
  expect(view.el.querySelector<HTMLInputElement>("input[type=checkbox][disabled]")).toBeNull();
});

test("in a decoder only pairs that it can use are counted", async () => {
  const mask = { kind: "local", left: 2, right: 2 };
  const view = await show(fakeModel(traits({ mask, _record: record({ kind: "decoder" }) })));
  const cost = find(view.el, "attnw-mask-cost").textContent;
  expect(cost).toContain("12 of 15 pairs a decoder can use (80%)");
  expect(cost).toContain("sees 1 to 3 tokens");
  expect(view.el.textContent).toContain("decoder: a token sees what came before it");
});

test("a kernel that is gone is said to be gone", async () => {
  const model = fakeModel(traits({ query: 1, key: 1 }));
  model.model.send = () => {
    throw new Error("Cannot send");
  };
  const view = await show(model);
  await vi.waitFor(() =>
    expect(find(view.el, "attnw-reading").textContent).toContain("needs a running kernel"),
  );
  expect(view.el.querySelector(".attnw-banner")).toBeNull();
});

test("token text is text, whatever it says", async () => {
  const nasty = '<img src=x onerror="window.ran=1"></script>';
  const tokens = WORDS.map((_, i) => ({ text: nasty, ...role(ROLES[i]!), segment: 0 }));
  const info = record({ tokens, text: [nasty], model: nasty, note: nasty });
  const view = await show(fakeModel(traits({ _record: info, query: 1, key: 1 })));
  expect(view.el.querySelector("img, script")).toBeNull();
  expect(view.el.textContent).toContain(nasty);
});

test("the words are those of the language chosen", async () => {
  const view = await show(fakeModel(traits({ lang: "ja" })));
  expect(view.el.textContent).toContain("特殊トークン");
  view.el.querySelector<HTMLButtonElement>("button[lang=en]")!.click();
  await vi.waitFor(() => expect(view.el.textContent).toContain("Special tokens"));
  expect(view.state.lang).toBe("en");
});

test("a cell put out of sight keeps its picture", async () => {
  const view = await show(fakeModel(traits()));
  const canvas = find<HTMLCanvasElement>(view.el, "attnw-grid");
  const width = canvas.width;
  view.el.style.display = "none";
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  expect(find<HTMLCanvasElement>(view.el, "attnw-grid")).toBe(canvas);
  expect(canvas.width).toBe(width);
});

test("hiding special tokens blanks their rows and columns and prints the hidden share", async () => {
  const view = await show(fakeModel(traits({ special_mode: "hide" })));
  const { hidden, plain } = palette("light", 0);
  for (let i = 0; i < N; i++)
    for (const special of [0, N - 1]) {
      expect(square(view.el, special, i)).toBe(hidden);
      expect(square(view.el, i, special)).toBe(hidden);
    }
  expect(square(view.el, 2, 2)).toBe(plain[255]);
  expect(find(view.el, "attnw-special-summary").textContent).toContain("Hidden now: 25%");
});

for (const theme of ["light", "dark"] as const)
  for (const lang of ["en", "ja"] as const)
    for (const width of [480, 900])
      test(`axe finds nothing: ${theme}, ${lang}, ${width} pixels`, async () => {
        document.body.dataset.jpThemeLight = String(theme === "light");
        document.body.style.background = theme === "light" ? "#fff" : "#111";
        const mask = { kind: "local", left: 1, right: 1 };
        const change = { lang, mask, query: 1, key: 2, _can_run: true };
        const view = await show(fakeModel(traits(change)), width);
        view.emit("msg:custom", { refused: "no" });
        await vi.waitFor(() => expect(view.el.querySelector(".attnw-banner")).not.toBeNull());
        const { violations } = await axe.run(view.el);
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
        delete document.body.dataset.jpThemeLight;
        document.body.style.background = "";
      });

test("everything can be reached and worked with the keyboard", async () => {
  const view = await show(fakeModel(traits({ mask: { kind: "local", left: 1, right: 1 } })));
  const reachable = [...view.el.querySelectorAll<HTMLElement>("*")].filter((e) => e.tabIndex >= 0);
  const named = reachable.filter(
    (e) => e.ariaLabel || e.textContent?.trim() || (e as HTMLInputElement).labels?.[0]?.textContent,
  );
  expect(named).toEqual(reachable);
  for (const testid of ["attnw-grid", "attnw-matrix", "attnw-first-layer", "attnw-last-layer"])
    expect(reachable).toContain(find(view.el, testid));
  const matrix = find<HTMLElement>(view.el, "attnw-matrix");
  const press = (key: string) =>
    matrix.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  press("ArrowDown");
  await vi.waitFor(() => expect([view.state.query, view.state.key]).toEqual([0, 0]));
  press("ArrowRight");
  await vi.waitFor(() => expect([view.state.query, view.state.key]).toEqual([0, 1]));
  press("Escape");
  await vi.waitFor(() => expect([view.state.query, view.state.key]).toEqual([null, null]));
});

test("the profile over depth says each layer's share of the heads shown", async () => {
  const view = await show(fakeModel(traits({ heads: [1, 3] })));
  const profile = find<SVGElement>(view.el, "attnw-special-profile");
  expect(profile.getAttribute("aria-label")).toContain("Layer 2: [CLS] 40%, [SEP] 0%");
  expect(profile.getAttribute("aria-label")).toContain("if all tokens were looked at alike: 40%");
  const bars = profile.querySelectorAll("g");
  expect(bars).toHaveLength(LAYERS);
  const cls = bars[1]!.querySelectorAll("rect")[1]!;
  expect(Number(cls.getAttribute("height"))).toBeCloseTo(64 * 0.3);
});
