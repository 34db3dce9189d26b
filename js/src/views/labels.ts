import { graphemes } from "../text/graphemes";
import { isolated, visible } from "../text/tokens";
import { FONT } from "./canvas";

export const LABEL_FONT = `12px ${FONT}`;
const MOST_PIXELS = 92;
/** No label within {@link MOST_PIXELS} is longer than this, whatever it says. */
export const MOST_LETTERS = 60;

const measurer = new OffscreenCanvas(1, 1).getContext("2d");
const known = new Map<string, string>();

function measure(text: string): number {
  if (!measurer) return 7 * text.length;
  measurer.font = `600 ${LABEL_FONT}`; // as wide as a label gets
  return measurer.measureText(text).width;
}

/** A token as it fits beside the matrix. */
export function label(token: string): string {
  const ready = known.get(token);
  if (ready !== undefined) return ready;
  const letters = graphemes(visible(token));
  let text = letters.slice(0, MOST_LETTERS).join("");
  if (letters.length > MOST_LETTERS || measure(text) > MOST_PIXELS) {
    let [fits, over] = [1, Math.min(letters.length, MOST_LETTERS)];
    while (over - fits > 1) {
      const middle = (fits + over) >> 1;
      if (measure(`${letters.slice(0, middle).join("")}…`) <= MOST_PIXELS) fits = middle;
      else over = middle;
    }
    text = `${letters.slice(0, fits).join("")}…`;
  }
  text = isolated(text);
  if (known.size > 20_000) known.clear();
  known.set(token, text);
  return text;
}

/** The width that the widest of some labels takes, and of words that stand among them. */
export function widest(
  tokens: readonly { readonly text: string }[],
  words: readonly string[] = [],
): number {
  return Math.max(
    ...words.map(measure),
    ...new Set(tokens.map(({ text }) => measure(label(text)))),
  );
}
