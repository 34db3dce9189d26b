import type { Palette } from "./color";
import { WEIGHTS } from "./color";

/** One head's levels: `rows` × `cols` cells, row by row. */
export interface Levels {
  readonly values: Uint8Array;
  readonly rows: number;
  readonly cols: number;
  /** The level that stands for nothing: 0, or in a difference the middle one. */
  readonly zero?: number;
}

/** What lies over a head, in cells. All of it is optional; 1 means yes. */
export interface Overlay {
  /** Cells the mask allows; the others are veiled. */
  readonly allowed?: Uint8Array | null;
  /** Rows and columns left blank. */
  readonly hiddenRows?: Uint8Array | null;
  readonly hiddenCols?: Uint8Array | null;
  /** What each row's levels are multiplied by before they are coloured. */
  readonly rowScale?: Float32Array | null;
  /** What each row's levels are multiplied by for their colour alone, once those below `first` are taken for nothing. */
  readonly rowTone?: Float64Array | null;
  readonly first?: number;
}

/** Positions `[from, to)` of `of`. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly of: number;
}

/** The first input index of each output index, and the end: `n` outputs over `length` inputs. */
export function bins(length: number, n: number): Int32Array {
  const starts = new Int32Array(n + 1);
  for (let i = 0; i <= n; i++) starts[i] = Math.floor((i * length) / n);
  return starts;
}

/** Which bin of {@link bins} an input index is in. */
export function binOf(i: number, length: number, n: number): number {
  return Math.floor(((i + 1) * n - 1) / length);
}

/**
 * Colour one head into a picture, `width` × `height` pixels at (`left`, `top`). Fewer pixels than
 * cells: the cell under a pixel that is farthest from nothing wins, so that a lone peak never vanishes, and the veil
 * lifts from a pixel if the mask allows any cell under it, so that a thin window is seen.
 */
export function paint(
  target: Uint32Array,
  stride: number,
  left: number,
  top: number,
  width: number,
  height: number,
  head: Levels,
  overlay: Overlay,
  palette: Palette,
  part: { readonly rows?: Span; readonly cols?: Span } = {},
): void {
  const { values, cols, zero = 0 } = head;
  const { allowed, hiddenRows, hiddenCols, rowScale, rowTone, first = 0 } = overlay;
  const ys = edges(head.rows, height, part.rows);
  const xs = edges(cols, width, part.cols);
  for (let y = 0; y < height; y++) {
    const r0 = ys.from[y]!;
    const r1 = ys.to[y]!;
    const out = (top + y) * stride + left;
    if (y > 0 && r0 === ys.from[y - 1] && r1 === ys.to[y - 1]) {
      target.copyWithin(out, out - stride, out - stride + width);
      continue;
    }
    for (let x = 0; x < width; x++) {
      const c0 = xs.from[x]!;
      const c1 = xs.to[x]!;
      if (x > 0 && c0 === xs.from[x - 1] && c1 === xs.to[x - 1]) {
        target[out + x] = target[out + x - 1]!;
        continue;
      }
      let best = -1;
      let far = -1;
      let open = 0;
      for (let r = r0; r < r1; r++) {
        if (hiddenRows?.[r]) continue;
        const scale = rowScale ? rowScale[r]! : 1;
        for (let c = c0; c < c1; c++) {
          if (hiddenCols?.[c]) continue;
          const at = r * cols + c;
          if (!allowed || allowed[at]) open = 1;
          let level = values[at]! * scale;
          if (rowTone) {
            level = Math.min(255, Math.round(level));
            level = level < first ? 0 : level * rowTone[r]!;
          }
          const away = Math.abs(level - zero);
          if (away > far) {
            far = away;
            best = level;
          }
        }
      }
      target[out + x] =
        best < 0
          ? palette.hidden
          : (open ? palette.plain : palette.veiled)[Math.min(255, Math.round(best))]!;
    }
  }
}

