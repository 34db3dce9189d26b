import axe from "axe-core";
import { expect, test, vi } from "vitest";
import type { Card } from "../../src/data/types";
import report from "../../src/special";
import { fakeModel } from "../fake_model";
import {
  cells,
  find,
  kept,
  perHead,
  record,
  role,
  type Shown,
  show,
  square,
  traits,
  WORDS,
} from "./shown";

async function view(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits(change)), width);
}

async function alone(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  const model = fakeModel(traits(change));
  const el = document.createElement("div");
  el.style.width = `${width}px`;
  document.body.append(el);
  const stop = await report.render({ model: model.model, el } as unknown as Parameters<
    typeof report.render
  >[0]);
  const made = kept({ ...model, el, stop: stop as () => void });
  await vi.waitFor(() => find(el, "attnw-special-row"));
  return made;
}

/** The text with a full stop, which can be counted, too. */
const STOPPED = record({
  tokens: WORDS.map((text, i) =>
    i === 3
      ? { text: ".", role: "punctuation", group: "punctuation", segment: 0 }
      : { text, ...role(["cls", "word", "word", "word", "sep"][i]!), segment: 0 },
  ),
  special: {
    groups: {
      cls: { share: perHead(() => 0.3), uniform: 0.2 },
      sep: { share: perHead(() => 0.1), uniform: 0.2 },
      punctuation: { share: perHead(() => 0.25), uniform: 0.2 },
    },
    rows: {
      cls: {
        query: 0,
        itself: perHead(() => 0.5),
        groups: { sep: perHead(() => 0.05), punctuation: perHead(() => 0.15) },
        words: perHead(() => 0.3),
        even: { itself: 0.2, groups: { sep: 0.2, punctuation: 0.2 } },
      },
    },
  },
});

/** The text twice over, after a full stop that stands where the first word does. */
const REPEATED = record({
  tokens: ["[CLS]", ".", "the", "the", "[SEP]"].map((text, i) => ({
    text,
    ...role(["cls", "punctuation", "word", "word", "sep"][i]!),
    segment: 0,
  })),
});

const NORMS = {
  kind: "norms",
  name: "",
  text: ["a dog ran"],
  loneQueries: [],
  loneKeys: [],
  moved: perHead(() => 0.5),
  groups: { cls: perHead(() => 0.05), sep: perHead(() => 0.02) },
  rows: {
    cls: {
      query: 0,
      itself: perHead(() => 0.1),
      groups: { sep: perHead(() => 0.1) },
      words: perHead(() => 0.8),
      even: { itself: 0.2, groups: { sep: 0.2 } },
    },
  },
};

const place = { layer: 2, head: 3, seen: true, query: null, key: 4, role: "sep", view: "weights" };
const CARD = {
  title: "Special tokens in tiny",
  headline: "Seen here: 1. A reading, not a verdict.",
  notes: ["Layers count from 0."],
  states: [
    {
      name: "lower_cls",
      state: "found",
      title: "Lower layers gather on [CLS]",
      sentences: ["Textbook: a summary begins to form.", "FOUND in layer 0."],
      where: [{ ...place, layer: 1, head: 2, query: 0, key: null, role: "cls" }],
    },
    {
      name: "middle_sep",
      state: "not found",
      title: "Middle layers gather on [SEP]",
      sentences: ["NOT FOUND in layer 1."],
      where: [{ ...place, seen: false }],
    },
    {
      name: "all_special",
      state: "cannot judge",
      title: "All layers and heads",
      sentences: ["Not measured."],
      where: [],
    },
  ],
  story: [],
  evidence: [
    {
      name: "message",
      title: "how much of it arrives",
      text: "Little.",
      where: [{ ...place, view: "norms" }],
    },
  ],
  hint: {
    items: [
      { name: "hint", title: "hint", text: "THE RULE SAYS NOTHING HERE", where: [] },
      { name: "known", title: "how far to trust it", text: "it missed 5 of 13", where: [] },
    ],
    where: [],
  },
  cannot_conclude: [{ name: "cause", title: "the cause", text: "Not over-fitting.", where: [] }],
} as unknown as Card;

