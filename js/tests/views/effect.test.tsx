import axe from "axe-core";
import { expect, test, vi } from "vitest";
import { differenceRamp, pack, SAME } from "../../src/draw/color";
import { fakeModel } from "../fake_model";
import { cells, find, HEADS, LAYERS, N, perHead, type Shown, show, square, traits } from "./shown";

async function view(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  return show(fakeModel(traits(change)), width);
}

/** A second record in which every head looks at its own token, and half as much at the first. */
function own(): DataView {
  const bytes = new Uint8Array(LAYERS * HEADS * N * N);
  for (let at = 0; at < LAYERS * HEADS; at++)
    for (let q = 0; q < N; q++) bytes[(at * N + q) * N + q] = 255;
  return new DataView(bytes.buffer);
}

const SECOND = {
  kind: "rerun",
  name: "local(2)",
  text: ["a dog ran"],
  loneQueries: [],
  loneKeys: [],
  moved: perHead((l, h) => (l * HEADS + h) / 12),
  groups: { cls: perHead(() => 0.25) },
  rows: {},
};

const EFFECT = {
  written: "local(2)",
  changes: {
    parts: [
      { kind: "local", left: 2, right: 2 },
      { kind: "ablate", at: [[1, 1]] },
    ],
  },
  drift: {
    free_l1: [0.1, 0.2, 0.3],
    free_cosine: [0.99, 0.98, 0.97],
    forced_l1: [0.1, 0.1, 0.05],
    forced_cosine: [0.99, 0.99, 0.99],
  },
  kept: perHead(() => 0.5),
  vector: {
    cosine: 0.912,
    candidates: ["a cat ran", "it rained"],
    before: [0.8, 0.1],
    after: [0.2, 0.4],
  },
  predictions: [
    {
      position: 2,
      before: [{ token: "dog", probability: 0.7 }],
      after: [{ token: "cat", probability: 0.6 }],
      kl: 1.25,
    },
  ],
  labels: { labels: ["good", "bad"], before: [0.9, 0.1], after: [0.3, 0.7], unit: "probability" },
};

const APPLIED = { _second: SECOND, _second_cells: own(), _effect: EFFECT, _can_apply: true };

const button = (el: HTMLElement, name: string | RegExp) => {
  const panel = find<HTMLElement>(el, "attnw-effect");
  const found = [...panel.querySelectorAll("button")].find((b) =>
    typeof name === "string"
      ? b.textContent?.trim() === name
      : name.test(b.ariaLabel ?? b.textContent ?? ""),
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
};

test("what is added is written as Python writes it, once, and can be taken back", async () => {
  const { el, model } = await view({ _can_apply: true, layer: 2, head: 3 });
  expect(button(el, "Apply to the model").ariaDisabled).toBe("true");
  for (const name of ["[SEP]", "[SEP]", "Layer 2, head 3"]) {
    button(el, name).click(); // the first row forbids, the second mutes
    await Promise.resolve(); // changes are read together, once the message is over
  }
  const knocked = {
    kind: "or",
    of: [
      { kind: "not", of: { kind: "global_cols", tokens: ["sep"] } },
      { kind: "local", left: 0, right: 0 },
    ],
  };
  expect(model.get("edits")).toEqual([knocked, { kind: "ablate", at: [[2, 3]] }]);
  await vi.waitFor(() => {
    const panel = find(el, "attnw-effect").textContent;
    expect(panel).toContain("block [SEP]");
    expect(panel).toContain("ablate Layer 2, head 3");
  });
  expect(button(el, "Apply to the model").ariaDisabled).toBe("false");
  button(el, /Remove: block \[SEP\]/).click();
  expect(model.get("edits")).toEqual([{ kind: "ablate", at: [[2, 3]] }]);
});

test("a token can be muted: looked at, but says nothing", async () => {
  const { el, model } = await view({ _can_apply: true });
  const rows = [...find(el, "attnw-effect").querySelectorAll("fieldset")];
  const row = rows.find((one) => one.textContent?.startsWith("Mute: looked at, but says nothing"));
  row?.querySelector("button")?.click();
  expect(model.get("edits")).toEqual([{ kind: "mute", at: null, keys: ["cls"] }]);
  await vi.waitFor(() => button(el, /^Remove: mute \[CLS\]$/));
});

test("an off-switch that Python gave is said, and can be taken back", async () => {
  const edit = { kind: "sink_logit", at: [[0, 1]], logit: -2 };
  const { el, model } = await view({ _can_apply: true, edits: [edit] });
  await vi.waitFor(() =>
    button(el, /^Remove: heads may look at nothing \(score −2\) \(Layer 0, head 1\)$/).click(),
  );
  expect(model.get("edits")).toEqual([]);
});

test("a token that is picked can be knocked out, too", async () => {
  const { el, model } = await view({ _can_apply: true, query: 0, key: 2 });
  button(el, "“dog”").click();
  expect(JSON.stringify(model.get("edits"))).toContain('"tokens":[2]');
});

test("while the model runs the panel says so, and the run can be stopped", async () => {
  const edits = [{ kind: "ablate", at: [[0, 0]] }];
  const { el, sent, emit } = await view({ _can_apply: true, edits });
  button(el, "Apply to the model").click();
  await vi.waitFor(() => button(el, "Stop"));
  expect(sent.at(-1)).toMatchObject({ ask: "apply" });
  const first = sent.at(-1) as { id: string };
  button(el, "Stop").click();
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "cancel" }));
  await vi.waitFor(() => expect(button(el, "Apply to the model").ariaDisabled).toBe("false"));
  button(el, "Apply to the model").click();
  emit("msg:custom", { id: first.id, error: "too late" });
  await vi.waitFor(() => button(el, "Stop"));
  expect(el.querySelector(".attnw-banner")).toBeNull();
  emit("msg:custom", { id: (sent.at(-1) as { id: string }).id, error: "no such head" });
  await vi.waitFor(() =>
    expect(el.querySelector(".attnw-banner")?.textContent).toContain("no such head"),
  );
  expect(button(el, "Apply to the model").ariaDisabled).toBe("false");
});

