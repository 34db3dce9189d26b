/** A mask laboratory on the page, and how to look at it. */

import { expect, vi } from "vitest";
import widget from "../../src/lab";
import "../../src/widget.css";
import { parse } from "../../src/masks";
import { fakeModel } from "../fake_model";

export type Shown = ReturnType<typeof fakeModel> & { el: HTMLElement; stop: () => void };
export const shown: Shown[] = [];

/** After each test: what was shown goes. */
export function ended(): void {
  for (const one of shown.splice(0)) one.stop();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  delete document.body.dataset.jpThemeLight;
  document.body.style.background = "";
}

export async function show(change: Record<string, unknown> = {}, width = 900): Promise<Shown> {
  const model = fakeModel({
    _roles: [],
    _segments: [],
    _tokens: [],
    _layers: [],
    _heads: [],
    _kept: {},
    _bits: new DataView(new ArrayBuffer(0)),
    _asks: true,
    layer: 0,
    head: 0,
    n: 32,
    mask: parse("local(2)"),
    lang: "en",
    ...change,
  });
  const el = document.createElement("div");
  el.style.width = `${width}px`;
  document.body.append(el);
  const stop = await widget.render({
    model: model.model,
    el,
    signal: new AbortController().signal,
  } as unknown as Parameters<typeof widget.render>[0]);
  const view = { ...model, el, stop: stop as () => void };
  shown.push(view);
  await vi.waitFor(() => expect(find(view, "attnw-mask").dataset.drawn).toBeDefined());
  return view;
}

export function find<T extends HTMLElement = HTMLElement>(view: Shown, testid: string): T {
  const found = view.el.querySelector<T>(`[data-testid=${testid}]`);
  if (!found) throw new Error(`no ${testid}`);
  return found;
}

/** What comes a moment later, once the mask has stood still. */
export function soon<T extends HTMLElement = HTMLElement>(view: Shown, testid: string): Promise<T> {
  return vi.waitFor(() => find<T>(view, testid));
}

export function pixel(view: Shown, q: number, k: number, n = 32): number[] {
  const canvas = find<HTMLCanvasElement>(view, "attnw-mask");
  const at = (i: number) => Math.floor(((i + 0.5) * canvas.width) / n);
  return [...canvas.getContext("2d")!.getImageData(at(k), at(q), 1, 1).data];
}
