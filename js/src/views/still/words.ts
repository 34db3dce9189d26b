/** Words of a drawing as elements of an SVG text, each where a canvas put it. */

import { escaped } from "../../text/xml";

/** A line of letters at the origin of its transform, on its baseline. */
export interface Written {
  readonly text: string;
  /** CSS shorthand, as a canvas gives it back. */
  readonly font: string;
  readonly color: string;
  readonly anchor: "start" | "middle" | "end";
  /** Where its letters stand: a, b, c, d, e, f of a matrix. */
  readonly matrix: readonly number[];
  readonly opacity: number;
  /** The width it was pressed into, where it was. */
  readonly pressed: number | null;
  readonly rtl?: boolean;
}

export function textSvg(line: Written): string {
  const { size, weight, family, italic } = fontOf(line.font);
  const more = [
    line.anchor === "start" ? "" : ` text-anchor="${line.anchor}"`,
    weight === "400" ? "" : ` font-weight="${weight}"`,
    italic ? ' font-style="italic"' : "",
    line.opacity < 1 ? ` opacity="${round(line.opacity)}"` : "",
    line.rtl ? ' direction="rtl"' : "",
    line.pressed === null
      ? ""
      : ` textLength="${round(line.pressed)}" lengthAdjust="spacingAndGlyphs"`,
  ].join("");
  const matrix = line.matrix.map(round).join(" ");
  return `<text transform="matrix(${matrix})" font-size="${size}" font-family="${escaped(family)}" fill="${escaped(line.color)}"${more}>${escaped(line.text)}</text>`;
}

export function fontOf(font: string): {
  size: number;
  weight: string;
  family: string;
  italic: boolean;
} {
  const [, before = "", size = "10", family = "sans-serif"] =
    /^(.*?)([\d.]+)px(?:\/\S+)? (.+)$/.exec(font) ?? [];
  const weight = /\b(\d{3})\b/.exec(before)?.[1] ?? (before.includes("bold") ? "700" : "400");
  return {
    size: Number(size),
    weight,
    family: family.replaceAll('"', "'"),
    italic: before.includes("italic"),
  };
}

export function round(value: number): number {
  return Math.round(1000 * value) / 1000;
}
