import type { AnyModel } from "@anywidget/types";

type Callback = (...args: never[]) => void;

/** The only way to listen to a model: the listener goes when the signal aborts. */
export function subscribe(
  model: Pick<AnyModel, "on" | "off">,
  name: string,
  callback: Callback,
  signal: AbortSignal,
): void {
  if (signal.aborted) return;
  const listener = callback as (...args: unknown[]) => void;
  model.on(name, listener);
  signal.addEventListener("abort", () => model.off(name, listener), { once: true });
}