const CARDS = { _diagnosis: { en: CARD, ja: { ...CARD, headline: "読み方の一つです。" } } };

const named = <T extends HTMLElement>(el: Element, kind: string, name: string | RegExp) => {
  const found = [...el.querySelectorAll<T>(kind)].find((one) => {
    const text = (one.ariaLabel ?? one.textContent ?? "").trim();
    return typeof name === "string" ? text === name : name.test(text);
  });
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const said = (el: HTMLElement) => find(el, "attnw-special-summary").textContent;
const profile = (el: HTMLElement) => find(el, "attnw-special-profile").getAttribute("aria-label");

test("shares, the even line and what is hidden follow the groups that are counted", async () => {
  const { el, model } = await view({ _record: STOPPED, special_mode: "hide" });
  expect(said(el)).toContain("Hidden now: 40%");
  const seen = square(el, 2, 3);
  expect(square(el, 0, 3)).not.toBe(seen);
  const groups = find(el, "attnw-special-groups");
  expect(groups.textContent).toContain("[CLS] (first position)");
  named<HTMLLabelElement>(groups, "label", "punctuation").click();
  expect(model.get("special_roles")).toContain("punctuation");
  await vi.waitFor(() => expect(said(el)).toContain("Hidden now: 65%"));
  await vi.waitFor(() => expect(square(el, 2, 3)).toBe(square(el, 0, 3)));
  model.set("special_mode", "mark");
  await vi.waitFor(() =>
    expect(said(el)).toContain("65% of their attention to special tokens ([CLS] 30%, [SEP] 10%"),
  );
  expect(said(el)).toContain("Spread evenly it would be 60%");
  expect(profile(el)).toContain("punctuation 25%");
  for (const name of ["punctuation", /^\[CLS\]/, "[SEP]"]) {
    named<HTMLLabelElement>(groups, "label", name).click();
    await Promise.resolve();
  }
  await vi.waitFor(() => expect(said(el)).toBe("Nothing is counted as special now."));
  expect(el.querySelector("[data-testid=attnw-special-profile]")).toBeNull();
});

test("the arrow can be read from the other end", async () => {
  const { el, model } = await view({ heads: [0], layers: [0, 1] });
  named<HTMLLabelElement>(el, "label", "what [CLS] looks at").click();
  expect(model.get("special_from")).toBe("cls");
  await vi.waitFor(() => expect(said(el)).toContain("[CLS] gives itself 55%"));
  expect(said(el)).toContain("other special tokens 5%, and words 40%");
  expect(profile(el)).toContain("Layer 1: [CLS] itself 60%, other special tokens 5%");
  expect(profile(el)).toContain("if all tokens were looked at alike: 40%");
  named<HTMLLabelElement>(el, "label", "who looks at them").click();
  expect(model.get("special_from")).toBeNull();
});

test("the other end follows the groups that are counted, too", async () => {
  const { el, model } = await view({ _record: STOPPED, special_from: "cls" });
  expect(said(el)).toContain("other special tokens 5%, and words 45%");
  const groups = find(el, "attnw-special-groups");
  named<HTMLLabelElement>(groups, "label", "punctuation").click();
  await vi.waitFor(() =>
    expect(said(el)).toContain(
      "[CLS] gives itself 50% of its own attention, other special tokens 20%, and words 30%",
    ),
  );
  expect(profile(el)).toContain("other special tokens 20%");
  expect(profile(el)).toContain("if all tokens were looked at alike: 60%");
  named<HTMLLabelElement>(groups, "label", "[SEP]").click();
  await vi.waitFor(() => expect(said(el)).toContain("other special tokens 15%, and all else 35%"));
  expect(find(el, "attnw-special").textContent).toContain("all else");
  expect(profile(el)).toContain("if all tokens were looked at alike: 40%");
  model.set("lang", "ja");
  await vi.waitFor(() => expect(profile(el)).toContain("[CLS] 自身 50%、他の特殊トークン 15%"));
});

test("what arrives is spoken of as what arrives", async () => {
  const { el, model } = await view({ _second: NORMS, _second_cells: cells(), shown: "second" });
  const panel = find(el, "attnw-special");
  const all = () => el.textContent ?? "";
  expect(said(el)).toContain("7% of what arrives at words");
  const notes = () => find(el, "attnw-matrix-notes").textContent;
  expect(notes()).toContain("how much of what arrives at each row is shown");
  expect(notes()).toContain("what arrives from each column");
  expect(all()).toContain("[CLS]: column, row, and share of what arrives");
  expect(all()).not.toMatch(/share of attention|its attention each row|attention each column/);
  model.set("special_mode", "hide");
  await vi.waitFor(() => expect(said(el)).toContain("Hidden now: 7% of what arrives at words"));
  model.set("special_from", "cls");
  await vi.waitFor(() =>
    expect(said(el)).toContain(
      "10% of what arrives at [CLS] comes from itself, 10% from other special tokens, and 80% from words",
    ),
  );
  expect(said(el)).not.toContain("its own attention");
  expect(panel.textContent).toContain(
    "By head: share of what arrives at [CLS] that comes from itself and special tokens",
  );
  model.set("lang", "ja");
  await vi.waitFor(() => expect(said(el)).toContain("[CLS] に届くもののうち 10% は自分自身から"));
  expect(notes()).toContain("各列から届くもの");
});

test("names that are listed are joined as the language does", async () => {
  const { el } = await view({ lang: "ja" });
  expect(said(el)).toMatch(/（\[CLS\] \d+%、\[SEP\] 0%）/);
});

test("words spelt alike are told apart, and the row that is drawn first is a word's", async () => {
  const { el, model } = await alone({ _record: REPEATED });
  const row = find<HTMLElement>(el, "attnw-special-row");
  const said = () => row.querySelector("svg")?.getAttribute("aria-label");
  expect(row.querySelector("select")?.value).toBe("2");
  expect(said()).toContain("“the (2)”: ");
  expect(said()).toContain("the (2) 100%");
  named<HTMLLabelElement>(el, "label", "what [CLS] looks at").click();
  await vi.waitFor(() => expect(said()).toContain("“[CLS]”: "));
  expect(model.get("query")).toBeNull();
  named<HTMLLabelElement>(el, "label", "who looks at them").click();
  model.set("query", 3);
  await vi.waitFor(() => expect(said()).toContain("“the (3)”: "));
  named<HTMLLabelElement>(el, "label", "what [CLS] looks at").click();
  await vi.waitFor(() => expect(said()).toContain("“[CLS]”: "));
  expect(model.get("query")).toBe(0);
  named<HTMLLabelElement>(el, "label", "who looks at them").click();
  await vi.waitFor(() => expect(said()).toContain("“the (2)”: "));
  expect(model.get("query")).toBeNull();
});

test("a token that this text lacks has no row to be shown", async () => {
  const { el } = await view({ special_from: "bos" });
  expect(said(el)).toContain("words give");
});

test("weights and norms stand side by side, each by its name, and one row is drawn twice", async () => {
  const { el, model } = await view({ _second: NORMS, _second_cells: cells() });
  const sides = find(el, "attnw-special-sides").textContent;
  expect(sides).toContain("left: weight α");
  expect(sides).toContain("right, paler: norm ‖αf(x)‖");
  expect(profile(el)).toContain("[CLS] 15% → 5%");
  const row = find<HTMLElement>(el, "attnw-special-row");
  expect(row.querySelectorAll("svg")).toHaveLength(2);
  const select = row.querySelector("select")!;
  select.value = "2";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  expect(model.get("query")).toBe(2);
  await vi.waitFor(() =>
    expect(row.querySelector("svg")?.getAttribute("aria-label")).toMatch(/“dog”: .*dog 100%/),
  );
});

test("the card is folded to its headline, and says of each state what was found", async () => {
  const { el } = await view(CARDS);
  const card = find<HTMLDetailsElement>(el, "attnw-diagnosis");
  expect(card.open).toBe(false);
  expect(card.querySelector("summary")?.textContent).toContain("A reading, not a verdict.");
  const states = [...card.querySelectorAll<HTMLElement>("[data-state]")].map((one) => [
    one.ariaLabel,
    one.querySelector("h4 span")?.textContent,
  ]);
  expect(states).toEqual([
    ["Lower layers gather on [CLS]", "found here"],
    ["Middle layers gather on [SEP]", "not found here"],
    ["All layers and heads", "cannot be judged here"],
  ]);
  const hint = named(card, "details", /^The clogged rule/).textContent;
  expect(hint).toContain("THE RULE SAYS NOTHING HERE");
  expect(hint).toContain("it missed 5 of 13");
  expect(card.textContent).toContain("Not over-fitting.");
});

test("show me moves the picture to the evidence", async () => {
  const { el, model } = await view({ ...CARDS, layers: [0, 0], heads: [0], special_mode: "off" });
  const card = find<HTMLDetailsElement>(el, "attnw-diagnosis");
  card.open = true;
  const nearest = named(card, "section", "Middle layers gather on [SEP]");
  expect(nearest.textContent).toContain("Show me the nearest to it:");
  named<HTMLButtonElement>(nearest, "button", "Layer 2, head 3").click();
  const chosen = (...names: string[]) => names.map((name) => model.get(name));
  expect(chosen("layer", "head", "query", "key", "special_mode")).toEqual([2, 3, null, 4, "mark"]);
  expect(chosen("layers", "heads", "shown")).toEqual([[0, 2], [0, 3], "first"]);
  const lower = named(card, "section", "Lower layers gather on [CLS]");
  named<HTMLButtonElement>(lower, "button", "Layer 1, head 2").click();
  expect(chosen("layer", "head", "query", "key", "special_from")).toEqual([1, 2, 0, null, "cls"]);
});

const EFFECT = {
  written: "mute('sep')",
  changes: { parts: [{ kind: "mute", at: null, keys: ["sep"] }] },
  drift: {
    free_l1: [0.1, 0.2, 0.3],
    free_cosine: [0, 0, 0],
    forced_l1: [0.1, 0.1, 0.1],
    forced_cosine: [0, 0, 0],
  },
  kept: null,
  vector: null,
  predictions: [],
  labels: null,
};

test("it is said what measuring does to a run under a change, whose numbers stay", async () => {
  const rerun = { ...NORMS, kind: "rerun", name: "mute('sep')" };
  const { el, model } = await view({
    _can_weigh: true,
    _can_apply: true,
    _effect: EFFECT,
    _second: rerun,
    _second_cells: cells(),
    shown: "difference",
  });
  const button = named<HTMLButtonElement>(el, "button", "Measure what arrives from there");
  expect(button.title).toContain("Its numbers stay under “What if…?”");
  expect(find(el, "attnw-special").textContent).toContain(button.title);
  const result = find(el, "attnw-effect-result");
  expect(result.textContent).toContain("Heads that moved most:");
  model.set("_second", NORMS);
  await vi.waitFor(() => expect(result.textContent).toContain("Apply again to see this change"));
  expect(result.textContent).toContain("How far each layer's output moved");
  expect(result.textContent).not.toContain("Heads that moved most:");
});

test("the report switches between weight and norm, and says which one a square stands for", async () => {
  const { el, model } = await alone({ _second: NORMS, _second_cells: cells() });
  const heads = find(el, "attnw-special-heads").closest("figure")!;
  expect(heads.textContent).toContain("By head: share of the words' attention on special tokens");
  named<HTMLLabelElement>(find(el, "attnw-shown"), "label", "what arrives").click();
  expect(model.get("shown")).toBe("second");
  await vi.waitFor(() =>
    expect(heads.textContent).toContain("By head: share of what arrives at words"),
  );
  expect(find(el, "attnw-special-heads").ariaLabel).toContain("layer 0, head 0: 7%");
  named<HTMLLabelElement>(find(el, "attnw-shown"), "label", "difference").click();
  await vi.waitFor(() => expect(heads.textContent).toContain("By head: how far what arrives"));
  expect(find(el, "attnw-special-heads").ariaLabel).toContain("layer 0, head 0: 50%");
});

test("a run under a change is drawn beside the plain one in the report", async () => {
  const rerun = { ...NORMS, kind: "rerun", name: "mute('sep')" };
  const { el, model } = await alone({ _second: rerun, _second_cells: cells(), shown: "second" });
  const heads = find(el, "attnw-special-heads").closest("figure")!;
  expect(heads.textContent).toContain("attention on special tokens, under the change");
  const row = find(el, "attnw-special-row");
  const titles = () => [...row.querySelectorAll("figcaption")].map((one) => one.textContent);
  expect(titles()).toEqual(["plain", "under the change"]);
  expect(row.querySelector("h4")?.textContent).toBe("One row");
  model.set("_second", {});
  await vi.waitFor(() => expect(titles()).toEqual(["weight α, where it looks"]));
});

test("the report changes its model where it has one, and only there", async () => {
  const still = await alone({});
  expect(still.el.querySelector("[data-testid=attnw-effect]")).toBeNull();
  const { el, model, sent } = await alone({ _can_apply: true });
  named<HTMLButtonElement>(find(el, "attnw-special"), "button", /What if…\?$/).click();
  const panel = find<HTMLElement>(el, "attnw-effect");
  expect(panel.contains(document.activeElement)).toBe(true);
  expect(panel.textContent).toContain("No change yet. Pick one above.");
  const mute = named(panel, "fieldset", /^Mute/);
  named<HTMLButtonElement>(mute, "button", "[SEP]").click();
  expect(model.get("edits")).toEqual([{ kind: "mute", at: null, keys: ["sep"] }]);
  await vi.waitFor(() => expect(panel.textContent).toContain("mute [SEP]"));
  named<HTMLButtonElement>(panel, "button", "Apply to the model").click();
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "apply" }));
});

