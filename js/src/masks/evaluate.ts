/** Turning a specification into a function that writes one row's intervals. */

import { undecided } from "./data";
import { complement, intersection, runs, union } from "./intervals";
import { staticWriter } from "./periods";
import { MaskError, type MaskSpec, type TokenRef } from "./spec";

/** The rectangle a mask is laid over; `roles` and `segments` have one entry per key, if known. */
export interface Frame {
  readonly nQueries: number;
  readonly nKeys: number;
  readonly qOffset: number;
  readonly roles: readonly string[] | null;
  readonly segments: readonly (number | null)[] | null;
}

/** Writes the intervals of the query at a position among the keys; `slots` bounds how many. */
export interface RowWriter {
  readonly slots: number;
  readonly write: (position: number, out: Int32Array) => number;
}

const SPECIAL_ROLES: ReadonlySet<string> = new Set([
  "cls",
  "sep",
  "bos",
  "eos",
  "pad",
  "mask",
  "special",
]);

export function rowWriter(mask: MaskSpec, frame: Frame): RowWriter {
  const { nKeys } = frame;
  switch (mask.kind) {
    case "full":
      return { slots: 1, write: (_, out) => one(out, 0, nKeys, nKeys) };
    case "causal":
      return { slots: 1, write: (here, out) => one(out, 0, here + 1, nKeys) };
    case "local":
      return {
        slots: 1,
        write: (here, out) => one(out, here - mask.left, here + mask.right + 1, nKeys),
      };
    case "sink":
      return { slots: 1, write: (_, out) => one(out, 0, mask.k, nKeys) };
    case "dilated":
      return dilatedWriter(mask.window, mask.dilation, nKeys);
    case "global":
    case "global_rows":
    case "global_cols":
      return anchoredWriter(mask.kind, locate(mask.tokens, frame), nKeys);
    case "lsh":
    case "routing":
    case "top_k":
    case "threshold":
    case "cumulative_mass":
    case "entmax_support":
    case "learned":
      throw undecided(mask);
    case "not":
      return notWriter(rowWriter(mask.of, frame), nKeys);
    case "or":
    case "and":
      return joinedWriter(
        mask.of.map((part) => rowWriter(part, frame)),
        mask.kind === "or" ? union : intersection,
      );
    default:
      return staticWriter(mask, frame);
  }
}

function one(out: Int32Array, lo: number, hi: number, nKeys: number): number {
  const start = Math.max(lo, 0);
  const end = Math.min(hi, nKeys);
  if (start >= end) return 0;
  out[0] = start;
  out[1] = end;
  return 2;
}

function dilatedWriter(window: number, dilation: number, nKeys: number): RowWriter {
  if (dilation === 1) {
    return { slots: 1, write: (here, out) => one(out, here - window, here + window + 1, nKeys) };
  }
  const slots = Math.min(2 * window + 1, Math.ceil(nKeys / dilation));
  const write = (here: number, out: Int32Array): number => {
    const last = Math.min(here + window * dilation, nKeys - 1);
    let end = 0;
    let key = here - Math.min(window, Math.floor(here / dilation)) * dilation;
    for (; key <= last; key += dilation) {
      out[end] = key;
      out[end + 1] = key + 1;
      end += 2;
    }
    return end;
  };
  return { slots, write };
}

function anchoredWriter(
  kind: "global" | "global_rows" | "global_cols",
  indices: readonly number[],
  nKeys: number,
): RowWriter {
  const columns = runs(indices);
  const members = new Set(indices);
  const write = (here: number, out: Int32Array): number => {
    if (kind !== "global_cols" && members.has(here)) return one(out, 0, nKeys, nKeys);
    if (kind === "global_rows") return 0;
    out.set(columns);
    return columns.length;
  };
  return { slots: Math.max(columns.length / 2, 1), write };
}

function notWriter(inner: RowWriter, nKeys: number): RowWriter {
  const list = new Int32Array(2 * inner.slots);
  return {
    slots: inner.slots + 1,
    write: (here, out) => complement(list, inner.write(here, list), nKeys, out),
  };
}

/** Join two halves, so that many operands nest only as deep as their logarithm. */
function joinedWriter(writers: readonly RowWriter[], join: typeof union): RowWriter {
  if (writers.length === 1) return writers[0]!;
  const middle = writers.length >> 1;
  const left = joinedWriter(writers.slice(0, middle), join);
  const right = joinedWriter(writers.slice(middle), join);
  const a = new Int32Array(2 * left.slots);
  const b = new Int32Array(2 * right.slots);
  return {
    slots: left.slots + right.slots,
    write: (here, out) => join(a, left.write(here, a), b, right.write(here, b), out),
  };
}

/** The keys that tokens named by symbol or index are, sorted, each once. */
function locate(refs: readonly TokenRef[], frame: Frame): number[] {
  const { nKeys, roles } = frame;
  const found = new Set<number>();
  for (const ref of refs) {
    if (typeof ref === "string") {
      for (const index of withRole(ref, roles)) found.add(index);
    } else if (ref >= -nKeys && ref < nKeys) {
      found.add(ref < 0 ? ref + nKeys : ref);
    } else {
      throw new MaskError(
        `token ${ref} is outside this text of ${nKeys} tokens; use ${-nKeys} to ${nKeys - 1}`,
      );
    }
  }
  return [...found].sort((a, b) => a - b);
}

function withRole(symbol: string, roles: readonly string[] | null): number[] {
  if (roles === null) {
    throw new MaskError(`the mask names '${symbol}', but the tokens' roles are not known`);
  }
  const found: number[] = [];
  roles.forEach((role, index) => {
    if (symbol === "special" ? SPECIAL_ROLES.has(role) : role === symbol) found.push(index);
  });
  if (found.length === 0) {
    const special = roles.filter((role) => SPECIAL_ROLES.has(role) || role === "unk");
    const present = [...new Set(special)].join(", ") || "none";
    throw new MaskError(`no token of this text is '${symbol}'; special tokens there: ${present}`);
  }
  return found;
}
