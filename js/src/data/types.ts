/** The traits of the Python classes, as they arrive here. */

import type { MaskSpec } from "../masks";
import type { Depth, NoRollout, NoScore, Rollout, Score } from "./told";

export interface TokenInfo {
  readonly text: string;
  readonly role: string;
  /** What it is counted as where shares are counted; null for the rest of the text. */
  readonly group: string | null;
  readonly segment: number | null;
}

export type PerHead = readonly (readonly number[])[];

export interface RecordInfo {
  /** Layers, heads, queries, keys. */
  readonly shape: readonly [number, number, number, number];
  /** The model's own numbers of the captured layers and heads. */
  readonly layers: readonly number[];
  readonly heads: readonly number[];
  readonly kind: "encoder" | "decoder" | "cross";
  readonly kvGroups: number;
  readonly tokens: readonly TokenInfo[];
  /** Null where the keys are the query tokens. */
  readonly keyTokens: readonly TokenInfo[] | null;
  readonly text: readonly string[];
  readonly model: string;
  /** What the numbers come from: model, number format, versions. */
  readonly source: string;
  readonly dtype: string;
  readonly tokensLost: number;
  readonly note: string;
  /** The picture that the keys are patches of; null where they are not. */
  readonly patches: PatchesInfo | null;
  readonly special: {
    /** False where nothing said which tokens are special. */
    readonly told?: boolean;
    /** False where the text has no words, so that the mean is over all its tokens. */
    readonly words?: boolean;
    /** Shares of attention that each group of keys takes: mean over text queries, exact. */
    readonly groups: Readonly<Record<string, { share: PerHead; uniform: number }>>;
    readonly rows: Readonly<Record<string, SpecialRow>>;
  };
}

/** Patches of a picture, row by row, among the keys. */
export interface PatchesInfo {
  readonly rows: number;
  readonly columns: number;
  /** Tokens before the first patch. */
  readonly first: number;
  /** Pixels of one patch. */
  readonly height: number;
  readonly width: number;
}

/** What the first token of a special role looks at. */
export interface SpecialRow {
  readonly query: number;
  readonly itself: PerHead;
  /** On each group that can be counted, itself left out; groups without other keys are absent. */
  readonly groups: Readonly<Record<string, PerHead>>;
  /** On keys of no group. */
  readonly words: PerHead;
  /** What each would get if it looked at all it sees alike. */
  readonly even: { readonly itself: number; readonly groups: Readonly<Record<string, number>> };
}

export interface MaskEffect {
  /** The mask these numbers belong to, in its text form; absent without a mask. */
  readonly text?: string;
  readonly outside?: PerHead;
  /** Whether all heads get the same; false sends `_mask_cells`. */
  readonly shared?: boolean;
  /** Fewest and most keys a query sees in any head; pairs kept in a head, the mean. */
  readonly low?: number;
  readonly high?: number;
  readonly pairs?: number;
}

/** A second record, laid over the first; empty without one. */
export interface SecondInfo {
  /** The same text under a change, what arrives in the same run, or any other record. */
  readonly kind?: "rerun" | "record" | "norms";
  /** What was changed, or what the record is called. */
  readonly name: string;
  readonly text: readonly string[];
  /** Tokens of the first record that the second lacks. */
  readonly loneQueries: readonly number[];
  readonly loneKeys: readonly number[];
  /** How much of its attention each head puts elsewhere. */
  readonly moved: PerHead;
  /** Shares of attention that its groups of keys take, as in {@link RecordInfo}. */
  readonly groups: Readonly<Record<string, PerHead>>;
  readonly rows: Readonly<Record<string, SpecialRow>>;
}

/** What a diagnosis shows: a head, and what in it. */
export interface CardPlace {
  readonly layer: number;
  readonly head: number;
  /** Whether it is seen there; else this is the nearest to it that there is. */
  readonly seen: boolean;
  readonly query: number | null;
  readonly key: number | null;
  readonly role: string | null;
  readonly view: "weights" | "norms";
}

export interface CardFinding {
  readonly name: string;
  readonly state: "found" | "not found" | "cannot judge";
  readonly title: string;
  readonly sentences: readonly string[];
  readonly where: readonly CardPlace[];
}

export interface CardItem {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly where: readonly CardPlace[];
}

/** A diagnosis in one language: a reading of the picture, no verdict. */
export interface Card {
  readonly title: string;
  readonly headline: string;
  readonly notes: readonly string[];
  readonly states: readonly CardFinding[];
  readonly story: readonly CardFinding[];
  readonly evidence: readonly CardItem[];
  /** The items belong together: none is shown without the others. */
  readonly hint: { readonly items: readonly CardItem[]; readonly where: readonly CardPlace[] };
  readonly cannot_conclude: readonly CardItem[];
}

/** The card in both languages, or why there is none; empty while there is no record. */
export interface Cards {
  readonly en?: Card;
  readonly ja?: Card;
  readonly absent?: string;
}

export type HeadClass =
  | "vertical"
  | "diagonal"
  | "vertical+diagonal"
  | "block"
  | "broad"
  | "heterogeneous";

/** Numbers of heads, measured when they are first asked for. */
export interface Badges {
  readonly entropy?: readonly (readonly (number | null)[])[];
  readonly class?: readonly (readonly HeadClass[])[];
  readonly importance?: {
    readonly values: PerHead;
    /** Its name, and what it is about; empty where Python gave a plain table. */
    readonly measure: string;
    readonly about: string;
  };
}

export interface Guess {
  readonly token: string;
  readonly probability: number;
}

