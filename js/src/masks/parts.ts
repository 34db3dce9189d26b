/** A composed mask as a list of parts, each of one family, joined from top to bottom. */

import { combine, format, identity, type MaskSpec, negate, validate } from ".";
import { FAMILIES, family } from "./families";

export type Join = "or" | "and" | "minus";

/** One part of a composed mask; the first one's `join` is not read. */
export interface Term {
  readonly join: Join;
  readonly negated: boolean;
  /** A family's name; `WRITTEN` for a mask that no family makes. */
  readonly family: string;
  readonly values: readonly number[];
  readonly written?: MaskSpec | undefined;
}

export const WRITTEN = "written";

export function startTerm(id: string, n: number, join: Join = "or"): Term {
  const values = family(id).knobs.map((k) => Math.min(k.most(n), k.start));
  return { join, negated: false, family: id, values };
}

/** The mask of a list of parts over `n` tokens; null of none. */
export function compose(terms: readonly Term[], n: number): MaskSpec | null {
  let mask: MaskSpec | null = null;
  for (const term of terms) {
    const leaf = term.written ?? family(term.family).make(term.values, n);
    const part = term.negated ? negate(leaf) : leaf;
    if (mask === null) mask = part;
    else if (term.join === "or") mask = combine("or", [mask, part]);
    else mask = combine("and", [mask, term.join === "and" ? part : negate(part)]);
  }
  return mask && validate(mask);
}

/** The parts of a mask; what no family makes is a part as it is written. */
export function decompose(mask: MaskSpec, n: number): readonly Term[] {
  const terms = take(mask, n);
  return explains(terms, mask, n) ? terms : [written(mask)];
}

/** Whether a list of parts makes this very mask. */
export function explains(terms: readonly Term[], mask: MaskSpec, n: number): boolean {
  const again = compose(terms, n);
  return again !== null && format(again) === format(mask);
}

function written(mask: MaskSpec): Term {
  return { join: "or", negated: false, family: WRITTEN, values: [], written: mask };
}

function take(mask: MaskSpec, n: number): Term[] {
  const found = read(mask, n);
  if (found || (mask.kind !== "or" && mask.kind !== "and")) return [asTerm(mask, "or", n)];
  const join = mask.kind;
  const [head, ...tail] = join === "or" ? gathered(mask.of, n) : mask.of;
  return [...take(head!, n), ...tail.map((part) => asTerm(part, join, n))];
}

/** The operands of a union, those that one family makes together as one. */
function gathered(operands: readonly MaskSpec[], n: number): readonly MaskSpec[] {
  for (let from = 0; from < operands.length; from++)
    for (let to = operands.length; to > from + 1; to--) {
      if (to - from === operands.length) continue;
      const union: MaskSpec = { kind: "or", of: operands.slice(from, to) };
      if (to - from <= GATHERED_MOST && read(union, n))
        return [...operands.slice(0, from), union, ...gathered(operands.slice(to), n)];
    }
  return operands;
}

/** No family is a union of more. */
const GATHERED_MOST = 3;

function asTerm(mask: MaskSpec, join: Join, n: number): Term {
  if (mask.kind === "not") {
    const inner = asTerm(mask.of, join, n);
    return join === "and" ? { ...inner, join: "minus" } : { ...inner, negated: true };
  }
  return { ...(read(mask, n) ?? written(mask)), join };
}

/** The first family that makes a mask. */
function read(mask: MaskSpec, n: number): Term | null {
  for (const { id, read, make } of FAMILIES) {
    const values = read(mask);
    if (values && identity(validate(make(values, n))) === identity(mask))
      return { join: "or", negated: false, family: id, values };
  }
  return null;
}
