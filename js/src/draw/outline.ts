import type { Span } from "./raster";

/**
 * The edge of what a mask allows, as lines `x0, y0, x1, y1` in squares from the corner of a part,
 * each as long as it goes on straight.
 */
export function outline(bits: Uint8Array, cols: number, rows: Span, part: Span): number[] {
  const lines: number[] = [];
  const at = (q: number, k: number) => bits[(rows.from + q) * cols + part.from + k];
  const [height, width] = [rows.to - rows.from, part.to - part.from];
  for (let q = 1; q < height; q++)
    runs(
      width,
      (k) => at(q - 1, k) !== at(q, k),
      (from, to) => lines.push(from, q, to, q),
    );
  for (let k = 1; k < width; k++)
    runs(
      height,
      (q) => at(q, k - 1) !== at(q, k),
      (from, to) => lines.push(k, from, k, to),
    );
  return lines;
}

function runs(
  length: number,
  holds: (i: number) => boolean,
  found: (from: number, to: number) => void,
): void {
  let from = -1;
  for (let i = 0; i <= length; i++) {
    const on = i < length && holds(i);
    if (on && from < 0) from = i;
    if (!on && from >= 0) {
      found(from, i);
      from = -1;
    }
  }
}

/** A stretch of a mask shorter than this many pixels has no edge: a line would cover all of it. */
const WIDE = 3;

/**
 * The pixels just outside what a mask allows, where squares are too small for lines: only what is
 * forbidden is covered, and only beside stretches that are seen as such.
 */
export function edgePixels(open: Uint8Array, width: number, height: number): number[] {
  const found: number[] = [];
  const all = (x: number, y: number, dx: number, dy: number, value: number) => {
    for (let i = 0; i < WIDE; i++) {
      const [px, py] = [x + i * dx, y + i * dy];
      if (px < 0 || py < 0 || px >= width || py >= height) return i > 0;
      if (open[py * width + px] !== value) return false;
    }
    return true;
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const here = y * width + x;
      if (open[here]) continue;
      // most pixels have nothing open beside them: what wraps around a row only looks closer
      if (!(open[here - 1] || open[here + 1] || open[here - width] || open[here + width])) continue;
      const edge = (dx: number, dy: number) =>
        all(x + dx, y + dy, dx, dy, 1) && all(x, y, -dx, -dy, 0);
      if (edge(1, 0) || edge(-1, 0) || edge(0, 1) || edge(0, -1)) found.push(here);
    }
  return found;
}
