import type { AnyModel } from "@anywidget/types";
import { type Signal, signal } from "@preact/signals";
import { NoReply, request } from "../../data/request";
import type { Zoom } from "../../data/types";
import type { Levels } from "../../draw/raster";
import { asked, seenKey } from "../exact";
import { difference } from "../second";
import type { ViewState } from "../state";

/** No window of more weights is sent. */
export const MOST = 600_000;
const SECONDS = 5;

interface Sent {
  readonly name: string;
  /** The records it was cut from: others forget it. */
  readonly records: readonly unknown[];
  readonly levels: Levels;
}

/** Windows of a pooled head, asked for one at a time: the newest wish takes the place of others. */
export class Windows {
  readonly arrivals = signal(0);
  /** Whether Python has failed to answer. */
  readonly silent: Signal<boolean> = signal(false);
  #sent: Sent | null = null;
  #wanted: Zoom | null = null;
  #refused: string | null = null;
  #asking = false;

  constructor(
    readonly state: ViewState,
    readonly model: AnyModel,
    readonly signal: AbortSignal,
  ) {}

  /** The weights of a window, if they are here. */
  get(window: Zoom): Levels | null {
    const sent = this.#sent;
    const records = this.#records();
    const fits =
      sent?.name === this.#name(window) && sent.records.every((r, i) => r === records[i]);
    return fits ? sent.levels : null;
  }

  want(window: Zoom): void {
    const [q0, q1, k0, k1] = window;
    if ((q1 - q0) * (k1 - k0) > MOST || this.get(window)) return;
    if (this.#refused === this.#name(window)) return;
    this.#wanted = window;
    if (!this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    for (let window = this.#wanted; window; window = this.#wanted) {
      this.#wanted = null;
      const [name, records] = [this.#name(window), this.#records()];
      const shown = this.state.second.shown.peek();
      try {
        const [first, second] = [
          shown === "second" ? null : await this.#cells(window, "first"),
          shown === "first" ? null : await this.#cells(window, "second"),
        ];
        const levels = first && second ? difference(first, second) : (first ?? second)!;
        this.#sent = { name, records, levels };
        this.silent.value = false;
      } catch (error) {
        if (this.signal.aborted) break;
        this.#refused = name;
        if (error instanceof NoReply) this.silent.value = true;
        else this.state.problem.value = String((error as Error).message);
      }
      this.arrivals.value++;
    }
    this.#asking = false;
  }

  async #cells(window: Zoom, of: "first" | "second"): Promise<Levels> {
    const rescaled = this.#rescaled() !== "";
    const question = { ask: "window", ...asked(this.state.seen.peek()), of, window, rescaled };
    const { buffers } = await request(this.model, question, this.signal, SECONDS);
    const { buffer, byteOffset, byteLength } = buffers[0]!;
    const [q0, q1, k0, k1] = window;
    return {
      values: new Uint8Array(buffer, byteOffset, byteLength),
      rows: q1 - q0,
      cols: k1 - k0,
    };
  }

  #name(window: Zoom): string {
    const { second, seen } = this.state;
    const name = `${second.shown.peek()}/${seenKey(seen.peek())}/${window.join()}`;
    return `${name}/${this.#rescaled()}`;
  }

  /** Without which roles rows are rescaled; empty where they are not. */
  #rescaled(): string {
    const { special_mode, special_roles } = this.state.store.traits;
    const scaled = special_mode.peek() === "hide_renormalise";
    return scaled && this.state.second.shown.peek() !== "difference"
      ? special_roles.peek().join()
      : "";
  }

  #records(): unknown[] {
    const { _record, _second } = this.state.store.traits;
    return [_record.peek(), _second.peek()];
  }
}
