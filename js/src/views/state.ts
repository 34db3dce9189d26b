import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { keyTokens } from "../data/decode";
import { History } from "../data/history";
import type { Store } from "../data/store";
import { PICTURED, type RecordInfo, type Traits } from "../data/types";
import {
  differencePalette,
  firstLevel,
  type Palette,
  palette,
  roleKey,
  type Theme,
  WEIGHTS,
} from "../draw/color";
import {
  binOf,
  bins,
  type Levels,
  type Overlay,
  poolFlags,
  rowScales,
  rowTones,
} from "../draw/raster";
import { toneOf } from "../draw/tone";
import { OutsideShare } from "../masks";
import { needsPython } from "../masks/needs";
import { resolveLang, type Words, words } from "../text";
import { type Bound, bindShared, boundByPython } from "./bound";
import { GridState } from "./grid/state";
import { Second, type Seen } from "./second";

export interface Place {
  readonly layer: number;
  readonly head: number;
}

/** What the numbers of a mask over each head are, and whether Python has confirmed them. */
export interface Outside {
  readonly share: (layer: number, head: number) => number;
  readonly exact: boolean;
}

/** All that one view shows, derived from the synced traits; only hover and size are its own. */
export class ViewState {
  readonly theme = signal<Theme>("light");
  readonly width = signal(0);
  readonly onScreen = signal(true);
  readonly hoverHead: Signal<Place | null> = signal(null);
  readonly hoverCell: Signal<{ query: number; key: number | null } | null> = signal(null);
  readonly problem: Signal<string | null> = signal(null);
  /** Whether the search, the sheet of keys, the walk through the layers are on. */
  readonly finding = signal(false);
  readonly helping = signal(false);
  readonly playing = signal(false);
  readonly history: History<Traits>;

  readonly info: ReadonlySignal<RecordInfo>;
  readonly words: ReadonlySignal<Words>;
  readonly lang: ReadonlySignal<"en" | "ja">;
  readonly layers: ReadonlySignal<number[]>;
  readonly heads: ReadonlySignal<number[]>;
  readonly palette: ReadonlySignal<Palette>;
  readonly bound: ReadonlySignal<Bound | null>;
  readonly specialKeys: ReadonlySignal<Uint8Array>;
  readonly specialQueries: ReadonlySignal<Uint8Array>;
  readonly outside: ReadonlySignal<Outside | null>;
  /** What is drawn in full, and its levels. */
  readonly seen: ReadonlySignal<Seen>;
  readonly focus: ReadonlySignal<Levels>;
  readonly second: Second;
  readonly grid: GridState;

