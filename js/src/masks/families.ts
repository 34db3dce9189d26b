/** The families a laboratory offers: their knobs, and the masks these make. */

import { combine, format, type MaskSpec, negate, validate } from ".";

export interface Knob {
  readonly name: string;
  readonly least: number;
  /** The most, for a text of `n` tokens. */
  readonly most: (n: number) => number;
  readonly start: number;
}

export interface Family {
  readonly id: string;
  readonly knobs: readonly Knob[];
  readonly make: (values: readonly number[]) => MaskSpec;
  /** Whether it follows a head's data, so that it needs a record. */
  readonly data?: true;
}

function knob(name: string, least: number, most: (n: number) => number, start: number): Knob {
  return { name, least, most: (n) => Math.max(least, most(n)), start };
}

const side = (n: number) => Math.min(512, n - 1);

export const FAMILIES: readonly Family[] = [
  {
    id: "local",
    knobs: [knob("window", 0, side, 4)],
    make: ([w = 0]) => ({ kind: "local", left: w, right: w }),
  },
  {
    id: "lookback",
    knobs: [knob("left", 0, side, 8), knob("right", 0, side, 0)],
    make: ([left = 0, right = 0]) => ({ kind: "local", left, right }),
  },
  {
    id: "dilated",
    knobs: [
      knob("window", 0, (n) => Math.min(256, n - 1), 4),
      knob("dilation", 1, (n) => Math.min(64, n), 2),
    ],
    make: ([window = 0, dilation = 1]) => ({ kind: "dilated", window, dilation }),
  },
  {
    id: "global",
    knobs: [knob("tokens", 1, (n) => Math.min(64, n), 1)],
    make: ([count = 1]) => ({ kind: "global", tokens: firsts(count) }),
  },
  { id: "cls", knobs: [], make: () => ({ kind: "global", tokens: ["cls"] }) },
  { id: "special", knobs: [], make: () => ({ kind: "global", tokens: ["cls", "sep"] }) },
  {
    id: "sink",
    knobs: [knob("tokens", 1, (n) => Math.min(64, n), 4)],
    make: ([k = 1]) => ({ kind: "sink", k }),
  },
  {
    id: "blocks",
    knobs: [knob("size", 1, (n) => Math.min(512, n), 8)],
    make: ([size = 1]) => ({ kind: "blocks", size, left: 0, right: 0 }),
  },
  {
    id: "shifted",
    knobs: [knob("kernel", 1, (n) => Math.min(513, n), 9)],
    make: ([kernel = 1]) => ({ kind: "shifted", kernel, dilation: 1 }),
  },
  {
    id: "residue",
    knobs: [knob("step", 1, (n) => Math.min(64, n), 4)],
    make: ([step = 1]) => ({ kind: "residue", step }),
  },
  {
    id: "random",
    knobs: [knob("keys", 1, (n) => Math.min(64, n), 3), knob("seed", 0, () => 99, 0)],
    make: ([r = 1, seed = 0]) => ({ kind: "random_keys", r, seed }),
  },
  { id: "causal", knobs: [], make: () => ({ kind: "causal" }) },
  { id: "full", knobs: [], make: () => ({ kind: "full" }) },
  {
    id: "top_k",
    data: true,
    knobs: [knob("keys", 1, (n) => n, 4)],
    make: ([k = 1]) => ({ kind: "top_k", k }),
  },
  {
    id: "threshold",
    data: true,
    knobs: [knob("percent", 1, () => 100, 5)],
    make: ([percent = 1]) => ({ kind: "threshold", t: percent / 100 }),
  },
  {
    id: "cumulative_mass",
    data: true,
    knobs: [knob("percent", 1, () => 100, 80)],
    make: ([percent = 1]) => ({ kind: "cumulative_mass", gamma: percent / 100 }),
  },
  {
    id: "lsh",
    data: true,
    knobs: [
      knob("buckets", 2, () => 64, 8),
      knob("rounds", 1, () => 8, 1),
      knob("seed", 0, () => 99, 0),
    ],
    make: ([buckets = 2, rounds = 1, seed = 0]) => ({
      kind: "lsh",
      buckets: buckets + (buckets % 2),
      rounds,
      chunk: null,
      same_bucket: false,
      share_qk: false,
      causal: false,
      look_back: 1,
      seed,
    }),
  },
  {
    id: "routing",
    data: true,
    knobs: [
      knob("clusters", 1, (n) => Math.min(64, n), 4),
      knob("members", 1, (n) => n, 8),
      knob("seed", 0, () => 99, 0),
    ],
    make: ([clusters = 1, window = 1, seed = 0]) => ({ kind: "routing", clusters, window, seed }),
  },
];

