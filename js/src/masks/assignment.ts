/** Masks given head by head, or layer by layer: read, written and looked up as Python does. */

import { format, identity, MaskParseError, type MaskSpec, parse } from ".";

export interface AssignmentSpec {
  readonly kind: "per_head" | "per_layer";
  readonly of: readonly { readonly at: readonly number[]; readonly mask: Given }[];
  readonly default: Given;
}

/** A mask for all heads alike, or an assignment of masks. */
export type Given = MaskSpec | AssignmentSpec;

type Axis = "layer" | "head";

export function isAssignment(given: Given): given is AssignmentSpec {
  return given.kind === "per_head" || given.kind === "per_layer";
}

/** The mask of one head. */
export function maskFor(given: Given, layer: number, head: number): MaskSpec {
  if (!isAssignment(given)) return given;
  const number = given.kind === "per_layer" ? layer : head;
  const entry = given.of.find(({ at }) => at.includes(number));
  return maskFor(entry?.mask ?? given.default, layer, head);
}

/** Write a mask or an assignment as one would type it. */
export function formatGiven(given: Given): string {
  if (!isAssignment(given)) return format(given);
  const entries = given.of.map(({ at, mask }) => {
    const numbers = at.length === 1 ? String(at[0]) : `(${at.join(", ")})`;
    return `${numbers}: ${formatGiven(mask)}`;
  });
  return `${given.kind}({${entries.join(", ")}}, default=${formatGiven(given.default)})`;
}

/** Read a mask or an assignment from its text form; never evaluates it. */
export function parseGiven(text: string): Given {
  return /^\s*per_(head|layer)\b/.test(text) ? new Reader(text).assignment() : parse(text);
}

const KIND = /\s*per_(head|layer)\s*\(\s*\{/y;
const NUMBERS = /\s*(\d{1,6}|\(\s*\d{1,6}\s*(?:,\s*\d{1,6}\s*)*,?\s*\))\s*:/y;
const COMMA = /\s*,/y;
const BRACE = /\s*\}/y;
const DEFAULT = /\s*,\s*default\s*=/y;
const CLOSE = /\s*,?\s*\)/y;
const END = /\s*$/y;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  assignment(): AssignmentSpec {
    const given = this.opened("layer");
    if (!this.take(END)) this.refuse("nothing may follow an assignment");
    return given;
  }

  /** `per_layer` may hold `per_head`; nothing else nests. */
  private opened(most: Axis): AssignmentSpec {
    const axis = this.take(KIND)?.[1];
    if (!axis || (most === "head" && axis === "layer"))
      this.refuse(`expected ${most === "head" ? "" : "per_layer({...}) or "}per_head({...})`);
    const entries = new Map<number, Given>();
    while (!this.take(BRACE)) {
      if (entries.size > 0 && !this.take(COMMA)) this.refuse("expected , or }");
      if (entries.size > 0 && this.take(BRACE)) break;
      const numbers = this.take(NUMBERS)?.[1]?.match(/\d+/g)?.map(Number);
      if (!numbers) this.refuse(`expected a ${axis}'s number, or several (0, 3), and a colon`);
      const mask = this.part(axis as Axis);
      for (const number of numbers!) {
        if (entries.has(number)) this.refuse(`${axis} ${number} is given two masks`);
        entries.set(number, mask);
      }
    }
    const otherwise = this.take(DEFAULT) ? this.part(axis as Axis) : ({ kind: "full" } as const);
    if (!this.take(CLOSE)) this.refuse("expected default=... or )");
    return grouped(`per_${axis as Axis}`, entries, otherwise);
  }

  private part(axis: Axis): Given {
    const ahead = this.text.slice(this.at);
    if (/^\s*per_/.test(ahead)) {
      if (axis === "layer") return this.opened("head");
      this.refuse("a head is given a mask");
    }
    const length = maskLength(ahead);
    const start = this.at;
    this.at += length;
    try {
      return parse(ahead.slice(0, length));
    } catch (error) {
      if (!(error instanceof MaskParseError)) throw error;
      this.at = start + error.at;
      return this.refuse(error.message.split(", at character")[0]!);
    }
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private refuse(reason: string): never {
    throw new MaskParseError(reason, this.text, this.at);
  }
}

/** How far a mask's text goes: to a comma or a closing bracket that is not its own. */
function maskLength(text: string): number {
  let depth = 0;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote) {
      if (c === quote) quote = "";
    } else if (c === "'" || c === '"') quote = c;
    else if ("([{".includes(c)) depth++;
    else if (depth === 0 && ",)]}".includes(c)) return i;
    else if (")]}".includes(c)) depth--;
  }
  return text.length;
}

/** Equal masks once, in the order of their first number; what repeats the default is dropped. */
function grouped(
  kind: AssignmentSpec["kind"],
  entries: ReadonlyMap<number, Given>,
  otherwise: Given,
): AssignmentSpec {
  const rest = keyOf(otherwise);
  const groups = new Map<string, { at: number[]; mask: Given }>();
  for (const [number, mask] of [...entries].sort(([a], [b]) => a - b)) {
    const key = keyOf(mask);
    if (key === rest) continue;
    const group = groups.get(key);
    if (group) group.at.push(number);
    else groups.set(key, { at: [number], mask });
  }
  return { kind, of: [...groups.values()], default: otherwise };
}

function keyOf(given: Given): string {
  if (!isAssignment(given)) return identity(given);
  return `${given.kind}(${given.of.map(({ at, mask }) => `${at}: ${keyOf(mask)}`)}; ${keyOf(given.default)})`;
}

/** Some numbers, or all but some. */
export type Some = { readonly at: readonly number[] } | { readonly not: readonly number[] };

/** The heads that one mask of an assignment is given to. */
export interface Share {
  readonly layers: Some;
  readonly heads: Some;
  readonly mask: MaskSpec;
}

const ALL: Some = { not: [] };

/** Which heads get which mask, in the order they are written. */
export function sharesOf(given: Given, layers: Some = ALL, heads: Some = ALL): Share[] {
  if (!isAssignment(given)) return [{ layers, heads, mask: given }];
  const named = given.of.flatMap(({ at }) => at);
  const parts = [
    ...given.of.map(({ at, mask }) => [{ at }, mask] as const),
    [{ not: named }, given.default] as const,
  ];
  return parts.flatMap(([some, mask]) =>
    given.kind === "per_layer" ? sharesOf(mask, some, heads) : sharesOf(mask, layers, some),
  );
}

export function within(some: Some, number: number): boolean {
  return "at" in some ? some.at.includes(number) : !some.not.includes(number);
}

/** The first of the numbers `offered`, or of all from 0, that belongs; null where none does. */
export function firstOf(some: Some, offered: readonly number[]): number | null {
  if (offered.length > 0) return offered.find((number) => within(some, number)) ?? null;
  if ("at" in some) return some.at[0] ?? null;
  let number = 0;
  while (some.not.includes(number)) number++;
  return number;
}
