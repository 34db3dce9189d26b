import type { Scale } from "../data/types";
import { SQUARES } from "./levels";

/** Powers of ten that the logarithmic scale spans below 1; what is smaller is paper. */
const DECADES = 4;

/** How the levels of a head are coloured: by a table alone, or as a share of a largest one. */
export type Tone = "table" | "row" | "head";

/** Where on a scale from 0 to 1 a weight is coloured; of a row or head, a share of its largest. */
export function placeOf(weight: number, scale: Scale): number {
  if (scale === "linear") return weight;
  if (scale === "log") return weight <= 0 ? 0 : Math.max(0, 1 + Math.log10(weight) / DECADES);
  return Math.sqrt(weight);
}

/** The weight that stands at a place of a scale. */
export function weightAt(place: number, scale: Scale): number {
  if (scale === "linear") return place;
  if (scale === "log") return place <= 0 ? 0 : 10 ** (DECADES * (place - 1));
  return place * place;
}

/** The colour, of 256, of each of 256 levels. */
export function tones(scale: Scale): Uint8Array {
  return Uint8Array.from(SQUARES, (weight) => Math.floor(255 * placeOf(weight, scale) + 0.5));
}

export function toneOf(scale: Scale): Tone {
  return scale === "row" || scale === "head" ? scale : "table";
}

/** The weights that are named along a scale, by themselves or as shares of the largest. */
export function ticks(scale: Scale): readonly number[] {
  if (scale === "linear") return [0, 0.2, 0.4, 0.6, 0.8, 1];
  if (scale === "log") return [0.0001, 0.001, 0.01, 0.1, 1];
  return [0, 0.01, 0.05, 0.2, 0.5, 1];
}
