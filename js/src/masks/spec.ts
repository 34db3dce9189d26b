/** The mask specification: its types, its limits, and reading one that is not to be trusted. */

import { type DataSpec, dataMask } from "./data";
import { listed, type StaticSpec, staticMask } from "./static";

export type TokenSymbol = "cls" | "sep" | "bos" | "eos" | "pad" | "mask" | "unk" | "special";
export type TokenRef = TokenSymbol | number;
export type AnchorKind = "global" | "global_rows" | "global_cols";
export type ManyKind = "or" | "and";

export type MaskSpec =
  | { readonly kind: "full" }
  | { readonly kind: "causal" }
  | { readonly kind: "local"; readonly left: number; readonly right: number }
  | { readonly kind: "dilated"; readonly window: number; readonly dilation: number }
  | { readonly kind: "sink"; readonly k: number }
  | { readonly kind: AnchorKind; readonly tokens: readonly TokenRef[] }
  | { readonly kind: ManyKind; readonly of: readonly MaskSpec[] }
  | { readonly kind: "not"; readonly of: MaskSpec }
  | DataSpec
  | StaticSpec;

export const MAX_INT = 2 ** 31 - 1;
export const MAX_DEPTH = 32;
export const MAX_PARTS = 2048;
export const MAX_TEXT = 2 ** 17;
export const MAX_NESTING = 64;
export const MAX_TOKENS = 2 ** 24;

/** Names for tokens, in the order they are written. */
export const SYMBOLS: readonly TokenSymbol[] = [
  "cls",
  "sep",
  "bos",
  "eos",
  "pad",
  "mask",
  "unk",
  "special",
];

/** A mask that cannot exist, or does not fit the text. */
export class MaskError extends Error {
  override name = "MaskError";
}

/** Check a whole number within `low..high`. */
export function whole(name: string, value: unknown, low: number, high = MAX_INT): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new MaskError(`${name} must be a whole number, not ${show(value)}`);
  }
  if (value < low || value > high) {
    throw new MaskError(`${name} must be between ${low} and ${high}, not ${value}`);
  }
  return value + 0;
}

/** Check a number within `low..high`, 0 or at least 1e-15 in size. */
export function real(name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new MaskError(`${name} must be a finite number, not ${show(value)}`);
  }
  if (value < low || value > high || (value !== 0 && Math.abs(value) < 1e-15)) {
    throw new MaskError(`${name} must be between ${low} and ${high}, not ${value}`);
  }
  return value + 0;
}

/** Write a number in full, without an exponent, as Python's `plain` does. */
export function plain(value: number): string {
  const [digits, power] = Math.abs(value).toExponential().replace(".", "").split("e");
  const exponent = Number(power);
  const padded = digits!.padStart(digits!.length - Math.min(exponent, 0), "0");
  const point = Math.max(exponent, 0) + 1;
  const whole = padded.slice(0, point).padEnd(point, "0");
  const rest = padded.slice(point);
  return (value < 0 ? "-" : "") + whole + (rest && `.${rest}`);
}

export function local(left: unknown, right: unknown): MaskSpec {
  return {
    kind: "local",
    left: whole("the window's left side", left, 0),
    right: whole("the window's right side", right, 0),
  };
}

export function dilated(window: unknown, dilation: unknown): MaskSpec {
  return {
    kind: "dilated",
    window: whole("the dilated window", window, 0),
    dilation: whole("the dilation", dilation, 1),
  };
}

export function sink(k: unknown): MaskSpec {
  return { kind: "sink", k: whole("the number of sink keys", k, 1) };
}

/** A pattern of named tokens: symbols first, then indices, each once. */
export function anchored(kind: AnchorKind, refs: readonly unknown[]): MaskSpec {
  const names = new Set<string>();
  const indices = new Set<number>();
  for (const ref of refs) {
    if (typeof ref !== "string") indices.add(whole("a token index", ref, -MAX_INT));
    else if ((SYMBOLS as readonly string[]).includes(ref)) names.add(ref);
    else throw new MaskError(`no token is called ${show(ref)}; there are ${SYMBOLS.join(", ")}`);
    if (names.size + indices.size >= MAX_PARTS) {
      throw new MaskError(`a mask names fewer than ${MAX_PARTS} tokens`);
    }
  }
  if (names.size + indices.size === 0) {
    throw new MaskError(`name at least one token: an index, or one of ${SYMBOLS.join(", ")}`);
  }
  const symbols = SYMBOLS.filter((symbol) => names.has(symbol));
  return { kind, tokens: [...symbols, ...[...indices].sort((a, b) => a - b)] };
}

/** The opposite of a mask; the opposite of an opposite is the mask itself. */
export function negate(mask: MaskSpec): MaskSpec {
  return mask.kind === "not" ? mask.of : sized({ kind: "not", of: mask });
}

/** Join masks: flattened, each operand once, alone if only one is left. */
export function combine(kind: ManyKind, masks: readonly MaskSpec[]): MaskSpec {
  const flat = new Map<string, MaskSpec>();
  for (const mask of masks) {
    for (const operand of mask.kind === kind ? mask.of : [mask]) {
      const key = identity(operand);
      if (!flat.has(key)) flat.set(key, operand);
    }
  }
  const of = [...flat.values()];
  return of.length === 1 ? of[0]! : sized({ kind, of });
}

/** A string that is equal for masks that Python calls equal. */
export function identity(mask: MaskSpec): string {
  switch (mask.kind) {
    case "or":
    case "and":
      return `${mask.kind}(${mask.of.map(identity).sort().join(" ")})`;
    case "not":
      return `not(${identity(mask.of)})`;
    default:
      return JSON.stringify(mask, Object.keys(mask).sort());
  }
}