function firsts(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

export type Join = "or" | "and" | "minus";

/** One part of a composed mask; the first one's `join` is not read. */
export interface Term {
  readonly join: Join;
  readonly negated: boolean;
  readonly family: string;
  readonly values: readonly number[];
}

export function family(id: string): Family {
  const found = FAMILIES.find((one) => one.id === id);
  if (!found) throw new Error(`no family is called ${id}`);
  return found;
}

export function startTerm(id: string, n: number, join: Join = "or"): Term {
  const values = family(id).knobs.map((k) => Math.min(k.most(n), k.start));
  return { join, negated: false, family: id, values };
}

/** The mask of a list of parts, joined from left to right. */
export function compose(terms: readonly Term[]): MaskSpec | null {
  let mask: MaskSpec | null = null;
  for (const term of terms) {
    const leaf = family(term.family).make(term.values);
    const part = term.negated ? negate(leaf) : leaf;
    if (mask === null) mask = part;
    else if (term.join === "or") mask = combine("or", [mask, part]);
    else mask = combine("and", [mask, term.join === "and" ? part : negate(part)]);
  }
  return mask && validate(mask);
}

/** The parts of a mask, if a list of parts can say it; else null. */
export function decompose(mask: MaskSpec): Term[] | null {
  const terms = take(mask);
  const again = terms && compose(terms);
  return again && format(again) === format(mask) ? terms : null;
}

function take(mask: MaskSpec): Term[] | null {
  if (mask.kind !== "or" && mask.kind !== "and") {
    const leaf = asTerm(mask, "or");
    return leaf && [leaf];
  }
  const join = mask.kind;
  const [first, ...rest] = mask.of;
  const head = first && take(first);
  if (!head) return null;
  const tail = rest.map((part) => asTerm(part, join));
  return tail.every((term) => term !== null) ? [...head, ...tail] : null;
}

function asTerm(mask: MaskSpec, join: Join): Term | null {
  if (mask.kind === "not") {
    const inner = asTerm(mask.of, join);
    if (!inner || inner.negated) return null;
    return join === "and" ? { ...inner, join: "minus" } : { ...inner, negated: true };
  }
  const found = valuesOf(mask);
  return found && { join, negated: false, ...found };
}

function valuesOf(mask: MaskSpec): { family: string; values: number[] } | null {
  switch (mask.kind) {
    case "local":
      return mask.left === mask.right
        ? { family: "local", values: [mask.left] }
        : { family: "lookback", values: [mask.left, mask.right] };
    case "dilated":
      return { family: "dilated", values: [mask.window, mask.dilation] };
    case "sink":
      return { family: "sink", values: [mask.k] };
    case "causal":
    case "full":
      return { family: mask.kind, values: [] };
    case "global": {
      const named = mask.tokens.join();
      if (named === "cls") return { family: "cls", values: [] };
      if (named === "cls,sep") return { family: "special", values: [] };
      return mask.tokens.every((token, i) => token === i)
        ? { family: "global", values: [mask.tokens.length] }
        : null;
    }
    case "blocks":
      return mask.left || mask.right ? null : { family: "blocks", values: [mask.size] };
    case "shifted":
      return { family: "shifted", values: [mask.kernel] };
    case "residue":
      return { family: "residue", values: [mask.step] };
    case "random_keys":
      return { family: "random", values: [mask.r, mask.seed] };
    case "top_k":
      return { family: "top_k", values: [mask.k] };
    case "threshold":
      return { family: "threshold", values: [Math.round(100 * mask.t)] };
    case "cumulative_mass":
      return { family: "cumulative_mass", values: [Math.round(100 * mask.gamma)] };
    case "lsh":
      return { family: "lsh", values: [mask.buckets, mask.rounds, mask.seed] };
    case "routing":
      return { family: "routing", values: [mask.clusters, mask.window, mask.seed] };
    default:
      return null;
  }
}
