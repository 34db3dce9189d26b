import axe from "axe-core";
import { describe, expect, test, vi } from "vitest";
import { fakeModel } from "../fake_model";
import { find, type Shown, show, traits } from "./shown";

async function shown(change: Record<string, unknown> = {}): Promise<Shown> {
  return show(fakeModel(traits(change)));
}

function button(el: HTMLElement, name: string): HTMLButtonElement {
  const found = [...el.querySelectorAll("button")].find(
    (one) => (one.getAttribute("aria-label") ?? one.textContent) === name,
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
}

function press(el: HTMLElement, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  find(el, "attnw-grid").dispatchEvent(event);
  return event;
}

describe("keys", () => {
  test("brackets step through the layers that are shown", async () => {
    const { el, state } = await shown({ layers: [1, 2], layer: 1 });
    for (const [key, layer] of [
      ["]", 2],
      ["]", 2],
      ["[", 1],
    ] as const) {
      press(el, key);
      await Promise.resolve();
      expect(state.layer).toBe(layer);
    }
  });

  test("Ctrl Z and Ctrl Shift Z undo and redo, and are kept from the notebook", async () => {
    const { el, state } = await shown();
    press(el, "]");
    await vi.waitFor(() => expect(button(el, "Undo").ariaDisabled).toBe("false"));
    expect(press(el, "z", { ctrlKey: true }).defaultPrevented).toBe(true);
    expect(state.layer).toBe(0);
    press(el, "Z", { metaKey: true, shiftKey: true });
    expect(state.layer).toBe(1);
  });

  test("a key that means nothing here is left alone", async () => {
    const { el } = await shown();
    expect(press(el, "q").defaultPrevented).toBe(false);
    expect(press(el, "c", { ctrlKey: true }).defaultPrevented).toBe(false);
  });

  test("where one writes, a key is a letter", async () => {
    const { el } = await shown();
    press(el, "/");
    await vi.waitFor(() => expect(el.querySelector(".attnw-find input")).toBeTruthy());
    const field = el.querySelector<HTMLInputElement>(".attnw-find input")!;
    const event = new KeyboardEvent("keydown", { key: "?", bubbles: true, cancelable: true });
    field.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
    expect(el.querySelector("dialog")!.open).toBe(false);
  });

  test("the sheet of keys opens, takes the focus, and gives it back", async () => {
    const { el } = await shown();
    const grid = find<HTMLElement>(el, "attnw-grid");
    grid.focus();
    press(el, "?");
    const sheet = el.querySelector("dialog")!;
    await vi.waitFor(() => expect(sheet.open).toBe(true));
    expect(sheet.contains(document.activeElement)).toBe(true);
    button(sheet, "Close").click();
    await vi.waitFor(() => expect(sheet.open).toBe(false));
    expect(document.activeElement).toBe(grid);
  });
});

describe("finding a token", () => {
  test("typing picks the first match, Enter the next, Escape gives the focus back", async () => {
    const { el, state } = await shown();
    find<HTMLElement>(el, "attnw-grid").focus();
    press(el, "/");
    await vi.waitFor(() => expect(document.activeElement?.tagName).toBe("INPUT"));
    const field = document.activeElement as HTMLInputElement;
    field.value = "a";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    await vi.waitFor(() =>
      expect(el.querySelector(".attnw-find")!.textContent).toContain("1 of 2"),
    );
    field.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }),
    );
    expect(state.query).toBe(3);
    await vi.waitFor(() =>
      expect(el.querySelector(".attnw-find")!.textContent).toContain("2 of 2"),
    );
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await vi.waitFor(() => expect(el.querySelector(".attnw-find")).toBeNull());
    expect(document.activeElement).toBe(find(el, "attnw-grid"));
  });

  test("Enter that ends a word of Japanese input picks nothing", async () => {
    const { el, state } = await shown();
    press(el, "/");
    await vi.waitFor(() => expect(document.activeElement?.tagName).toBe("INPUT"));
    document.activeElement!.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, isComposing: true }),
    );
    expect(state.query).toBeNull();
  });
});

