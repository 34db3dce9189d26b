import type { HeadClass } from "../../data/types";
import { PAPER, type Rgb, type Theme } from "../../draw/color";
import { paled, patternFill } from "../pattern";

/** The classes of heads, in the order they are listed in; the names are those Python gives. */
export const CLASSES: readonly HeadClass[] = [
  "vertical",
  "diagonal",
  "vertical+diagonal",
  "block",
  "broad",
  "heterogeneous",
];

/** What stands for each beside its pattern. */
export const LETTERS: Record<HeadClass, string> = {
  vertical: "V",
  diagonal: "D",
  "vertical+diagonal": "VD",
  block: "B",
  broad: "E",
  heterogeneous: "H",
};

/** Colours that stay apart in every common colour blindness (Okabe & Ito 2008). */
const COLORS: Record<Theme, Record<HeadClass, Rgb>> = {
  light: {
    vertical: [0, 114, 178],
    diagonal: [213, 94, 0],
    "vertical+diagonal": [170, 80, 140],
    block: [0, 140, 105],
    broad: [150, 120, 0],
    heterogeneous: [110, 116, 128],
  },
  dark: {
    vertical: [86, 180, 233],
    diagonal: [240, 140, 60],
    "vertical+diagonal": [225, 150, 195],
    block: [60, 190, 150],
    broad: [230, 210, 80],
    heterogeneous: [160, 167, 181],
  },
};

/** Rows of a pattern's tile, `#` in full and `-` pale: seen from afar each has its own direction. */
const TILES: Record<HeadClass, readonly string[]> = {
  vertical: ["##--", "##--", "##--", "##--"],
  diagonal: ["#---", "-#--", "--#-", "---#"],
  "vertical+diagonal": ["##--", "###-", "##-#", "##--"],
  block: ["##--", "##--", "--##", "--##"],
  broad: ["----", "-#--", "----", "----"],
  heterogeneous: ["#-#-", "-#-#", "#-#-", "-#-#"],
};
const PALE = 0.45;

/** What to fill a bar of a class with: its colour in its pattern. */
export function classFill(
  ctx: CanvasRenderingContext2D,
  theme: Theme,
  name: HeadClass,
  ratio: number,
): CanvasPattern | string {
  const full = COLORS[theme][name];
  return patternFill(ctx, TILES[name], full, paled(full, PAPER[theme], PALE), ratio);
}
