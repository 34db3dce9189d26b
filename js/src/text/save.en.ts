/** What saving says, in English. */
export const saveEn = {
  menu: "Save",
  png: "Picture (PNG)",
  svg: "Drawing (SVG)",
  page: "Page (HTML)",
  says: {
    png: "What is shown, as pixels",
    svg: "What is shown: words as text, for papers and slides",
    page: "One file to open anywhere, with everything that needs no Python",
  },
  working: "saving …",
  silent: "Python writes this page, and does not answer: a kernel must run.",
  failed: (why: string) => `It could not be saved: ${why}`,
  from: "From",
  text: "Text",
  mask: "Mask laid over",
  readings: {
    outside: "nothing is re-run",
    renormalised: "rows scaled up within it, nothing is re-run",
  },
  edits: "Changes chosen",
  second: "Second record",
  note: "Note",
};

export type SaveWords = typeof saveEn;
