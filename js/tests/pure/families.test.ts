import { expect, test } from "vitest";
import { bind, format, identity, type MaskSpec, parse } from "../../src/masks";
import { FAMILIES, family } from "../../src/masks/families";
import { compose, decompose, explains, startTerm, type Term } from "../../src/masks/parts";

const N = 64;

test("each family starts with a mask that fits, and can be read back", () => {
  for (const n of [2, 8, 512])
    for (const { id, data } of FAMILIES) {
      const term = startTerm(id, n);
      const mask = compose([term], n)!;
      if (data) expect(() => bind(mask, n, n)).toThrow("ask Python");
      else {
        const bound = bind(mask, n, n, ["cls", ...Array(n - 2).fill("word"), "sep"]);
        if (n > 2) expect(bound.nnz(), id).toBeGreaterThan(0);
      }
      const back = decompose(mask, n);
      expect(format(compose(back, n)!)).toBe(format(mask));
      if (n === 512)
        expect(back.map((one) => [one.family, one.values])).toEqual([[id, term.values]]);
    }
});

test("what is composed is what is joined, and can be taken apart again", () => {
  const local: Term = { join: "or", negated: false, family: "local", values: [2] };
  const others: Term[] = [
    { join: "or", negated: false, family: "global", values: [2] },
    { join: "and", negated: false, family: "causal", values: [] },
    { join: "minus", negated: false, family: "sink", values: [1] },
    { join: "or", negated: true, family: "dilated", values: [2, 3] },
    { join: "or", negated: false, family: "strided", values: [8] },
    { join: "and", negated: false, family: "bigbird", values: [4, 1, 0] },
    { join: "minus", negated: false, family: "fixed", values: [8, 2] },
  ];
  for (const one of others)
    for (const two of others) {
      const mask = compose([local, one, two], N)!;
      const back = decompose(mask, N);
      expect(format(compose(back, N)!)).toBe(format(mask));
    }
  expect(format(compose([local, others[0]!, others[1]!], N)!)).toBe(
    "(local(2) | global_(0, 1)) & causal()",
  );
  expect(compose([], N)).toBeNull();
});

test("patterns that are built of others are known again, alone and among others", () => {
  const families = (text: string) => decompose(parse(text), N).map((term) => term.family);
  const values = (text: string) => decompose(parse(text), N).map((term) => term.values);
  for (const [text, ...named] of [
    ["strided(8)", "strided"],
    ["fixed(8, 2)", "fixed"],
    ["bigbird(4, 2, seed=3)", "bigbird"],
    ["bigbird(4, 0)", "bigbird"],
    ["global_('cls') | strided(8)", "cls", "strided"],
    ["fixed(8, 2) | local(1)", "fixed", "local"],
    ["strided(8) & ~sink(1)", "strided", "sink"],
    ["local(9) & strided(4)", "local", "strided"],
    ["~strided(8)", "strided"],
    ["random(p=0.25, seed=7)", "chance"],
    ["documents(16, 16, 16, 16)", "documents"],
  ] as const)
    expect(families(text), text).toEqual(named);
  expect(values("bigbird(4, 2, seed=3)")).toEqual([[4, 2, 3]]);
  expect(values("fixed(8, 2)")).toEqual([[8, 2]]);
  expect(values("random(p=0.25, seed=7)")).toEqual([[25, 7]]);
  expect(families("local(left=7, right=0) | residue(8)")).toEqual(["lookback", "residue"]);
});

test("all of an LSH mask's knobs are its own", () => {
  const text = "lsh(16, rounds=2, chunk=32, same_bucket=True, share_qk=True, look_back=2, seed=5)";
  const [term] = decompose(parse(text), N);
  expect(term).toMatchObject({ family: "lsh", values: [16, 2, 32, 2, 1, 1, 5] });
});

test("documents are cut as alike as can be, for any length", () => {
  for (const n of [2, 3, 7, 64, 100])
    for (const count of [1, 2, 3, 7]) {
      const mask = family("documents").make([count], n) as Extract<MaskSpec, { lengths: unknown }>;
      expect(mask.lengths.reduce((sum, one) => sum + one, 0)).toBe(n);
      expect(mask.lengths).toHaveLength(Math.min(n, count));
      expect(Math.max(...mask.lengths) - Math.min(...mask.lengths)).toBeLessThan(2);
    }
});

test("what no family makes stays a part as it is written", () => {
  for (const text of [
    "local(1) & (causal() | sink(2))",
    "global_cols(3)",
    "global_cols(3) | local(1)",
    "blocks(4, left=1, right=0) | ~global_rows(2)",
    "documents(10, 54)",
    "threshold(0.005)",
  ]) {
    const mask = parse(text);
    const terms = decompose(mask, N);
    expect(
      terms.some((term) => term.written),
      text,
    ).toBe(true);
    expect(identity(compose(terms, N)!)).toBe(identity(mask));
    const more = compose([...terms, startTerm("sink", N)], N)!;
    expect(format(more)).toContain("sink(4)");
    expect(decompose(more, N).length).toBeGreaterThan(1);
  }
});

test("parts explain the mask they make, and no other", () => {
  const even: Term = { join: "or", negated: false, family: "lookback", values: [3, 3] };
  expect(explains([even], parse("local(3)"), N)).toBe(true);
  expect(explains([even], parse("local(4)"), N)).toBe(false);
  expect(explains([], parse("local(4)"), N)).toBe(false);
});

test("every family has bounds that hold for every length", () => {
  for (const { knobs } of FAMILIES)
    for (const knob of knobs)
      for (const n of [2, 3, 64, 2 ** 20]) expect(knob.most(n)).toBeGreaterThanOrEqual(knob.least);
  expect(() => family("none")).toThrow("no family is called none");
});
