import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { unpackBits } from "../../data/bits";
import type { Store } from "../../data/store";
import type { LabTraits } from "../../data/types";
import type { Theme } from "../../draw/color";
import type { Window } from "../../draw/density";
import { bind, format, MaskError, type MaskSpec } from "../../masks";
import { needsPython } from "../../masks/needs";
import { firstReach, nextReach, type Reach, reached } from "../../masks/reach";
import { BitRows, bitsOf, degreesOf, type RowSource } from "../../masks/rows";
import { type LabWords, labEn } from "../../text/lab.en";
import { labJa } from "../../text/lab.ja";
import { resolveLang } from "../../text/resolve";

/** The longest text whose reach is drawn: it takes N³/32 steps a layer. */
export const REACH_MOST = 512;
const LAYERS_MOST = 64;

/** A mask over the laboratory's tokens, with its counts. */
export interface LabBound {
  readonly mask: RowSource;
  readonly text: string;
  readonly degrees: Int32Array;
  readonly nnz: number;
  readonly low: number;
  readonly high: number;
  readonly empty: number;
}

/** Reach after a number of layers, and how it goes on. */
export interface Spread {
  readonly layers: number;
  readonly reach: Reach;
  readonly share: number;
}

/** All that one laboratory view shows, derived from the synced traits. */
export class LabState {
  readonly theme = signal<Theme>("light");
  readonly width = signal(0);
  readonly problem: Signal<string | null> = signal(null);
  readonly hoverQuery: Signal<number | null> = signal(null);
  /** The part of the mask in view; null shows all of it. */
  readonly zoom: Signal<Window | null> = signal(null);
  /** Layers stacked in the reach picture; 1 is the mask itself. */
  readonly depth = signal(1);

  readonly lang: ReadonlySignal<"en" | "ja">;
  readonly words: ReadonlySignal<LabWords>;
  readonly roles: ReadonlySignal<readonly string[]>;
  readonly bound: ReadonlySignal<LabBound | MaskError | null>;
  readonly view: ReadonlySignal<Window>;
  readonly spreads: ReadonlySignal<readonly Spread[]>;

  constructor(readonly store: Store<LabTraits>) {
    const t = store.traits;
    this.lang = computed(() => resolveLang(t.lang.value, navigator.language));
    this.words = computed(() => (this.lang.value === "ja" ? labJa : labEn));
    this.roles = computed(() => {
      const given = t._roles.value;
      if (given.length > 0) return given;
      return Array.from({ length: t.n.value }, (_, i) =>
        i === 0 ? "cls" : i === t.n.value - 1 ? "sep" : "word",
      );
    });
    this.bound = computed(() => this.#bind());
    this.view = computed(() => {
      const n = t.n.value;
      const zoom = this.zoom.value;
      return zoom && zoom.bottom <= n && zoom.right <= n
        ? zoom
        : { top: 0, bottom: n, left: 0, right: n };
    });
    this.spreads = computed(() => this.#spread());
  }

  #bind(): LabBound | MaskError | null {
    const spec = this.store.traits.mask.value;
    const n = this.store.traits.n.value;
    if (!spec) return null;
    try {
      const mask = needsPython(spec)
        ? this.#decided(spec)
        : bind(spec, n, n, this.roles.value, 0, this.#segments());
      if (!mask) return null;
      const degrees = degreesOf(mask);
      let [low, high, nnz, empty] = [n, 0, 0, 0];
      for (const degree of degrees) {
        low = Math.min(low, degree);
        high = Math.max(high, degree);
        nnz += degree;
        empty += Number(degree === 0);
      }
      return { mask, text: format(spec), degrees, nnz, low, high, empty };
    } catch (error) {
      if (error instanceof MaskError) return error;
      throw error;
    }
  }

  #segments(): readonly (number | null)[] | null {
    const given = this.store.traits._segments.value;
    return given.length > 0 ? given : null;
  }

  /** What Python worked out of a mask that follows a head's data; an answer of old is dropped. */
  #decided(spec: MaskSpec): RowSource | null {
    const { _kept, _bits, n, layer, head } = this.store.traits;
    const { text, place } = _kept.value;
    const fresh = text === format(spec) && place?.[0] === layer.value && place[1] === head.value;
    if (!fresh || _bits.value.byteLength < (n.value * n.value) / 8) return null;
    return new BitRows(unpackBits(_bits.value, 0, n.value * n.value), n.value, n.value);
  }

  /** Reach after 1, 2, … layers, until nothing is added any more. */
  #spread(): readonly Spread[] {
    const bound = this.bound.value;
    const n = this.store.traits.n.value;
    if (!bound || bound instanceof MaskError || n > REACH_MOST) return [];
    const first = firstReach(bitsOf(bound.mask), n);
    const spreads: Spread[] = [];
    let reach = first;
    for (let layers = 1; layers <= LAYERS_MOST; layers++) {
      const share = reached(reach) / (n * n);
      if (share === spreads.at(-1)?.share) break;
      spreads.push({ layers, reach, share });
      reach = nextReach(first, reach);
    }
    return spreads;
  }
}
