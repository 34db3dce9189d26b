import { pattern } from "../../../attn_widgets/export/colors.json";
import { css, groupColor, groupRgb, PAPER, type Rgb, roleKey, type Theme } from "../draw/color";
import { paled, patternFill } from "./pattern";

/** Rows of a pattern's tile, `#` in full and `-` pale, as in Python's still pictures; [CLS] is solid. */
const TILES: Readonly<Record<string, readonly string[]>> = pattern;
const PALE = 0.3;

/** What a group is marked with: its colour in a pattern of its own, for eyes that see no colour. */
export function groupFill(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  group: string,
  ratio: number,
): CanvasPattern | string {
  const name = patternOf(group);
  if (!name) return groupColor(theme, group);
  return patternFill(ctx, TILES[name]!, groupRgb(theme, group), pale(theme, group), ratio);
}

/** The same as a background in CSS. */
export function groupSwatch(theme: Theme, group: string): string {
  const [full, faint] = [groupColor(theme, group), css(pale(theme, group))];
  switch (patternOf(group)) {
    case "sep":
      return `repeating-linear-gradient(45deg, ${full} 0 2px, ${faint} 2px 4px)`;
    case "other":
      return `radial-gradient(circle at 1px 1px, ${full} 1px, ${faint} 1.4px) 0 0 / 4px 4px`;
    case "first":
      return `repeating-linear-gradient(90deg, ${full} 0 1px, ${faint} 1px 4px)`;
    case "punctuation":
      return `repeating-linear-gradient(0deg, ${full} 0 1px, ${faint} 1px 2px)`;
    default:
      return full;
  }
}

function patternOf(group: string): string | null {
  if (group in TILES) return group;
  return roleKey(group) === "other" ? "other" : null;
}

function pale(theme: Theme, group: string): Rgb {
  return paled(groupRgb(theme, group), PAPER[theme], PALE);
}
