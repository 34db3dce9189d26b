import { expect, test } from "vitest";
import { bind, parse } from "../../src/masks";
import { parseGiven } from "../../src/masks/assignment";
import { mistakeJa } from "../../src/text/lab.mistakes.ja";

const UNKNOWN = mistakeJa("something else").split("\n")[0]!;

function said(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    const { message } = error as Error;
    const [lead, ...rest] = mistakeJa(message).split("\n");
    expect(rest.join("\n")).toBe(message);
    expect(lead).not.toBe(UNKNOWN);
    expect(lead).not.toMatch(/\$\d/);
    return lead!;
  }
  throw new Error("nothing was wrong");
}

test("what is wrong with a text is named in Japanese, and the exact words follow", () => {
  for (const [text, lead] of [
    ["lokal(2)", "「lokal」というマスクはありません。（1 文字目）"],
    ["local(2) |", "ここには local(2) のようなマスクが必要です。（11 文字目）"],
    ["local(2", "ここには , or ) が必要です。（8 文字目）"],
    ["local(-2)", "0 から 2147483647 までの値が必要ですが、-2 が渡されました。（1 文字目）"],
    ["local(2.5)", "整数が必要ですが、2.5 が渡されました。（1 文字目）"],
    ["local(1, 2, 3)", "local に渡す値が多すぎます。（1 文字目）"],
    ["local(width=3)", "local に引数 width はありません。（1 文字目）"],
    ["dilated(2)", "引数が足りません：d（1 文字目）"],
    ["lsh(7)", "バケット数は偶数にします（いまは 7）。（1 文字目）"],
    ["global_('dog')", "'dog' という名前のトークンはありません。（1 文字目）"],
    ["local(2) $", "ここにマスクの式では使えない文字があります。（10 文字目）"],
  ])
    expect(
      said(() => parse(text!)),
      text,
    ).toBe(lead);
});

test("every other refusal has a sentence of its own, too", () => {
  for (const text of [
    "",
    "local",
    "local(2))",
    "local(w=2, w=3)",
    "local(2, w=3)",
    "local(left=1, 2)",
    "local(left)",
    "local(left=1)",
    "global_()",
    "global_(cls)",
    "random(p=2)",
    "random()",
    "threshold('a')",
    "block_pairs(4, 1)",
    "documents()",
    "lsh(8, causal=True)",
    "lsh(8, same_bucket=3)",
    `${"(".repeat(70)}full()`,
    "x".repeat(2 ** 17 + 1),
    "per_head({a: full()})",
    "per_head({0: full(), 0: causal()})",
    "per_head({0: per_head({1: full()})})",
    "per_head({0: full()} 3",
    "per_head({0: full()}) 3",
    "per_head(3)",
    "per_head({0: full() 1: full()})",
  ])
    said(() => parseGiven(text));
});

test("so has every mask that does not fit its text", () => {
  const roles = ["cls", "word", "word", "word"];
  for (const text of [
    "global_(9)",
    "global_('sep')",
    "global_blocks(2, 5)",
    "documents(3, 3)",
    "segments()",
    "top_k(2)",
  ])
    said(() => bind(parse(text), 4, 4, roles));
  said(() => bind(parse("global_('cls')"), 4, 4));
  for (const told of [
    "top_k(4) follows the data of a head: give a record",
    "n=1: expected 2 to 9 tokens",
  ])
    expect(mistakeJa(told).split("\n")[0]).not.toBe(UNKNOWN);
});

test("an unknown error is kept as it is, with a sentence before it", () => {
  expect(mistakeJa("Kaboom")).toBe("この操作はできません。\nKaboom");
});
