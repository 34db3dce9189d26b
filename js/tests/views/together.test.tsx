/** Several explorers on one page, and where the focus goes when what had it is taken away. */

import { describe, expect, test, vi } from "vitest";
import { userEvent } from "vitest/browser";
import { fakeModel } from "../fake_model";
import { record, type Shown, show, traits } from "./shown";

async function shown(change: Record<string, unknown> = {}, canvas?: string): Promise<Shown> {
  return show(fakeModel(traits(change)), 900, canvas);
}

function button(el: HTMLElement, name: string): HTMLButtonElement {
  const found = [...el.querySelectorAll("button")].find(
    (one) => (one.getAttribute("aria-label") ?? one.textContent) === name,
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
}

/** Press Enter on a button, as one does without a mouse. */
async function enter(el: HTMLElement, name: string): Promise<HTMLButtonElement> {
  const pressed = button(el, name);
  pressed.focus();
  expect(document.activeElement).toBe(pressed);
  await userEvent.keyboard("{Enter}");
  return pressed;
}

/** Two frames: by then a browser has taken the focus from what cannot have it. */
async function settled(): Promise<void> {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}

const MASK = { kind: "local", left: 1, right: 1 };
const TOUR = [
  { name: "one", caption: { en: "look here", ja: "" }, state: { layer: 1, head: 2 } },
  { name: "two", caption: { en: "and here", ja: "" }, state: { layer: 2 } },
];

describe("two explorers on a page", () => {
  test("have no id and no group of choices in common, and labels name their own fields", async () => {
    const views = [await shown({ mask: MASK }), await shown({ mask: MASK })];
    const ids = [...document.querySelectorAll("[id^='attnw-']")].map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(ids.length);
    const groups = views.map(
      ({ el }) =>
        new Set([...el.querySelectorAll<HTMLInputElement>("[type=radio]")].map((r) => r.name)),
    );
    expect(groups[0]!.size).toBeGreaterThan(2);
    expect([...groups[0]!].filter((name) => groups[1]!.has(name))).toEqual([]);
    for (const { el } of views)
      for (const label of el.querySelectorAll<HTMLLabelElement>("label[for]"))
        expect(el.contains(label.control)).toBe(true);
  });

  test("arrows stay in their own tabs", async () => {
    const [first, second] = [await shown({ view: "layers" }, "attnw-grid"), await shown()];
    const tab = (el: HTMLElement) => el.querySelector<HTMLInputElement>("[value=matrix]")!;
    tab(second.el).focus();
    await userEvent.keyboard("{ArrowRight}");
    await vi.waitFor(() => expect(second.state.view).toBe("lines"));
    expect(first.state.view).toBe("layers");
    expect(second.el.contains(document.activeElement)).toBe(true);
    expect(first.el.querySelector<HTMLInputElement>("[value=layers]")!.checked).toBe(true);
  });
});

describe("the focus stays in the widget after", () => {
  test("the last undo and the last redo", async () => {
    const { el, model } = await shown();
    model.set("layer", 1);
    for (const [name, layer] of [
      ["Undo", 0],
      ["Redo", 1],
    ] as const) {
      await vi.waitFor(() => expect(button(el, name).ariaDisabled).toBe("false"));
      const pressed = await enter(el, name);
      await vi.waitFor(() => expect(pressed.ariaDisabled).toBe("true"));
      expect(model.get("layer")).toBe(layer);
      await settled();
      expect(document.activeElement).toBe(pressed);
      await userEvent.keyboard("{Enter}");
      expect(model.get("layer")).toBe(layer);
    }
  });

  test("a tour's start, its last view and its end", async () => {
    const { el, state } = await shown({ _tour: TOUR });
    await enter(el, "Start: 2 views");
    await vi.waitFor(() => expect(el.textContent).toContain("look here"));
    expect(document.activeElement).toBe(button(el, "Next view"));
    await userEvent.keyboard("{Enter}");
    await vi.waitFor(() => expect(el.textContent).toContain("and here"));
    await settled();
    expect(document.activeElement).toBe(button(el, "Next view"));
    expect(button(el, "Next view").ariaDisabled).toBe("true");
    await enter(el, "End the tour");
    await vi.waitFor(() => expect(button(el, "Start: 2 views")).toBeTruthy());
    await settled();
    expect(state.step).toBeNull();
    expect(document.activeElement).toBe(button(el, "Start: 2 views"));
  });

  test("showing all of the matrix", async () => {
    const { el, state } = await shown({ zoom: [0, 2, 0, 2] });
    const pressed = await enter(el, "Show all");
    await vi.waitFor(() => expect(pressed.isConnected).toBe(false));
    await settled();
    expect(state.zoom).toBeNull();
    expect(document.activeElement).toBe(button(el, "Zoom out"));
  });

  test("removing the mask", async () => {
    const { el, state } = await shown({ mask: MASK });
    const pressed = await enter(el, "remove");
    await vi.waitFor(() => expect(pressed.isConnected).toBe(false));
    await settled();
    expect(state.mask).toBeNull();
    expect((document.activeElement as HTMLElement).dataset.testid).toBe("attnw-window-slider");
  });

  test("the last page of the table", async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({
      text: `t${i}`,
      role: "word",
      group: null,
      segment: 0,
    }));
    const { el } = await shown(
      {
        _record: record({ shape: [3, 4, 30, 30], tokens: many }),
        _cells: new DataView(new Uint8Array(12 * 900).fill(9).buffer),
        _cells_shape: [3, 4, 30, 30],
        view: "table",
        query: 2,
      },
      "attnw-grid",
    );
    const pressed = await enter(el, "more");
    await vi.waitFor(() => expect(pressed.ariaDisabled).toBe("true"));
    await settled();
    expect(document.activeElement).toBe(pressed);
    await userEvent.keyboard("{Enter}");
    expect(el.textContent).toContain("26–30 of 30");
  });

  test("showing every head again", async () => {
    const { el, state } = await shown({ heads: [0] });
    const pressed = await enter(el, "all");
    await vi.waitFor(() => expect(pressed.ariaDisabled).toBe("true"));
    await settled();
    expect(state.heads).toEqual([0, 1, 2, 3]);
    expect(document.activeElement).toBe(pressed);
  });
});

