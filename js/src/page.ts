/** The host of a page without a kernel: just enough of a widget model to draw and to choose. */

import type { AnyModel } from "@anywidget/types";

type Listener = (...args: unknown[]) => void;

function text(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

/** Some millions of bytes take a while letter by letter; browsers before 2025 know no other way. */
const quick = Uint8Array as { fromBase64?: (text: string) => Uint8Array };

function bytes(base64: string): DataView {
  const made = quick.fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new DataView(made.buffer, made.byteOffset, made.byteLength);
}

const state: Record<string, unknown> = JSON.parse(text("state"), (_, value) =>
  value && typeof value === "object" && typeof value.$bytes === "string"
    ? bytes(value.$bytes)
    : value,
);
const listeners = new Map<string, Set<Listener>>();

function emit(name: string, ...args: unknown[]): void {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(...args);
}

const model = {
  get: (name: string) => state[name],
  set(name: string, value: unknown) {
    state[name] = value;
    emit(`change:${name}`);
  },
  save_changes() {},
  send(message: { id?: unknown }) {
    queueMicrotask(() => emit("msg:custom", { id: message.id, absent: true }, []));
  },
  on(name: string, listener: Listener) {
    const all = listeners.get(name) ?? new Set();
    listeners.set(name, all.add(listener));
  },
  off(name: string, listener: Listener) {
    listeners.get(name)?.delete(listener);
  },
} as unknown as AnyModel;

const url = URL.createObjectURL(new Blob([text("module")], { type: "text/javascript" }));
const { default: widget } = await import(url);
URL.revokeObjectURL(url);
await widget.render({
  model,
  el: document.getElementById("widget"),
  signal: new AbortController().signal,
});
