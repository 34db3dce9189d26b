import type { AnyModel } from "@anywidget/types";
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { unpackBits } from "../../data/bits";
import type { Store } from "../../data/store";
import type { Theme } from "../../draw/color";
import type { Window } from "../../draw/density";
import { bind, MaskError, type MaskSpec } from "../../masks";
import {
  type AssignmentSpec,
  formatGiven,
  type Given,
  isAssignment,
  maskFor,
  parseGiven,
} from "../../masks/assignment";
import { Counting, type Counts } from "../../masks/counting";
import { needsPython } from "../../masks/needs";
import { compose, decompose, explains, type Term } from "../../masks/parts";
import { Following, type Reach, type Spread, type Spreads } from "../../masks/reach";
import { Remembered } from "../../masks/remembered";
import { BitRows, type RowSource } from "../../masks/rows";
import { type LabWords, labEn } from "../../text/lab.en";
import { labJa } from "../../text/lab.ja";
import { percent } from "../../text/numbers";
import { resolveLang } from "../../text/resolve";
import { Asker, placeOf } from "./asker";
import { inSlices } from "./slices";
import type { LabTraits } from "./traits";

/** The longest text whose reach is followed here, pair by pair; Python follows longer ones. */
export const REACH_MOST = 1024;
const LAYERS_MOST = 64;
/** The longest text whose rows are worked out once and kept. */
const REMEMBERED_MOST = 4096;
const QUIET_MS = 100;

/** A mask over the laboratory's tokens, and what is counted of it by now. */
export interface LabBound {
  readonly mask: RowSource;
  readonly counts: Counts;
}

/** All that one laboratory view shows, derived from the synced traits. */
export class LabState {
  readonly theme = signal<Theme>("light");
  readonly width = signal(0);
  readonly onScreen = signal(true);
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
  /** The parts of the mask, as they were chosen where they still make it; null of an assignment. */
  readonly terms: ReadonlySignal<readonly Term[] | null>;
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
  readonly #chosen: Signal<readonly Term[]> = signal([]);
  readonly #laid: ReadonlySignal<RowSource | MaskError | null>;
  readonly #counted: Signal<LabBound | null> = signal(null);
  readonly #followed: Signal<{ mask: RowSource; spreads: Spreads } | null> = signal(null);

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
    this.terms = computed(() => this.#parts());
    this.#laid = computed(() => this.#lay());
    this.bound = computed(() => {
      const laid = this.#laid.value;
      const counted = this.#counted.value;
      if (laid instanceof MaskError) return laid;
      return counted?.mask === laid ? counted : null;
    });
    this.view = computed(() => {
      const n = t.n.value;
      const zoom = this.zoom.value;
      return zoom && zoom.bottom <= n && zoom.right <= n
        ? zoom
        : { top: 0, bottom: n, left: 0, right: n };
    });
    this.spreads = computed(() => this.#spread());
    this.#forget(abort);
    this.#count(abort);
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
    if (needsPython(spec)) return this.#decided();
    const n = this.store.traits.n.value;
    const segments = this.store.traits._segments.value;
    const bound = bind(spec, n, n, this.roles.value, 0, segments.length > 0 ? segments : null);
    return n > REMEMBERED_MOST ? bound : new Remembered(bound);
  }

  /** Choose a mask by its parts; they stay as they are as long as they make the mask. */
  putTerms(terms: readonly Term[], pace: "choose" | "drag", n = this.store.traits.n.peek()): void {
    this.#chosen.value = terms;
    this.put({ mask: compose(terms, n), ...(n === this.store.traits.n.peek() ? {} : { n }) }, pace);
  }

  /** Choose how many tokens there are; documents are cut anew. */
  putLength(n: number, pace: "choose" | "drag"): void {
    const terms = this.terms.peek();
    if (terms?.some(({ family }) => family === "documents")) this.putTerms(terms, pace, n);
    else this.put({ n }, pace);
  }

  /** Choose by text; throws what is wrong with it, in the reader's language. */
  putText(text: string): void {
    const w = this.words.peek();
    let mask: Given | null = null;
    try {
      if (text !== "") mask = parseGiven(text);
    } catch (error) {
      throw new Error(w.mistake(String((error as Error).message)));
    }
    const { _layers, _asks } = this.store.traits;
    const decided = mask && !isAssignment(mask) && needsPython(mask);
    if (decided && _asks.peek() && _layers.peek().length === 0) throw new Error(w.needsRecord);
    this.put({ mask });
  }

  /** Choose; what was wrong before is past. */
  put(change: Parameters<Store<LabTraits>["choose"]>[0], pace: "choose" | "drag" = "choose"): void {
    this.problem.value = null;
    this.store[pace](change);
  }

  #parts(): readonly Term[] | null {
    const { mask, n } = this.store.traits;
    if (!mask.value) return [];
    if (isAssignment(mask.value)) return null;
    const chosen = this.#chosen.value;
    return explains(chosen, mask.value, n.value) ? chosen : decompose(mask.value, n.value);
  }

  #lay(): RowSource | MaskError | null {
    const spec = this.spec.value;
    if (!spec) return null;
    try {
      return this.lay(spec);
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

  /** What was wrong is past once the mask changes again after it was put back. */
  #forget(abort: AbortSignal): void {
    let changes = 0;
    this.#watch(abort, () => {
      if (this.problem.value) changes = 0;
    });
    this.#watch(abort, () => {
      this.text.value;
      if (++changes > 1) this.problem.value = null;
    });
  }

  /** Count the mask: a short one at once. */
  #count(abort: AbortSignal): void {
    this.#watch(abort, () => {
      const mask = this.#laid.value;
      if (!mask || mask instanceof MaskError) return;
      const counting = new Counting(mask);
      return inSlices(
        () => counting.more(),
        () => {
          this.#counted.value = { mask, counts: counting.counts() };
        },
      );
    });
  }

  /** Follow the mask once it has stood still: it takes longer than a step of a slider may. */
  #follow(abort: AbortSignal): void {
    this.#watch(abort, () => {
      const mask = this.#laid.value;
      if (!mask || mask instanceof MaskError || mask.nKeys > REACH_MOST) return;
      let stop = () => {};
      const timer = setTimeout(() => {
        const following = new Following(mask, LAYERS_MOST);
        stop = inSlices(
          () => following.more(),
          (done) => {
            if (done) this.#followed.value = { mask, spreads: following.spreads() };
          },
        );
      }, QUIET_MS);
      return () => {
        clearTimeout(timer);
        stop();
      };
    });
  }

  #watch(abort: AbortSignal, what: Parameters<typeof effect>[0]): void {
    abort.addEventListener("abort", effect(what), { once: true });
  }

  /** Reach layer by layer: followed here, or by Python where it was asked to; null until then. */
  #spread(): Spreads | null {
    const mask = this.#laid.value;
    if (!mask || mask instanceof MaskError) return null;
    const told = this.asker.reach.value;
    if (mask.nKeys > REACH_MOST) return told?.place === this.place.value ? told.spreads : null;
    return this.#followed.value?.mask === mask ? this.#followed.value.spreads : null;
  }
}

/** Without a text, the first token plays [CLS] and the last one [SEP]. */
export function rolesOf(n: number): string[] {
  return Array.from({ length: n }, (_, i) => (i === 0 ? "cls" : i === n - 1 ? "sep" : "word"));
}
