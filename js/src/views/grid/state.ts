import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Scrolled } from "../../draw/grid";
import { arrange, type Group, narrowed, type Valued, within } from "../../draw/order";
import { ShrunkHeads } from "../../draw/shrunk";
import { percent } from "../../text/numbers";
import type { ViewState } from "../state";
import {
  type BadgeView,
  badgeView,
  meanParts,
  type Part,
  showsOutside,
  showsSpecial,
} from "./badge";
import { CLASSES } from "./classes";

/** What the grid of one view shows beside its pictures. */
export class GridState {
  readonly scroll: Signal<Scrolled> = signal({ x: 0, y: 0 });
  /** The layer or head whose mean the pointer is on. */
  readonly hoverMean: Signal<{ layer: number } | { head: number } | null> = signal(null);
  readonly badge: ReadonlySignal<BadgeView>;
  /** Every head shown, with its number. */
  readonly all: ReadonlySignal<Valued[]>;
  /** In the order that they are drawn; by class they are only once that is known. */
  readonly groups: ReadonlySignal<Group[]>;
  /** Whether they are drawn layer by layer. */
  readonly byLayer: ReadonlySignal<boolean>;
  readonly kept: ReadonlySignal<number>;

  readonly shrunk = new ShrunkHeads();
  /** The pictures as they were painted last, and what they were painted of. */
  painted: { readonly of: readonly unknown[]; readonly image: ImageData } | null = null;

  constructor(readonly state: ViewState) {
    const t = state.store.traits;
    this.badge = computed(() => badgeView(state, state.words.value));
    this.all = computed(() => {
      const { value } = this.badge.value;
      return state.layers.value.flatMap((layer) =>
        state.heads.value.map((head) => ({ layer, head, value: value(layer, head) })),
      );
    });
    this.byLayer = computed(() => {
      const order = t.order.value;
      if (order === "group") return !t._badges.value.class;
      return order === "model" || !this.badge.value.ready || this.badge.value.name === "class";
    });
    this.groups = computed(() =>
      arrange(
        this.all.value,
        this.byLayer.value ? "model" : t.order.value,
        t.badge_range.value,
        ({ layer, head }) => this.classOf(layer, head),
        CLASSES,
      ),
    );
    this.kept = computed(() => this.all.value.filter(({ value }) => this.within(value)).length);
  }

  within(value: number | null): boolean {
    return within(value, this.state.store.traits.badge_range.value);
  }

  classOf(layer: number, head: number): string | null {
    const { layers, heads } = this.state.info.value;
    const table = this.state.store.traits._badges.value.class;
    return table?.[layers.indexOf(layer)]?.[heads.indexOf(head)] ?? null;
  }

  /** Whether the badge's bar is drawn; what marks nothing has none, unless heads are chosen by it. */
  get barred(): boolean {
    const { badge, state } = this;
    const t = state.store.traits;
    const used = t.order.value !== "model" || narrowed(t.badge_range.value);
    return badge.value.ready && (badge.value.name !== "special" || used || showsSpecial(state));
  }

  /** Whether what a mask loses has a bar of its own. */
  get loses(): boolean {
    return showsOutside(this.state) && this.badge.value.name !== "kept";
  }

  /** The mean over the heads shown of one layer, or over the layers shown of one head. */
  mean(of: { layer: number } | { head: number }): readonly Part[] {
    const { layers, heads } = this.#means.value;
    return ("layer" in of ? layers.get(of.layer) : heads.get(of.head)) ?? [];
  }

  readonly #means = computed(() => {
    const [layers, heads] = [this.state.layers.value, this.state.heads.value];
    const { parts } = this.badge.value;
    const all = layers.map((layer) => heads.map((head) => parts(layer, head)));
    return {
      layers: new Map(layers.map((layer, l) => [layer, meanParts(all[l]!)])),
      heads: new Map(heads.map((head, h) => [head, meanParts(all.map((row) => row[h]!))])),
    };
  });

  /** Such a mean in words. */
  meanText(parts: readonly Part[]): string {
    const { name, text } = this.badge.value;
    const w = this.state.words.value;
    if (parts.length === 0) return "–";
    if (name !== "class") return text(parts.reduce((sum, { share }) => sum + share, 0));
    return parts
      .toSorted((a, b) => b.share - a.share)
      .map(({ of, share }) =>
        of && "class" in of ? `${w.grid.classes[of.class]} ${percent(share)}` : "",
      )
      .join(", ");
  }
}
