import { computed, type ReadonlySignal } from "@preact/signals";
import { focusLevels, headLevels, type Mean, meanFocus } from "../data/decode";
import type { Store } from "../data/store";
import type { RecordInfo, RecordShown, SecondInfo, Traits } from "../data/types";
import { differences, SAME } from "../draw/color";
import type { Levels } from "../draw/raster";

/** What is drawn in full: a head, or the mean over several. */
export interface Seen {
  readonly layer: number;
  readonly head: number;
  readonly mean?: Mean | null;
}

/** The second record and which of the two is drawn, derived from the synced traits. */
export class Second {
  /** Null without a second record. */
  readonly info: ReadonlySignal<SecondInfo | null>;
  readonly shown: ReadonlySignal<RecordShown>;

  constructor(
    readonly store: Store<Traits>,
    readonly record: ReadonlySignal<RecordInfo>,
  ) {
    const t = store.traits;
    this.info = computed(() => {
      const info = t._second.value;
      return info.kind ? (info as SecondInfo) : null;
    });
    this.shown = computed(() => (this.info.value ? t.shown.value : "first"));
  }

  /** The records that a number is read from: both for a difference. */
  get sides(): ("first" | "second")[] {
    const shown = this.shown.value;
    return shown === "difference" ? ["first", "second"] : [shown];
  }

  /** One head of the grid, of the record that is drawn. */
  head(layer: number, head: number): Levels {
    const t = this.store.traits;
    const { layers, heads } = this.record.value;
    const place = [layers.indexOf(layer), heads.indexOf(head)] as const;
    const of = (cells: DataView) => headLevels(cells, t._cells_shape.value, ...place);
    return this.#pick(
      () => of(t._cells.value),
      () => of(t._second_cells.value),
    );
  }

  /** The head, or the mean, in full, of the record that is drawn. */
  focus(seen: Seen): Levels {
    return this.#pick(
      () => this.levels("first", seen),
      () => this.levels("second", seen),
    );
  }

  /** A head, or a mean, in full, of either record. */
  levels(of: "first" | "second", { layer, head, mean }: Seen): Levels {
    const t = this.store.traits;
    const first = of === "first";
    const sent = [
      this.record.value,
      first ? t._cells.value : t._second_cells.value,
      t._cells_shape.value,
      first ? t._focus.value : t._second_focus.value,
      t._focus_place.value,
    ] as const;
    if (!mean) return focusLevels(...sent, layer, head);
    const known = this.#means[of];
    const from = [...sent, mean];
    if (known && from.every((part, i) => part === known.from[i])) return known.levels;
    const levels = meanFocus(...sent, mean);
    this.#means[of] = { from, levels };
    return levels;
  }

  /** The last mean of each record: pointing at its rows asks for it again and again. */
  readonly #means: Partial<
    Record<"first" | "second", { from: readonly unknown[]; levels: Levels }>
  > = {};

  #pick(first: () => Levels, second: () => Levels): Levels {
    const shown = this.shown.value;
    if (shown === "first") return first();
    return shown === "second" ? second() : difference(first(), second());
  }
}

/** Second minus first, as levels around {@link SAME}. */
export function difference(first: Levels, second: Levels): Levels {
  const values = new Uint8Array(first.values.length);
  const table = differences();
  for (let i = 0; i < values.length; i++)
    values[i] = table[(first.values[i]! << 8) | second.values[i]!]!;
  return { ...first, values, zero: SAME };
}
