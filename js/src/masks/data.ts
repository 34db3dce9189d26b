/** Masks that the data of a head decides: carried, checked and written here, decided in Python. */

import { MaskError, plain, real, whole } from "./spec";

export interface LshSpec {
  readonly kind: "lsh";
  readonly buckets: number;
  readonly rounds: number;
  readonly chunk: number | null;
  readonly same_bucket: boolean;
  readonly share_qk: boolean;
  readonly causal: boolean;
  readonly look_back: number;
  readonly seed: number;
}

export type DataSpec =
  | LshSpec
  | {
      readonly kind: "routing";
      readonly clusters: number;
      readonly window: number;
      readonly seed: number;
    }
  | { readonly kind: "top_k"; readonly k: number }
  | { readonly kind: "threshold"; readonly t: number }
  | { readonly kind: "cumulative_mass"; readonly gamma: number }
  | { readonly kind: "entmax_support"; readonly alpha: number }
  | {
      readonly kind: "learned";
      readonly name: string;
      readonly rule: GateRule;
      readonly digest: string;
    };

/** What a trained gate decides by. */
export type GateRule = "threshold" | "low_rank";

export type DataKind = DataSpec["kind"];
export type Given = ReadonlyMap<string, unknown>;

const MOST = 4096;
const MOST_ROUNDS = 64;
const LEAST_THRESHOLD = 1e-9;
const NAME = /^[A-Za-z0-9 ._/:+@-]{1,80}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** Check the fields of one specification, every field there. */
export function dataMask(kind: DataKind, given: Given): DataSpec {
  switch (kind) {
    case "lsh":
      return lsh(given);
    case "routing":
      return {
        kind,
        clusters: whole("the number of clusters", given.get("clusters"), 1, MOST),
        window: whole("the cluster's size", given.get("window"), 1),
        seed: whole("the seed", given.get("seed"), 0),
      };
    case "top_k":
      return { kind, k: whole("the number of top keys", given.get("k"), 1) };
    case "threshold":
      return { kind, t: real("the threshold", given.get("t"), LEAST_THRESHOLD, 1) };
    case "cumulative_mass":
      return { kind, gamma: real("the mass", given.get("gamma"), LEAST_THRESHOLD, 1) };
    case "entmax_support":
      return { kind, alpha: real("alpha", given.get("alpha"), 1, 2) };
    case "learned":
      return {
        kind,
        name: matching("a gate's name", given.get("name"), NAME),
        rule: rule(given.get("rule")),
        digest: matching("a gate's digest", given.get("digest"), DIGEST),
      };
  }
}

/** Fields of a kind with what they are when left out of the text; undefined if they may not be. */
export function fieldsOf(kind: DataKind): ReadonlyMap<string, unknown> {
  switch (kind) {
    case "lsh":
      return new Map<string, unknown>([
        ["buckets", undefined],
        ["rounds", 1],
        ["chunk", null],
        ["same_bucket", false],
        ["share_qk", false],
        ["causal", false],
        ["look_back", 1],
        ["seed", 0],
      ]);
    case "routing":
      return new Map([
        ["clusters", undefined],
        ["window", undefined],
        ["seed", 0],
      ]);
    case "top_k":
      return new Map([["k", undefined]]);
    case "threshold":
      return new Map([["t", undefined]]);
    case "cumulative_mass":
      return new Map([["gamma", undefined]]);
    case "entmax_support":
      return new Map([["alpha", undefined]]);
    case "learned":
      return new Map([
        ["name", undefined],
        ["rule", undefined],
        ["digest", undefined],
      ]);
  }
}

/** Write a mask as one would type it, without what is as usual. */
export function formatData(mask: DataSpec): string {
  const values: [string, unknown][] = Object.entries(mask).filter(([name]) => name !== "kind");
  const usual = fieldsOf(mask.kind);
  const written = values.flatMap(([name, value]) => {
    if (typeof value === "string") return [`'${value}'`];
    if (usual.get(name) === undefined) return [typeof value === "number" ? plain(value) : value];
    return value === usual.get(name) ? [] : [`${name}=${typed(value)}`];
  });
  return `${mask.kind}(${written.join(", ")})`;
}

/** Say that this mask cannot be laid over a text here. */
export function undecided(mask: DataSpec): MaskError {
  const data =
    mask.kind === "lsh" ||
    mask.kind === "routing" ||
    (mask.kind === "learned" && mask.rule === "low_rank")
      ? "the model's queries and keys"
      : "the model's attention";
  return new MaskError(`${formatData(mask)} needs ${data}: ask Python`);
}

function lsh(given: Given): LshSpec {
  const chunk = given.get("chunk");
  const mask: LshSpec = {
    kind: "lsh",
    buckets: whole("the number of buckets", given.get("buckets"), 2, MOST),
    rounds: whole("the number of rounds", given.get("rounds"), 1, MOST_ROUNDS),
    chunk: chunk === null ? null : whole("the chunk", chunk, 1),
    same_bucket: flag("same_bucket", given.get("same_bucket")),
    share_qk: flag("share_qk", given.get("share_qk")),
    causal: flag("causal", given.get("causal")),
    look_back: whole("the chunks looked back at", given.get("look_back"), 0, MOST_ROUNDS),
    seed: whole("the seed", given.get("seed"), 0),
  };
  if (mask.buckets % 2 !== 0) {
    throw new MaskError(
      `the number of buckets must be even, half of them opposites; not ${mask.buckets}`,
    );
  }
  if (mask.causal && !mask.share_qk) {
    throw new MaskError("causal=True belongs to share_qk=True; here write lsh(...) & causal()");
  }
  return mask;
}

function matching(name: string, value: unknown, form: RegExp): string {
  if (typeof value !== "string" || !form.test(value)) {
    throw new MaskError(
      `${name} must be of the form ${form.source}, not ${String(value).slice(0, 80)}`,
    );
  }
  return value;
}

function rule(value: unknown): GateRule {
  if (value !== "threshold" && value !== "low_rank") {
    throw new MaskError(
      `a gate's rule is threshold or low_rank, not ${String(value).slice(0, 60)}`,
    );
  }
  return value;
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== "boolean") {
    throw new MaskError(`${name} must be True or False, not ${String(value).slice(0, 60)}`);
  }
  return value;
}

function typed(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
