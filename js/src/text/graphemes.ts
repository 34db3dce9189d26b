const segmenter = typeof Intl.Segmenter === "function" ? new Intl.Segmenter() : null;

/** Letters as a reader counts them: with their accents, and emoji whole. */
export function graphemes(text: string): string[] {
  return segmenter ? Array.from(segmenter.segment(text), ({ segment }) => segment) : [...text];
}