test("without a model the panel says what it would need", async () => {
  const { el } = await view();
  expect(find(el, "attnw-effect").textContent).toContain("ModelRunner.from_pretrained");
  expect(find(el, "attnw-effect").querySelector("button")).toBeNull();
});

test("a difference is blue for less, orange for more, and paper for the same", async () => {
  const { el } = await view({ ...APPLIED, shown: "difference", layer: 0, head: 1 });
  const ramp = differenceRamp("light");
  for (let q = 0; q < N; q++)
    for (let k = 0; k < N; k++) {
      const level = k === q ? 255 : k === (q + 1) % N ? 1 : SAME;
      expect(square(el, q, k)).toBe(pack(ramp[level]!));
    }
});

test("either record and the difference are drawn in turn, with their own numbers", async () => {
  const { el, model, sent, emit } = await view({ ...APPLIED, shown: "second", query: 1, key: 1 });
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "row", of: "second" }));
  const answer = (values: number[]) => {
    const { id } = sent.at(-1) as { id: string };
    emit("msg:custom", { id, result: "row" }, [new DataView(Float32Array.from(values).buffer)]);
  };
  answer([0.1, 0.6, 0.1, 0.1, 0.1]);
  await vi.waitFor(() => expect(find(el, "attnw-reading").textContent).toContain("0.60"));
  model.set("shown", "difference");
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "row", of: "first" }));
  answer([0.1, 0.25, 0.1, 0.25, 0.3]);
  await vi.waitFor(() =>
    expect(find(el, "attnw-reading").textContent).toContain(
      "“a” looks at “a” with 0.60 instead of 0.25",
    ),
  );
  expect(find(el, "attnw-reading").textContent).toContain("+0.35");
  expect(find<HTMLElement>(el, "attnw-reading").dataset).toMatchObject({ exact: "yes" });
});

test("tokens that only one record has are left blank", async () => {
  const lone = { ...SECOND, kind: "record", loneQueries: [2], loneKeys: [2] };
  const { el } = await view({
    ...APPLIED,
    _second: lone,
    shown: "difference",
    special_mode: "off",
  });
  const blank = square(el, 2, 2);
  for (let i = 0; i < N; i++) {
    expect(square(el, 2, i)).toBe(blank);
    expect(square(el, i, 2)).toBe(blank);
  }
  expect(square(el, 0, 1)).not.toBe(blank);
  expect(find(el, "attnw-shown").textContent).toContain("left blank");
});