test("what arrives is measured before it is shown", async () => {
  const { el, model, sent, emit } = await view({ ...CARDS, _can_weigh: true });
  const card = find<HTMLDetailsElement>(el, "attnw-diagnosis");
  named<HTMLButtonElement>(
    named(card, "section", "how much of it arrives"),
    "button",
    "Layer 2, head 3",
  ).click();
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "norms" }));
  model.set("_second", NORMS);
  model.set("_second_cells", cells());
  emit("msg:custom", { id: (sent.at(-1) as { id: string }).id, result: "norms" });
  await vi.waitFor(() => expect(model.get("layer")).toBe(2));
  expect(model.get("shown")).toBe("second");
});

test("a text is diagnosed when its card is opened", async () => {
  const { el, model, sent } = await view({});
  const card = find<HTMLDetailsElement>(el, "attnw-diagnosis");
  expect(sent.filter(({ ask }) => ask === "diagnosis")).toEqual([]);
  card.open = true;
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "diagnosis" }));
  expect(card.textContent).toContain("Reading all heads of this text");
  model.set("_diagnosis", CARDS._diagnosis);
  await vi.waitFor(() => expect(card.textContent).toContain("Not over-fitting."));
  expect(card.open).toBe(true);
});

test("without a diagnosis the reason is said", async () => {
  const { el } = await view({ _diagnosis: { absent: "a cross record has no [CLS] of its own" } });
  expect(find(el, "attnw-special").textContent).toContain(
    "No diagnosis of this text: a cross record",
  );
});

