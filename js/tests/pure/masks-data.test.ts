/** Data-dependent masks: carried and written as Python does; laid over a text only by Python. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  bind,
  format,
  identity,
  MaskError,
  MaskParseError,
  type MaskSpec,
  parse,
  validate,
} from "../../src/masks";

interface Vectors {
  masks: { text: string; spec: MaskSpec }[];
  loose_texts: { text: string; spec: MaskSpec }[];
  bad_specs: unknown[];
  bad_texts: { text: string; at: number }[];
}

const file = new URL("../../../tests/vectors/data_masks.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf-8"));

test.each(vectors.masks)("$text is written and read the same", ({ text, spec }) => {
  expect(validate(spec)).toEqual(spec);
  expect(format(validate(spec))).toBe(text);
  expect(parse(text)).toEqual(spec);
});

test.each(vectors.loose_texts)("what a person types, $text, becomes canonical", (loose) => {
  expect(parse(loose.text)).toEqual(loose.spec);
});

test.each(vectors.bad_specs.map((spec) => [JSON.stringify(spec)]))("%s is refused", (json) => {
  expect(() => validate(JSON.parse(json))).toThrow(MaskError);
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

test.each(vectors.masks)("$text is left to Python to decide", ({ spec }) => {
  expect(() => bind(validate(spec), 8, 8)).toThrow(/needs the model's .*: ask Python/);
});

test("what it needs is named", () => {
  expect(() => bind(parse("lsh(8)"), 8, 8)).toThrow("lsh(8) needs the model's queries and keys");
  expect(() => bind(parse("local(1) | top_k(2)"), 8, 8)).toThrow("top_k(2) needs the model's att");
});

test.each([
  ["NaN", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["undefined", undefined],
])("a threshold of %s is refused", (_, t) => {
  expect(() => validate({ kind: "threshold", t })).toThrow(MaskError);
});

test("operands in another order are the same mask", () => {
  const [one, other] = [parse("top_k(2) | lsh(8)"), parse("lsh(8, seed=0) | top_k(2)")];
  expect(identity(one)).toBe(identity(other));
  expect(identity(one)).not.toBe(identity(parse("top_k(2) | lsh(8, seed=1)")));
});
