/** The traits of the Python classes, as they arrive here. */

import type { MaskSpec } from "../masks";

export interface TokenInfo {
  readonly text: string;
  readonly role: string;
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
  readonly dtype: string;
  readonly tokensLost: number;
  readonly note: string;
  /** Shares of attention that special keys take: mean over text queries, exact. */
  readonly special: {
    readonly share: PerHead;
    readonly uniform: number;
    /** False where the text has no words, so that the mean is over all its tokens. */
    readonly words?: boolean;
    readonly roles: Readonly<Record<string, { share: PerHead; uniform: number }>>;
  };
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

export type SpecialMode = "off" | "mark" | "hide" | "hide_renormalise";
export type MaskReading = "outside" | "renormalised";
export type Lang = "auto" | "en" | "ja";

/** Written by Python only. */
export interface Picture {
  _record: RecordInfo;
  _cells: DataView;
  _cells_shape: readonly number[];
  _focus: DataView;
  _focus_place: readonly number[];
  _focus_mask: DataView;
  _mask_effect: MaskEffect;
  _mask_cells: DataView;
  _can_run: boolean;
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
  mask: MaskSpec | null;
  mask_shown: boolean;
  mask_reading: MaskReading;
  lang: Lang;
}

export type Traits = Picture & Choice;

/** The names of {@link Traits}. */
export const TRAITS = [
  "_record",
  "_cells",
  "_cells_shape",
  "_focus",
  "_focus_place",
  "_focus_mask",
  "_mask_effect",
  "_mask_cells",
  "_can_run",
  "layers",
  "heads",
  "layer",
  "head",
  "query",
  "key",
  "threshold",
  "special_mode",
  "mask",
  "mask_shown",
  "mask_reading",
  "lang",
] as const satisfies readonly (keyof Traits)[];

/** The traits of a mask laboratory. */
export interface LabTraits {
  /** The roles of the tokens of a text; empty without one. */
  _roles: readonly string[];
  _segments: readonly (number | null)[];
  _tokens: readonly string[];
  /** The model's own numbers of a record's layers and heads; empty without one. */
  _layers: readonly number[];
  _heads: readonly number[];
  /** The share of a head's attention that a mask keeps, the mean over words. */
  _kept: { readonly text?: string; readonly share?: number; readonly place?: readonly number[] };
  /** What only the head's data decide, a bit a pair. */
  _bits: DataView;
  n: number;
  mask: MaskSpec | null;
  layer: number;
  head: number;
  lang: Lang;
}

export const LAB_TRAITS = [
  "_roles",
  "_segments",
  "_tokens",
  "_layers",
  "_heads",
  "_kept",
  "_bits",
  "n",
  "mask",
  "layer",
  "head",
  "lang",
] as const satisfies readonly (keyof LabTraits)[];