test("a text without special tokens offers what else can be counted", async () => {
  const tokens = WORDS.map((text, i) => ({
    text,
    role: "word",
    group: i === 0 ? "first" : null,
    segment: 0,
  }));
  const groups = { first: { share: perHead(() => 0.6), uniform: 0.2 } };
  const { el } = await view({ _record: record({ tokens, special: { groups, rows: {} } }) });
  const panel = find(el, "attnw-special");
  expect(panel.textContent).toContain("This text has no special tokens. Its first position can");
  named<HTMLLabelElement>(panel, "label", "first position").click();
  await vi.waitFor(() => expect(said(el)).toContain("60%"));
});

test("scores are changed by a slider, once it is let go, and 0 takes the change away", async () => {
  const { el, model } = await view({ _can_apply: true });
  const panel = find<HTMLElement>(el, "attnw-effect");
  const label = named<HTMLLabelElement>(panel, "label", "Add to the scores of [CLS]");
  const slider = label.parentElement!.querySelector<HTMLInputElement>("input")!;
  expect([slider.min, slider.max, slider.value]).toEqual(["-10", "5", "0"]);
  expect(slider.getAttribute("aria-valuetext")).toBe("0: no change");
  const drag = (to: string, end: boolean) => {
    slider.value = to;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    if (end) slider.dispatchEvent(new Event("change", { bubbles: true }));
  };
  drag("-4.5", false);
  await vi.waitFor(() => expect(slider.getAttribute("aria-valuetext")).toBe("−4.5"));
  expect(model.get("edits")).toEqual([]);
  drag("3", true);
  expect(model.get("edits")).toEqual([{ kind: "bias", at: null, keys: ["cls"], by: 3 }]);
  await vi.waitFor(() => expect(panel.textContent).toContain("+3 on the scores of [CLS]"));
  drag("0", true);
  expect(model.get("edits")).toEqual([]);
});

