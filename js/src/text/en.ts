import { common } from "./common";
import { gridEn } from "./grid.en";
import { habitsEn } from "./habits.en";
import { layersEn } from "./layers.en";
import { linesEn } from "./lines.en";
import { matrixEn } from "./matrix.en";
import { neuronEn } from "./neuron.en";
import { clipped } from "./numbers";
import { patchesEn } from "./patches.en";
import { saveEn } from "./save.en";
import { specialEn } from "./special.en";
import { tableEn } from "./table.en";

function many(count: number | string, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** Every word the interface says, in English. `ja.ts` must say the same. */
export const en = {
  ...common.en,
  grid: gridEn,
  habits: habitsEn,
  lines: linesEn,
  layers: layersEn,
  matrix: matrixEn,
  neuron: neuronEn,
  patches: patchesEn,
  save: saveEn,
  table: tableEn,
  explorer: "attention explorer",
  about: (text: string) => `≈ ${text}`,

  quoted: (text: string) => `“${clipped(text)}”`,
  title: (layers: number, heads: number, tokens: number | string, kind: string) =>
    `${many(layers, "layer")} × ${many(heads, "head")}, ${many(tokens, "token")}, ${kind}`,
  kinds: {
    encoder: "encoder: every token sees every token",
    decoder: "decoder: a token sees what came before it",
    cross: "cross attention: the second text looks at the first",
  },
  tokensLost: (count: number, kept: number) =>
    `${many(count, "token")} of the text were cut off, so that ${kept} were left to run.`,

  gridTitle: "All heads",
  gridHelp: "Rows are layers, columns are heads. Both count from 0, as in Python.",
  layer: "layer",
  head: "head",
  layersShown: (first: number, last: number) =>
    first === last ? `Layer ${first}` : `Layers ${first} to ${last}`,
  firstLayer: "First layer shown",
  lastLayer: "Last layer shown",
  headsShown: "Heads",
  allHeads: "all",
  showHead: (head: number) => `Show head ${head}`,
  gridLabel: (rows: number, columns: number, layer: number, head: number) =>
    `Heat maps of attention, ${rows} layers by ${columns} heads. In focus: layer ${layer}, head ${head}. Arrow keys move.`,
  headReading: (layer: number, head: number) => `Layer ${layer}, head ${head}`,
  specialReading: (share: string, uniform: string) =>
    `special tokens take ${share} of the words' attention (an even spread would give them ${uniform})`,
  outsideReading: (share: string) => `${share} falls outside the mask`,

  legend: "Legend",
  scale: "attention weight",
  pooledNote: "Small pictures show the largest weight under each pixel.",
  threshold: "Hide weights below",
  thresholdHint: "Drag the ring to hide small weights.",
  thresholdValue: (value: string) => `Weights below ${value} are not drawn`,
  roleName: (role: string) =>
    ({
      cls: "[CLS]",
      sep: "[SEP]",
      bos: "start of text",
      eos: "end of text",
      pad: "padding",
      mask: "[MASK]",
      special: "other special",
      first: "first position",
      punctuation: "punctuation",
    })[role] ?? role,
  legendMark: (role: string) => `${role}: column, row, and share of attention`,
  legendShare: (role: string) => `${role}: share of attention`,
  legendUniform: "share under an even spread",
  legendVeil: "the mask forbids this",
  legendOutside: "share of attention outside the mask",
  legendHidden: "hidden special token",

  viewsName: "How this head is drawn",
  views: {
    matrix: "matrix",
    lines: "lines",
    text: "text",
    neuron: "score",
    layers: "layers",
    table: "table",
  },
  matrixTitle: (layer: number, head: number) => `Layer ${layer}, head ${head}`,
  matrixLabel: (queries: number, keys: number) =>
    `Attention of this head, ${queries} tokens looking at ${keys}. Arrow keys move the picked square, Escape lets go.`,
  matrixHint:
    "Each row is one token: it looks at the columns. Point at a square to read it, click to keep it.",
  queries: "looks ↓",
  keys: "at →",
  cell: (query: string, key: string, weight: string) =>
    `“${query}” looks at “${key}” with ${weight} of its attention`,
  rowOf: (query: string) => `“${query}” looks most at`,
  exact: "exact value from Python",
  approximate: "≈ read from the picture (256 levels); the exact value needs a running kernel",
  waiting: "≈ read from the picture (256 levels); asking Python for the exact value",
  forbidden: "the mask forbids this pair",
  rescaled: "rescaled",
  hidden: "hidden in the picture",

  ...specialEn,

  maskTitle: "Sparse mask",
  maskShown: "show",
  maskWindow: "window: tokens on each side",
  maskDilation: "step",
  maskGlobal: "global (sees all, seen by all)",
  maskCausal: "only look back",
  maskOff: "No mask. Drag the window, or type one.",
  maskRemove: "remove",
  maskDegree: (low: number, high: number) =>
    low === high ? `Each token sees ${low} tokens` : `Each token sees ${low} to ${high} tokens`,
  maskPairs: (kept: string, all: string, share: string, decoder: boolean) =>
    `${kept} of ${all} pairs${decoder ? " a decoder can use" : ""} (${share})`,
  maskTyped: "This mask was typed: change its text, or remove it to use the controls.",
  maskReadings: { outside: "outside", renormalised: "renormalised" },
  maskReadingHelp: {
    outside: "What the mask forbids lies under a veil. Nothing is run again.",
    renormalised:
      "Each row is scaled up to 1 within the mask, one layer at a time. Nothing is run again.",
  },
  maskOutside: (share: string) =>
    `${share} of the words' attention falls outside the mask (mean of the heads shown).`,
  estimate: "≈ from the picture's 256 levels, until Python has answered",

  between: {
    rerun: {
      first: "plain",
      second: "under the change",
      about: (name: string) => `The model was run again under: ${name}`,
      moved: (share: string) => `${share} of this head's attention has moved elsewhere`,
      movedLegend: "share of the head's attention that has moved",
      cell: (query: string, key: string, weight: string) =>
        `“${query}” looks at “${key}” with ${weight} of its attention`,
      row: (query: string) => `“${query}” looks most at`,
      cellChange: (query: string, key: string, before: string, after: string) =>
        `“${query}” looks at “${key}” with ${after} instead of ${before} of its attention`,
      rowChange: (query: string) => `“${query}” changed most towards`,
      hint: "Blue: less than before. Orange: more. Nothing drawn: no difference.",
    },
    record: {
      first: "first",
      second: "second",
      about: (name: string) => `Second: ${clipped(name, 120)}`,
      moved: (share: string) => `the two differ in ${share} of this head's attention`,
      movedLegend: "share of the head's attention in which the two differ",
      cell: (query: string, key: string, weight: string) =>
        `“${query}” looks at “${key}” with ${weight} of its attention`,
      row: (query: string) => `“${query}” looks most at`,
      cellChange: (query: string, key: string, before: string, after: string) =>
        `“${query}” looks at “${key}” with ${before} of its attention in the first, ${after} in the second`,
      rowChange: (query: string) => `“${query}” differs most in`,
      hint: "Blue: less in the second. Orange: more. Nothing drawn: no difference.",
    },
    norms: {
      first: "where it looks",
      second: "what arrives",
      about: (_name: string) =>
        "What arrives: each row is shared out by the length of what its keys hand on, ‖αf(x)‖ (Kobayashi et al. 2020).",
      moved: (share: string) => `what arrives and where it looks differ by ${share}`,
      movedLegend: "how far what arrives differs from where it looks",
      cell: (query: string, key: string, weight: string) =>
        `of what arrives at “${query}”, ${weight} comes from “${key}”`,
      row: (query: string) => `most of what arrives at “${query}” comes from`,
      cellChange: (query: string, key: string, before: string, after: string) =>
        `“${query}” looks at “${key}” with ${before} of its attention; of what arrives, ${after} comes from there`,
      rowChange: (query: string) => `“${query}”: what arrives differs most for`,
      hint: "Blue: less arrives than the look suggests. Orange: more. Nothing drawn: the same.",
    },
  },
  shownTitle: "What is drawn",
  shownDifference: "difference",
  shownLone: "Tokens that only one of the two has are left blank.",
  differenceScale: "less ← attention → more",
  differenceNote:
    "Colour follows the square root of the difference, so that small ones can be told apart.",
  legendLone: "only one of the two has this token; what it took is missing from the rows",
  ofTheFirst: "These numbers are of the first of the two.",

  effectTitle: "What if…?",
  effectNeeds:
    "To change the model's attention and run it again, this explorer needs a running notebook and a model: AttentionExplorer(record, runner=ModelRunner.from_pretrained(…)).",
  knockOut: "Block: nobody may look at",
  ablate: "Ablate a head (its output becomes zero)",
  mute: "Mute: looked at, but says nothing",
  uniformHead: "Make a head look at everything alike",
  biasOn: (token: string) => `Add to the scores of ${token}`,
  biasBy: (by: number) => (by === 0 ? "0: no change" : `${by < 0 ? "−" : "+"}${Math.abs(by)}`),
  placed: (where: string) => ` (${where})`,
  andAlso: "; ",
  editAblate: (where: string) => `ablate ${where}`,
  editUniform: (where: string) => `look at everything alike${where}`,
  editMute: (tokens: string, where: string) => `mute ${tokens}${where}`,
  editBias: (tokens: string, by: number, where: string) =>
    `${by < 0 ? "−" : "+"}${Math.abs(by)} on the scores of ${tokens}${where}`,
  editSinkLogit: (logit: number, where: string) =>
    `heads may look at nothing (score ${logit < 0 ? "−" : ""}${Math.abs(logit)})${where}`,
  editKnockOut: (tokens: string) => `block ${tokens}`,
  editPerHead: "masks of their own for some layers or heads",
  changesTitle: "Changes",
  changesNone: "No change yet. Pick one above, or draw a sparse mask.",
  changeMask: "the sparse mask on show",
  changeRemove: (name: string) => `Remove: ${name}`,
  apply: "Apply to the model",
  stop: "Stop",
  effectOf: (change: string) => `Run again under: ${change}`,
  effectKept: (share: string) =>
    `The masks keep ${share} of the attention of the plain run (mean of all heads).`,
  vectorMoved: (cosine: string) =>
    `The vector of the whole text: cosine ${cosine} to before (1 = unchanged).`,
  driftTitle: "How far each layer's output moved",
  driftFree: "in all: the layers below were changed, too",
  driftForced: "by its own doing: fed what the plain model gave",
  driftScale: (most: string) =>
    `Tallest bar: ${most} of the output's size (sum of |change| / sum of |plain output|).`,
  driftSaid: (layer: number, free: string, forced: string) =>
    `Layer ${layer}: ${free} in all, ${forced} by its own doing`,
  movedMost: "Heads that moved most:",
  predictionsTitle: "What the model proposes",
  predictionAt: "at",
  predictionKl: "KL, nats",
  labelsTitle: "What the classifier says",
  candidatesTitle: "Nearest texts (place, cosine)",
  ranked: (place: number, cosine: string) => `${place}. (${cosine})`,

  runTitle: "Your own text",
  runText: "Text",
  runPair: "Second text (optional)",
  run: "Show its attention",
  running: "Running the model…",
  noKernel: "No reply from Python. The kernel is busy or gone.",
};

export type Words = typeof en;
