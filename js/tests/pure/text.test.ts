import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resolveLang } from "../../src/text";
import { en } from "../../src/text/en";
import { ja } from "../../src/text/ja";
import { labEn } from "../../src/text/lab.en";
import { labJa } from "../../src/text/lab.ja";
import { clipped, nearOne, percent, weight } from "../../src/text/numbers";
import { visible } from "../../src/text/tokens";

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
  const [english, japanese] = [leaves({ en, lab: labEn }), leaves({ en: ja, lab: labJa })];
  expect(japanese.map(([path]) => path)).toEqual(english.map(([path]) => path));
  for (const [at, [path, text]] of japanese.entries()) {
    expect(text.trim(), path).not.toBe("");
    const worded = /[a-z]{2}/.test(english[at]![1]);
    const key = /\.keys\.\d+\.0$/.test(path); // what is written on a keyboard
    if (worded && !key && !text.startsWith("[") && path !== ".en.roleName")
      expect(text, path).toMatch(/[\u3000-\u30ff\u4e00-\u9fff\uff5e]/);
  }
});

test("the browser's language is followed unless one is asked for", () => {
  expect(resolveLang("auto", "ja-JP")).toBe("ja");
  expect(resolveLang("auto", "de")).toBe("en");
  expect(resolveLang("en", "ja")).toBe("en");
});

test("a little is not nothing", () => {
  expect([0, 1e-9, 0.00049, 0.000031, 0.004, 0.0094, 0.0096, 0.5, 1].map(percent)).toEqual([
    "0%",
    "<0.000001%",
    "0.05%",
    "0.003%",
    "0.4%",
    "0.9%",
    "1%",
    "50%",
    "100%",
  ]);
});

test("weights keep the digits that count", () => {
  expect(
    [0, 1e-9, 0.0000034, 0.000168, 0.0004, 0.00999, 0.05, 0.0994, 0.0996, 0.456, 1].map(weight),
  ).toEqual([
    "0",
    "<0.000001",
    "0.0000034",
    "0.00017",
    "0.00040",
    "0.010",
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

test("what has no shape is named, and what has one is left alone", () => {
  expect(
    ["", " ", "  ", "dog", "##ing", "猫", "👩‍💻", "a\u202eb", "\u200b", "\n"].map(visible),
  ).toEqual(["∅", "␣", "␣␣", "dog", "##ing", "猫", "👩‍💻", "a⟨202E⟩b", "⟨200B⟩", "⟨000A⟩"]);
});

test("no word waits for a view that would say it", () => {
  const folder = new URL("../../src/views/", import.meta.url);
  const read = (dir: URL): string =>
    readdirSync(dir, { withFileTypes: true })
      .map((entry) =>
        entry.isDirectory()
          ? read(new URL(`${entry.name}/`, dir))
          : readFileSync(new URL(entry.name, dir), "utf8"),
      )
      .join("\n");
  const source = read(folder);
  const byName = ["layer", "head"];
  for (const key of [...Object.keys(en), ...Object.keys(labEn)].filter((k) => !byName.includes(k)))
    expect([key, new RegExp(`\\b(w|words|value|peek\\(\\))\\.${key}\\b`).test(source)]).toEqual([
      key,
      true,
    ]);
});

test("nearly all is not all, and nearly 1 is not 1", () => {
  expect([0.994, 0.9951, 0.99996, 0.9999999, 1].map(percent)).toEqual([
    "99%",
    "99.5%",
    "99.996%",
    "99.99999%",
    "100%",
  ]);
  expect([0.5, 0.99994, 0.9999999999, 1, -0.2].map(nearOne)).toEqual([
    "0.500",
    "0.999940",
    "1.000000000",
    "1",
    "-0.200",
  ]);
});
