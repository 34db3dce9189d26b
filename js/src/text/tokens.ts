/** Characters that draw nothing, or change how what follows is drawn. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u3164\uffa0\ufffe\uffff]/gu;

/** A token as it can be read: what has no shape of its own is named, and nothing is left empty. */
export function visible(text: string): string {
  if (text === "") return "∅";
  if (/^ +$/.test(text)) return "␣".repeat(text.length);
  const shown = /^\p{M}/u.test(text) ? `◌${text}` : text; // an accent needs a letter to stand on
  return shown.replace(UNSEEN, (c) => {
    const joins = c === "\u200d" || c === "\u200c"; // inside emoji and Indic or Arabic words
    return joins && text.length > 1
      ? c
      : `⟨${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** Letters that are written from right to left. */
const TURNED =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Keep the order of a text's own letters and of what is cut off it, whatever stands around it. */
export function isolated(text: string): string {
  return TURNED.test(text) ? `\u2068${text}\u2069` : text;
}

/** The direction that a text is read in, by the first letter of its tokens. */
export function direction(tokens: readonly string[]): "ltr" | "rtl" {
  for (const token of tokens) {
    const letter = /\p{L}/u.exec(token)?.[0];
    if (letter) return TURNED.test(letter) ? "rtl" : "ltr";
  }
  return "ltr";
}
