import { differenceRamp, type Rgb, SAME, shades } from "../../draw/color";
import { firstLevel, levelOf } from "../../draw/levels";
import { binOf } from "../../draw/raster";
import { toneOf, tones } from "../../draw/tone";
import type { Seen } from "../second";
import type { ViewState } from "../state";

/** The level, of 256, by which a number of some row is coloured. */
export function toner(
  state: ViewState,
  seen: Seen = state.seen.value,
): (value: number, query: number) => number {
  if (state.second.shown.value === "difference")
    return (value) => SAME + Math.round(Math.sign(value) * Math.sqrt(Math.abs(value)) * 127);
  const levels = state.second.focus(seen);
  const over = state.overlay(levels.rows, levels.cols);
  const { rowTone, first = 0 } = state.overlayOf(levels, over, seen);
  const queries = state.info.value.shape[2];
  return (value, query) => {
    const level = levelOf(value);
    if (!rowTone) return level;
    if (level < first) return 0;
    return Math.min(255, Math.round(level * rowTone[binOf(query, queries, levels.rows)]!));
  };
}

/** The colour of each level. */
export function colors(state: ViewState): readonly Rgb[] {
  const t = state.store.traits;
  const theme = state.theme.value;
  return state.second.shown.value === "difference"
    ? differenceRamp(theme)
    : shades(theme, t.threshold.value, t.colors.value, t.scale.value);
}

/** How strong each level is drawn, up to 1; of a difference that is less, below 0. */
export function strengths(state: ViewState): Float32Array {
  if (state.second.shown.value === "difference")
    return Float32Array.from({ length: 256 }, (_, level) => Math.max(-1, (level - SAME) / 127));
  const { scale, threshold } = state.store.traits;
  const first = toneOf(scale.value) === "table" ? firstLevel(threshold.value) : 0;
  return Float32Array.from(tones(scale.value), (tone, level) => (level < first ? 0 : tone / 255));
}
