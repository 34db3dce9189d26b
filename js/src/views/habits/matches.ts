import type { TokenInfo } from "../../data/types";

const plain = (text: string) => text.normalize("NFKC").toLowerCase();

/** Positions of the tokens that hold a text, case and width of letters aside. */
export function matches(tokens: readonly TokenInfo[], sought: string): number[] {
  const wanted = plain(sought.trim());
  if (!wanted) return [];
  return tokens.flatMap(({ text }, at) => (plain(text).includes(wanted) ? [at] : []));
}

/** The match after a position, or before it, around the end. */
export function following(found: readonly number[], from: number | null, by: 1 | -1): number {
  const at = from ?? (by === 1 ? -1 : Number.POSITIVE_INFINITY);
  const next =
    by === 1 ? found.find((one) => one > at) : [...found].reverse().find((one) => one < at);
  return next ?? (by === 1 ? found[0]! : found[found.length - 1]!);
}
