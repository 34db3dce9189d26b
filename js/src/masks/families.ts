/** The families a laboratory offers: their knobs, and the masks these make. */

import { type MaskSpec, validate } from ".";
import { fieldsOf, type LshSpec } from "./data";
import { NAMED } from "./named";

export interface Knob {
  readonly name: string;
  readonly least: number;
  /** The most, for a text of `n` tokens. */
  readonly most: (n: number) => number;
  readonly start: number;
  /** 1 unless said. */
  readonly step?: number;
  /** A yes or no, as 1 or 0. */
  readonly flag?: true;
}

export interface Family {
  readonly id: string;
  readonly knobs: readonly Knob[];
  /** The mask for a text of `n` tokens. */
  readonly make: (values: readonly number[], n: number) => MaskSpec;
  /** The values that make a mask; null if none do, or if it is of another family. */
  readonly read: (mask: MaskSpec) => readonly number[] | null;
  /** Whether it follows a head's data, so that it needs a record. */
  readonly data?: true;
}

function knob(name: string, least: number, most: (n: number) => number, start: number): Knob {
  return { name, least, most: (n) => Math.max(least, most(n)), start };
}

function flag(name: string): Knob {
  return { name, least: 0, most: () => 1, start: 0, flag: true };
}

/** Read a mask of one kind. */
function of<Kind extends MaskSpec["kind"]>(
  kind: Kind,
  values: (mask: Of<Kind>) => readonly number[] | null,
): Family["read"] {
  return (mask) => (mask.kind === kind ? values(mask as Of<Kind>) : null);
}

/** The masks of a kind, also where several kinds share a form. */
type Of<Kind> = MaskSpec extends infer Spec
  ? Spec extends { readonly kind: infer Own }
    ? Kind extends Own
      ? Spec
      : never
    : never
  : never;

function named(name: string, ...values: number[]): MaskSpec {
  return validate(NAMED.get(name)!.build(...values));
}

/** The operand of a union that is of one kind, or a meeting that holds it. */
function operand<Kind extends MaskSpec["kind"]>(mask: MaskSpec, kind: Kind) {
  const of = mask.kind === "or" ? mask.of : [];
  const flat = of.flatMap((part) => (part.kind === "and" ? part.of : [part]));
  return flat.find((part) => part.kind === kind) as Of<Kind> | undefined;
}

const side = (n: number) => Math.min(512, n - 1);