  constructor(
    readonly store: Store<Traits>,
    abort: AbortSignal,
  ) {
    const t = store.traits;
    this.history = new History(store, PICTURED, abort);
    this.info = computed(() => t._record.value);
    this.second = new Second(store, this.info);
    this.grid = new GridState(this);
    this.lang = computed(() => resolveLang(t.lang.value, navigator.language));
    this.words = computed(() => words(this.lang.value));
    this.layers = computed(() => {
      const [first, last] = t.layers.value;
      return this.info.value.layers.filter((layer) => first <= layer && layer <= last);
    });
    this.heads = computed(() =>
      this.info.value.heads.filter((head) => t.heads.value.includes(head)),
    );
    this.palette = computed(() =>
      this.second.shown.value === "difference"
        ? differencePalette(this.theme.value)
        : palette(this.theme.value, t.threshold.value, t.colors.value, t.scale.value),
    );
    this.bound = computed(() => {
      const mask = t.mask.value;
      if (!mask || !t.mask_shown.value) return null;
      if (!needsPython(mask)) return bindShared(mask, this.info.value);
      return boundByPython(mask, this.info.value, {
        _mask_effect: t._mask_effect.value,
        _mask_cells: t._mask_cells.value,
        _cells_shape: t._cells_shape.value,
        _focus_mask: t._focus_mask.value,
        _focus_place: t._focus_place.value,
      });
    });
    const special = (tokens: RecordInfo["tokens"]) =>
      Uint8Array.from(tokens, ({ group }) =>
        Number(group !== null && t.special_roles.value.includes(group)),
      );
    this.specialKeys = computed(() => special(keyTokens(this.info.value)));
    this.specialQueries = computed(() => special(this.info.value.tokens));
    this.outside = computed(() => this.#outside());
    this.seen = computed(() => ({
      layer: t.layer.value,
      head: t.head.value,
      mean: t.averaged.value
        ? {
            layers: t.averaged_over.value === "layer" ? [t.layer.value] : this.layers.value,
            heads: this.heads.value,
          }
        : null,
    }));
    this.focus = computed(() => this.second.focus(this.seen.value));
  }

  /** Whether what is drawn is what arrives, and not where attention looks. */
  readonly arriving: ReadonlySignal<boolean> = computed(
    () => this.second.shown.value === "second" && this.second.info.value?.kind === "norms",
  );

  /** How the second record is spoken of beside the first. */
  readonly between: ReadonlySignal<Words["between"]["rerun"] | null> = computed(() => {
    const kind = this.second.info.value?.kind;
    return kind ? this.words.value.between[kind] : null;
  });

  /** One head's levels as the grid holds them. */
  head(layer: number, head: number): Levels {
    return this.second.head(layer, head);
  }

  /** Whether special tokens are left out of the picture. */
  get hides(): boolean {
    return this.store.traits.special_mode.value.startsWith("hide");
  }

  /** Whether pooled pictures were made with other tokens hidden than are to be. */
  readonly unhidden: ReadonlySignal<boolean> = computed(() => {
    if (this.whole) return false;
    const { special_mode, special_roles, _pooled_for } = this.store.traits;
    const made = _pooled_for.value;
    if (!this.hides) return made.roles !== undefined;
    const rescales =
      special_mode.value === "hide_renormalise" && this.second.shown.value !== "difference";
    return made.rescales !== rescales || made.roles?.join() !== special_roles.value.join();
  });

  /** Whether the grid holds every weight, rather than pooled maxima. */
  get whole(): boolean {
    const [, , rows, cols] = this.store.traits._cells_shape.value;
    const [, , queries, keys] = this.info.value.shape;
    return rows === queries && cols === keys;
  }

  /** What lies over all heads of `rows` × `cols` cells alike. */
  overlay(rows: number, cols: number): Overlay {
    const { hides } = this;
    const drawn = this.second.shown.value === "first" ? null : this.second.info.value;
    const blank = (special: Uint8Array, lone: readonly number[] | undefined, cells: number) => {
      if (!hides && !lone?.length) return null;
      const flags = hides ? Uint8Array.from(special) : new Uint8Array(special.length);
      for (const at of lone ?? []) flags[at] = 1;
      return poolFlags(flags, cells);
    };
    return {
      hiddenRows: blank(this.specialQueries.value, drawn?.loneQueries, rows),
      hiddenCols: blank(this.specialKeys.value, drawn?.loneKeys, cols),
    };
  }

  /** What lies over one head: its mask, and rows rescaled where a reading asks for it. */
  overlayOf(levels: Levels, overlay: Overlay, { layer, head, mean }: Seen): Overlay {
    // A difference is neither scaled nor veiled: its colour says which way, and zero is paper.
    if (this.second.shown.value === "difference") return overlay;
    // A mask that follows data was decided by the first record's data, and is each head's own.
    const bound = this.bound.value;
    const other = (this.second.shown.value === "second" || mean) && bound?.mask === null;
    const allowed = (!other && bound?.cells(layer, head, levels.rows, levels.cols)) || null;
    // where cells are pooled, Python has rescaled each row before
    const [, , queries, keys] = this.info.value.shape;
    const pooled = levels.rows !== queries || levels.cols !== keys;
    const within = this.#within(allowed);
    const hidden = pooled ? null : this.#hiding(overlay.hiddenCols);
    const rowScale = within || hidden ? rowScales(levels, within, hidden) : null;
    const laid = { ...overlay, allowed, rowScale };
    const { scale, threshold } = this.store.traits;
    const of = toneOf(scale.value);
    if (of === "table") return laid;
    const rowTone = rowTones(levels, of, laid, within);
    return { ...laid, rowTone, first: firstLevel(threshold.value) };
  }

  #within(allowed: Uint8Array | null | undefined): Uint8Array | null {
    return (this.store.traits.mask_reading.value === "renormalised" && allowed) || null;
  }

