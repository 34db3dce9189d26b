import type { Zoom } from "../../data/types";
import { firstLevel } from "../../draw/levels";
import { type Margins, margins } from "../../draw/margins";
import { cut } from "../../draw/mean";
import { binOf, type Levels, type Overlay, type Span } from "../../draw/raster";
import type { ViewState } from "../state";
import { MOST, type Windows } from "./windows";

/** What is drawn in the matrix, and how far it can be trusted. */
export interface Scene {
  readonly levels: Levels;
  readonly overlay: Overlay;
  /** Which tokens are drawn, where the levels are of more than these. */
  readonly part: { readonly rows?: Span; readonly cols?: Span };
  /** What the mask allows, in the cells of the levels. */
  readonly mask: Uint8Array | null;
  /** Sums along both axes; null where they cannot be told. */
  readonly margins: Margins | null;
  /** How many tokens a cell stands for, where there are more than one; and who could say more. */
  readonly pooled: { readonly rows: number; readonly cols: number; readonly why: Why } | null;
}

/** The window is still too large; Python has been asked; there is no kernel to ask. */
type Why = "far" | "asked" | "silent";

/** The head or mean in full, and what lies over it, whatever part of it is drawn. */
export type Laid = Pick<Scene, "levels" | "overlay" | "mask" | "margins">;

export function laid(state: ViewState): Laid {
  const seen = state.seen.value;
  const levels = state.focus.value;
  const overlay = state.overlayOf(levels, state.overlay(levels.rows, levels.cols), seen);
  const bound = state.bound.value;
  const each = seen.mean && bound?.mask === null; // every head has a mask of its own
  const mask = each ? null : bound?.cells(seen.layer, seen.head, levels.rows, levels.cols);
  const signed = state.second.shown.value === "difference";
  const summed = whole(state, levels) && !signed;
  const first = firstLevel(state.store.traits.threshold.value);
  return {
    levels,
    overlay,
    mask: mask ?? null,
    margins: summed ? margins(levels, overlay, first) : null,
  };
}

export function scene(state: ViewState, over: Laid, zoom: Zoom | null, windows: Windows): Scene {
  const [, , queries, keys] = state.info.value.shape;
  const { levels } = over;
  const part = zoom ? spans(zoom, queries, keys) : {};
  if (whole(state, levels)) return { ...over, part, pooled: null };
  windows.arrivals.value;
  const exact = zoom && windows.get(zoom);
  if (exact) {
    const full = over.mask && state.pairs();
    const cells = over.mask && windowed(over.mask, levels, zoom, queries, keys);
    const mask = full ? cut(full, keys, zoom) : cells;
    const overlay = within(state, over.overlay, levels, zoom, mask);
    return { levels: exact, overlay, part: {}, mask, margins: null, pooled: null };
  }
  const small = zoom && (zoom[1] - zoom[0]) * (zoom[3] - zoom[2]) <= MOST;
  const why = small ? (windows.silent.value ? "silent" : "asked") : "far";
  const pooled = { rows: queries / levels.rows, cols: keys / levels.cols, why } as const;
  return { ...over, part, pooled };
}

function whole(state: ViewState, { rows, cols }: Levels): boolean {
  const [, , queries, keys] = state.info.value.shape;
  return rows === queries && cols === keys;
}

function spans([q0, q1, k0, k1]: Zoom, queries: number, keys: number): Scene["part"] {
  return { rows: { from: q0, to: q1, of: queries }, cols: { from: k0, to: k1, of: keys } };
}

/** What lies over all of a pooled head, over a window of it token by token. */
function within(
  state: ViewState,
  over: Overlay,
  { rows }: Levels,
  [q0, q1, k0, k1]: Zoom,
  allowed: Uint8Array | null,
): Overlay {
  const [, , queries, keys] = state.info.value.shape;
  const { hiddenRows, hiddenCols } = state.overlay(queries, keys);
  const from = Int32Array.from({ length: q1 - q0 }, (_, i) => binOf(q0 + i, queries, rows));
  const { rowScale, rowTone } = over;
  return {
    ...over,
    allowed: over.allowed ? allowed : null,
    hiddenRows: hiddenRows?.subarray(q0, q1) ?? null,
    hiddenCols: hiddenCols?.subarray(k0, k1) ?? null,
    rowScale: rowScale ? Float32Array.from(from, (row) => rowScale[row]!) : null,
    rowTone: rowTone ? Float64Array.from(from, (row) => rowTone[row]!) : null,
  };
}

/** Bits of pooled cells, token by token within a window. */
function windowed(
  bits: Uint8Array,
  { rows, cols }: Levels,
  [q0, q1, k0, k1]: Zoom,
  queries: number,
  keys: number,
): Uint8Array {
  const columns = Int32Array.from({ length: k1 - k0 }, (_, k) => binOf(k0 + k, keys, cols));
  const out = new Uint8Array((q1 - q0) * columns.length);
  for (let q = q0; q < q1; q++) {
    const row = binOf(q, queries, rows) * cols;
    for (let k = 0; k < columns.length; k++)
      out[(q - q0) * columns.length + k] = bits[row + columns[k]!]!;
  }
  return out;
}
