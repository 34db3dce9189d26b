import axe from "axe-core";
import { afterEach, expect, test, vi } from "vitest";
import { whole } from "../../src/text/xml";
import { fakeModel } from "../fake_model";
import { find, N, record, role, type Shown, show, traits, WORDS } from "./shown";

async function explorer(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits(change)), width, "attnw-grid");
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the browser is handed to save. */
function saved(): { name: string; blob: Blob }[] {
  const files: { name: string; blob: Blob }[] = [];
  let last: Blob | null = null;
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    last = blob as Blob;
    return "blob:saved";
  });
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    files.push({ name: this.download, blob: last! });
  });
  return files;
}

async function svgOf(el: HTMLElement): Promise<{ text: string; root: Element }> {
  const files = saved();
  find<HTMLElement>(el, "attnw-save-svg").click();
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(files[0]!.name).toBe("attention.svg");
  const text = await files[0]!.blob.text();
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  expect(parsed.querySelector("parsererror")).toBeNull();
  return { text, root: parsed.documentElement };
}

const wordsOf = (root: Element) =>
  [...root.querySelectorAll("text")].map(({ textContent }) => textContent ?? "");

test("a drawing holds the pictures as pictures and every label as text", async () => {
  const { el } = await explorer({ query: 2, key: 0, layer: 1, head: 1 });
  const { root } = await svgOf(el);
  const words = wordsOf(root);
  for (const token of WORDS)
    expect(words.filter((word) => word === token).length).toBeGreaterThanOrEqual(2);
  for (const word of ["head →", "0", "1", "2", "3", "at →", "attention weight", "0.05"])
    expect(words).toContain(word);
  expect(words.some((word) => word.startsWith("Layer 1, head 1"))).toBe(true);
  expect(words).toContain("From: tiny · float32 · attn_widgets 1");
  expect(words).toContain("Text: a dog ran");
  expect(words.some((word) => word.includes("Drag") || word === "Save")).toBe(false);
  const images = [...root.querySelectorAll("image")].map((image) => image.getAttribute("href")!);
  expect(images.length).toBeGreaterThanOrEqual(3);
  expect(images.every((href) => href.startsWith("data:image/png;base64,"))).toBe(true);
  expect(root.querySelector("title")!.textContent).toBe("“a dog ran”");
  const kept = JSON.parse(root.querySelector("metadata")!.textContent!);
  expect(kept.state).toMatchObject({ layer: 1, head: 1, query: 2, key: 0, view: "matrix" });
});

test("the picture in a drawing has the matrix's own pixels, without its words", async () => {
  const { el } = await explorer({ layer: 1, head: 1 });
  const { root } = await svgOf(el);
  const matrix = find<HTMLCanvasElement>(el, "attnw-matrix");
  const [left, top, width, height] = matrix.dataset.box!.split(" ").map(Number) as number[];
  const image = [...root.querySelectorAll("image")].find(
    (one) => Number(one.getAttribute("height")) === Number.parseFloat(matrix.style.height),
  )!;
  const picture = new Image();
  picture.src = image.getAttribute("href")!;
  await picture.decode();
  const scale = picture.naturalWidth / Number(image.getAttribute("width"));
  expect(scale).toBeCloseTo(2, 1);
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const ctx = canvas.getContext("2d")!;
  ctx.drawImage(picture, 0, 0);
  const live = matrix.getContext("2d")!;
  const ratio = matrix.width / Number.parseFloat(matrix.style.width);
  for (let q = 0; q < N; q++)
    for (let k = 0; k < N; k++) {
      const [x, y] = [left! + ((k + 0.5) * width!) / N, top! + ((q + 0.5) * height!) / N];
      const at = (of: CanvasRenderingContext2D, by: number) => [
        ...of.getImageData(Math.round(x * by), Math.round(y * by), 1, 1).data,
      ];
      expect(at(ctx, scale)).toEqual(at(live, ratio));
    }
  const beside = ctx.getImageData(0, Math.round(top! * scale), Math.round((left! - 6) * scale), 40);
  expect(beside.data.every((value) => value === 0)).toBe(true);
});

test.each(["lines", "text", "neuron", "layers", "table"])(
  "the view %s is saved with its words, and draws on afterwards",
  async (view) => {
    const { el, model } = await explorer({ view, query: 2 });
    const { root } = await svgOf(el);
    const words = wordsOf(root);
    if (view === "lines" || view === "text" || view === "table")
      for (const token of WORDS) expect(words).toContain(token);
    const grid = find<HTMLCanvasElement>(el, "attnw-grid");
    const before = Number(grid.dataset.drawn);
    model.set("threshold", 0.5);
    await vi.waitFor(() => expect(Number(grid.dataset.drawn)).toBeGreaterThan(before));
  },
);

