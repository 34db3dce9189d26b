/** Further kinds that no data decides: blocks, documents, periods, chance. */

import { MAX_INT, MAX_PARTS, MAX_TOKENS, MaskError, plain, real, show, whole } from "./spec";

export type StaticSpec =
  | { readonly kind: "shifted"; readonly kernel: number; readonly dilation: number }
  | {
      readonly kind: "blocks";
      readonly size: number;
      readonly left: number;
      readonly right: number;
    }
  | { readonly kind: "global_blocks"; readonly size: number; readonly blocks: readonly number[] }
  | {
      readonly kind: "random_blocks";
      readonly size: number;
      readonly r: number;
      readonly seed: number;
    }
  | {
      readonly kind: "block_pairs";
      readonly size: number;
      readonly pairs: readonly (readonly number[])[];
    }
  | { readonly kind: "documents"; readonly lengths: readonly number[] }
  | { readonly kind: "segments" }
  | { readonly kind: "residue"; readonly step: number }
  | { readonly kind: "summary"; readonly size: number; readonly keys: number }
  | { readonly kind: "random"; readonly p: number; readonly seed: number }
  | { readonly kind: "random_keys"; readonly r: number; readonly seed: number };

type Given = ReadonlyMap<string, unknown>;

/** Check the fields of one of the kinds. */
export function staticMask(kind: StaticSpec["kind"], given: Given): StaticSpec {
  const number = (name: string, low: number) => whole(`'${name}'`, given.get(name), low);
  switch (kind) {
    case "shifted":
      return { kind, kernel: number("kernel", 1), dilation: number("dilation", 1) };
    case "blocks":
      return { kind, size: number("size", 1), left: number("left", 0), right: number("right", 0) };
    case "global_blocks": {
      const blocks = list(given.get("blocks")).map((block) => whole("a block", block, -MAX_INT));
      return { kind, size: number("size", 1), blocks: few([...new Set(blocks)].sort(ascending)) };
    }
    case "random_blocks":
      return { kind, size: number("size", 1), r: number("r", 1), seed: number("seed", 0) };
    case "block_pairs":
      return { kind, size: number("size", 1), pairs: pairsOf(list(given.get("pairs"))) };
    case "documents": {
      const lengths = list(given.get("lengths"));
      return { kind, lengths: few(lengths.map((n) => whole("a length", n, 1, MAX_TOKENS))) };
    }
    case "segments":
      return { kind };
    case "residue":
      return { kind, step: number("step", 1) };
    case "summary": {
      const size = number("size", 1);
      return { kind, size, keys: whole("'keys'", given.get("keys"), 1, size) };
    }
    case "random":
      return { kind, p: real("'p'", given.get("p"), 0, 1), seed: number("seed", 0) };
    case "random_keys":
      return { kind, r: number("r", 1), seed: number("seed", 0) };
  }
}

/** How many numbers a mask lists beside itself. */
export function listed(mask: StaticSpec): number {
  if (mask.kind === "global_blocks") return mask.blocks.length;
  if (mask.kind === "documents") return mask.lengths.length;
  return mask.kind === "block_pairs" ? 2 * mask.pairs.length : 0;
}

/** Write one of the kinds as one would type it. */
export function formatStatic(mask: StaticSpec): string {
  switch (mask.kind) {
    case "shifted":
      return `shifted(${mask.kernel}${mask.dilation > 1 ? `, ${mask.dilation}` : ""})`;
    case "blocks": {
      const sides = mask.left || mask.right ? `, left=${mask.left}, right=${mask.right}` : "";
      return `blocks(${mask.size}${sides})`;
    }
    case "global_blocks":
      return `global_blocks(${[mask.size, ...mask.blocks].join(", ")})`;
    case "random_blocks":
      return `random_blocks(${mask.size}, ${mask.r}, seed=${mask.seed})`;
    case "block_pairs":
      return `block_pairs(${[mask.size, ...mask.pairs.flat()].join(", ")})`;
    case "documents":
      return `documents(${mask.lengths.join(", ")})`;
    case "segments":
      return "segments()";
    case "residue":
      return `residue(${mask.step})`;
    case "summary":
      return `summary(${mask.size}, ${mask.keys})`;
    case "random":
      return `random(p=${plain(mask.p)}, seed=${mask.seed})`;
    case "random_keys":
      return `random(r=${mask.r}, seed=${mask.seed})`;
  }
}

function pairsOf(given: readonly unknown[]): number[][] {
  const pairs = new Map<string, number[]>();
  for (const pair of given) {
    const blocks = list(pair);
    if (blocks.length !== 2) throw new MaskError("a pair is [query block, key block]");
    const numbers = blocks.map((block) => whole("a block", block, 0));
    pairs.set(numbers.join(), numbers);
  }
  few([...pairs.values(), ...given]);
  return [...pairs.values()].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new MaskError(`a list is wanted, not ${show(value)}`);
  return value;
}

function few<T>(values: T[]): T[] {
  if (values.length === 0 || values.length >= MAX_PARTS) {
    throw new MaskError(`1 to ${MAX_PARTS - 1} numbers are listed, not ${values.length}`);
  }
  return values;
}

function ascending(a: number, b: number): number {
  return a - b;
}