describe("a tour", () => {
  const TOUR = [
    { name: "one", caption: { en: "look here", ja: "ここを見て" }, state: { layer: 1, head: 2 } },
    { name: "two", caption: { en: "and here", ja: "ここも" }, state: { layer: 2, threshold: 0.5 } },
    { name: "three", caption: { en: "", ja: "" }, state: { layer: 9 } },
  ];

  test("each view is shown with its caption, and one that does not fit is not", async () => {
    const { el, state } = await shown({ _tour: TOUR });
    button(el, "Start: 3 views").click();
    expect(state).toMatchObject({ step: 0, layer: 1, head: 2 });
    await vi.waitFor(() => expect(el.textContent).toContain("look here"));
    press(el, "n");
    expect(state).toMatchObject({ step: 1, layer: 2, threshold: 0.5 });
    await vi.waitFor(() => expect(button(el, "Next view").ariaDisabled).toBe("true"));
    press(el, "n");
    expect(state.step).toBe(1);
    press(el, "p");
    expect(state.step).toBe(0);
    await vi.waitFor(() => expect(el.textContent).toContain("1 of 3"));
    button(el, "End the tour").click();
    expect(state.step).toBeNull();
  });

  test("captions are in the reader's language", async () => {
    const { el } = await shown({ _tour: TOUR, step: 0, lang: "ja" });
    expect(el.textContent).toContain("ここを見て");
  });
});

describe("playing", () => {
  test("it steps to the last layer and stops there", async () => {
    const { el, state } = await shown();
    button(el, "Play through the layers").click();
    await vi.waitFor(() => expect(button(el, "Pause")).toBeTruthy());
    await vi.waitFor(() => expect(state.layer).toBe(2), { timeout: 8000 });
    await vi.waitFor(() => expect(button(el, "Play through the layers")).toBeTruthy());
  });

  test("it rests while the view is out of sight", async () => {
    const { el, state } = await shown();
    button(el, "Play through the layers").click();
    await vi.waitFor(() => expect(state.layer).toBe(1), { timeout: 8000 });
    el.style.position = "absolute";
    el.style.top = "-9000px";
    const clear = vi.spyOn(globalThis, "clearInterval");
    await vi.waitFor(() => expect(clear).toHaveBeenCalled());
    clear.mockRestore();
    expect(button(el, "Pause")).toBeTruthy();
  });
});

test("large letters enlarge the pictures too, and the pointer finds the same head", async () => {
  const { el, state } = await shown({ density: "projector" });
  const grid = find<HTMLCanvasElement>(el, "attnw-grid");
  const box = grid.getBoundingClientRect();
  expect(box.width).toBeCloseTo(1.3 * Number.parseFloat(grid.style.width), 0);
  expect(grid.width).toBeCloseTo(box.width * devicePixelRatio, -1);
  const at = { clientX: box.left + box.width * 0.9, clientY: box.top + box.height * 0.9 };
  grid.dispatchEvent(new MouseEvent("click", { bubbles: true, ...at }));
  expect(state).toMatchObject({ layer: 2, head: 3 });
});

test("a picture out of sight is drawn when it comes into view", async () => {
  const made = await shown();
  const grid = find<HTMLCanvasElement>(made.el, "attnw-grid");
  made.el.style.position = "absolute";
  made.el.style.top = "-9000px";
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const before = grid.dataset.drawn;
  made.model.set("threshold", 0.9);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  expect(grid.dataset.drawn).toBe(before);
  made.el.style.top = "0";
  await vi.waitFor(() => expect(Number(grid.dataset.drawn)).toBe(Number(before) + 1));
});

test.each(["en", "ja"])("axe finds nothing in tools, search, tour and sheet: %s", async (lang) => {
  const tour = [{ name: "one", caption: { en: "look", ja: "見る" }, state: { layer: 1 } }];
  const { el } = await shown({ _tour: tour, step: 0, lang });
  press(el, "/");
  await vi.waitFor(() => expect(el.querySelector(".attnw-find")).toBeTruthy());
  expect((await axe.run(el)).violations).toEqual([]);
  press(el, "?");
  await vi.waitFor(() => expect(el.querySelector("dialog")!.open).toBe(true));
  expect((await axe.run(el.querySelector("dialog")!)).violations).toEqual([]);
});
