/** The words of the panel of special tokens. */
export const specialEn = {
  specialTitle: "Special tokens",
  specialModes: {
    off: "as they are",
    mark: "mark",
    hide: "hide",
    hide_renormalise: "hide, rescale",
  },
  specialModeHelp: {
    off: "No marks.",
    mark: "Coloured bands mark their rows and columns; the bar below each head is their share.",
    hide: "Their rows and columns are blank; the rest keeps its scale.",
    hide_renormalise:
      "Their rows and columns are blank; what remains of each row is scaled up to 1.",
  },
  markedOnly: "Coloured bands mark their rows and columns.",
  specialGroups: "Counted as special",
  specialFirst: (role: string) => `${role} (first position)`,
  specialBoth: " and its ",
  specialNone: (groups: string) =>
    `This text has no special tokens. Its ${groups} can be counted in their place.`,
  specialUntold: (groups: string) =>
    `No tokenizer said which of these tokens are special: give tokenizer=… (or roles=…) in Python. Until then the text's ${groups} can be counted.`,
  specialNothing: "This text has nothing that could be counted as special.",
  specialUnchosen: "Nothing is counted as special now.",
  specialSummary: (share: string, parts: string, uniform: string) =>
    `In the heads shown, words give ${share} of their attention to special tokens (${parts}). Spread evenly it would be ${uniform}.`,
  comma: ", ",
  normsScale: "share of what arrives",
  normsReading: (share: string, uniform: string) =>
    `${share} of what arrives at words comes from special tokens (an even spread would give ${uniform})`,
  normsSummary: (share: string, parts: string, uniform: string) =>
    `In the heads shown, ${share} of what arrives at words comes from special tokens (${parts}). Spread evenly it would be ${uniform}.`,
  normsHidden: (share: string) =>
    `Hidden now: ${share} of what arrives at words (mean of the heads shown).`,
  normsShare: (role: string) => `${role}: share of what arrives`,
  normsMark: (role: string) => `${role}: column, row, and share of what arrives`,
  noWords: "This text has no words of its own: the shares are means over its special tokens.",
  hiddenSummary: (share: string) =>
    `Hidden now: ${share} of the words' attention (mean of the heads shown).`,

  directionName: "Which way to look",
  directionTo: "who looks at them",
  directionFrom: (role: string) => `what ${role} looks at`,
  rowSummary: (role: string, itself: string, special: string, rest: string, named: string) =>
    `In the heads shown, ${role} gives itself ${itself} of its own attention, other special tokens ${special}, and ${named} ${rest}. Being looked at is not reading.`,
  normsRow: (role: string, itself: string, special: string, rest: string, named: string) =>
    `In the heads shown, ${itself} of what arrives at ${role} comes from itself, ${special} from other special tokens, and ${rest} from ${named}.`,
  rowFirst: "In a decoder the first token has nothing to look at but itself.",
  partItself: (role: string) => `${role} itself`,
  partSpecial: "other special tokens",
  partWords: "words",
  partRest: "all else",

  profileTitle: "By layer (mean of the heads shown)",
  profileSaid: (layer: number, parts: string) => `Layer ${layer}: ${parts}`,
  profileEven: (share: string) => `if all tokens were looked at alike: ${share}`,
  profileLeft: (name: string) => `left: ${name}`,
  profileRight: (name: string) => `right, paler: ${name}`,
  normsFirst: "weight α, where it looks",
  normsSecond: "norm ‖αf(x)‖, what arrives",
  headMapTitle: (measure: string) => `By head: ${measure} (stronger colour: more)`,
  headLooks: "share of the words' attention on special tokens",
  headNorms: "share of what arrives at words that comes from special tokens",
  headRow: (role: string) => `share of ${role}'s attention on itself and special tokens`,
  headRowNorms: (role: string) =>
    `share of what arrives at ${role} that comes from itself and special tokens`,
  headMapLabel: (layers: number, heads: number, layer: number, head: number, share: string) =>
    `Shares of ${layers} layers by ${heads} heads. In focus: layer ${layer}, head ${head}: ${share}. Arrow keys move.`,
  headMapSaid: (layer: number, head: number, share: string) =>
    `Layer ${layer}, head ${head}: ${share}`,

  weigh: "Measure what arrives from there",
  weighing: "Measuring…",
  weighAside:
    "What arrives takes the place of the changed run in the pictures. Its numbers stay under “What if…?”; applying again brings the picture back.",
  effectAside: "The pictures show what arrives now. Apply again to see this change in them.",
  changesNoneYet: "No change yet. Pick one above.",
  weighNeeds:
    "How much arrives from there is another question, and needs the model: give runner=ModelRunner.from_pretrained(…).",
  twiceTitle: "Thick lines, thin messages?",
  twiceHelp:
    "One row of this head, drawn twice alike: each line is as thick as the key's share of the row.",
  onceTitle: "One row",
  onceHelp: "One row of this head: each line is as thick as the key's share of the row.",
  twiceRow: "Row",
  twiceOthers: (count: number) => (count === 1 ? "1 other" : `${count} others`),
  twiceSaid: (name: string, query: string, parts: string) => `${name}, “${query}”: ${parts}`,

  toWhatIf: "Mute it, block it, or change its scores: What if…?",

  cardTitle: "What the textbook would say, and what speaks for it",
  cardAsking: "Reading all heads of this text…",
  cardNeedsPython: "This takes a running kernel: the page was saved without it.",
  cardAbsent: (reason: string) => `No diagnosis of this text: ${reason}`,
  cardStates: {
    found: "found here",
    "not found": "not found here",
    "cannot judge": "cannot be judged here",
  },
  cardStory: "The textbook's story through the layers",
  cardEvidence: "The evidence beside it",
  cardHint: "The clogged rule: a hint with a known miss rate",
  cardCannot: "What cannot be concluded",
  showMe: "Show me:",
  showNearest: "Show me the nearest to it:",
};

export type SpecialWords = typeof specialEn;
