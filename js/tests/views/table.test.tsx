import axe from "axe-core";
import { afterEach, expect, test, vi } from "vitest";
import { fakeModel } from "../fake_model";
import { HEADS, LAYERS, N, perHead, record, role, type Shown, show, traits } from "./shown";

async function table(change: Record<string, unknown> = {}): Promise<Shown> {
  return show(fakeModel(traits({ view: "table", ...change })), 900, "attnw-grid");
}

afterEach(() => {
  vi.restoreAllMocks();
});

function cells(el: HTMLElement): string[][] {
  return [...el.querySelectorAll(".attnw-tabled tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? ""),
  );
}

test("without a picked token it lists the head's pairs, the strongest first", async () => {
  const { el } = await table();
  expect(el.querySelector("caption")!.textContent).toBe("Layer 0, head 0: all pairs above zero");
  expect(cells(el)).toHaveLength(N);
  expect(cells(el)[0]).toEqual(["0", "[CLS]", "0", "[CLS]", "≈ 1.00"]);
});

test("a picked token's row is Python's own numbers once they are here", async () => {
  const { el, sent, emit } = await table({ query: 2 });
  expect(cells(el)[0]!.at(-1)).toBe("≈ 1.00");
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "row")).toBe(true));
  const asked = sent.find(({ ask }) => ask === "row")!;
  expect(asked).toMatchObject({ layer: 0, head: 0, query: 2, of: "first" });
  const row = new DataView(Float32Array.from([0.5, 0.25, 0.125, 0.1, 0.025]).buffer);
  emit("msg:custom", { id: asked.id, result: "row" }, [row]);
  await vi.waitFor(() => expect(cells(el)[0]).toEqual(["0", "[CLS]", "0.50"]));
  expect(cells(el).map((line) => line[1])).toEqual(["[CLS]", "a", "dog", "ran", "[SEP]"]);
});

test("a column's name sorts by it, and says so", async () => {
  const { el } = await table({ query: 2 });
  const [key] = [...el.querySelectorAll<HTMLButtonElement>(".attnw-tabled th button")];
  key!.click();
  await vi.waitFor(() =>
    expect(cells(el).map((line) => line[0])).toEqual(["0", "1", "2", "3", "4"]),
  );
  expect(key!.closest("th")!.getAttribute("aria-sort")).toBe("ascending");
  key!.click();
  await vi.waitFor(() => expect(cells(el)[0]![0]).toBe("4"));
  expect(key!.closest("th")!.getAttribute("aria-sort")).toBe("descending");
});

test("what lies outside the mask is said", async () => {
  const { el } = await table({ query: 2, mask: { kind: "local", left: 1, right: 1 } });
  expect(Object.fromEntries(cells(el).map((line) => [line[0], line[3]]))).toEqual({
    0: "outside",
    1: "",
    2: "",
    3: "",
    4: "outside",
  });
});

test("copying gives the whole table, and a refusal is shown", async () => {
  const { el } = await table({ query: 2 });
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  const button = [...el.querySelectorAll("button")].find(
    (one) => one.textContent === "Copy the table",
  )!;
  button.click();
  await vi.waitFor(() => expect(button.textContent).toBe("Copied"));
  const lines = write.mock.calls[0]![0].split("\n").map((line) => line.split("\t"));
  expect(lines[0]).toEqual(["at #", "at", "≈ weight"]);
  expect(lines).toHaveLength(1 + N);
  write.mockRejectedValue(new Error("not allowed"));
  button.click();
  await vi.waitFor(() => expect(el.textContent).toContain("could not be copied: not allowed"));
});

/** Head 0 of layer 0 looks from "dog" at three places, as levels. */
function levels(): DataView {
  const bytes = new Uint8Array(LAYERS * HEADS * N * N);
  bytes.set([249, 0, 60, 100, 0], 2 * N);
  return new DataView(bytes.buffer);
}

async function copied(el: HTMLElement): Promise<string[][]> {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  [...el.querySelectorAll("button")].find((one) => /^Cop/.test(one.textContent ?? ""))!.click();
  await vi.waitFor(() => expect(write).toHaveBeenCalled());
  return write.mock.calls[0]![0].split("\n").map((line) => line.split("\t"));
}

test("a guess is copied with the digits that count, Python's numbers as they are", async () => {
  const { el, sent, emit } = await table({ query: 2, _cells: levels() });
  expect((await copied(el))[1]).toEqual(["0", "[CLS]", "0.95"]);
  vi.restoreAllMocks();
  await vi.waitFor(() => expect(sent.some(({ ask }) => ask === "row")).toBe(true));
  const { id } = sent.find(({ ask }) => ask === "row")!;
  const row = new DataView(Float32Array.from([0.123456, 0.25, 0.125, 0.1, 0.025]).buffer);
  emit("msg:custom", { id, result: "row" }, [row]);
  await vi.waitFor(() => expect(cells(el)[0]).toEqual(["1", "a", "0.25"]));
  const lines = await copied(el);
  expect(lines[0]).toEqual(["at #", "at", "weight"]);
  expect(lines.find(([at]) => at === "0")).toEqual(["0", "[CLS]", "0.123456"]);
});

test("hidden and rescaled weights are listed as they are drawn, and said to be", async () => {
  const hidden = { special_mode: "hide_renormalise", _cells: levels() };
  const { el, model } = await table({ query: 2, ...hidden });
  expect(el.querySelector("th:nth-child(2)")!.textContent).toContain("weight (rescaled)");
  const share = (60 / 255) ** 2 / ((60 / 255) ** 2 + (100 / 255) ** 2);
  const line = (at: string) => cells(el).find(([key]) => key === at)!;
  expect(line("2").slice(2)).toEqual([`≈ ${share.toFixed(2)}`, ""]);
  expect(line("0").slice(2)).toEqual(["≈ 0", "hidden"]);
  model.set("query", null);
  await vi.waitFor(() => expect(el.textContent).toContain("Pairs with hidden tokens"));
  expect(cells(el).map((line) => line[3])).toEqual(["ran", "dog"]);
  expect(cells(el)[1]!.at(-1)).toBe(`≈ ${share.toFixed(2)}`);
});

test("a difference that was read from the picture says so", async () => {
  const second = { kind: "record", name: "b", text: ["b"], loneQueries: [], loneKeys: [] };
  const { el } = await table({
    query: 2,
    _second: { ...second, moved: perHead(() => 0), groups: {}, rows: {} },
    _second_cells: levels(),
    shown: "difference",
  });
  expect(cells(el)[0]!.at(-1)).toMatch(/^≈ [+−]/);
});

test("a row of a long text is not read from squares that stand for several weights", async () => {
  const n = 2 * N;
  const tokens = Array.from({ length: n }, (_, i) => ({
    text: `w${i}`,
    ...role("word"),
    segment: 0,
  }));
  const { el } = await table({
    _record: record({ shape: [LAYERS, HEADS, n, n], tokens }),
    query: 2,
  });
  expect(el.textContent).toContain("Asking Python for this token’s weights");
  expect(el.querySelector(".attnw-tabled")).toBeNull();
});

test.each(["en", "ja"])("axe finds nothing: %s", async (lang) => {
  const { el } = await table({ query: 2, lang, mask: { kind: "local", left: 1, right: 1 } });
  expect((await axe.run(el)).violations).toEqual([]);
});