test("no token can leave its place in a drawing", async () => {
  const texts = ["</text><script>x</script>", "\u0000\u001b", "\ud83d", "\u202eevil", "]]>&"];
  const tokens = texts.map((text) => ({ text, ...role("word"), segment: 0 }));
  for (const view of ["matrix", "text"]) {
    const { el } = await explorer({
      _record: record({ tokens, text: [texts.join("")], note: texts[0]! }),
      view,
      query: 1,
    });
    const { root, text } = await svgOf(el);
    expect(root.querySelector("script")).toBeNull();
    expect(whole(text)).toBe(text);
    expect(wordsOf(root)).toContain("⟨202E⟩evil");
    vi.restoreAllMocks();
  }
});

test("in the dark and on a narrow page it is saved as it stands", async () => {
  document.body.dataset.jpThemeLight = "false";
  try {
    const { el } = await explorer({}, 500);
    const { root } = await svgOf(el);
    expect(root.querySelector("rect")!.getAttribute("fill")).toBe("#111217");
    expect(Number(root.getAttribute("width"))).toBeLessThan(560);
  } finally {
    delete document.body.dataset.jpThemeLight;
  }
});

test("a picture is the drawing in pixels", async () => {
  const { el } = await explorer();
  const files = saved();
  find<HTMLElement>(el, "attnw-save-png").click();
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(files[0]!.name).toBe("attention.png");
  const bitmap = await createImageBitmap(files[0]!.blob);
  expect(bitmap.width).toBeGreaterThan(1600);
  const held = new TextDecoder().decode(await files[0]!.blob.arrayBuffer());
  expect(held).toContain("iTXtTitle\0\0\0\0\0“a dog ran”");
  expect(held).toContain("From: tiny · float32 · attn_widgets 1");
});

test("a page is what Python writes, and its silence is told", async () => {
  const { el, sent, emit } = await explorer();
  const files = saved();
  find<HTMLElement>(el, "attnw-save-page").click();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "page")).toBe(true));
  const asked = sent.find(({ ask }) => ask === "page")!;
  const bytes = new TextEncoder().encode("<!doctype html>");
  emit("msg:custom", { id: asked.id, result: "page" }, [new DataView(bytes.buffer)]);
  await vi.waitFor(() => expect(files).toHaveLength(1));
  expect(files[0]!.name).toBe("attention.html");
  expect(await files[0]!.blob.text()).toBe("<!doctype html>");
  find<HTMLElement>(el, "attnw-save-page").click();
  await vi.waitFor(() => expect(sent.filter(({ ask }) => ask === "page")).toHaveLength(2));
  const again = sent.filter(({ ask }) => ask === "page")[1]!;
  emit("msg:custom", { id: again.id, absent: true }, []);
  await vi.waitFor(() => expect(el.textContent).toContain("Python writes this page"));
  expect(files).toHaveLength(1);
});

test("where no kernel is, no page is offered", async () => {
  const { el } = await explorer({ _can_save: false });
  expect(el.querySelector("[data-testid=attnw-save-page]")).toBeNull();
  expect(find(el, "attnw-save-svg")).toBeTruthy();
});

test("the menu opens by key, closes by Escape and gives the focus back", async () => {
  const { el } = await explorer();
  const summary = find<HTMLElement>(el, "attnw-save");
  const menu = summary.parentElement as HTMLDetailsElement;
  summary.click();
  expect(menu.open).toBe(true);
  find<HTMLElement>(el, "attnw-save-svg").focus();
  expect(menu.open).toBe(true);
  document.activeElement!.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Escape", bubbles: true }),
  );
  expect(menu.open).toBe(false);
  expect(document.activeElement).toBe(summary);
  summary.click();
  find<HTMLElement>(el, "attnw-save-svg").focus();
  find<HTMLElement>(el, "attnw-grid").focus();
  expect(menu.open).toBe(false);
});

test.each(["en", "ja"])("axe finds nothing in the open menu: %s", async (lang) => {
  const { el } = await explorer({ lang });
  find<HTMLElement>(el, "attnw-save").click();
  expect((await axe.run(el)).violations).toEqual([]);
});