test("a head can be made to look at everything alike", async () => {
  const { el, model } = await view({ _can_apply: true, layer: 1, head: 2 });
  const panel = find<HTMLElement>(el, "attnw-effect");
  const row = named(panel, "fieldset", /^Make a head look at everything alike/);
  row.querySelector("button")?.click();
  expect(model.get("edits")).toEqual([{ kind: "uniform", at: [[1, 2]] }]);
});

test("the panel leads to where the model itself is changed", async () => {
  const { el } = await view({ _can_apply: true });
  named<HTMLButtonElement>(find(el, "attnw-special"), "button", /What if…\?$/).click();
  expect(find(el, "attnw-effect").contains(document.activeElement)).toBe(true);
});

test("the report is the panel alone: heads by arrow keys, and a row of the one in focus", async () => {
  const { el, model, stop, listeners } = await alone(CARDS);
  expect(el.querySelector("canvas")).toBeNull();
  expect(find(el, "attnw-special").textContent).not.toContain("hide");
  const heads = find<HTMLElement & SVGElement>(el, "attnw-special-heads");
  expect(heads.getAttribute("aria-label")).toContain("In focus: layer 0, head 0: 0%");
  for (const key of ["ArrowDown", "ArrowRight", "ArrowRight", "ArrowUp"]) {
    heads.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    await Promise.resolve();
  }
  expect([model.get("layer"), model.get("head")]).toEqual([0, 2]);
  await vi.waitFor(() =>
    expect(heads.getAttribute("aria-label")).toContain("In focus: layer 0, head 2: 20%"),
  );
  const row = find(el, "attnw-special-row");
  expect(row.querySelector("svg")?.getAttribute("aria-label")).toContain("“a”: ");
  expect(find(el, "attnw-special").textContent).toContain("runner=ModelRunner");
  named<HTMLButtonElement>(find(el, "attnw-diagnosis"), "button", "Layer 2, head 3").click();
  await vi.waitFor(() => expect(heads.getAttribute("aria-label")).toContain("layer 2, head 3"));
  stop();
  expect(listeners()).toBe(0);
});

for (const theme of ["light", "dark"])
  for (const [lang, width, where] of [
    ["en", 900, view],
    ["ja", 480, view],
    ["en", 480, alone],
    ["ja", 1100, alone],
  ] as const)
    test(`axe finds nothing: ${theme}, ${lang}, ${width} pixels, ${where.name}`, async () => {
      document.body.dataset.jpThemeLight = String(theme === "light");
      document.body.style.background = theme === "light" ? "#fff" : "#111";
      const { el } = await where(
        {
          ...CARDS,
          _record: STOPPED,
          _second: NORMS,
          _second_cells: cells(),
          _can_apply: true,
          special_from: "cls",
          lang,
        },
        width,
      );
      for (const fold of el.querySelectorAll("details")) fold.open = true;
      const { violations } = await axe.run(el);
      delete document.body.dataset.jpThemeLight;
      document.body.style.background = "";
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });
