import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { History } from "../../src/data/history";
import { Store } from "../../src/data/store";
import type { RecordInfo } from "../../src/data/types";
import { following, matches } from "../../src/views/habits/matches";
import { fits } from "../../src/views/habits/steps";
import { fakeModel } from "../fake_model";

interface Chosen {
  layer: number;
  heads: readonly number[];
}

function made() {
  const abort = new AbortController();
  const fake = fakeModel({ layer: 0, heads: [0, 1] });
  const store = new Store<Chosen>(fake.model, ["layer", "heads"], abort.signal);
  const history = new History<Chosen>(store, ["layer", "heads"], abort.signal);
  return { ...fake, store, history, abort };
}

/** Let notices arrive, and a step come to rest. */
async function rest() {
  await vi.advanceTimersByTimeAsync(1000);
}

describe("what was chosen, step by step", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("a step is taken back and done again", async () => {
    const { state, store, history } = made();
    store.choose({ layer: 1 });
    await rest();
    store.choose({ heads: [1] });
    await rest();
    history.undo();
    await rest();
    expect(state).toEqual({ layer: 1, heads: [0, 1] });
    history.undo();
    await rest();
    expect(state).toEqual({ layer: 0, heads: [0, 1] });
    expect(history.lengths.value).toEqual({ back: 0, forth: 2 });
    history.redo();
    history.redo();
    expect(state).toEqual({ layer: 1, heads: [1] });
  });

  test("a drag is one step", async () => {
    const { store, history } = made();
    for (const layer of [1, 2, 3, 4]) {
      store.drag({ layer });
      await vi.advanceTimersByTimeAsync(50);
    }
    await rest();
    expect(history.lengths.value).toEqual({ back: 1, forth: 0 });
  });

  test("a step still under way is undone, too", async () => {
    const { state, store, history } = made();
    store.choose({ layer: 5 });
    await vi.advanceTimersByTimeAsync(10);
    history.undo();
    expect(state.layer).toBe(0);
  });

  test("what Python chose counts as a step", async () => {
    const { state, model, history } = made();
    model.set("layer", 3);
    await rest();
    history.undo();
    expect(state.layer).toBe(0);
  });

  test("a new step forgets what was undone", async () => {
    const { store, history } = made();
    store.choose({ layer: 1 });
    await rest();
    history.undo();
    await rest();
    store.choose({ layer: 2 });
    await rest();
    expect(history.lengths.value).toEqual({ back: 1, forth: 0 });
  });

  test("choosing the same again is no step", async () => {
    const { store, history } = made();
    store.choose({ heads: [0, 1] });
    await rest();
    expect(history.lengths.value.back).toBe(0);
  });

  test("back to the opening state is a step that can be undone", async () => {
    const { state, store, history } = made();
    store.choose({ layer: 1, heads: [0] });
    await rest();
    history.reset();
    await rest();
    expect(state).toEqual({ layer: 0, heads: [0, 1] });
    history.undo();
    expect(state).toEqual({ layer: 1, heads: [0] });
  });

  test("over another record it starts anew", async () => {
    const { state, store, history } = made();
    store.choose({ layer: 1 });
    await rest();
    history.forget();
    history.undo();
    history.reset();
    await rest();
    expect(state.layer).toBe(1);
  });

  test("nothing is left running when the view goes", async () => {
    const { store, abort } = made();
    store.choose({ layer: 1 });
    abort.abort();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("finding a token", () => {
  const tokens = ["The", "dog", "ＤＯＧ", "##gy", "犬"].map((text) => ({
    text,
    role: "word",
    segment: 0,
    group: null,
  }));

  test("the case and the width of letters do not matter", () => {
    expect(matches(tokens, "Dog")).toEqual([1, 2]);
    expect(matches(tokens, " 犬 ")).toEqual([4]);
    expect(matches(tokens, "  ")).toEqual([]);
  });

  test("the next one after the last is the first", () => {
    expect(following([1, 4, 6], 4, 1)).toBe(6);
    expect(following([1, 4, 6], 6, 1)).toBe(1);
    expect(following([1, 4, 6], 1, -1)).toBe(6);
    expect(following([1, 4, 6], null, 1)).toBe(1);
    expect(following([1, 4, 6], null, -1)).toBe(6);
  });
});

test("a view kept for another text is not shown over this one", () => {
  const info = { shape: [2, 2, 5, 5], layers: [0, 1], heads: [0, 1] } as unknown as RecordInfo;
  const kept = (state: object) =>
    fits({ name: "x", caption: { en: "", ja: "" }, state } as never, info);
  expect(kept({ layers: [0, 1], layer: 1, query: 4, zoom: [0, 5, 0, 5] })).toBe(true);
  for (const state of [
    { layer: 2 },
    { layers: [0, 2] },
    { heads: [0, 2] },
    { head: 7 },
    { query: 5 },
    { key: 5 },
    { zoom: [0, 6, 0, 5] },
    { zoom: [0, 5, 0, 6] },
  ])
    expect(kept(state)).toBe(false);
});
