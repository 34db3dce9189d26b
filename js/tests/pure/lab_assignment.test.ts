import { expect, test } from "vitest";
import { MaskParseError, parse } from "../../src/masks";
import {
  type AssignmentSpec,
  firstOf,
  formatGiven,
  maskFor,
  parseGiven,
  sharesOf,
  within,
} from "../../src/masks/assignment";

/** As Python's `repr` writes them, whose equals are checked in the Python tests. */
const TEXTS = [
  "per_head({0: local(2)}, default=full())",
  "per_head({(0, 3): local(2) | global_('cls', 7), 5: ~dilated(3, 2)}, default=causal())",
  "per_layer({0: per_head({(1, 2): local(left=4, right=0)}, default=sink(2)), (1, 2): local(8)}, default=local(1))",
  "per_layer({3: lsh(8, rounds=2)}, default=per_head({}, default=top_k(2)))",
];

test("an assignment's text is read and written alike", () => {
  for (const text of TEXTS) expect(formatGiven(parseGiven(text))).toBe(text);
  expect(formatGiven(parseGiven(" local(2)|sink(1) "))).toBe("local(2) | sink(1)");
});

test("entries are sorted and grouped, and what repeats the default is dropped", () => {
  const given = parseGiven("per_head({4: local(1), 2: sink(1), (3,): local(1), 7: full()})");
  expect(formatGiven(given)).toBe("per_head({2: sink(1), (3, 4): local(1)}, default=full())");
});

test("what is wrong is said, and where", () => {
  for (const [text, reason] of [
    ["per_head({0: local(2)", /expected , or }/],
    ["per_head({0: local(-1)})", /at character 13/],
    ["per_head({0: local(2), 0: full()})", /head 0 is given two masks/],
    ["per_head({x: local(2)})", /a head's number/],
    ["per_head({0: per_layer({1: full()})})", /a head is given a mask/],
    ["per_layer({0: per_layer({1: full()})})", /expected per_head/],
    ["per_head({0: local(2)}) | sink(1)", /nothing may follow/],
    ["per_head({0: local(2)}, other=full())", /default=/],
    ["per_heads({})", /./],
  ] as const) {
    expect(() => parseGiven(text), text).toThrow(MaskParseError);
    expect(() => parseGiven(text), text).toThrow(reason);
  }
});

test("every head is in exactly one share, and gets its mask", () => {
  for (const text of TEXTS) {
    const given = parseGiven(text);
    const shares = sharesOf(given);
    for (let layer = 0; layer < 6; layer++)
      for (let head = 0; head < 9; head++) {
        const own = shares.filter((s) => within(s.layers, layer) && within(s.heads, head));
        expect(own).toHaveLength(1);
        expect(own[0]!.mask).toEqual(maskFor(given, layer, head));
      }
  }
});

test("a head is offered for each share that has one", () => {
  const [some, rest] = sharesOf(parseGiven("per_head({(0, 3): sink(1)}, default=local(1))"));
  expect(firstOf(some!.heads, [])).toBe(0);
  expect(firstOf(rest!.heads, [])).toBe(1);
  expect(firstOf(rest!.heads, [0, 3])).toBeNull();
  expect(firstOf(some!.heads, [2, 3])).toBe(3);
});

test("a mask for all heads is one share", () => {
  const mask = parse("local(2)");
  expect(sharesOf(mask)).toEqual([{ layers: { not: [] }, heads: { not: [] }, mask }]);
  expect(maskFor(parseGiven(TEXTS[0]!) as AssignmentSpec, 9, 0)).toEqual(mask);
});
