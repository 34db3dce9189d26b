import type { AnyModel } from "@anywidget/types";
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { subscribe } from "./subscribe";

/** Milliseconds between two messages to Python while a pointer drags. */
const PACE = 80;

export type Signals<Traits> = { readonly [K in keyof Traits]: ReadonlySignal<Traits[K]> };

/** What both sides may write: the traits without an underscore. */
type Choice<Traits> = {
  [K in keyof Traits as K extends `_${string}` ? never : K]?: Traits[K];
};

/** The one place that reads and writes synced traits. */
export class Store<Traits extends object> {
  readonly traits: Signals<Traits>;
  readonly #model: AnyModel;
  readonly #signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(model: AnyModel, names: readonly (keyof Traits & string)[], abort: AbortSignal) {
    this.#model = model;
    this.#signal = abort;
    const traits: Record<string, Signal<unknown>> = {};
    const stale = new Set<string>();
    for (const name of names) {
      const value = signal<unknown>(model.get(name));
      traits[name] = value;
      // One message may change several traits: read them together, or a view would see a new text
      // with the old text's selection.
      subscribe(
        model,
        `change:${name}`,
        () => {
          if (stale.size === 0) queueMicrotask(refresh);
          stale.add(name);
        },
        abort,
      );
    }
    const refresh = () => {
      const changed = [...stale];
      stale.clear();
      batch(() => {
        for (const name of changed) traits[name]!.value = model.get(name);
      });
    };
    this.traits = traits as unknown as Signals<Traits>;
    abort.addEventListener("abort", () => this.#timer !== null && clearTimeout(this.#timer), {
      once: true,
    });
  }

  /** The values as they are at this moment, before the signals have followed. */
  now(names: readonly (keyof Traits & string)[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(names.map((name) => [name, this.#model.get(name)]));
  }

  /** Choose; every view of this model follows at once, and Python is told. */
  choose(values: Choice<Traits>): void {
    this.#write(values);
    this.#save();
  }

  /** Choose at pointer speed: views follow at once, Python at most every {@link PACE} ms. */
  drag(values: Choice<Traits>): void {
    this.#write(values);
    this.#timer ??= setTimeout(() => this.#save(), PACE);
  }

  #write(values: Choice<Traits>): void {
    for (const [name, value] of Object.entries(values)) this.#model.set(name, value);
  }

  #save(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#signal.aborted) this.#model.save_changes();
  }
}
