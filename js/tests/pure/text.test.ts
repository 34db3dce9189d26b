import { expect, test } from "vitest";
import { resolveLang } from "../../src/text";
import { en } from "../../src/text/en";
import { ja } from "../../src/text/ja";
import { clipped, percent, weight } from "../../src/text/numbers";

/** Every leaf of a dictionary, functions called with words. */
function leaves(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    if (typeof value === "function")
      return [[here, String(value("1", "2", "3", "4"))]] as [string, string][];
    if (typeof value === "object") return leaves(value, here);
    return [[here, value]] as [string, string][];
  });
}

test("both languages say the same things, and none is left untranslated", () => {
  const [english, japanese] = [leaves(en), leaves(ja)];
  expect(japanese.map(([path]) => path)).toEqual(english.map(([path]) => path));
  for (const [path, text] of japanese) {
    expect(text.trim(), path).not.toBe("");
    if (path !== ".quoted" && !text.startsWith("[") && path !== ".roleName")
      expect(text, path).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
  }
});

test("the browser's language is followed unless one is asked for", () => {
  expect(resolveLang("auto", "ja-JP")).toBe("ja");
  expect(resolveLang("auto", "de")).toBe("en");
  expect(resolveLang("en", "ja")).toBe("en");
});

test("a little is not nothing", () => {
  expect([0, 0.004, 0.0094, 0.0096, 0.5, 1].map(percent)).toEqual([
    "0%",
    "0.4%",
    "0.9%",
    "1%",
    "50%",
    "100%",
  ]);
});

test("weights keep the digits that count", () => {
  expect([0, 0.0004, 0.05, 0.0994, 0.0996, 0.456, 1].map(weight)).toEqual([
    "0.000",
    "0.000",
    "0.050",
    "0.099",
    "0.10",
    "0.46",
    "1.00",
  ]);
});

test("a long text is named by its beginning, and no letter is cut in two", () => {
  expect(clipped("short")).toBe("short");
  expect(clipped("😀".repeat(5), 3)).toBe("😀😀…");
});
