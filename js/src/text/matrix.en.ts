function ordinal(n: number): string {
  const last = n % 10;
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${teen || last === 0 || last > 3 ? "th" : ["st", "nd", "rd"][last - 1]}`;
}

/** What the matrix and its scale say, in English. */
export const matrixEn = {
  choice: "One head, or the mean of those shown",
  oneHead: "this head",
  meanOf: (count: number) => `mean of ${count} head${count === 1 ? "" : "s"}`,
  meanTitle: (count: number, first: number, last: number) =>
    `Mean of ${count} head${count === 1 ? "" : "s"}, ${first === last ? `layer ${first}` : `layers ${first} to ${last}`}`,
  meanMasks: "Each head has a mask of its own: none is drawn over their mean.",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  zoomAll: "Show all",
  keys: "Plus and minus zoom, Shift with arrows moves the part that is drawn, 0 shows all.",
  zoomHelp:
    "Zoom: Ctrl + wheel, or + and −. Move: drag, or Shift + arrows. All: double-click, or 0.",
  window: (q0: number, q1: number, k0: number, k1: number, of: number) =>
    `Rows ${q0}–${q1}, columns ${k0}–${k1} of ${of}`,
  everyLabel: (n: number) => `every ${ordinal(n)} token is named`,
  rowsEvery: (n: number) => `every ${ordinal(n)} row is named`,
  colsEvery: (n: number) => `every ${ordinal(n)} column is named`,
  pooled: (weights: string) => `each square of colour is the largest of up to ${weights} weights`,
  pooledWhy: {
    far: "zoom in to see each",
    asked: "asking Python for each",
    silent: "to see each, a kernel must run",
  },
  rowBars: "right: how much of its attention each row shows (full length: 1)",
  rowBarsOutside: "right, paler: outside the mask",
  colBars: (most: string) => `below: attention each column receives (longest: ${most})`,
  rowNorms: "right: how much of what arrives at each row is shown (full length: all of it)",
  colNorms: (most: string) =>
    `below: what arrives from each column, summed over rows (longest: ${most})`,
  noBars: "no sums beside it: they need every weight",
  edge: "edge of the mask",
  parts: "A, B: first and second text",
  rowSum: (sum: string) => `row sum ${sum}`,
  rowDrawn: (sum: string) => `drawn ${sum}`,
  scaleName: "Colour follows",
  scales: {
    sqrt: "square root",
    linear: "linear",
    log: "logarithm",
    row: "share of its row's largest",
    head: "share of the head's largest",
  },
  scaleTitles: {
    row: "weight ÷ largest in its row",
    head: "weight ÷ largest in the head",
  },
  scaleNotes: {
    sqrt: "Colour follows the square root of the weight, so that small weights can be told apart.",
    linear: "Colour follows the weight itself: twice the weight is twice as far along the scale.",
    log: "Colour follows the logarithm of the weight. Weights below 0.0001 look like none.",
    row: "Each row has its own scale, up to its largest weight: rows cannot be compared. Square root.",
    head: "Each head has its own scale, up to its largest weight: heads cannot be compared. Square root.",
  },
  colorsName: "Colours",
};

export type MatrixWords = typeof matrixEn;
