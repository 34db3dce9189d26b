import type { AnyModel } from "@anywidget/types";
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { subscribe } from "./subscribe";
import type { Choice, Traits } from "./types";

const NAMES = [
  "_record",
  "_cells",
  "_cells_shape",
  "_focus",
  "_focus_place",
  "_mask_effect",
  "_can_run",
  "layers",
  "heads",
  "layer",
  "head",
  "query",
  "key",
  "threshold",
  "special_mode",
  "mask",
  "mask_shown",
  "mask_reading",
  "lang",
] as const satisfies readonly (keyof Traits)[];

/** Milliseconds between two messages to Python while a pointer drags. */
const PACE = 80;

export type Signals = { readonly [K in keyof Traits]: ReadonlySignal<Traits[K]> };

/** The one place that reads and writes synced traits. */
export class Store {
  readonly traits: Signals;
  readonly #model: AnyModel;
  readonly #signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(model: AnyModel, abort: AbortSignal) {
    this.#model = model;
    this.#signal = abort;
    const traits: Record<string, Signal<unknown>> = {};
    const stale = new Set<string>();
    for (const name of NAMES) {
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
      const names = [...stale];
      stale.clear();
      batch(() => {
        for (const name of names) traits[name]!.value = model.get(name);
      });
    };
    this.traits = traits as unknown as Signals;
    abort.addEventListener("abort", () => this.#timer !== null && clearTimeout(this.#timer), {
      once: true,
    });
  }

  /** Choose; every view of this model follows at once, and Python is told. */
  choose(values: Partial<Choice>): void {
    this.#write(values);
    this.#save();
  }

  /** Choose at pointer speed: views follow at once, Python at most every {@link PACE} ms. */
  drag(values: Partial<Choice>): void {
    this.#write(values);
    this.#timer ??= setTimeout(() => this.#save(), PACE);
  }

  #write(values: Partial<Choice>): void {
    for (const [name, value] of Object.entries(values)) this.#model.set(name, value);
  }

  #save(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#signal.aborted) this.#model.save_changes();
  }
}
