/** Characters that draw nothing, or change how what follows is drawn. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u3164\uffa0\ufffe\uffff]/gu;

/** A token as it can be read: what has no shape of its own is named, and nothing is left empty. */
export function visible(text: string): string {
  if (text === "") return "∅";
  if (/^ +$/.test(text)) return "␣".repeat(text.length);
  return text.replace(UNSEEN, (c) => {
    const joins = c === "\u200d" || c === "\u200c"; // inside emoji and Indic or Arabic words
    return joins && text.length > 1
      ? c
      : `⟨${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}