/** The cells under each pixel: a run of them, or the one that is stretched over it. */
export function edges(
  cells: number,
  pixels: number,
  part: Span = { from: 0, to: cells, of: cells },
): { from: Int32Array; to: Int32Array } {
  const from = new Int32Array(pixels);
  const to = new Int32Array(pixels);
  const length = part.to - part.from;
  for (let p = 0; p < pixels; p++) {
    const first = part.from + Math.floor((p * length) / pixels);
    const end = Math.max(first + 1, part.from + Math.floor(((p + 1) * length) / pixels));
    from[p] = part.of === cells ? first : binOf(first, part.of, cells);
    to[p] = part.of === cells ? end : binOf(end - 1, part.of, cells) + 1;
  }
  return { from, to };
}

/**
 * What to multiply each row's levels by so that its largest, or the head's, has the last colour.
 * Counted is what is drawn: no hidden cell, and none outside `within`.
 */
export function rowTones(
  head: Levels,
  of: "row" | "head",
  overlay: Overlay,
  within: Uint8Array | null,
): Float64Array {
  const { rows, cols, values } = head;
  const { hiddenRows, hiddenCols, rowScale } = overlay;
  const most = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    if (hiddenRows?.[r]) continue;
    let largest = 0;
    for (let at = r * cols, c = 0; c < cols; c++, at++)
      if (values[at]! > largest && !hiddenCols?.[c] && (!within || within[at]))
        largest = values[at]!;
    most[r] = rowScale ? Math.min(255, Math.round(largest * rowScale[r]!)) : largest;
  }
  if (of === "head") most.fill(most.reduce((a, b) => Math.max(a, b), 0));
  return most.map((largest) => (largest > 0 ? 255 / largest : 1));
}

/**
 * What to multiply each row's levels by so that the kept cells sum to 1. Levels code square roots,
 * hence the root. Where cells are pooled this takes each pooled maximum for its cell's weight, which
 * is near enough for a colour and for the bars beside it.
 */
export function rowScales(
  head: Levels,
  allowed: Uint8Array | null,
  hiddenCols: Uint8Array | null,
): Float32Array {
  const scales = new Float32Array(head.rows);
  for (let r = 0; r < head.rows; r++) {
    let all = 0;
    let kept = 0;
    for (let c = 0; c < head.cols; c++) {
      const at = r * head.cols + c;
      const weight = WEIGHTS[head.values[at]!]!;
      all += weight;
      if ((allowed ? allowed[at] : 1) && !hiddenCols?.[c]) kept += weight;
    }
    scales[r] = kept > 0 ? Math.sqrt(all / kept) : 1;
  }
  return scales;
}

/** Shrink a full `rows` × `cols` grid of 0/1 to cells: a cell is 1 if any pair in it is. */
export function poolBits(
  bits: Uint8Array,
  rows: number,
  cols: number,
  toRows: number,
  toCols: number,
): Uint8Array {
  if (rows === toRows && cols === toCols) return bits;
  const ys = bins(rows, toRows);
  const xs = bins(cols, toCols);
  const columnOf = new Int32Array(cols);
  for (let c = 0; c < toCols; c++) columnOf.fill(c, xs[c]!, xs[c + 1]!);
  const out = new Uint8Array(toRows * toCols);
  for (let r = 0; r < toRows; r++)
    for (let y = ys[r]!; y < ys[r + 1]!; y++)
      for (let x = 0; x < cols; x++) if (bits[y * cols + x]) out[r * toCols + columnOf[x]!] = 1;
  return out;
}

/** Shrink flags to cells: a cell is flagged only if all of its positions are. */
export function poolFlags(flags: Uint8Array, to: number): Uint8Array {
  const starts = bins(flags.length, to);
  return Uint8Array.from({ length: to }, (_, i) =>
    flags.subarray(starts[i]!, starts[i + 1]!).every((flag) => flag === 1) ? 1 : 0,
  );
}
