import type { AnyModel } from "@anywidget/types";

type Listener = (...args: unknown[]) => void;

/** A widget model without a host, whose listeners and messages can be counted. */
export function fakeModel(state: Record<string, unknown>) {
  const listeners = new Map<string, Set<Listener>>();
  const sent: Record<string, unknown>[] = [];
  let saves = 0;
  const emit = (name: string, ...args: unknown[]) => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(...args);
  };
  const model = {
    get: (name: string) => state[name],
    set(name: string, value: unknown) {
      state[name] = value;
      emit(`change:${name}`);
    },
    save_changes() {
      saves++;
    },
    send(message: Record<string, unknown>) {
      sent.push(message);
    },
    on(name: string, listener: Listener) {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
    },
    off(name: string, listener: Listener) {
      listeners.get(name)?.delete(listener);
    },
  } as unknown as AnyModel;
  return {
    model,
    state,
    sent,
    emit,
    saves: () => saves,
    listeners: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}
