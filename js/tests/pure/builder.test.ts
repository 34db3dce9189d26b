import { expect, test } from "vitest";
import { format, parse } from "../../src/masks";
import { build, NO_PARTS, partsOf } from "../../src/masks/builder";

test("what the sliders build can be read back from the mask", () => {
  for (const window of [null, 0, 3])
    for (const dilation of [1, 2])
      for (const globals of [[], ["cls"], ["cls", "sep"]] as const)
        for (const causal of [false, true]) {
          const parts = { window, dilation: window === null ? 1 : dilation, globals, causal };
          const mask = build(parts);
          if (mask === null) expect([window, globals.length, causal]).toEqual([null, 0, false]);
          else expect(partsOf(mask)).toEqual(parts);
        }
});

test("masks that sliders cannot make are left to their text", () => {
  for (const text of [
    "local(left=2, right=1)",
    "~local(2)",
    "local(2) | local(left=0, right=5)",
    "sink(2)",
    "(local(1) & causal()) | global_('cls')",
    "full()",
  ])
    expect(partsOf(parse(text))).toBeNull();
});

test("the order in which a mask was written does not matter", () => {
  expect(partsOf(parse("causal() & local(2)"))).toEqual({ ...NO_PARTS, window: 2, causal: true });
  expect(partsOf(parse("global_('cls') | local(1)"))).toEqual({
    ...NO_PARTS,
    window: 1,
    globals: ["cls"],
  });
});

test("masks read well", () => {
  const text = (change: object) => format(build({ ...NO_PARTS, ...change })!);
  expect(text({ window: 2 })).toBe("local(2)");
  expect(text({ window: 2, globals: ["cls"] })).toBe("local(2) | global_('cls')");
  expect(text({ window: 2, dilation: 3 })).toBe("dilated(2, 3)");
});
