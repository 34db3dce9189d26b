import {
  cividis,
  hidden,
  less,
  magma,
  more,
  paper as papers,
  role,
  veil,
  viridis,
} from "../../../attn_widgets/export/colors.json";
import type { Colors, Scale } from "../data/types";
import { firstLevel, SQUARES } from "./levels";
import { toneOf, tones } from "./tone";

export type Theme = "light" | "dark";
export type Rgb = readonly [number, number, number];
export type RoleKey = "cls" | "sep" | "other";
type GroupKey = RoleKey | "first" | "punctuation";

const rgb = ([r = 0, g = 0, b = 0]: readonly number[]): Rgb => [r, g, b];
const themed = (colors: Record<Theme, readonly number[]>): Record<Theme, Rgb> => ({
  light: rgb(colors.light),
  dark: rgb(colors.dark),
});
const roles = (colors: Record<GroupKey, readonly number[]>): Record<GroupKey, Rgb> => ({
  cls: rgb(colors.cls),
  sep: rgb(colors.sep),
  other: rgb(colors.other),
  first: rgb(colors.first),
  punctuation: rgb(colors.punctuation),
});

/** The colours that Python's still pictures share. */
export const PAPER = themed(papers);
export const ROLE = { light: roles(role.light), dark: roles(role.dark) };
const VEIL = themed(veil);
const HIDDEN = themed(hidden);
const TABLES: Record<Colors, string> = { magma, viridis, cividis };
const FADE = 0.25;

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** One canvas pixel, opaque, in this machine's byte order. */
export function pack([r, g, b]: Rgb): number {
  return LITTLE_ENDIAN
    ? ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
    : ((r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

function round(value: number): number {
  return Math.floor(value + 0.5);
}

/**
 * The 256 colours of a table, backwards in the light theme, so that zero is the paper and the
 * largest weight stands out most.
 */
export function ramp(theme: Theme, colors: Colors = "magma"): Rgb[] {
  const raw = Uint8Array.from(atob(TABLES[colors]), (c) => c.charCodeAt(0));
  const paper = PAPER[theme];
  return Array.from({ length: 256 }, (_, level): Rgb => {
    const at = 3 * (theme === "light" ? 255 - level : level);
    const t = Math.min(level / 255 / FADE, 1);
    const mix = (c: 0 | 1 | 2) => round(paper[c] * (1 - t) + raw[at + c]! * t);
    return [mix(0), mix(1), mix(2)];
  });
}

/** Fade a colour to a quarter towards grey: what a mask forbids. */
export function veiled(color: Rgb, theme: Theme): Rgb {
  const mix = (c: 0 | 1 | 2) => round(color[c] * 0.25 + VEIL[theme][c] * 0.75);
  return [mix(0), mix(1), mix(2)];
}

export { firstLevel, weightOf } from "./levels";

/** Level to weight for all 256 levels. */
export const WEIGHTS = Float32Array.from(SQUARES);

export interface Palette {
  /** Pixels of levels 0–255; those below the threshold are paper. */
  readonly plain: Uint32Array;
  /** The same under the mask's veil. */
  readonly veiled: Uint32Array;
  /** What is left of a hidden row or column. */
  readonly hidden: number;
}

/** The colour of each level; paper below the threshold. */
export function shades(theme: Theme, threshold: number, colors: Colors, scale: Scale): Rgb[] {
  const first = toneOf(scale) === "table" ? firstLevel(threshold) : 0;
  const table = ramp(theme, colors);
  return Array.from(tones(scale), (tone, level) => (level < first ? PAPER[theme] : table[tone]!));
}

/** Where a scale is of a row or head, its threshold is a matter of the overlay, not of colour. */
export function palette(
  theme: Theme,
  threshold: number,
  colors: Colors = "magma",
  scale: Scale = "sqrt",
): Palette {
  const shown = shades(theme, threshold, colors, scale);
  return {
    plain: Uint32Array.from(shown, pack),
    veiled: Uint32Array.from(shown, (color) => pack(veiled(color, theme))),
    hidden: pack(HIDDEN[theme]),
  };
}

/** Less and more, for differences: blue and orange stay apart in every common colour blindness. */
const LESS = themed(less);
const MORE = themed(more);

/** The level of no difference; {@link difference} codes the others around it. */
export const SAME = 128;

/** 255 levels of a difference from -1 to 1, the same paper in the middle as everywhere. */
export function differenceRamp(theme: Theme): Rgb[] {
  const paper = PAPER[theme];
  return Array.from({ length: 256 }, (_, level): Rgb => {
    const t = Math.max(-1, (level - SAME) / 127);
    const end = (t < 0 ? LESS : MORE)[theme];
    const mix = (c: 0 | 1 | 2) => round(paper[c] + (end[c] - paper[c]) * Math.abs(t));
    return [mix(0), mix(1), mix(2)];
  });
}

export function differencePalette(theme: Theme): Palette {
  const plain = Uint32Array.from(differenceRamp(theme), pack);
  return { plain, veiled: plain, hidden: pack(HIDDEN[theme]) };
}

/** For each pair of levels `first * 256 + second`, the level of second minus first. */
export function differences(): Uint8Array {
  known ??= new Uint8Array(256 * 256).map((_, pair) => {
    const d = WEIGHTS[pair & 255]! - WEIGHTS[pair >> 8]!;
    return SAME + Math.round(Math.sign(d) * Math.sqrt(Math.abs(d)) * 127);
  });
  return known;
}
let known: Uint8Array | null = null; // worked out when two records are first compared

export function roleKey(role: string): RoleKey | null {
  if (role === "cls" || role === "sep") return role;
  return ["bos", "eos", "pad", "mask", "special"].includes(role) ? "other" : null;
}

/** The colour of what is counted together: a special role, the first position, punctuation. */
export function groupColor(theme: Theme, group: string): string {
  return css(groupRgb(theme, group));
}

export function groupRgb(theme: Theme, group: string): Rgb {
  const own = group === "first" || group === "punctuation" ? group : (roleKey(group) ?? "other");
  return ROLE[theme][own];
}
