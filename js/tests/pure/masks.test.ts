/** The shared vectors, as TypeScript answers them; tests/unit/masks answers the same in Python. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  bind,
  format,
  identity,
  MaskError,
  MaskParseError,
  parse,
  validate,
} from "../../src/masks";

interface Bound {
  text: string;
  n_queries: number;
  n_keys: number;
  roles: string[] | null;
  segments?: (number | null)[] | null;
  q_offset: number;
}

interface Vectors {
  cases: (Bound & { spec: unknown; nnz: number; sha256: string })[];
  loose_texts: { text: string; spec: unknown }[];
  bad_specs: unknown[];
  deepest_spec: unknown[];
  bad_texts: { text: string; at: number }[];
  bad_binds: Bound[];
}

const file = new URL("../../../tests/vectors/masks.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf-8"));

/** SHA-256 of the bits, eight to a byte, the first in the lowest place. */
function digest(bits: Uint8Array): string {
  const packed = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, index) => {
    if (bit) packed[index >> 3]! |= 1 << (index & 7);
  });
  return createHash("sha256").update(packed).digest("hex");
}

function lay(spec: ReturnType<typeof validate>, at: Bound) {
  return bind(spec, at.n_queries, at.n_keys, at.roles, at.q_offset, at.segments);
}

test.each(vectors.cases)("$text over $n_queries x $n_keys has the same count and bits", (at) => {
  const bound = lay(validate(at.spec), at);
  expect(bound.nnz()).toBe(at.nnz);
  expect(digest(bound.toBits())).toBe(at.sha256);
});

test.each(vectors.cases)(
  "$text over $n_queries x $n_keys has rows that add up to its bits",
  (at) => {
    const bound = lay(validate(at.spec), at);
    const { starts, bounds } = bound.rows();
    const drawn = new Uint8Array(at.n_queries * at.n_keys);
    for (let row = 0; row < at.n_queries; row++) {
      let before = -1;
      for (let i = starts[row]!; i < starts[row + 1]!; i += 2) {
        expect(bounds[i]).toBeGreaterThan(before);
        expect(bounds[i + 1]).toBeGreaterThan(bounds[i]!);
        before = bounds[i + 1]!;
        drawn.fill(1, row * at.n_keys + bounds[i]!, row * at.n_keys + bounds[i + 1]!);
      }
    }
    expect(digest(drawn)).toBe(at.sha256);
    expect(bound.degrees().reduce((sum, degree) => sum + degree, 0)).toBe(at.nnz);
  },
);

test.each(vectors.cases)("$text is written and read the same", (at) => {
  const spec = validate(at.spec);
  expect(spec).toEqual(at.spec);
  expect(format(spec)).toBe(at.text);
  expect(parse(at.text)).toEqual(at.spec);
});

test.each(vectors.loose_texts)("what a person types, $text, is put in canonical form", (at) => {
  expect(parse(at.text)).toEqual(at.spec);
});

test.each(vectors.bad_specs.map((spec) => [JSON.stringify(spec)]))("%s is refused", (json) => {
  expect(() => validate(JSON.parse(json))).toThrow(MaskError);
});

test("the deepest specification allowed is read", () => {
  expect(validate(vectors.deepest_spec[0])).toEqual(vectors.deepest_spec[0]);
});

test.each(vectors.bad_texts)("the text $text is refused at its place", ({ text, at }) => {
  const caught = (() => {
    try {
      return parse(text);
    } catch (error) {
      return error;
    }
  })();
  expect(caught).toBeInstanceOf(MaskParseError);
  expect((caught as MaskParseError).at).toBe(at);
});

test.each(vectors.bad_binds)("$text does not fit $n_queries x $n_keys", (at) => {
  expect(() => lay(parse(at.text), at)).toThrow(MaskError);
});

test.each([
  ["NaN", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["a bigint", 2n],
  ["undefined", undefined],
])("a window of %s is refused", (_, left) => {
  expect(() => validate({ kind: "local", left, right: 2 })).toThrow(MaskError);
});

test("a specification that contains itself is refused", () => {
  const loop: { kind: string; of: unknown } = { kind: "not", of: null };
  loop.of = loop;
  expect(() => validate(loop)).toThrow(/deep/);
});

test("a specification of too many parts is refused", () => {
  const of = Array.from({ length: 2048 }, () => ({ kind: "full" }));
  expect(() => validate({ kind: "or", of })).toThrow(/2048 parts/);
  expect(validate({ kind: "or", of: of.slice(1) })).toEqual({ kind: "full" });
});

test.each([
  { kind: "global_blocks", size: 4, blocks: Array(3000).fill(0) },
  { kind: "block_pairs", size: 4, pairs: Array(1024).fill([0, 1]) },
  { kind: "documents", lengths: Array(2048).fill(1) },
])("a $kind of too many numbers is refused", (spec) => {
  expect(() => validate(spec)).toThrow(/2048 parts/);
});

test("operands in another order are the same mask", () => {
  const [one, other] = [parse("local(1) | sink(2) & full()"), parse("full() & sink(2) | local(1)")];
  expect(identity(one)).toBe(identity(other));
  expect(identity(one)).not.toBe(identity(parse("(local(1) | sink(2)) & full()")));
});

test("a million tokens are counted without a matrix", () => {
  const n = 2 ** 20;
  const anchors = Array.from({ length: 16 }, (_, index) => (index * n) / 16).join(", ");
  expect(bind(parse(`(local(256) | global_(${anchors})) & causal()`), n, n).nnz()).toBe(286220280);
});