/** What a run under a change did; empty before one. */
export interface Effect {
  /** The change as it is typed in Python. */
  readonly written?: string;
  readonly changes: { readonly parts: readonly EditSpec[] };
  readonly drift: Readonly<
    Record<"free_l1" | "free_cosine" | "forced_l1" | "forced_cosine", readonly number[]>
  >;
  readonly kept: PerHead | null;
  readonly vector: {
    readonly cosine: number;
    readonly candidates: readonly string[];
    readonly before: readonly number[];
    readonly after: readonly number[];
  } | null;
  readonly predictions: readonly {
    readonly position: number;
    readonly before: readonly Guess[];
    readonly after: readonly Guess[];
    readonly kl: number;
  }[];
  readonly labels: {
    readonly labels: readonly string[];
    readonly before: readonly number[];
    readonly after: readonly number[];
    readonly unit: "probability" | "score";
  } | null;
}

/** One change besides the mask on show: a mask, an assignment of masks, or an edit of heads. */
export type EditSpec = Readonly<Record<string, unknown>> & { readonly kind: string };

export type RecordShown = "first" | "second" | "difference";
export type SpecialMode = "off" | "mark" | "hide" | "hide_renormalise";
export type MaskReading = "outside" | "renormalised";
export type Lang = "auto" | "en" | "ja";
export type View = "matrix" | "lines" | "text" | "neuron" | "layers" | "table";
export type Badge = "special" | "entropy" | "kept" | "class" | "importance";
export type Order = "model" | "high" | "low" | "group";
export type Scale = "sqrt" | "linear" | "log" | "row" | "head";
export type Colors = "magma" | "viridis" | "cividis";
export type Density = "notebook" | "projector";
export type Links = "all" | "aa" | "ab" | "ba" | "bb";
export type Looks = "at" | "by";
export type Averages = "shown" | "layer";
/** First query, query end, first key, key end. */
export type Zoom = readonly [number, number, number, number];

/** Tokens of these roles are left out, and the rest of each row may be scaled up to 1. */
export interface PooledFor {
  readonly rescales: boolean;
  readonly roles: readonly string[];
}

/** Written by Python only. */
export interface Picture {
  _record: RecordInfo;
  /** The picture that its patches are of: red, green, blue, row by row; empty without one. */
  _pixels: DataView;
  _cells: DataView;
  _cells_shape: readonly number[];
  /** What pooled pictures were made without; empty where nothing was left out of them. */
  _pooled_for: PooledFor | Record<string, never>;
  _focus: DataView;
  _focus_place: readonly number[];
  _focus_mask: DataView;
  _mask_effect: MaskEffect;
  _mask_cells: DataView;
  _can_run: boolean;
  _can_apply: boolean;
  _can_weigh: boolean;
  _can_save: boolean;
  _second: SecondInfo | Record<string, never>;
  _second_cells: DataView;
  _second_focus: DataView;
  _effect: Effect | Record<string, never>;
  _diagnosis: Cards;
  _badges: Badges;
  _tour: readonly Bookmark[];
  _score: Score | NoScore | Record<string, never>;
  _depth: Depth | Record<string, never>;
  _rollout: Rollout | NoRollout | Record<string, never>;
}

/** Written by both sides. */
export interface Choice {
  layers: readonly [number, number];
  heads: readonly number[];
  layer: number;
  head: number;
  query: number | null;
  key: number | null;
  threshold: number;
  special_mode: SpecialMode;
  special_roles: readonly string[];
  special_from: string | null;
  mask: MaskSpec | null;
  mask_shown: boolean;
  mask_reading: MaskReading;
  edits: readonly EditSpec[];
  shown: RecordShown;
  view: View;
  averaged: boolean;
  averaged_over: Averages;
  compared: readonly number[];
  zoom: Zoom | null;
  looks: Looks;
  links: Links;
  top: number;
  rollout: boolean;
  badge: Badge;
  order: Order;
  badge_range: readonly [number, number];
  scale: Scale;
  colors: Colors;
  density: Density;
  lang: Lang;
  step: number | null;
}

/** A view kept in Python: its choices, and what is said of it. */
export interface Bookmark {
  readonly name: string;
  readonly caption: { readonly en: string; readonly ja: string };
  readonly state: Partial<Choice>;
}

export type Traits = Picture & Choice;

/** The names of {@link Traits}. */
export const TRAITS = [
  "_record",
  "_pixels",
  "_cells",
  "_cells_shape",
  "_pooled_for",
  "_focus",
  "_focus_place",
  "_focus_mask",
  "_mask_effect",
  "_mask_cells",
  "_can_run",
  "_can_apply",
  "_can_weigh",
  "_can_save",
  "_second",
  "_second_cells",
  "_second_focus",
  "_effect",
  "_diagnosis",
  "_badges",
  "_tour",
  "_score",
  "_depth",
  "_rollout",
  "layers",
  "heads",
  "layer",
  "head",
  "query",
  "key",
  "threshold",
  "special_mode",
  "special_roles",
  "special_from",
  "mask",
  "mask_shown",
  "mask_reading",
  "edits",
  "shown",
  "view",
  "averaged",
  "averaged_over",
  "compared",
  "zoom",
  "looks",
  "links",
  "top",
  "rollout",
  "badge",
  "order",
  "badge_range",
  "scale",
  "colors",
  "density",
  "lang",
  "step",
] as const satisfies readonly (keyof Traits)[];

/** What a reader has set for their own eyes: no part of a view. */
const OWN: readonly string[] = ["lang", "density"];

/** The choices that make a view, and where a tour stands beside it: what undo takes back. */
export const PICTURED = TRAITS.filter((name) => !name.startsWith("_") && !OWN.includes(name));
