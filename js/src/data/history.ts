import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Store } from "./store";

/** Changes closer together than this, in milliseconds, are one step: a drag, a held key. */
const SETTLE = 400;
const MOST = 100;

type Snapshot = Readonly<Record<string, unknown>>;

/** What was chosen, step by step, whoever chose it. */
export class History<Traits extends object> {
  readonly #store: Store<Traits>;
  readonly #names: readonly (keyof Traits & string)[];
  readonly #past: Snapshot[] = [];
  readonly #future: Snapshot[] = [];
  readonly #lengths = signal({ back: 0, forth: 0 });
  #opening: Snapshot;
  #now: Snapshot;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(store: Store<Traits>, names: readonly (keyof Traits & string)[], abort: AbortSignal) {
    this.#store = store;
    this.#names = names;
    this.#opening = this.#now = this.#read();
    const stop = effect(() => {
      for (const name of names) store.traits[name].value;
      this.#rest();
      this.#timer = setTimeout(() => this.#settle(), SETTLE);
    });
    this.#rest();
    abort.addEventListener(
      "abort",
      () => {
        stop();
        this.#rest();
      },
      { once: true },
    );
  }

  /** How many steps there are to go back, and forth again. */
  get lengths(): ReadonlySignal<{ readonly back: number; readonly forth: number }> {
    return this.#lengths;
  }

  undo(): void {
    this.#settle();
    this.#go(this.#past.pop(), this.#future);
  }

  redo(): void {
    this.#settle();
    this.#go(this.#future.pop(), this.#past);
  }

  /** Back to how the view was opened; that is a step, too. */
  reset(): void {
    this.#settle();
    this.#choose(this.#opening);
    this.#settle();
  }

  /** Start anew: what was chosen over another record does not fit this one. */
  forget(): void {
    this.#rest();
    this.#past.length = this.#future.length = 0;
    this.#opening = this.#now = this.#read();
    this.#tell();
  }

  /** Say of every step, past and to come, what no longer is as it was. */
  revise(change: Snapshot): void {
    const revised = (step: Snapshot) => ({ ...step, ...change });
    for (const steps of [this.#past, this.#future])
      steps.splice(0, steps.length, ...steps.map(revised));
    this.#opening = revised(this.#opening);
    this.#now = revised(this.#now);
  }

  #go(to: Snapshot | undefined, from: Snapshot[]): void {
    if (!to) return;
    from.push(this.#now);
    this.#now = to;
    this.#choose(to);
    this.#tell();
  }

  #choose(to: Snapshot): void {
    const now = this.#read();
    const changed = Object.entries(to).filter(([name, value]) => !same(value, now[name]));
    if (changed.length > 0)
      this.#store.choose(Object.fromEntries(changed) as Parameters<Store<Traits>["choose"]>[0]);
  }

  #settle(): void {
    this.#rest();
    const next = this.#read();
    if (same(next, this.#now)) return;
    this.#past.push(this.#now);
    if (this.#past.length > MOST) this.#past.shift();
    this.#future.length = 0;
    this.#now = next;
    this.#tell();
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #read(): Snapshot {
    return this.#store.now(this.#names);
  }

  #tell(): void {
    this.#lengths.value = { back: this.#past.length, forth: this.#future.length };
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
