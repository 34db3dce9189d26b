/** The traits of the Python class MaskLab, as they arrive here. */

import type { Lang } from "../../data/types";
import type { Given } from "../../masks/assignment";

export interface LabTraits {
  /** The roles of the tokens of a text; empty without one. */
  _roles: readonly string[];
  _segments: readonly (number | null)[];
  _tokens: readonly string[];
  /** The model's own numbers of a record's layers and heads; empty without one. */
  _layers: readonly number[];
  _heads: readonly number[];
  /** What a mask keeps of a record's head, and of all its heads together. */
  _kept: {
    /** The mask these numbers belong to, in its text form. */
    readonly text?: string;
    readonly place?: readonly number[];
    /** Share of the head's attention, the mean over words. */
    readonly share?: number;
    /** Pairs kept in all heads together; only of masks that differ from head to head. */
    readonly pairs?: number;
  };
  /** What only the head's data decide, a bit a pair. */
  _bits: DataView;
  /** Whether a kernel may be asked; false in an exported page. */
  _asks: boolean;
  n: number;
  mask: Given | null;
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
  "_asks",
  "n",
  "mask",
  "layer",
  "head",
  "lang",
] as const satisfies readonly (keyof LabTraits)[];
