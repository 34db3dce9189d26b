import { expect, test, vi } from "vitest";
import "../../src/widget.css";
import { fakeModel } from "../fake_model";
import { find, perHead, type Shown, show, traits } from "./shown";

async function shown(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits(change)), width, "attnw-grid");
}

test.each([480, 900, 1100, 1400])(
  "the step stands beside its name, %i pixels wide",
  async (width) => {
    const { el } = await shown({ mask: { kind: "local", left: 1, right: 1 } }, width);
    const field = find<HTMLInputElement>(el, "attnw-step");
    const name = field.labels![0]!.getBoundingClientRect();
    const box = field.getBoundingClientRect();
    expect((name.top + name.bottom) / 2).toBeCloseTo((box.top + box.bottom) / 2, 0);
  },
);

test.each([480, 900])("no line of notes begins or ends in a dot, %i pixels wide", async (width) => {
  const { el } = await shown({ view: "lines", special_mode: "hide" }, width);
  const list = find<HTMLElement>(el, "attnw-lines-notes");
  const notes = [...list.querySelectorAll("li")].map((note) => note.getBoundingClientRect());
  const left = list.getBoundingClientRect().left;
  const cut = Number.parseFloat(
    /inset\(.* ([\d.]+)px\)/.exec(getComputedStyle(list).clipPath)![1]!,
  );
  const lines = new Set(notes.map(({ top }) => top));
  expect(lines.size).toBeGreaterThan(1);
  for (const line of lines) {
    const first = notes.filter(({ top }) => top === line)[0]!;
    expect(first.left).toBeCloseTo(left, 0);
  }
  const dot = getComputedStyle(list.querySelector("li")!, "::before");
  expect(Number.parseFloat(dot.width)).toBeLessThanOrEqual(cut);
  expect(getComputedStyle(list.querySelector("li")!, "::after").content).toBe("none");
});

test("each note of the table is a sentence by itself", async () => {
  const { el } = await shown({ view: "table" });
  const notes = [...el.querySelectorAll(".attnw-tabled > p")].map(({ textContent }) => textContent);
  expect(notes).toHaveLength(2);
  expect(notes[0]).toMatch(/needs a running kernel$/);
  expect(notes[1]).toMatch(/^Pick a token in the matrix/);
});

test("the scale of a difference is explained as one", async () => {
  const { el } = await shown({
    _second: {
      kind: "record",
      name: "other",
      text: ["a dog ran"],
      loneQueries: [],
      loneKeys: [],
      moved: perHead(() => 0),
      groups: {},
      rows: {},
    },
    _second_cells: traits()._cells,
    shown: "difference",
  });
  await vi.waitFor(() =>
    expect(el.querySelector<HTMLElement>(".attnw-scale")!.title).toContain("of the difference"),
  );
});
