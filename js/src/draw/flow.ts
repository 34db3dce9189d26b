import { type Rgb, roleKey } from "./color";

/** A text of more tokens is shown a part at a time. */
export const PART = 600;

interface Piece {
  readonly text: string;
  readonly role: string;
}

/** What tokenizers write where a token goes on in a word, and where one begins after a space. */
const GOES_ON = "##";
const SPACED = /^[▁Ġ]/u;

/** Which tokens stand apart from the one before them, as their tokenizer has cut the text. */
export function gaps(tokens: readonly Piece[]): boolean[] {
  const spaced = tokens.some(({ text }) => SPACED.test(text));
  return tokens.map(({ text, role }, at) => {
    if (at === 0) return false;
    const edge = roleKey(role) !== null || roleKey(tokens[at - 1]!.role) !== null;
    return edge || (spaced ? SPACED.test(text) : !(text.startsWith(GOES_ON) && text !== GOES_ON));
  });
}

/** The part of a text that a token is in: `[first, end)`. */
export function partOf(at: number, count: number): [number, number] {
  const first = Math.floor(Math.min(at, Math.max(0, count - 1)) / PART) * PART;
  return [first, Math.min(count, first + PART)];
}

/** The positions of the `most` largest sizes that are not nothing, the largest first. */
export function largest(values: ArrayLike<number>, most: number): number[] {
  const size = (at: number) => Math.abs(values[at]!);
  return Array.from(values, (_, at) => at)
    .filter((at) => size(at) > 0)
    .sort((a, b) => size(b) - size(a) || a - b)
    .slice(0, most);
}

/** How bright a colour is, from 0 to 1 (WCAG 2, relative luminance). */
export function luminance([r, g, b]: Rgb): number {
  const linear = (c: number) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

/** Black or white, whichever stands out more on a colour: at least 4.58 : 1 on any. */
export function inkOn(color: Rgb): "#000000" | "#ffffff" {
  const light = luminance(color) + 0.05;
  return light / 0.05 >= 1.05 / light ? "#000000" : "#ffffff";
}
