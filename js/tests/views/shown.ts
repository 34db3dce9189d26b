/** A small record on the page, and how to look at it. */

import { afterEach, expect, vi } from "vitest";
import widget from "../../src/explorer";
import "../../src/widget.css";
import type { RecordInfo } from "../../src/data/types";
import type { fakeModel } from "../fake_model";

export const LAYERS = 3;
export const HEADS = 4;
export const WORDS = ["[CLS]", "a", "dog", "ran", "[SEP]"];
export const ROLES = ["cls", "word", "word", "word", "sep"];
export const N = WORDS.length;

/** Each head looks at one place: query q of layer l, head h at key (q + l + h) mod N. */
export function cells(): DataView {
  const bytes = new Uint8Array(LAYERS * HEADS * N * N);
  for (let l = 0; l < LAYERS; l++)
    for (let h = 0; h < HEADS; h++)
      for (let q = 0; q < N; q++) bytes[((l * HEADS + h) * N + q) * N + ((q + l + h) % N)] = 255;
  return new DataView(bytes.buffer);
}

export function perHead(value: (l: number, h: number) => number): number[][] {
  return Array.from({ length: LAYERS }, (_, l) =>
    Array.from({ length: HEADS }, (_, h) => value(l, h)),
  );
}

/** A token of a role that counts as special unless it is a word. */
export function role(name: string) {
  return { role: name, group: name === "word" ? null : name };
}

export function record(change: Partial<RecordInfo> = {}): RecordInfo {
  const share = perHead((l, h) => (l + h) / 10);
  return {
    shape: [LAYERS, HEADS, N, N],
    layers: [0, 1, 2],
    heads: [0, 1, 2, 3],
    kind: "encoder",
    kvGroups: 1,
    tokens: WORDS.map((text, i) => ({ text, ...role(ROLES[i]!), segment: 0 })),
    keyTokens: null,
    text: ["a dog ran"],
    model: "tiny",
    source: "tiny · float32 · attn_widgets 1",
    dtype: "float16",
    tokensLost: 0,
    note: "",
    patches: null,
    special: {
      groups: { cls: { share, uniform: 0.2 }, sep: { share: perHead(() => 0), uniform: 0.2 } },
      rows: {
        cls: {
          query: 0,
          itself: perHead((l) => 0.5 + l / 10),
          groups: { sep: perHead(() => 0.05) },
          words: perHead((l) => 0.45 - l / 10),
          even: { itself: 0.2, groups: { sep: 0.2 } },
        },
      },
    },
    ...change,
  };
}

export function traits(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    _record: record(),
    _pixels: new DataView(new ArrayBuffer(0)),
    _cells: cells(),
    _cells_shape: [LAYERS, HEADS, N, N],
    _pooled_for: {},
    _focus: new DataView(new ArrayBuffer(0)),
    _focus_place: [],
    _focus_mask: new DataView(new ArrayBuffer(0)),
    _mask_cells: new DataView(new ArrayBuffer(0)),
    _mask_effect: {},
    _can_run: false,
    _can_apply: false,
    _can_weigh: false,
    _can_save: true,
    _second: {},
    _second_cells: new DataView(new ArrayBuffer(0)),
    _second_focus: new DataView(new ArrayBuffer(0)),
    _effect: {},
    _diagnosis: {},
    _badges: {},
    _tour: [],
    _score: {},
    _depth: {},
    _rollout: {},
    layers: [0, 2],
    heads: [0, 1, 2, 3],
    layer: 0,
    head: 0,
    query: null,
    key: null,
    threshold: 0,
    special_mode: "mark",
    special_roles: ["cls", "sep", "bos", "eos", "pad", "mask", "special"],
    special_from: null,
    mask: null,
    mask_shown: true,
    mask_reading: "outside",
    edits: [],
    shown: "first",
    view: "matrix",
    averaged: false,
    averaged_over: "shown",
    compared: [],
    zoom: null,
    looks: "at",
    links: "all",
    top: 1,
    rollout: false,
    badge: "special",
    order: "model",
    badge_range: [0, 1],
    scale: "sqrt",
    colors: "magma",
    density: "notebook",
    lang: "en",
    step: null,
    ...change,
  };
}

export type Shown = ReturnType<typeof fakeModel> & { el: HTMLElement; stop: () => void };

const open: Shown[] = [];

/** Keep a view until its test is over. */
export function kept(view: Shown): Shown {
  open.push(view);
  return view;
}

afterEach(() => {
  for (const { stop, el } of open.splice(0)) {
    stop();
    el.remove();
  }
});

/** Put a view of the explorer on the page; it goes with its test. */
export async function show(
  model: ReturnType<typeof fakeModel>,
  width = 900,
  canvas = "attnw-matrix",
): Promise<Shown> {
  const el = document.createElement("div");
  el.style.width = `${width}px`;
  document.body.append(el);
  const stop = await widget.render({
    model: model.model,
    el,
    signal: new AbortController().signal,
  } as unknown as Parameters<typeof widget.render>[0]);
  el.scrollIntoView(); // what is out of sight is not drawn
  const shown = kept({ ...model, el, stop: stop as () => void });
  await vi.waitFor(() => expect(drawn(el, canvas)).toBeGreaterThan(0));
  return shown;
}

export function find<T extends Element>(el: HTMLElement, testid: string): T {
  const found = el.querySelector<T>(`[data-testid=${testid}]`);
  if (!found) throw new Error(`no ${testid}`);
  return found;
}

export function drawn(el: HTMLElement, testid: string): number {
  return Number(el.querySelector<HTMLCanvasElement>(`[data-testid=${testid}]`)?.dataset.drawn ?? 0);
}

/** The pixel in the middle of one square of the matrix. */
export function square(el: HTMLElement, query: number, key: number): number {
  const canvas = find<HTMLCanvasElement>(el, "attnw-matrix");
  const box = matrixBox(canvas);
  const ratio = window.devicePixelRatio;
  const x = Math.round((box.left + ((key + 0.5) * box.size) / N) * ratio);
  const y = Math.round((box.top + ((query + 0.5) * box.size) / N) * ratio);
  const image = canvas.getContext("2d")!.getImageData(x, y, 1, 1);
  return new Uint32Array(image.data.buffer)[0]!;
}

/** Where the squares lie. */
export function matrixBox(canvas: HTMLCanvasElement) {
  const [left = 0, top = 0, size = 0] = canvas.dataset.box!.split(" ").map(Number);
  return { left, top, size };
}
