import type { Levels } from "./raster";

/** The `most` cells that are farthest from nothing, the farthest first; those that are nothing, not. */
export function strongest({ values, zero = 0 }: Levels, most: number): number[] {
  const counts = new Uint32Array(256);
  for (const value of values) counts[Math.abs(value - zero)]!++;
  let least = 255;
  let above = 0;
  while (least > 1 && above + counts[least]! < most) above += counts[least--]!;
  const found: number[] = [];
  for (let at = 0; at < values.length; at++)
    if (Math.abs(values[at]! - zero) >= Math.max(1, least)) found.push(at);
  const far = (at: number) => Math.abs(values[at]! - zero);
  return found.sort((a, b) => far(b) - far(a) || a - b).slice(0, most);
}
