/** The traits of the Python class, as they arrive here. */

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
    readonly roles: Readonly<Record<string, { share: PerHead; uniform: number }>>;
  };
}

export interface MaskEffect {
  /** The mask these numbers belong to, in its text form; absent without a mask. */
  readonly text?: string;
  readonly outside?: PerHead;
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
  _mask_effect: MaskEffect;
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
