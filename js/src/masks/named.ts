/** Patterns read by name that are built of others, and the further kinds by their text form. */

import { anchored, combine, local, MaskError, type MaskSpec, sink, whole } from "./spec";
import { type StaticSpec, staticMask } from "./static";

export type Value = number | string | boolean;
type Build = (...values: (Value | undefined)[]) => MaskSpec;

/** A call with named parameters, the first `positional` of them also by place. */
export interface NamedPattern {
  readonly names: readonly string[];
  readonly positional: number;
  /** Called with one value per name, or with all positional values where there are no names. */
  readonly build: Build;
}

const causal: MaskSpec = { kind: "causal" };

function made(kind: StaticSpec["kind"], fields: Record<string, unknown>): MaskSpec {
  return staticMask(kind, new Map(Object.entries(fields)));
}

function either(...masks: MaskSpec[]): MaskSpec {
  return combine("or", masks);
}

function both(...masks: MaskSpec[]): MaskSpec {
  return combine("and", masks);
}

function back(length: unknown): MaskSpec {
  return local(whole("the length", length, 1) - 1, 0);
}

const column: Build = (step) => both(made("residue", { step }), causal);
const block: Build = (size) => both(made("blocks", { size, left: 0, right: 0 }), causal);
const summaries: Build = (size, keys) => both(made("summary", { size, keys }), causal);

function bigbird(size: unknown, random: unknown, seed: unknown): MaskSpec {
  const kept = either(
    made("blocks", { size, left: 1, right: 1 }),
    made("global_blocks", { size, blocks: [0, -1] }),
  );
  const r = whole("random", random, 0);
  return r === 0 ? kept : either(kept, made("random_blocks", { size, r, seed }));
}

function chance(p: unknown, r: unknown, seed: unknown): MaskSpec {
  if ((p === undefined) === (r === undefined)) {
    throw new MaskError("give a random mask as random(p=...) or random(r=...), with a seed");
  }
  return r === undefined ? made("random", { p, seed }) : made("random_keys", { r, seed });
}

function paired(size: unknown, numbers: readonly unknown[]): MaskSpec {
  if (numbers.length % 2 === 1) throw new MaskError("name a query and a key block each time");
  const pairs = numbers.flatMap((i, at) => (at % 2 === 0 ? [[i, numbers[at + 1]]] : []));
  return made("block_pairs", { size, pairs });
}

export const NAMED: ReadonlyMap<string, NamedPattern> = new Map([
  [
    "shifted",
    call("kernel dilation", 2, (kernel, dilation = 1) => made("shifted", { kernel, dilation })),
  ],
  [
    "blocks",
    call("size left right", 1, (size, left = 0, right = 0) =>
      made("blocks", { size, left, right }),
    ),
  ],
  [
    "global_blocks",
    call("", Infinity, (size, ...blocks) => made("global_blocks", { size, blocks })),
  ],
  [
    "random_blocks",
    call("size r seed", 3, (size, r, seed = 0) => made("random_blocks", { size, r, seed })),
  ],
  ["block_pairs", call("", Infinity, (size, ...numbers) => paired(size, numbers))],
  ["documents", call("", Infinity, (...lengths) => made("documents", { lengths }))],
  ["segments", call("", 0, () => made("segments", {}))],
  ["residue", call("step", 1, (step) => made("residue", { step }))],
  ["summary", call("size keys", 2, (size, keys) => made("summary", { size, keys }))],
  ["random", call("p r seed", 0, (p, r, seed = 0) => chance(p, r, seed))],
  ["prefix_lm", call("k", 1, (k) => either(causal, sink(k)))],
  [
    "streaming",
    call("sinks window", 2, (sinks, window) => both(either(sink(sinks), back(window)), causal)),
  ],
  [
    "longformer",
    call("", Infinity, (w, ...tokens) => either(local(w, w), anchored("global", tokens))),
  ],
  ["strided", call("length", 1, (length) => either(back(length), column(length)))],
  ["strided_local", call("length", 1, back)],
  ["strided_column", call("length", 1, column)],
  [
    "fixed",
    call("length keys", 2, (length, keys) => either(block(length), summaries(length, keys))),
  ],
  ["fixed_block", call("length", 1, block)],
  ["fixed_summary", call("length keys", 2, summaries)],
  [
    "bigbird",
    call("block random seed", 3, (size, random, seed = 0) => bigbird(size, random, seed)),
  ],
]);

function call(names: string, positional: number, build: Build): NamedPattern {
  return { names: names ? names.split(" ") : [], positional, build };
}
