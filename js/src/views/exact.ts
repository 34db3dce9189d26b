import type { AnyModel } from "@anywidget/types";
import { type Signal, signal } from "@preact/signals";
import { floats } from "../data/decode";
import { NoReply, request } from "../data/request";
import type { Seen } from "./second";

export interface RowName extends Seen {
  readonly query: number;
  readonly of: "first" | "second";
}

/** A column: how much each token looks at one. */
export interface ColumnName extends Seen {
  readonly key: number;
  readonly of: "first" | "second";
  /** What its rows are rescaled by; empty for the weights as they are. */
  readonly rescaled: string;
}

/** Rows to keep; the oldest go first. */
const KEEP = 512;
const SECONDS = 5;

/** Rows at full precision, asked for one at a time: the newest wish takes the place of others. */
export class ExactRows {
  /** Grows when a row has come, or will not come. */
  readonly arrivals = signal(0);
  /** Whether Python has failed to answer. */
  readonly silent: Signal<boolean> = signal(false);
  readonly #rows = new Map<string, Float32Array>();
  #wanted: (RowName | ColumnName)[] = [];
  #asking = false;
  #epoch = 0;

  constructor(
    readonly model: AnyModel,
    readonly signal: AbortSignal,
    readonly onError: (message: string) => void,
  ) {}

  get(name: RowName | ColumnName): Float32Array | null {
    return this.#rows.get(key(name)) ?? null;
  }

  /** Forget all rows: they were of another record. */
  clear(): void {
    this.#rows.clear();
    this.#wanted = [];
    this.#epoch++;
    this.silent.value = false;
  }

  /** Ask for rows unless they are here or Python is silent; `again` asks even then. */
  want(names: readonly (RowName | ColumnName)[], again = false): void {
    const missing = names.filter((name) => !this.get(name));
    if (missing.length === 0 || (this.silent.peek() && !again)) return;
    this.#wanted = missing;
    if (!this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    for (let name = this.#wanted.shift(); name; name = this.#wanted.shift()) {
      const epoch = this.#epoch;
      try {
        const { buffers } = await request(
          this.model,
          { ...what(name), ...asked(name), of: name.of },
          this.signal,
          SECONDS,
        );
        if (epoch !== this.#epoch) continue;
        this.#keep(name, floats(buffers[0]!));
        this.silent.value = false;
      } catch (error) {
        if (this.signal.aborted) break;
        if (epoch !== this.#epoch) continue;
        if (error instanceof NoReply) this.silent.value = true;
        else this.onError(String((error as Error).message));
      }
      this.arrivals.value++;
    }
    this.#asking = false;
  }

  #keep(name: RowName | ColumnName, row: Float32Array): void {
    this.#rows.set(key(name), row);
    const oldest = this.#rows.keys().next();
    if (this.#rows.size > KEEP && !oldest.done) this.#rows.delete(oldest.value);
  }
}

/** What tells rows and columns apart. */
export function key(name: RowName | ColumnName): string {
  const place = "key" in name ? `by ${name.key} ${name.rescaled}` : name.query;
  return `${name.of}/${seenKey(name)}/${place}`;
}

function what(name: RowName | ColumnName): Record<string, unknown> {
  if (!("key" in name)) return { ask: "row", query: name.query };
  return { ask: "column", key: name.key, rescaled: name.rescaled !== "" };
}

/** What tells heads and means apart. */
export function seenKey({ layer, head, mean }: Seen): string {
  return mean ? `mean ${mean.layers.join()}/${mean.heads.join()}` : `${layer}/${head}`;
}

/** How a head or a mean is named in a question to Python. */
export function asked({ layer, head, mean }: Seen): Record<string, unknown> {
  return { layer, head, ...mean };
}