/** Read a specification, trusting nothing about it, into its canonical form. */
export function validate(spec: unknown): MaskSpec {
  return new Reader().mask(spec, "mask", 1);
}

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["full", []],
  ["causal", []],
  ["local", ["left", "right"]],
  ["dilated", ["window", "dilation"]],
  ["sink", ["k"]],
  ["global", ["tokens"]],
  ["global_rows", ["tokens"]],
  ["global_cols", ["tokens"]],
  ["or", ["of"]],
  ["and", ["of"]],
  ["not", ["of"]],
  ["shifted", ["kernel", "dilation"]],
  ["blocks", ["size", "left", "right"]],
  ["global_blocks", ["size", "blocks"]],
  ["random_blocks", ["size", "r", "seed"]],
  ["block_pairs", ["size", "pairs"]],
  ["documents", ["lengths"]],
  ["segments", []],
  ["residue", ["step"]],
  ["summary", ["size", "keys"]],
  ["random", ["p", "seed"]],
  ["random_keys", ["r", "seed"]],
  ["lsh", ["buckets", "rounds", "chunk", "same_bucket", "share_qk", "causal", "look_back", "seed"]],
  ["routing", ["clusters", "window", "seed"]],
  ["top_k", ["k"]],
  ["threshold", ["t"]],
  ["cumulative_mass", ["gamma"]],
  ["entmax_support", ["alpha"]],
  ["learned", ["name", "rule", "digest"]],
]);

class Reader {
  private parts = 0;

  mask(spec: unknown, path: string, depth: number): MaskSpec {
    if (depth > MAX_DEPTH) refuse(path, `nested more than ${MAX_DEPTH} deep`);
    this.spend(1, path);
    if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
      refuse(path, `must be an object with a 'kind', not ${show(spec)}`);
    }
    const given = new Map<string, unknown>(Object.entries(spec));
    const kind = given.get("kind");
    const wanted = typeof kind === "string" ? FIELDS.get(kind) : undefined;
    if (wanted === undefined) {
      refuse(path, `unknown kind ${show(kind)}; known: ${[...FIELDS.keys()].sort().join(", ")}`);
    }
    given.delete("kind");
    if (given.size !== wanted.length || !wanted.every((name) => given.has(name))) {
      const needs = wanted.join(", ") || "nothing";
      const got = [...given.keys()].map((name) => name.slice(0, 40)).join(", ") || "nothing";
      refuse(path, `'${kind}' needs ${needs} beside its kind, got ${got}`);
    }
    try {
      return this.fields(kind as MaskSpec["kind"], given, path, depth);
    } catch (error) {
      if (error instanceof MaskError && !(error instanceof PlacedError))
        refuse(path, error.message);
      throw error;
    }
  }

  private fields(
    kind: MaskSpec["kind"],
    given: ReadonlyMap<string, unknown>,
    path: string,
    depth: number,
  ): MaskSpec {
    switch (kind) {
      case "full":
      case "causal":
        return { kind };
      case "local":
        return local(given.get("left"), given.get("right"));
      case "dilated":
        return dilated(given.get("window"), given.get("dilation"));
      case "sink":
        return sink(given.get("k"));
      case "lsh":
      case "routing":
      case "top_k":
      case "threshold":
      case "cumulative_mass":
      case "entmax_support":
      case "learned":
        return dataMask(kind, given);
      case "not":
        return negate(this.mask(given.get("of"), `${path}.of`, depth + 1));
      case "or":
      case "and": {
        const of = given.get("of");
        if (!Array.isArray(of) || of.length < 2) {
          throw new MaskError(`'of' must be a list of two or more masks, not ${show(of)}`);
        }
        const read = (part: unknown, index: number) =>
          this.mask(part, `${path}.of[${index}]`, depth + 1);
        return combine(kind, of.map(read));
      }
      case "global":
      case "global_rows":
      case "global_cols": {
        const tokens = given.get("tokens");
        if (!Array.isArray(tokens)) {
          throw new MaskError(`'tokens' must be a list of names and indices, not ${show(tokens)}`);
        }
        this.spend(tokens.length, path);
        return anchored(kind, tokens);
      }
      default: {
        for (const value of given.values()) {
          const numbers = kind === "block_pairs" ? 2 : 1;
          if (Array.isArray(value)) this.spend(numbers * value.length, path);
        }
        return staticMask(kind, given);
      }
    }
  }

  private spend(parts: number, path: string): void {
    this.parts += parts;
    if (this.parts > MAX_PARTS) refuse(path, `more than ${MAX_PARTS} parts in one mask`);
  }
}

class PlacedError extends MaskError {}

function refuse(path: string, reason: string): never {
  throw new PlacedError(`${path}: ${reason}`);
}

function sized(mask: MaskSpec): MaskSpec {
  const [parts, depth] = size(mask);
  if (parts > MAX_PARTS || depth > MAX_DEPTH) {
    throw new MaskError(
      `a mask has at most ${MAX_PARTS} parts nested ${MAX_DEPTH} deep; ` +
        `this one would have ${parts} parts, ${depth} deep`,
    );
  }
  return mask;
}

function size(mask: MaskSpec): readonly [parts: number, depth: number] {
  if ("tokens" in mask) return [mask.tokens.length + 1, 1];
  if (!("of" in mask)) return [1 + listed(mask as StaticSpec), 1];
  const below = (mask.kind === "not" ? [mask.of] : mask.of).map(size);
  const parts = below.reduce((sum, [count]) => sum + count, 1);
  return [parts, 1 + Math.max(...below.map(([, depth]) => depth))];
}

export function show(value: unknown): string {
  if (typeof value === "string") return `'${value.slice(0, 60)}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
