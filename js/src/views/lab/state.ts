import type { AnyModel } from "@anywidget/types";
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { unpackBits } from "../../data/bits";
import type { Store } from "../../data/store";
import type { Theme } from "../../draw/color";
import type { Window } from "../../draw/density";
import { bind, MaskError, type MaskSpec } from "../../masks";
import { type AssignmentSpec, formatGiven, isAssignment, maskFor } from "../../masks/assignment";
import { needsPython } from "../../masks/needs";
import { followed, type Reach, type Spread, type Spreads } from "../../masks/reach";
import { BitRows, degreesOf, type RowSource } from "../../masks/rows";
import { type LabWords, labEn } from "../../text/lab.en";
import { labJa } from "../../text/lab.ja";
import { percent } from "../../text/numbers";
import { resolveLang } from "../../text/resolve";
import { Asker, placeOf } from "./asker";
import type { LabTraits } from "./traits";

/** The longest text whose reach is followed here, pair by pair; Python follows longer ones. */
export const REACH_MOST = 1024;
const LAYERS_MOST = 64;
const QUIET_MS = 100;

/** A mask over the laboratory's tokens, with its counts. */
export interface LabBound {
  readonly mask: RowSource;
  readonly degrees: Int32Array;
  readonly nnz: number;
  readonly low: number;
  readonly high: number;
  readonly empty: number;
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
  /** The mask on show; of an assignment, the chosen head's. */
  readonly spec: ReadonlySignal<MaskSpec | null>;
  /** The mask where it differs from head to head; else null. */
  readonly assigned: ReadonlySignal<AssignmentSpec | null>;
  /** The whole mask as one would type it. */
  readonly text: ReadonlySignal<string>;
  readonly bound: ReadonlySignal<LabBound | MaskError | null>;
  readonly view: ReadonlySignal<Window>;
  readonly spreads: ReadonlySignal<Spreads | null>;
  /** The step of {@link spreads} that is on show. */
  readonly step: ReadonlySignal<Spread | null>;
  /** What further layers reach, where it is drawn under the mask. */
  readonly under: ReadonlySignal<Reach | null>;

  /** What Python's answers have to be about. */
  readonly place: ReadonlySignal<string>;
  readonly asker: Asker;
  readonly #followed: Signal<{ bound: LabBound; spreads: Spreads } | null> = signal(null);

  constructor(
    readonly store: Store<LabTraits>,
    model: AnyModel,
    abort: AbortSignal,
  ) {
    const t = store.traits;
    this.asker = new Asker(model, abort, (message) => {
      this.problem.value = message;
    });
    this.lang = computed(() => resolveLang(t.lang.value, navigator.language));
    this.words = computed(() => (this.lang.value === "ja" ? labJa : labEn));
    this.roles = computed(() => {
      const given = t._roles.value;
      return given.length > 0 ? given : rolesOf(t.n.value);
    });
    this.spec = computed(() => t.mask.value && maskFor(t.mask.value, t.layer.value, t.head.value));
    this.assigned = computed(() => {
      const mask = t.mask.value;
      return mask && isAssignment(mask) ? mask : null;
    });
    this.text = computed(() => (t.mask.value ? formatGiven(t.mask.value) : ""));
    this.place = computed(() => placeOf(this.text.value, t.n.value, t.layer.value, t.head.value));
    this.bound = computed(() => this.#bind());
    this.view = computed(() => {
      const n = t.n.value;
      const zoom = this.zoom.value;
      return zoom && zoom.bottom <= n && zoom.right <= n
        ? zoom
        : { top: 0, bottom: n, left: 0, right: n };
    });
    this.spreads = computed(() => this.#spread());
    this.#follow(abort);
    this.step = computed(() => {
      const steps = this.spreads.value?.steps ?? [];
      return steps[Math.min(this.depth.value, steps.length) - 1] ?? null;
    });
    this.under = computed(() => {
      const step = this.depth.value > 1 ? this.step.value : null;
      return step && step.layers > 1 ? step.reach : null;
    });
  }

  /** What a number of layers joins, in words. */
  said({ layers, share }: Spread): string {
    const w = this.words.value;
    const count = w.layers(layers.toLocaleString(this.lang.value));
    const causal = this.spreads.value?.of === "causal";
    return (causal ? w.reachedCausal : w.reachedAll)(count, percent(share));
  }

  /** Bind any mask to the tokens; null while only Python can. */
  lay(spec: MaskSpec): RowSource | null {
    const n = this.store.traits.n.value;
    const segments = this.store.traits._segments.value;
    return needsPython(spec)
      ? this.#decided()
      : bind(spec, n, n, this.roles.value, 0, segments.length > 0 ? segments : null);
  }

  #bind(): LabBound | MaskError | null {
    const spec = this.spec.value;
    if (!spec) return null;
    try {
      const mask = this.lay(spec);
      if (!mask) return null;
      const degrees = degreesOf(mask);
      let [low, high, nnz, empty] = [mask.nKeys, 0, 0, 0];
      for (const degree of degrees) {
        low = Math.min(low, degree);
        high = Math.max(high, degree);
        nnz += degree;
        empty += Number(degree === 0);
      }
      return { mask, degrees, nnz, low, high, empty };
    } catch (error) {
      if (error instanceof MaskError) return error;
      throw error;
    }
  }

  /** What Python worked out of a mask that follows a head's data; an answer of old is dropped. */
  #decided(): RowSource | null {
    const { _kept, _bits, n, layer, head } = this.store.traits;
    const { text, place } = _kept.value;
    const fresh = text === this.text.value && place?.[0] === layer.value && place[1] === head.value;
    if (!fresh || _bits.value.byteLength < (n.value * n.value) / 8) return null;
    return new BitRows(unpackBits(_bits.value, 0, n.value * n.value), n.value, n.value);
  }

  /** Follow the mask once it has stood still: it takes longer than a step of a slider may. */
  #follow(abort: AbortSignal): void {
    let timer: ReturnType<typeof setTimeout>;
    const stop = effect(() => {
      const bound = this.bound.value;
      clearTimeout(timer);
      if (!bound || bound instanceof MaskError || bound.mask.nKeys > REACH_MOST) return;
      timer = setTimeout(() => {
        this.#followed.value = { bound, spreads: followed(bound.mask, LAYERS_MOST) };
      }, QUIET_MS);
    });
    abort.addEventListener(
      "abort",
      () => {
        stop();
        clearTimeout(timer);
      },
      { once: true },
    );
  }

  /** Reach layer by layer: followed here, or by Python where it was asked to; null until then. */
  #spread(): Spreads | null {
    const bound = this.bound.value;
    if (!bound || bound instanceof MaskError) return null;
    const told = this.asker.reach.value;
    if (bound.mask.nKeys > REACH_MOST)
      return told?.place === this.place.value ? told.spreads : null;
    return this.#followed.value?.bound === bound ? this.#followed.value.spreads : null;
  }
}

/** Without a text, the first token plays [CLS] and the last one [SEP]. */
export function rolesOf(n: number): string[] {
  return Array.from({ length: n }, (_, i) => (i === 0 ? "cls" : i === n - 1 ? "sep" : "word"));
}
