import type { RowSource } from "./rows";

/** How many `size` × `size` tiles hold a kept pair: what a machine that computes tiles pays. */
export function tilesTouched(mask: RowSource, size: number): number {
  const across = Math.ceil(mask.nKeys / size);
  const seen = new Int32Array(across).fill(-1);
  let touched = 0;
  mask.forEachRow((row, list, end) => {
    const band = Math.floor(row / size);
    for (let i = 0; i < end; i += 2) {
      const last = Math.floor((list[i + 1]! - 1) / size);
      for (let tile = Math.floor(list[i]! / size); tile <= last; tile++)
        if (seen[tile] !== band) {
          seen[tile] = band;
          touched++;
        }
    }
  });
  return touched;
}

/** The power of N that counts grow with: the slope of the line through their logarithms. */
export function growthPower(points: readonly (readonly [number, number])[]): number {
  const logs = points.filter(([, y]) => y > 0).map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (at: 0 | 1) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const [x, y] of logs) {
    above += (x - mx) * (y - my);
    below += (x - mx) ** 2;
  }
  return above / below;
}