test("focus that the reader took elsewhere is left there", async () => {
  const { el, model } = await shown({ mask: MASK });
  button(el, "remove").focus();
  (document.activeElement as HTMLElement).blur();
  await settled();
  model.set("mask", null);
  await settled();
  expect(document.activeElement).toBe(document.body);
});

describe("undo and a tour", () => {
  /** The first change has come to rest, as a step of its own. */
  async function undoable(el: HTMLElement): Promise<void> {
    await vi.waitFor(() => expect(button(el, "Undo").ariaDisabled).not.toBe("true"));
  }

  test("undo goes back to where the tour stood, with the picture", async () => {
    const { el, state } = await shown({ _tour: TOUR });
    await enter(el, "Start: 2 views");
    await undoable(el);
    await enter(el, "Next view");
    await vi.waitFor(() => expect(el.textContent).toContain("and here"));
    await enter(el, "Undo");
    expect(state).toMatchObject({ step: 0, layer: 1, head: 2 });
    await vi.waitFor(() => expect(el.textContent).toContain("look here"));
    expect(el.textContent).toContain("1 of 2");
  });

  test("a step of another tour does not come back", async () => {
    const { el, model, state } = await shown({ _tour: TOUR });
    await enter(el, "Start: 2 views");
    await undoable(el);
    model.set("_tour", TOUR.slice(1));
    model.set("step", null);
    model.set("layer", 0);
    await settled();
    await enter(el, "Undo");
    expect(state).toMatchObject({ step: null, layer: 1 });
  });
});

describe("the search", () => {
  async function search(el: HTMLElement): Promise<HTMLInputElement> {
    button(el, "Find a token").click();
    await vi.waitFor(() => expect(el.querySelector(".attnw-find")).toBeTruthy());
    await settled();
    return el.querySelector<HTMLInputElement>(".attnw-find input")!;
  }

  test("opened again, what was sought is ready to be replaced", async () => {
    const { el } = await shown();
    await search(el);
    await userEvent.keyboard("a");
    await userEvent.keyboard("{Escape}");
    await vi.waitFor(() => expect(el.querySelector(".attnw-find")).toBeNull());
    const field = await search(el);
    await userEvent.keyboard("dog");
    expect(field.value).toBe("dog");
  });

  test("of two texts, both are searched", async () => {
    const keys = ["[CLS]", "ein", "Hund", "a", "[SEP]"].map((text) => ({
      text,
      role: "word",
      group: null,
      segment: 0,
    }));
    const { el, state } = await shown({
      _record: record({ kind: "cross", keyTokens: keys }),
    });
    const field = await search(el);
    await userEvent.keyboard("Hund");
    await vi.waitFor(() => expect(state.key).toBe(2));
    expect(state.query).toBeNull();
    await vi.waitFor(() => expect(el.textContent).toContain("1 of 1"));
    field.select();
    await userEvent.keyboard("a");
    await vi.waitFor(() => expect(state.query).toBe(1));
    await userEvent.keyboard("{Enter}{Enter}");
    expect(state).toMatchObject({ query: 3, key: 3 });
    await vi.waitFor(() => expect(el.textContent).toContain("3 of 3"));
    await userEvent.keyboard("{Enter}");
    expect(state.query).toBe(1);
  });
});
