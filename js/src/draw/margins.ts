import { SQUARES } from "./levels";
import type { Levels, Overlay } from "./raster";

/** What is drawn of each row, and of each column. */
export interface Margins {
  /** Share of each row that is drawn, what a mask forbids left out; and that. */
  readonly rows: Float64Array;
  readonly outside: Float64Array;
  /** What each column receives from all rows that are drawn. */
  readonly cols: Float64Array;
  /** The largest of these. */
  readonly most: number;
}

/**
 * Sum up a head along both axes as it is drawn: after the threshold and what is hidden. Levels are
 * rounded; where a row's sum is 1 to within that, it is taken to be 1.
 */
export function margins(head: Levels, overlay: Overlay, first: number): Margins {
  const { rows: queries, cols: keys, values } = head;
  const { allowed, hiddenRows, hiddenCols, rowScale } = overlay;
  const rows = new Float64Array(queries);
  const outside = new Float64Array(queries);
  const cols = new Float64Array(keys);
  const own = new Float64Array(keys);
  for (let r = 0; r < queries; r++) {
    let [all, error, inside, out] = [0, 0, 0, 0];
    const scale = rowScale ? rowScale[r]! : 1;
    own.fill(0);
    for (let c = 0; c < keys; c++) {
      const level = values[r * keys + c]!;
      if (level === 0) continue;
      const drawn = Math.min(255, Math.round(level * scale));
      const weight = SQUARES[level]!;
      all += weight;
      error += level / 255 / 255;
      if (hiddenRows?.[r] || hiddenCols?.[c] || drawn < first) continue;
      if (allowed && !allowed[r * keys + c]) out += weight;
      else {
        inside += weight;
        own[c] = weight;
      }
    }
    if (all === 0) continue;
    const share = (Math.abs(all - 1) <= error ? 1 / all : 1) * scale * scale;
    rows[r] = Math.min(1, inside * share);
    outside[r] = Math.min(1 - rows[r]!, out * share);
    for (let c = 0; c < keys; c++) cols[c]! += own[c]! * share;
  }
  return { rows, outside, cols, most: cols.reduce((a, b) => Math.max(a, b), 0) };
}
