/** The words of the table. */
export const tableEn = {
  pairs: (seen: string, most: number | null) =>
    `${seen}: ${most ? `its ${most} strongest pairs` : "all pairs above zero"}`,
  row: (seen: string, token: string) => `${seen}: what “${token}” looks at`,
  query: "looks",
  key: "at",
  weight: "weight",
  mask: "mask",
  outside: "outside",
  picture: "in the picture",
  hidden: "hidden",
  unlisted: "Pairs with hidden tokens are not listed.",
  before: "before",
  after: "more",
  page: (from: number, to: number, of: number) => `${from}–${to} of ${of}`,
  copy: "Copy the table",
  copied: "Copied",
  copyFailed: (why: string) => `The table could not be copied: ${why}.`,
  hint: "Pick a token in the matrix, or find one with /, to list its row.",
  pooled:
    "This text is too long for its pairs to be listed from the picture. Pick a token in the matrix, or find one with /, to list its row.",
};

export type TableWords = typeof tableEn;
