import axe from "axe-core";
import { afterEach, expect, test, vi } from "vitest";
import { parse } from "../../src/masks";
import { formatGiven, parseGiven } from "../../src/masks/assignment";
import { ended, find, pixel, show, shown, soon } from "./lab_shown";

afterEach(ended);

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
  await vi.waitFor(() =>
    expect(find(view, "attnw-growth").textContent).toContain("power 1.00, counted up to N = 8,192"),
  );
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

test("a mask that does not fit says why", async () => {
  const view = await show();
  view.model.set("mask", parse("global_(40)"));
  await vi.waitFor(() =>
    expect(view.el.querySelector(".attnw-problem")?.textContent).toContain("40"),
  );
  view.model.set("n", 64);
  await vi.waitFor(() => expect(view.el.querySelector(".attnw-problem")).toBeNull());
});

test("reach is stepped by hand, and says when it never arrives", async () => {
  const view = await show({ mask: parse("dilated(2, 2)") });
  const step = await soon<HTMLButtonElement>(view, "attnw-reach-step");
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
  expect(view.el.textContent).toContain("multiples of 2 tokens: a token never leaves its residue");
  view.model.set("lang", "ja");
  await vi.waitFor(() => expect(view.el.textContent).toContain("同じ剰余類（2 で割った余り）"));
  view.model.set("mask", parse("sink(1) | local(0)"));
  await vi.waitFor(() => expect(view.el.textContent).toContain("トークン 2 はトークン 1 に決して"));
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
  expect(find(view, "attnw-length").textContent).toBe("3 tokens of the recorded text");
  expect(view.el.querySelector(".attnw-names-queries")?.textContent).toContain("<b>dog</…");
  const canvas = find<HTMLCanvasElement>(view, "attnw-mask");
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  await vi.waitFor(() =>
    expect(find(view, "attnw-lab-row").textContent).toContain("1 “<b>dog</b>”–2 “[SEP]”"),
  );
  expect(view.el.querySelector("b b, .attnw-names b")).toBeNull();
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
  const view = await show({ n: 2 ** 20, mask: parse("local(256) | global_(300000)") });
  const cost = await vi.waitFor(() => find(view, "attnw-lab-cost"), { timeout: 20_000 });
  expect(cost.textContent).toContain("539,949,822 of 1,099,511,627,776");
  expect(view.el.textContent).toContain("a spread of them is drawn");
  expect(view.el.textContent).toContain("tiles of 128 × 128 touched");
  const empty = pixel(view, 8, 60, 64);
  const canvas = find<HTMLCanvasElement>(view, "attnw-mask");
  await vi.waitFor(
    () => {
      const y = Math.floor((300_000 / 2 ** 20) * canvas.height);
      const row = [...canvas.getContext("2d")!.getImageData(canvas.width - 9, y, 1, 1).data];
      expect(row).not.toEqual(empty);
    },
    { timeout: 20_000 },
  );
});

test("layers are played and paused, and the last one ends it", async () => {
  const view = await show({ n: 16, mask: parse("local(6)") });
  const play = await soon<HTMLButtonElement>(view, "attnw-reach-play");
  play.click();
  await vi.waitFor(() => expect(play.textContent).toBe("pause"));
  play.click();
  await vi.waitFor(() => expect(play.textContent).toBe("play"));
  expect(find(view, "attnw-reach").textContent).toContain("After 1 layer:");
  play.click();
  await vi.waitFor(
    () =>
      expect(find(view, "attnw-reach").textContent).toBe(
        "After 3 layers: 100% of all pairs are joined",
      ),
    { timeout: 10_000 },
  );
  await vi.waitFor(() => expect(play.textContent).toBe("play"));
  expect(play.disabled).toBe(true);
});

test("who wants no motion is offered steps alone", async () => {
  const real = window.matchMedia.bind(window);
  vi.spyOn(window, "matchMedia").mockImplementation((query) => {
    const list = real(query);
    if (query.includes("reduced-motion")) Object.defineProperty(list, "matches", { value: true });
    return list;
  });
  const view = await show();
  const step = await soon<HTMLButtonElement>(view, "attnw-reach-step");
  expect(view.el.querySelector("[data-testid=attnw-reach-play]")).toBeNull();
  expect(step.disabled).toBe(false);
});

const TOLD = { shares: [0.1, 0.4, 0.6], of: "pairs", full_after: null, settled: false, sources: 5 };

