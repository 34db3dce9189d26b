/** What the lines and the text say, in English. */
export const linesEn = {
  meanOfLayer: (layer: number) => `mean of layer ${layer}`,
  compare: "compare",
  chips: (layer: number) => `Heads of layer ${layer}`,
  chosen: (layer: number, heads: string) => `Layer ${layer}, heads ${heads}`,
  chip: (head: number) => `Head ${head}`,
  chipsMost: (most: number) => `${most} at most`,

  area: (queries: number, keys: number) =>
    `Lines from ${queries} tokens on the left to the ${keys} tokens they look at on the right. Up and down move, left and right change sides, Enter picks, Escape lets go.`,
  looking: "looks →",
  looked: "→ is looked at",
  looks: (token: string, at: number) => `${token}, token ${at}, looks`,
  isLooked: (token: string, at: number) => `${token}, token ${at}, is looked at`,
  hint: "Each line is one look, from left to right. Point at a token to see its lines alone, click to keep it.",
  linksName: "Which lines, of the texts A and B",
  links: { all: "all", aa: "A → A", ab: "A → B", ba: "B → A", bb: "B → B" },
  top: "Strongest of each row",
  topAll: "all of them",
  topSaid: (percent: string, count: number, most: boolean) =>
    `${percent}: ${most ? "up to " : ""}${count} key${count === 1 ? "" : "s"} each`,
  strength: (follows: string) => `thicker and stronger: more attention (${follows})`,
  dashed: "dashed: the mask forbids it",
  struck: "crossed out: hidden",
  faint: "below 1/16 of full strength no line is drawn",
  sight: "drawn: the lines of the tokens in sight",
  less: "blue: less; orange: more",
  pooled:
    "This text is too long for all lines to be drawn from the picture. Pick or point at a token on the left to see its own.",
  manyLooks: (token: string) => `“${token}” looks most at`,
  manyLooked: (token: string) => `“${token}” is looked at most by`,

  looksName: "Which way to look",
  looksWays: { at: "looks at", by: "is looked at by" },
  pick: {
    at: "Pick a token: the others are shaded by how much it looks at them.",
    by: "Pick a token: the others are shaded by how much they look at it.",
  },
  text: "The text, token by token. Arrow keys move, Enter picks, Escape lets go.",
  textLooking: "The text that looks",
  textLooked: "The text that is looked at",
  by: (token: string) => `“${token}” is looked at most by`,
  byArrives: (token: string) => `“${token}” arrives most at`,
  byChange: (token: string) => `Looks at “${token}” changed most from`,
  byNone: (token: string) => `Nobody looks at “${token}”.`,
  nothing: "nothing",
  boxed: "boxed: special token",
  shaded: "shade: attention, as in the legend",
  position: (at: number) => `token ${at}`,
  hiddenShare: (share: string) => `${share} of its attention goes to hidden special tokens`,
  tooLong:
    "This text is too long for the picture to hold each weight of this token, and Python does not answer.",
  asking: "Asking Python for this token’s weights…",
  parts: "Part of the text",
  earlier: "before",
  later: "after",
  part: (from: number, to: number, of: number) => `tokens ${from}–${to} of ${of}`,
};

export type LinesWords = typeof linesEn;
