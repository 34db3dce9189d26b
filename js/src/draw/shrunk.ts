import type { Palette } from "./color";
import { bins, type Levels, type Overlay, poolBits } from "./raster";

/** A head in as many cells as pixels, and which of them a mask allows. */
export interface Shrunk {
  readonly values: Uint8Array;
  readonly allowed: Uint8Array | null;
  readonly edge: number;
}

/** Heads as small as they are drawn, kept: a step of a slider then only colours them anew. */
export class ShrunkHeads {
  #buffer: ArrayBufferLike | null = null;
  #edge = 0;
  /** By where a head's bytes begin. */
  readonly #heads = new Map<number, Uint8Array>();
  #allowed: { readonly of: Uint8Array; readonly pooled: Uint8Array } | null = null;

  /**
   * The head in `edge` × `edge` cells; null where that would not show what {@link paint} does:
   * what hides cells or scales rows comes before the largest of them is found.
   */
  at(edge: number, head: Levels, overlay: Overlay): Shrunk | null {
    const { values, rows, cols, zero = 0 } = head;
    const { allowed, hiddenRows, hiddenCols, rowScale, rowTone } = overlay;
    if (edge > Math.min(rows, cols) || zero !== 0) return null;
    if (hiddenRows || hiddenCols || rowScale || rowTone) return null;
    if (values.buffer !== this.#buffer || edge !== this.#edge) {
      [this.#buffer, this.#edge, this.#allowed] = [values.buffer, edge, null];
      this.#heads.clear();
    }
    const known = this.#heads.get(values.byteOffset) ?? shrink(head, edge);
    this.#heads.set(values.byteOffset, known);
    return {
      values: known,
      allowed: allowed ? this.#pooled(allowed, rows, cols, edge) : null,
      edge,
    };
  }

  #pooled(of: Uint8Array, rows: number, cols: number, edge: number): Uint8Array {
    if (this.#allowed?.of !== of)
      this.#allowed = { of, pooled: poolBits(of, rows, cols, edge, edge) };
    return this.#allowed.pooled;
  }
}

/** The largest level under each of `edge` × `edge` pixels. */
export function shrink({ values, rows, cols }: Levels, edge: number): Uint8Array {
  const [ys, xs] = [bins(rows, edge), bins(cols, edge)];
  const out = new Uint8Array(edge * edge);
  for (let y = 0, at = 0; y < edge; y++)
    for (let x = 0; x < edge; x++, at++) {
      let most = 0;
      for (let r = ys[y]!; r < ys[y + 1]!; r++)
        for (let i = r * cols + xs[x]!, end = r * cols + xs[x + 1]!; i < end; i++)
          if (values[i]! > most) most = values[i]!;
      out[at] = most;
    }
  return out;
}

/** Colour a head into a picture, a pixel for each of its cells, at (`left`, `top`). */
export function tint(
  target: Uint32Array,
  stride: number,
  left: number,
  top: number,
  { values, allowed, edge }: Shrunk,
  { plain, veiled }: Palette,
): void {
  for (let y = 0, at = 0; y < edge; y++) {
    const line = (top + y) * stride + left;
    for (let x = 0; x < edge; x++, at++)
      target[line + x] = (allowed && !allowed[at] ? veiled : plain)[values[at]!]!;
  }
}
