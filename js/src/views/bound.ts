import { unpackBits } from "../data/bits";
import { keyTokens } from "../data/decode";
import type { RecordInfo, Traits } from "../data/types";
import { poolBits } from "../draw/raster";
import { type BoundMask, bind, combine, format, MaskError, type MaskSpec } from "../masks";

/** A mask over the text on show: 1 where a query may look. */
export interface Bound {
  readonly text: string;
  /** The mask itself where all heads get the same; null where each head has its own. */
  readonly mask: BoundMask | null;
  /** Pairs kept in a head, the mean over heads, of those the model can use. */
  readonly pairs: number;
  readonly legal: number;
  /** Fewest and most keys a query sees. */
  readonly low: number;
  readonly high: number;
  /** One head in `rows` × `cols` cells. */
  readonly cells: (layer: number, head: number, rows: number, cols: number) => Uint8Array;
  /** One head, pair by pair; null where only cells have come. */
  readonly full: (layer: number, head: number) => Uint8Array | null;
}

/** What of the synced traits a mask needs that is worked out in Python, head by head. */
export type FromPython = Pick<
  Traits,
  "_mask_effect" | "_mask_cells" | "_cells_shape" | "_focus_mask" | "_focus_place"
>;

/** Lay a mask that follows neither heads nor data over the text; throws where it does not fit. */
export function bindShared(spec: MaskSpec, info: RecordInfo): Bound {
  const [, , queries, keys] = info.shape;
  const tokens = keyTokens(info);
  const roles = tokens.map((token) => token.role);
  const segments = tokens.map((token) => token.segment);
  const offset = info.kind === "decoder" ? keys - queries : 0;
  const mask = bind(spec, queries, keys, roles, offset, segments);
  const bits = mask.toBits();
  const usable =
    info.kind === "decoder"
      ? bind(combine("and", [spec, { kind: "causal" }]), queries, keys, roles, offset, segments)
      : mask;
  const degrees = usable.degrees();
  let [low, high, pairs] = [keys, 0, 0];
  for (const degree of degrees) {
    low = Math.min(low, degree);
    high = Math.max(high, degree);
    pairs += degree;
  }
  const pooled = new Map<number, Uint8Array>();
  const cells = (_layer: number, _head: number, rows: number, cols: number) => {
    const size = rows * (keys + 1) + cols;
    const known = pooled.get(size) ?? poolBits(bits, queries, keys, rows, cols);
    pooled.set(size, known);
    return known;
  };
  const legal = legalPairs(info);
  return { text: format(spec), mask, pairs, legal, low, high, cells, full: () => bits };
}

/** What Python sent of such a mask; null until it has. */
export function boundByPython(spec: MaskSpec, info: RecordInfo, sent: FromPython): Bound | null {
  const effect = sent._mask_effect;
  const [, heads = 0, rows = 0, cols = 0] = sent._cells_shape;
  if (effect.shared !== false || effect.text === undefined || stale(spec, effect.text)) return null;
  const bytes = Math.ceil((rows * cols) / 8);
  if (sent._mask_cells.byteLength < bytes * info.layers.length * heads) return null;
  const own = (layer: number, head: number) => {
    const place = info.layers.indexOf(layer) * heads + info.heads.indexOf(head);
    return unpackBits(sent._mask_cells, place * bytes, rows * cols);
  };
  const [focusLayer, focusHead, focusRows = 0, focusCols = 0] = sent._focus_place;
  const focused = (layer: number, head: number) =>
    layer === focusLayer && head === focusHead && sent._focus_mask.byteLength > 0
      ? unpackBits(sent._focus_mask, 0, focusRows * focusCols)
      : null;
  const [, , queries, keys] = info.shape;
  return {
    text: effect.text,
    mask: null,
    pairs: effect.pairs ?? 0,
    legal: legalPairs(info),
    low: effect.low ?? 0,
    high: effect.high ?? 0,
    cells: (layer, head, r, c) =>
      r === rows && c === cols
        ? own(layer, head)
        : (focused(layer, head) ?? stretch(own(layer, head), rows, cols, r, c)),
    full: (layer, head) => {
      if (rows === queries && cols === keys) return own(layer, head);
      return focusRows === queries && focusCols === keys ? focused(layer, head) : null;
    },
  };
}

/** Pairs the model can use at all: in a decoder, those that do not look ahead. */
function legalPairs(info: RecordInfo): number {
  let legal = 0;
  for (let query = 0; query < info.shape[2]; query++) legal += legalKeys(info, query);
  return legal;
}

/** How many keys a query may look at: in a decoder, those that do not lie ahead. */
export function legalKeys({ kind, shape: [, , queries, keys] }: RecordInfo, query: number): number {
  return kind === "decoder" ? Math.min(keys, query + 1 + keys - queries) : keys;
}

/** Whether the text belongs to a former mask. An assignment has no text form here to compare. */
function stale(spec: MaskSpec, text: string): boolean {
  try {
    return format(spec) !== text;
  } catch (error) {
    if (error instanceof MaskError || error instanceof TypeError) return false;
    throw error;
  }
}

function stretch(
  cells: Uint8Array,
  rows: number,
  cols: number,
  toRows: number,
  toCols: number,
): Uint8Array {
  const out = new Uint8Array(toRows * toCols);
  for (let r = 0; r < toRows; r++)
    for (let c = 0; c < toCols; c++)
      out[r * toCols + c] =
        cells[Math.floor((r * rows) / toRows) * cols + Math.floor((c * cols) / toCols)]!;
  return out;
}
