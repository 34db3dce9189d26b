import type { Theme } from "../../draw/color";

/** What pairs are kept, reached through others, or forbidden. */
export const INKS = {
  light: { kept: [31, 95, 191], reach: [150, 190, 235], none: [243, 244, 247] },
  dark: { kept: [138, 184, 255], reach: [60, 88, 130], none: [28, 30, 37] },
} as const;

export function labColor(theme: Theme, what: "kept" | "reach" | "none"): string {
  return `rgb(${INKS[theme][what].join(" ")})`;
}