test("what came of it is said in words and numbers", async () => {
  const { el, model } = await view({ ...APPLIED, shown: "difference", heads: [0], layers: [0, 0] });
  const text = find(el, "attnw-effect-result").textContent ?? "";
  for (const part of [
    "local(2); ablate Layer 1, head 1",
    "0.912",
    "50%",
    "dog 70%",
    "cat 60%",
    "1.25",
    "good",
    "90%",
  ])
    expect(text).toContain(part);
  expect(text).toContain("“a cat ran”1. (+0.80)2. (+0.20)");
  button(el, "Layer 2, head 3 92%").click();
  expect([model.get("layer"), model.get("head")]).toEqual([2, 3]);
  expect([model.get("layers"), model.get("heads")]).toEqual([
    [0, 2],
    [0, 3],
  ]);
});

for (const theme of ["light", "dark"])
  for (const [lang, width] of [
    ["en", 900],
    ["ja", 480],
  ] as const)
    test(`axe finds nothing: ${theme}, ${lang}, ${width} pixels`, async () => {
      document.body.dataset.jpThemeLight = String(theme === "light");
      document.body.style.background = theme === "light" ? "#fff" : "#111";
      const edits = [{ kind: "ablate", at: [[0, 0]] }];
      const { el } = await view({ ...APPLIED, shown: "difference", edits, lang, query: 1 }, width);
      const { violations } = await axe.run(el);
      delete document.body.dataset.jpThemeLight;
      document.body.style.background = "";
      expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    });

test("the second record's cells are those of the first where nothing changed", async () => {
  const { el } = await view({ ...APPLIED, _second_cells: cells(), shown: "difference" });
  const paper = pack(differenceRamp("light")[SAME]!);
  for (let q = 0; q < N; q++) expect(square(el, q, (q + 1) % N)).toBe(paper);
});

test("what arrives is asked of Python and spoken of as such", async () => {
  const norms = { ...SECOND, kind: "norms", name: "" };
  const { el, model, sent, emit } = await view({ _can_weigh: true, query: 1, key: 1 });
  const panel = [...el.querySelectorAll("button")].find(
    (b) => b.textContent === "Measure what arrives from there",
  );
  panel?.click();
  await vi.waitFor(() => expect(sent.at(-1)).toMatchObject({ ask: "norms" }));
  model.set("_second", norms);
  model.set("_second_cells", own());
  model.set("shown", "second");
  emit("msg:custom", { id: (sent.at(-1) as { id: string }).id, result: "norms" });
  await vi.waitFor(() =>
    expect(find(el, "attnw-reading").textContent).toContain(
      "of what arrives at “a”, ≈ 1.00 comes from “a”",
    ),
  );
  expect(find(el, "attnw-shown").textContent).toContain("Kobayashi");
  const profile = find<SVGElement>(el, "attnw-special-profile").getAttribute("aria-label");
  expect(profile).toContain("Layer 0: [CLS] 15% → 25%");
  model.set("shown", "difference");
  await vi.waitFor(() =>
    expect(find(el, "attnw-reading").textContent).toContain(
      "of what arrives, ≈ 1.00 comes from there",
    ),
  );
});

test("a kernel that goes away is noticed while the model runs", async () => {
  const edits = [{ kind: "ablate", at: [[0, 0]] }];
  const { el, emit } = await view({ _can_apply: true, edits });
  button(el, "Apply to the model").click();
  await vi.waitFor(() => button(el, "Stop"));
  emit("comm_live_update");
  await vi.waitFor(() =>
    expect(el.querySelector(".attnw-banner")?.textContent).toContain("kernel"),
  );
  expect(button(el, "Apply to the model").ariaDisabled).toBe("false");
});

test("focus stays in the panel when a change is taken back, and while the model runs", async () => {
  const edits = [{ kind: "ablate", at: [[0, 0]] }];
  const { el } = await view({ _can_apply: true, edits });
  const apply = button(el, "Apply to the model");
  apply.focus();
  apply.click();
  await vi.waitFor(() => button(el, "Stop"));
  expect(document.activeElement).toBe(apply);
  const remove = button(el, /^Remove/);
  remove.focus();
  remove.click();
  await vi.waitFor(() => expect(find(el, "attnw-effect").textContent).toContain("No change yet"));
  expect(find(el, "attnw-effect").contains(document.activeElement)).toBe(true);
});