test("Python follows a long text when asked, and an answer of old is dropped", async () => {
  const view = await show({ n: 4096, mask: parse("local(4)") });
  const ask = find<HTMLButtonElement>(view, "attnw-reach-ask");
  ask.click();
  await vi.waitFor(() => expect(ask.disabled).toBe(true));
  const [wish] = view.sent;
  expect(wish).toMatchObject({ ask: "reach" });
  view.model.set("mask", parse("local(5)"));
  await vi.waitFor(() => expect(ask.disabled).toBe(false));
  const about = { id: wish!.id, n: 4096, place: [0, 0], ...TOLD };
  view.emit("msg:custom", { ...about, text: "local(4)" }, []);
  find<HTMLButtonElement>(view, "attnw-reach-ask").click();
  await vi.waitFor(() => expect(view.sent).toHaveLength(2));
  expect(view.el.querySelector("[data-testid=attnw-reach]")).toBeNull();
  view.emit("msg:custom", { ...about, id: view.sent[1]!.id, text: "local(5)" }, []);
  await vi.waitFor(() =>
    expect(find(view, "attnw-reach").textContent).toContain("After 1 layer: 10%"),
  );
  (await soon(view, "attnw-reach-step")).click();
  await vi.waitFor(() =>
    expect(find(view, "attnw-reach").textContent).toContain("After 2 layers: 40%"),
  );
  expect(view.el.textContent).toContain("It still grows after 3 layers");
  expect(view.el.textContent).toContain("5 tokens, evenly spread, are followed");
});

test("where there is no kernel, that is said, and nothing offers what it would do", async () => {
  const page = await show({ n: 4096, _asks: false });
  expect(page.el.textContent).toContain("there is no kernel behind this page");
  expect(page.el.querySelector("[data-testid=attnw-reach-ask]")).toBeNull();
  expect(page.el.querySelector("[data-testid=attnw-save-page]")).toBeNull();
  const dead = await show({ n: 4096 });
  find(dead, "attnw-reach-ask").click();
  await vi.waitFor(() => expect(dead.sent).toHaveLength(1));
  dead.emit("msg:custom", { id: dead.sent[0]!.id, absent: true }, []);
  await vi.waitFor(() => expect(dead.el.textContent).toContain("is the kernel running?"));
});

test("of an assignment one head's mask is shown, chosen by its row", async () => {
  const mask = parseGiven("per_head({(0, 3): local(left=0, right=3)}, default=local(1))");
  const view = await show({ mask });
  const rows = () => [...find(view, "attnw-assigned").querySelectorAll("button")];
  await vi.waitFor(() =>
    expect(rows().map((row) => row.textContent)).toEqual([
      "head 0, 3local(left=0, right=3)122 pairs (12%)",
      "every other headlocal(1)94 pairs (9%)",
    ]),
  );
  expect(rows().map((row) => row.ariaPressed)).toEqual(["true", "false"]);
  const kept = pixel(view, 5, 8);
  rows()[1]!.click();
  await vi.waitFor(() => expect(pixel(view, 5, 8)).not.toEqual(kept));
  expect(view.state.head).toBe(1);
  expect(rows().map((row) => row.ariaPressed)).toEqual(["false", "true"]);
  expect(find(view, "attnw-lab-cost").textContent).toContain("94 of 1,024 pairs");
});

test("an assignment is edited as text, and a plain mask ends it", async () => {
  const view = await show({ mask: parseGiven("per_layer({2: local(1)}, default=full())") });
  const text = find<HTMLInputElement>(view, "attnw-mask-text");
  expect(text.value).toBe("per_layer({2: local(1)}, default=full())");
  const type = (value: string) => {
    text.value = value;
    text.dispatchEvent(new InputEvent("input", { bubbles: true }));
    text.dispatchEvent(new FocusEvent("blur"));
  };
  type("per_layer({2: local(1), 3: nonsense(2)}, default=full())");
  await vi.waitFor(() => expect(view.el.querySelector(".attnw-problem")).not.toBeNull());
  type("per_layer({(2, 3): local(4)})");
  await vi.waitFor(() =>
    expect(view.state.mask).toEqual(parseGiven("per_layer({(2, 3): local(4)}, default=full())")),
  );
  type("local(3)");
  await vi.waitFor(() => expect(find(view, "attnw-knob-window")).toBeDefined());
});

