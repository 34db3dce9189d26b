import type { AnyModel } from "@anywidget/types";
import { type Signal, signal } from "@preact/signals";
import { NoReply, type Reply, request } from "../../data/request";
import type { Point } from "../../masks/growth";
import type { Spreads } from "../../masks/reach";

/** Following a million tokens takes a while; the kernel may be at work, too. */
const SECONDS = 120;

/** What Python's answers are about; of something else than is on show, they are of old. */
export function placeOf(text: string, n: number, layer: number, head: number): string {
  return JSON.stringify([text, n, layer, head]);
}

/** What only Python can do with a mask, asked for on demand. */
export class Asker {
  /** The newest answer. */
  readonly reach: Signal<{ readonly place: string; readonly spreads: Spreads } | null> =
    signal(null);
  readonly growth: Signal<Grown | null> = signal(null);
  /** What Python is at work on, by its place; null if it is on nothing. */
  readonly following: Signal<string | null> = signal(null);
  readonly growing: Signal<string | null> = signal(null);
  /** Whether Python has failed to answer. */
  readonly silent = signal(false);

  constructor(
    readonly model: AnyModel,
    readonly signal: AbortSignal,
    readonly onError: (message: string) => void,
  ) {}

  /** Have the mask on show followed through its layers; the newest wish wins. */
  async follow(place: string): Promise<void> {
    this.following.value = place;
    const reply = await this.#ask("reach");
    if (this.following.peek() !== place) return;
    this.following.value = null;
    if (reply) this.reach.value = told(reply.message as unknown as Told);
  }

  /** Have the mask on show counted at one length after the other. */
  async grow(place: string): Promise<void> {
    this.growing.value = place;
    const reply = await this.#ask("growth");
    if (this.growing.peek() !== place) return;
    this.growing.value = null;
    if (!reply) return;
    const { text, n, place: at, points, vectors } = reply.message as unknown as ToldGrowth;
    this.growth.value = { place: placeOf(text, n, ...at), points, vectors };
  }

  /** Have the page written that lives without a kernel. */
  async page(): Promise<Blob | null> {
    const reply = await this.#ask("page");
    const bytes = reply?.buffers[0];
    if (!bytes) return null;
    const { buffer, byteOffset, byteLength } = bytes;
    const copy = new Uint8Array(buffer, byteOffset, byteLength).slice();
    return new Blob([copy], { type: "text/html" });
  }

  async #ask(ask: string): Promise<Reply | null> {
    try {
      const reply = await request(this.model, { ask }, this.signal, SECONDS);
      this.silent.value = false;
      return reply;
    } catch (error) {
      if (this.signal.aborted) return null;
      if (error instanceof NoReply) this.silent.value = true;
      else this.onError(String((error as Error).message));
      return null;
    }
  }
}

/** Pairs by length, counted in Python. */
export interface Grown {
  readonly place: string;
  readonly points: readonly Point[];
  /** Whether vectors drawn by lot stood in for a text's. */
  readonly vectors: boolean;
}

interface About {
  readonly text: string;
  readonly n: number;
  readonly place: readonly [number, number];
}

interface ToldGrowth extends About {
  readonly points: readonly Point[];
  readonly vectors: boolean;
}

interface Told extends About {
  readonly shares: readonly number[];
  readonly of: Spreads["of"];
  readonly full_after: number | null;
  readonly settled: boolean;
  readonly sources: number | null;
}

function told({ text, n, place, shares, of, full_after, settled, sources }: Told) {
  const steps = shares.map((share, i) => ({ layers: i + 1, reach: null, share }));
  return {
    place: placeOf(text, n, ...place),
    spreads: { steps, of, fullAfter: full_after, settled, sources, missing: null },
  };
}
