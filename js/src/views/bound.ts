import { keyTokens } from "../data/decode";
import type { RecordInfo } from "../data/types";
import { type BoundMask, bind, format, type MaskSpec } from "../masks";

/** A mask over the text on show, evaluated once. */
export interface Bound {
  readonly mask: BoundMask;
  readonly text: string;
  readonly bits: Uint8Array;
  readonly nnz: number;
  /** Fewest and most keys a query sees. */
  readonly low: number;
  readonly high: number;
}

export function bindMask(spec: MaskSpec, info: RecordInfo): Bound {
  const [, , queries, keys] = info.shape;
  const roles = keyTokens(info).map((token) => token.role);
  const mask = bind(spec, queries, keys, roles, info.kind === "decoder" ? keys - queries : 0);
  const degrees = mask.degrees();
  let [low, high, nnz] = [keys, 0, 0];
  for (const degree of degrees) {
    low = Math.min(low, degree);
    high = Math.max(high, degree);
    nnz += degree;
  }
  return { mask, text: format(spec), bits: mask.toBits(), nnz, low, high };
}
