/** How many rows and columns lie outside what is seen. */
export type Beyond = Readonly<Record<"left" | "right" | "above" | "below", number>>;

/** The words of the grid of heads: the number under each, how they are sorted and chosen. */
export const gridEn = {
  badgeName: "Number under each head",
  filter: "Filter:",
  under: "Under each head",
  badges: {
    special: "share on special tokens",
    entropy: "spread of attention",
    kept: "share the mask keeps",
    class: "class of map",
    importance: "importance",
    moved: "how much has moved",
  },
  noSpecial: "this text has none",
  untold: "no tokenizer said which",
  noMask: "needs a mask",
  noImportance: "not measured",
  importanceHelp: "In Python: view.importance = runner.head_importance(texts)",
  badgeOff: (name: string, lacks: string) => `${name} (${lacks})`,
  missing: (name: string, lacks: string) => `${name}: ${lacks}.`,
  measuring: "Python is measuring this. Without a running kernel it cannot be shown.",

  orderName: "Order of the heads",
  orders: {
    model: "layer by head",
    high: "highest first",
    low: "lowest first",
    group: "by class",
  },
  from: "Heads from",
  to: "Heads to",
  ends: (low: string, high: string) => `${low} to ${high}`,
  count: (kept: number, all: number) =>
    kept === all ? (all === 1 ? "1 head" : `all ${all} heads`) : `${kept} of ${all} heads`,
  nothing: "No head is within. Widen the range.",
  atLeast: "at least half on",
  atLeastHelp: (what: string) => `Heads that give ${what} at least half of their attention`,
  all: "all heads",
  everyRole: "special tokens",
  shareOn: (role: string) => `share on ${role}`,
  sentences: {
    special: (what: string, low: string, high: string) =>
      `Heads that give ${what} ${low} to ${high} of the words' attention`,
    entropy: (low: string, high: string) =>
      `Heads whose attention is spread ${low} to ${high} (100%: over everything alike)`,
    kept: (low: string, high: string) =>
      `Heads of whose attention the mask keeps ${low} to ${high}`,
    importance: (low: string, high: string) => `Heads with an importance of ${low} to ${high}`,
    class: "Heads of the classes that are picked",
    moved: (low: string, high: string) =>
      `Heads that differ in ${low} to ${high} of their attention`,
  },
  sentence: (text: string) => `${text}:`,
  classesOnly: (name: string, help: string) => `Only: ${name} (${help})`,

  classes: {
    vertical: "vertical",
    diagonal: "diagonal",
    "vertical+diagonal": "vertical and diagonal",
    block: "block",
    broad: "even",
    heterogeneous: "mixed",
  },
  classHelp: {
    vertical: "all look at the same few tokens",
    diagonal: "each looks beside itself",
    "vertical+diagonal": "both of these",
    block: "each looks within its own text of the two",
    broad: "each looks at everything nearly alike",
    heterogeneous: "none of these",
  },
  classNote:
    "Our rule of thumb, its thresholds in the open (ClassRule in Python), not the trained classifier of Kovaleva et al. 2019, after whom the classes are named.",
  caption: (name: string, help: string, count: number) =>
    `${name}: ${help} (${count === 1 ? "1 head" : `${count} heads`})`,

  name: (layer: number, head: number) => `L${layer} H${head}`,
  flowLabel: (count: number, order: string, layer: number, head: number) =>
    `Heat maps of attention, ${count === 1 ? "1 head" : `${count} heads`}, ${order}. In focus: layer ${layer}, head ${head}. Arrow keys move, Enter goes to this head in full.`,
  enter: "Enter goes to this head in full.",
  flowHelp: "L is the layer, H the head. Both count from 0, as in Python.",
  reading: {
    entropy: (value: string) => `its attention is spread ${value} (100%: over everything alike)`,
    class: (name: string) => `class by our rule: ${name}`,
    importance: (value: string, measure: string) =>
      `importance ${value}${measure ? ` (${measure})` : ""}`,
  },
  outOfRange: "outside the chosen range",
  shared: (heads: string) => `heads ${heads} share keys and values`,
  beyond: (layers: boolean, { left, right, above, below }: Beyond) => {
    const said = (count: number, thing: string, where: string) =>
      count > 0 ? [`${count} ${thing}${count === 1 ? "" : "s"} ${where}`] : [];
    const row = layers ? "layer" : "row";
    return `Out of sight: ${[
      ...said(left, "head", "to the left"),
      ...said(right, "head", "to the right"),
      ...said(above, row, "above"),
      ...said(below, row, "below"),
    ].join(", ")} (scroll to see them).`;
  },
  meanOfLayer: (layer: number, value: string) =>
    `Layer ${layer}, mean of the heads shown: ${value}`,
  meanOfHead: (head: number, value: string) => `Head ${head}, mean of the layers shown: ${value}`,
  means: (badge: string) => `Means of ${badge}`,

  legendEntropy: "spread of attention: full is over everything alike",
  legendKept: "share of attention the mask keeps",
  legendImportance: (measure: string, most: string, about: string) =>
    `importance${measure ? `, ${measure}` : ""}: full is ${most}${about ? ` (${about})` : ""}`,
  legendMeans: "right and below: means of the layer and of the head",
  legendShared: (count: number) => `${count} heads under a bracket share keys and values`,
  legendFaded: "outside the chosen range",
  unhidden:
    "In this long text a square stands for several weights: only Python can leave special tokens out of it. It has not yet; a kernel must run.",
  stillHidden:
    "In this long text a square stands for several weights, and special tokens were left out of it: only Python can show them. It has not yet; a kernel must run.",
  legendBand: (role: string) => `${role}: column and row`,
};
