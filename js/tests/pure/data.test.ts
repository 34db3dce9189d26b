import { expect, test, vi } from "vitest";
import { floats, focusLevels, headLevels } from "../../src/data/decode";
import { NoReply, request } from "../../src/data/request";
import { Store } from "../../src/data/store";
import { type RecordInfo, TRAITS, type Traits } from "../../src/data/types";
import { fakeModel } from "../fake_model";

function at(offset: number, bytes: readonly number[]): DataView {
  const buffer = new ArrayBuffer(offset + bytes.length + 3);
  new Uint8Array(buffer).set(bytes, offset);
  return new DataView(buffer, offset, bytes.length);
}

test("a head is found wherever its bytes lie in a larger buffer", () => {
  const bytes = Array.from({ length: 24 }, (_, i) => i);
  for (const offset of [0, 1, 5]) {
    const head = headLevels(at(offset, bytes), [2, 3, 2, 2], 1, 2);
    expect([...head.values]).toEqual([20, 21, 22, 23]);
  }
  expect(() => headLevels(at(0, bytes), [2, 3, 2, 2], 2, 0)).toThrow("24 bytes hold no head 2.0");
});

test("the head in full is used only for the head it is of", () => {
  const record = { layers: [4, 7], heads: [1, 3] } as unknown as RecordInfo;
  const cells = at(0, [1, 2, 3, 4]);
  const focus = at(2, [9, 9, 9, 9, 9, 9]);
  const read = (layer: number, head: number) =>
    focusLevels(record, cells, [2, 2, 1, 1], focus, [7, 1, 2, 3], layer, head);
  expect([...read(7, 1).values]).toEqual([9, 9, 9, 9, 9, 9]);
  expect([...read(7, 3).values]).toEqual([4]);
  expect(read(7, 1)).toMatchObject({ rows: 2, cols: 3 });
});

test("float32 is read little-endian at any offset", () => {
  const bytes = [...new Uint8Array(Float32Array.from([0.25, -3]).buffer)];
  for (const offset of [0, 1, 2, 3]) expect([...floats(at(offset, bytes))]).toEqual([0.25, -3]);
});

function signalled() {
  const abort = new AbortController();
  return { abort, signal: abort.signal };
}

test("a request takes its own reply, and takes its listener off", async () => {
  const { model, emit, sent, listeners } = fakeModel({});
  const asked = request(model, { ask: "row" }, signalled().signal);
  emit("msg:custom", { id: "another", result: 1 }, []);
  emit("msg:custom", { id: sent[0]!.id, result: "row" }, [at(0, [1])]);
  const reply = await asked;
  expect(reply.message.result).toBe("row");
  expect(reply.buffers[0]!.getUint8(0)).toBe(1);
  expect(listeners()).toBe(0);
});

test("an error in Python rejects at once", async () => {
  const { model, emit, sent, listeners } = fakeModel({});
  const asked = request(model, { ask: "row" }, signalled().signal);
  emit("msg:custom", { id: sent[0]!.id, error: "no layer 9" });
  await expect(asked).rejects.toThrow("no layer 9");
  expect(listeners()).toBe(0);
});

test("silence, an absent kernel and an abort each end a request and its listener", async () => {
  vi.useFakeTimers();
  const first = fakeModel({});
  const silent = request(first.model, { ask: "row" }, signalled().signal, 2);
  const expectation = expect(silent).rejects.toBeInstanceOf(NoReply);
  await vi.advanceTimersByTimeAsync(2001);
  await expectation;
  expect(first.listeners()).toBe(0);
  vi.useRealTimers();

  const second = fakeModel({});
  const absent = request(second.model, { ask: "row" }, signalled().signal);
  second.emit("msg:custom", { id: second.sent[0]!.id, absent: true });
  await expect(absent).rejects.toBeInstanceOf(NoReply);
  expect(second.listeners()).toBe(0);

  const third = fakeModel({});
  const { abort, signal } = signalled();
  const aborted = request(third.model, { ask: "row" }, signal);
  abort.abort();
  await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  expect(third.listeners()).toBe(0);
});

test("two requests never share an id", () => {
  const { model, sent } = fakeModel({});
  const { signal, abort } = signalled();
  const asked = Array.from({ length: 50 }, () => request(model, { ask: "row" }, signal));
  abort.abort();
  for (const one of asked) one.catch(() => {});
  expect(new Set(sent.map((message) => message.id)).size).toBe(50);
});

test("changes that come together are seen together", async () => {
  const { model, state, emit } = fakeModel({ layer: 0, head: 0 });
  const store = new Store<Traits>(model, TRAITS, signalled().signal);
  const seen: unknown[] = [];
  const stop = store.traits.head.subscribe(() =>
    seen.push([store.traits.layer.peek(), store.traits.head.peek()]),
  );
  state.layer = 3;
  emit("change:layer");
  state.head = 5;
  emit("change:head");
  await Promise.resolve();
  expect(seen).toEqual([
    [0, 0],
    [3, 5],
  ]);
  stop();
});

test("choosing tells the model once, dragging tells it at a walking pace", () => {
  vi.useFakeTimers();
  const { model, saves, state } = fakeModel({ layer: 0, threshold: 0 });
  const store = new Store<Traits>(model, TRAITS, signalled().signal);
  store.choose({ layer: 2, head: 1 });
  expect([state.layer, state.head, saves()]).toEqual([2, 1, 1]);
  for (let i = 1; i <= 10; i++) store.drag({ threshold: i / 10 });
  expect([state.threshold, saves()]).toEqual([1, 1]);
  vi.advanceTimersByTime(100);
  expect(saves()).toBe(2);
  store.drag({ threshold: 0.5 });
  store.choose({ layer: 1 });
  vi.advanceTimersByTime(1000);
  expect(saves()).toBe(3);
  vi.useRealTimers();
});

test("a store leaves no listener behind", () => {
  const { model, listeners } = fakeModel({});
  const { signal, abort } = signalled();
  new Store<Traits>(model, TRAITS, signal);
  expect(listeners()).toBeGreaterThan(10);
  abort.abort();
  expect(listeners()).toBe(0);
});