test("what an assignment over a record costs in all is Python's count", async () => {
  const mask = parseGiven("per_head({0: top_k(1)}, default=local(1))");
  const about = { text: formatGiven(mask), place: [1, 1], share: 0.5, pairs: 123 };
  const tokens = { n: 5, _roles: ["cls", "word", "word", "word", "sep"], _tokens: [..."abcde"] };
  const heads = { _layers: [0, 1], _heads: [0, 1], layer: 1, head: 1 };
  const view = await show({ ...tokens, ...heads, mask, _kept: about });
  expect(find(view, "attnw-assigned-sum").textContent).toContain("123 of 100 pairs");
  await vi.waitFor(() =>
    expect(find(view, "attnw-assigned").textContent).toContain("follows the data"),
  );
  view.model.set("mask", parseGiven("per_head({0: top_k(2)}, default=local(1))"));
  await vi.waitFor(() =>
    expect(view.el.querySelector("[data-testid=attnw-assigned-sum]")).toBeNull(),
  );
});

/** What the browser is handed to save. */
function saved(): { name: string; blob: Blob }[] {
  const blobs = new Map<string, Blob>();
  const files: { name: string; blob: Blob }[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    const url = `blob:${blobs.size}`;
    blobs.set(url, blob as Blob);
    return url;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => undefined);
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    files.push({ name: this.download, blob: blobs.get(this.href)! });
  });
  return files;
}

test("what is shown is saved as a picture that says what it is, on white", async () => {
  document.body.dataset.jpThemeLight = "false";
  const files = saved();
  const view = await show({ mask: parse("local(2) | global_('cls')") });
  (await soon(view, "attnw-reach-step")).click();
  await vi.waitFor(() => expect(find(view, "attnw-reach").textContent).toContain("After 2 layers"));
  find(view, "attnw-save-svg").click();
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(files[0]!.name).toBe("mask-32.svg");
  const svg = new DOMParser().parseFromString(await files[0]!.blob.text(), "image/svg+xml");
  expect(svg.querySelector("parsererror")).toBeNull();
  const words = svg.documentElement.textContent;
  for (const said of ["local(2) | global_('cls')", "looked at (keys)", "kept", "After 2 layers"])
    expect(words).toContain(said);

  find(view, "attnw-save-png").click();
  await vi.waitFor(() => expect(files).toHaveLength(2));
  expect(files[1]!.name).toBe("mask-32.png");
  const image = await createImageBitmap(files[1]!.blob);
  const canvas = new OffscreenCanvas(image.width, image.height);
  const ctx = canvas.getContext("2d")!;
  ctx.drawImage(image, 0, 0);
  expect([...ctx.getImageData(1, 1, 1, 1).data]).toEqual([255, 255, 255, 255]);
  const width = Number(svg.documentElement.getAttribute("width"));
  expect(image.width).toBe(2 * width);
  const colors = new Set<string>();
  const { data } = ctx.getImageData(0, 0, image.width, image.height);
  for (let i = 0; i < data.length; i += 4) colors.add(data.slice(i, i + 3).join());
  for (const color of ["31,95,191", "150,190,235"]) expect(colors).toContain(color);
});

test("a million tokens are saved as pixels", async () => {
  const files = saved();
  const real = await show({ n: 2 ** 20, mask: parse("local(4096)") });
  find(real, "attnw-save-svg").click();
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(await files[0]!.blob.text()).toContain('<image href="data:image/png;base64,');
});

test("the page is Python's to write", async () => {
  const files = saved();
  const view = await show();
  find(view, "attnw-save-page").click();
  await vi.waitFor(() => expect(view.sent).toHaveLength(1));
  expect(view.sent[0]).toMatchObject({ ask: "page" });
  const bytes = new TextEncoder().encode("..<!doctype html>");
  view.emit("msg:custom", { id: view.sent[0]!.id, result: "page" }, [
    new DataView(bytes.buffer, 2),
  ]);
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(files[0]!.name).toBe("mask-32.html");
  expect(await files[0]!.blob.text()).toBe("<!doctype html>");
  find(view, "attnw-save-page").click();
  await vi.waitFor(() => expect(view.sent).toHaveLength(2));
  view.emit("msg:custom", { id: view.sent[1]!.id, absent: true }, []);
  await vi.waitFor(() => expect(view.el.textContent).toContain("is the kernel running?"));
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
      (await soon(view, "attnw-reach-step")).click();
      const others = [
        await show({ lang, mask: parseGiven("per_head({0: local(1)}, default=local(2))") }),
        await show({ lang, n: 4096 }),
        await show({ lang, n: 3, _roles: ["cls", "word", "sep"], _tokens: ["[CLS]", "a", "b"] }),
      ];
      for (const { el } of [view, ...others]) {
        const { violations } = await axe.run(el);
        expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
      }
    });