export const FAMILIES: readonly Family[] = [
  {
    id: "local",
    knobs: [knob("window", 0, side, 4)],
    make: ([w = 0]) => ({ kind: "local", left: w, right: w }),
    read: of("local", ({ left, right }) => (left === right ? [left] : null)),
  },
  {
    id: "lookback",
    knobs: [knob("left", 0, side, 8), knob("right", 0, side, 0)],
    make: ([left = 0, right = 0]) => ({ kind: "local", left, right }),
    read: of("local", ({ left, right }) => [left, right]),
  },
  {
    id: "dilated",
    knobs: [
      knob("window", 0, (n) => Math.min(256, n - 1), 4),
      knob("dilation", 1, (n) => Math.min(64, n), 2),
    ],
    make: ([window = 0, dilation = 1]) => ({ kind: "dilated", window, dilation }),
    read: of("dilated", ({ window, dilation }) => [window, dilation]),
  },
  {
    id: "global",
    knobs: [knob("tokens", 1, (n) => Math.min(64, n), 1)],
    make: ([count = 1]) => ({ kind: "global", tokens: firsts(count) }),
    read: of("global", ({ tokens }) =>
      tokens.every((token, i) => token === i) ? [tokens.length] : null,
    ),
  },
  {
    id: "cls",
    knobs: [],
    make: () => ({ kind: "global", tokens: ["cls"] }),
    read: of("global", ({ tokens }) => (tokens.join() === "cls" ? [] : null)),
  },
  {
    id: "special",
    knobs: [],
    make: () => ({ kind: "global", tokens: ["cls", "sep"] }),
    read: of("global", ({ tokens }) => (tokens.join() === "cls,sep" ? [] : null)),
  },
  {
    id: "sink",
    knobs: [knob("tokens", 1, (n) => Math.min(64, n), 4)],
    make: ([k = 1]) => ({ kind: "sink", k }),
    read: of("sink", ({ k }) => [k]),
  },
  {
    id: "blocks",
    knobs: [knob("size", 1, (n) => Math.min(512, n), 8)],
    make: ([size = 1]) => ({ kind: "blocks", size, left: 0, right: 0 }),
    read: of("blocks", ({ size, left, right }) => (left || right ? null : [size])),
  },
  {
    id: "shifted",
    knobs: [knob("kernel", 1, (n) => Math.min(513, n), 9)],
    make: ([kernel = 1]) => ({ kind: "shifted", kernel, dilation: 1 }),
    read: of("shifted", ({ kernel }) => [kernel]),
  },
  {
    id: "residue",
    knobs: [knob("step", 1, (n) => Math.min(64, n), 4)],
    make: ([step = 1]) => ({ kind: "residue", step }),
    read: of("residue", ({ step }) => [step]),
  },
  {
    id: "random",
    knobs: [knob("keys", 1, (n) => Math.min(64, n), 3), knob("seed", 0, () => 99, 0)],
    make: ([r = 1, seed = 0]) => ({ kind: "random_keys", r, seed }),
    read: of("random_keys", ({ r, seed }) => [r, seed]),
  },
  {
    id: "chance",
    knobs: [knob("density", 0, () => 100, 10), knob("seed", 0, () => 99, 0)],
    make: ([percent = 0, seed = 0]) => ({ kind: "random", p: percent / 100, seed }),
    read: of("random", ({ p, seed }) => [Math.round(100 * p), seed]),
  },
  {
    id: "documents",
    knobs: [knob("documents", 1, (n) => Math.min(64, n), 4)],
    make: ([count = 1], n) => ({ kind: "documents", lengths: shared(n, count) }),
    read: of("documents", ({ lengths }) => [lengths.length]),
  },
  {
    id: "strided",
    knobs: [knob("stride", 1, side, 8)],
    make: ([length = 1]) => named("strided", length),
    read: (mask) => values(operand(mask, "residue")?.step),
  },
  {
    id: "fixed",
    knobs: [knob("stride", 1, side, 8), knob("summaries", 1, (n) => Math.min(64, n), 1)],
    make: ([length = 1, keys = 1]) => named("fixed", length, Math.min(keys, length)),
    read: (mask) => {
      const summary = operand(mask, "summary");
      return values(summary?.size, summary?.keys);
    },
  },
  {
    id: "bigbird",
    knobs: [
      knob("size", 1, (n) => Math.min(512, n), 4),
      knob("blocks", 0, (n) => Math.min(16, n), 1),
      knob("seed", 0, () => 99, 0),
    ],
    make: ([size = 1, random = 0, seed = 0]) => named("bigbird", size, random, seed),
    read: (mask) => {
      const drawn = operand(mask, "random_blocks");
      return values(operand(mask, "global_blocks")?.size, drawn?.r ?? 0, drawn?.seed ?? 0);
    },
  },
  {
    id: "causal",
    knobs: [],
    make: () => ({ kind: "causal" }),
    read: of("causal", () => []),
  },
  { id: "full", knobs: [], make: () => ({ kind: "full" }), read: of("full", () => []) },
  {
    id: "top_k",
    data: true,
    knobs: [knob("strongest", 1, (n) => n, 4)],
    make: ([k = 1]) => ({ kind: "top_k", k }),
    read: of("top_k", ({ k }) => [k]),
  },
  {
    id: "threshold",
    data: true,
    knobs: [knob("percent", 1, () => 100, 5)],
    make: ([percent = 1]) => ({ kind: "threshold", t: percent / 100 }),
    read: of("threshold", ({ t }) => [Math.round(100 * t)]),
  },
  {
    id: "cumulative_mass",
    data: true,
    knobs: [knob("percent", 1, () => 100, 80)],
    make: ([percent = 1]) => ({ kind: "cumulative_mass", gamma: percent / 100 }),
    read: of("cumulative_mass", ({ gamma }) => [Math.round(100 * gamma)]),
  },
  {
    id: "entmax_support",
    data: true,
    knobs: [knob("alpha", 100, () => 200, 150)],
    make: ([hundredths = 150]) => ({ kind: "entmax_support", alpha: hundredths / 100 }),
    read: of("entmax_support", ({ alpha }) => [Math.round(100 * alpha)]),
  },
  {
    id: "lsh",
    data: true,
    knobs: [
      { ...knob("buckets", 2, () => 64, 8), step: 2 },
      knob("rounds", 1, () => 8, 1),
      knob("chunk", 0, (n) => Math.min(512, n), 0),
      knob("look_back", 0, () => 8, 1),
      flag("same_bucket"),
      flag("share_qk"),
      knob("seed", 0, () => 99, 0),
    ],
    make: hashed,
    read: of("lsh", readHashed),
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
    read: of("routing", ({ clusters, window, seed }) => [clusters, window, seed]),
  },
];

function firsts(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The lengths of so many documents, as alike as they can be. */
function shared(n: number, most: number): number[] {
  const count = Math.min(most, n);
  const at = (i: number) => Math.floor((i * n) / count);
  return Array.from({ length: count }, (_, i) => at(i + 1) - at(i));
}

function values(...given: (number | undefined)[]): readonly number[] | null {
  return given.includes(undefined) ? null : (given as number[]);
}

function hashed(values: readonly number[]): LshSpec {
  const [buckets = 2, rounds = 1, chunk = 0, look_back = 1, same = 0, share = 0, seed = 0] = values;
  return {
    ...(Object.fromEntries(fieldsOf("lsh")) as unknown as LshSpec),
    kind: "lsh",
    buckets: buckets + (buckets % 2),
    rounds,
    chunk: chunk === 0 ? null : chunk,
    same_bucket: same === 1,
    share_qk: share === 1,
    look_back,
    seed,
  };
}

function readHashed(mask: LshSpec): readonly number[] | null {
  const { buckets, rounds, chunk, look_back, same_bucket, share_qk, causal, seed } = mask;
  if (causal) return null;
  return [buckets, rounds, chunk ?? 0, look_back, +same_bucket, +share_qk, seed];
}

export function family(id: string): Family {
  const found = FAMILIES.find((one) => one.id === id);
  if (!found) throw new Error(`no family is called ${id}`);
  return found;
}
