/** How the pairs of a mask grow with the length of the text, counted length by length. */

import { bind, MaskError, type MaskSpec } from ".";
import { covered } from "./rows";

/** A length, and the pairs that are kept there. */
export type Point = readonly [n: number, pairs: number];

/** Count a mask at one length after the other, some rows at a time. */
export class Growing {
  readonly points: Point[] = [];
  #at = 0;
  #row = 0;
  #pairs = 0;
  #some = 64;
  #mask: ReturnType<typeof bind> | null = null;

  constructor(
    readonly spec: MaskSpec,
    readonly sizes: readonly number[],
    /** The tokens' roles at a length. */
    readonly roles: (n: number) => readonly string[],
  ) {}

  /** Count some more rows; true once no length is left. Lengths the mask does not fit are left out. */
  more(): boolean {
    const n = this.sizes[this.#at];
    if (n === undefined) return true;
    try {
      this.#mask ??= bind(this.spec, n, n, this.roles(n));
    } catch (error) {
      if (!(error instanceof MaskError)) throw error;
      this.#at++;
      return false;
    }
    const to = Math.min(n, this.#row + this.#some);
    let runs = 0;
    this.#mask.forEachRow(
      (_, list, end) => {
        runs += end >> 1;
        this.#pairs += covered(list, end);
      },
      this.#row,
      to,
    );
    this.#some = Math.max(1, Math.round(8192 / Math.max(1, runs / (to - this.#row))));
    this.#row = to;
    if (to < n) return false;
    this.points.push([n, this.#pairs]);
    this.#mask = null;
    [this.#row, this.#pairs] = [0, 0];
    this.#at++;
    return this.#at === this.sizes.length;
  }
}

/** The power of N that counts grow with: the slope of the line through their logarithms. */
export function growthPower(points: readonly Point[]): number {
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