  #hiding(hidden: Uint8Array | null | undefined): Uint8Array | null {
    return (this.store.traits.special_mode.value === "hide_renormalise" && hidden) || null;
  }

  /** A row read back from a picture's levels, pooled cells standing for all their keys. */
  rowOf({ query, of, ...seen }: Seen & { query: number; of: "first" | "second" }) {
    const [, , queries, keys] = this.info.value.shape;
    const levels = this.second.levels(of, seen);
    const row = binOf(query, queries, levels.rows);
    const starts = bins(keys, levels.cols);
    const out = new Float32Array(keys);
    for (let c = 0; c < levels.cols; c++)
      out.fill(WEIGHTS[levels.values[row * levels.cols + c]!]!, starts[c]!, starts[c + 1]!);
    return out;
  }

  /** The pairs a mask allows in what is drawn in full; null without one, or where it is pooled. */
  pairs({ layer, head, mean }: Seen = this.seen.value): Uint8Array | null {
    const bound = this.bound.value;
    // a mask that follows data is each head's own
    return mean && bound?.mask === null ? null : (bound?.full(layer, head) ?? null);
  }

  /** One row of weights as the readings show it: nothing outside, and the rest scaled up to 1. */
  readRow(row: Float32Array, query: number, pairs = this.pairs()): Float32Array {
    const bits = this.#within(pairs);
    const hidden = this.#hiding(this.specialKeys.value);
    if (!bits && !hidden) return row;
    const at = query * row.length;
    const kept = row.map((weight, key) =>
      (bits && !bits[at + key]) || hidden?.[key] ? 0 : weight,
    );
    const sum = kept.reduce((a, b) => a + b, 0);
    return sum > 0 ? kept.map((weight) => weight / sum) : kept;
  }

  #outside(): Outside | null {
    const { mask, _mask_effect } = this.store.traits;
    const bound = this.bound.value;
    if (!mask.value || !bound) return null;
    const info = this.info.value;
    const at = (layer: number, head: number) =>
      [info.layers.indexOf(layer), info.heads.indexOf(head)] as const;
    const known = _mask_effect.value;
    if (known.text === bound.text && known.outside) {
      const table = known.outside;
      return {
        exact: true,
        share: (layer, head) => {
          const [l, h] = at(layer, head);
          return table[l]![h]!;
        },
      };
    }
    const estimate = bound.mask && this.#levels.value?.of(bound.mask, this.queryRows.value);
    if (!estimate) return null;
    return {
      exact: false,
      share: (layer, head) => {
        const [l, h] = at(layer, head);
        return estimate[l * info.heads.length + h]!;
      },
    };
  }

  /** All levels, ready to be summed under a mask; null where they are pooled. */
  readonly #levels = computed(() => {
    const cells = this.store.traits._cells.value;
    const [layers, heads, nQueries, nKeys] = this.info.value.shape;
    if (!this.whole) return null;
    const values = new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
    return new OutsideShare({ heads: layers * heads, nQueries, nKeys, values, table: WEIGHTS });
  });

  /** The rows a mean runs over: words, or all where there are none. As Python does. */
  readonly queryRows: ReadonlySignal<Uint8Array> = computed(() => {
    const tokens = this.info.value.tokens;
    const pick = (keep: (role: string) => boolean) =>
      Uint8Array.from(tokens, (token) => Number(keep(token.role)));
    const text = pick((role) => !roleKey(role));
    return text.includes(1) ? text : pick((role) => role !== "pad");
  });

  /** The groups that are counted as special, of those in the record that is drawn. */
  readonly roles: ReadonlySignal<string[]> = computed(() => {
    const second = this.second.shown.value === "second" ? this.second.info.value : null;
    const chosen = this.store.traits.special_roles.value;
    const has = Object.keys((second ?? this.info.value.special).groups);
    return has.filter((group) => chosen.includes(group));
  });

  /** What these would take under an even spread. */
  readonly uniform: ReadonlySignal<number> = computed(() => {
    const { groups } = this.info.value.special;
    return this.roles.value.reduce((sum, group) => sum + (groups[group]?.uniform ?? 0), 0);
  });

  /** Share of the words' attention on the tokens counted as special, and its part by group. */
  special(layer: number, head: number): { all: number; parts: [string, number][] } {
    const { special, layers, heads } = this.info.value;
    const [l, h] = [layers.indexOf(layer), heads.indexOf(head)];
    const second = this.second.shown.value === "second" ? this.second.info.value : null;
    const parts = this.roles.value.map((group): [string, number] => {
      const table = second ? second.groups[group]! : special.groups[group]!.share;
      return [group, table[l]![h]!];
    });
    return { all: parts.reduce((sum, [, share]) => sum + share, 0), parts };
  }

  /** How much of its attention a head puts elsewhere in the second record. */
  moved(layer: number, head: number): number {
    const { layers, heads } = this.info.value;
    return this.second.info.value?.moved[layers.indexOf(layer)]?.[heads.indexOf(head)] ?? 0;
  }

  /** The mean of a number over the heads shown. */
  meanShown(value: (layer: number, head: number) => number): number {
    const layers = this.layers.value;
    const heads = this.heads.value;
    let sum = 0;
    for (const layer of layers) for (const head of heads) sum += value(layer, head);
    return sum / (layers.length * heads.length);
  }
}
