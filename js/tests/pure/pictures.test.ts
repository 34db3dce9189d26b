import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Colors, Scale } from "../../src/data/types";
import { palette, ramp, type Theme } from "../../src/draw/color";
import { firstLevel } from "../../src/draw/levels";
import { paint, poolFlags, rowScales, rowTones } from "../../src/draw/raster";
import { toneOf, tones } from "../../src/draw/tone";

interface Head {
  readonly scale: Scale;
  readonly colors: Colors;
  readonly theme: Theme;
  readonly threshold: number;
  readonly rows: number;
  readonly cols: number;
  readonly levels: string;
  readonly allowed: string | null;
  readonly hiddenRows: string | null;
  readonly hiddenCols: string | null;
  readonly pixels: string;
}

/** What Python drew; see `tests/vectors/make_pictures.py`. */
const drawn: {
  readonly edge: number;
  readonly tones: Record<"sqrt" | "linear" | "log", number[]>;
  readonly tables: Record<string, string>;
  readonly heads: readonly Head[];
} = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/pictures.json", import.meta.url), "utf8"),
);

function unpacked(text: string): Uint8Array {
  return Uint8Array.from(inflateSync(Buffer.from(text, "base64")));
}

function maybe(text: string | null): Uint8Array | null {
  return text === null ? null : unpacked(text);
}

test("every scale and table is Python's", () => {
  for (const scale of ["sqrt", "linear", "log"] as const)
    expect([...tones(scale)]).toEqual(drawn.tones[scale]);
  for (const colors of ["magma", "viridis", "cividis"] as const)
    for (const theme of ["light", "dark"] as const)
      expect(ramp(theme, colors).flat()).toEqual([
        ...unpacked(drawn.tables[`${colors} ${theme}`]!),
      ]);
});

for (const [i, head] of drawn.heads.entries())
  test(`still picture ${i}: ${head.scale}, ${head.colors}, ${head.theme}, ${head.rows} × ${head.cols}`, () => {
    const { rows, cols, scale, threshold } = head;
    const levels = { values: unpacked(head.levels), rows, cols };
    const [hiddenRows, hiddenCols] = [maybe(head.hiddenRows), maybe(head.hiddenCols)];
    const allowed = maybe(head.allowed);
    const hidden = hiddenCols && poolFlags(hiddenCols, cols);
    const rowScale = allowed || hidden ? rowScales(levels, allowed, hidden) : null;
    const laid = { allowed, hiddenRows, hiddenCols, rowScale };
    const of = toneOf(scale);
    const overlay =
      of === "table"
        ? laid
        : { ...laid, rowTone: rowTones(levels, of, laid, allowed), first: firstLevel(threshold) };
    const out = new Uint32Array(drawn.edge ** 2);
    const colors = palette(head.theme, threshold, head.colors, scale);
    paint(out, drawn.edge, 0, 0, drawn.edge, drawn.edge, levels, overlay, colors);
    const bytes = new Uint8Array(out.buffer);
    const pixels = unpacked(head.pixels);
    let wrong = 0;
    for (let p = 0; p < out.length; p++)
      for (const part of [0, 1, 2]) if (bytes[4 * p + part] !== pixels[3 * p + part]) wrong++;
    expect(wrong).toBe(0);
  });
