import type { ComponentChildren } from "preact";

/** The words of one score. */
export const neuronEn = {
  asking: "Asking Python how this score comes about…",
  needsPython:
    "The queries and keys of this pair are not on this page: they come from Python, which needs a running kernel.",
  kept: (layer: number, head: number) =>
    `The pair that is picked needs a running kernel. Below is the last one that was asked for, in layer ${layer}, head ${head}.`,
  goThere: "go there",
  absent:
    "This record holds weights alone. How they come about needs the queries and keys, which a run of the model keeps. In Python, with view the name of this explorer:",
  never:
    "The queries and keys of this model cannot be captured, so its scores cannot be taken apart.",
  oneHead: (layer: number, head: number) =>
    `A score belongs to one head: this is layer ${layer}, head ${head}.`,
  pair: (query: ComponentChildren, key: ComponentChildren): ComponentChildren => [
    "How much does ",
    query,
    " look at ",
    key,
    "?",
  ],
  query: "looking token",
  key: "token looked at",
  before: "the token before",
  after: "the token after",

  dimensions: (count: number) => `The ${count} dimensions of this head`,
  order: "Order of the dimensions",
  orders: { number: "by number", size: "by size" },
  q: "query",
  k: "key",
  product: "product",
  dimensionsLabel: (count: number) =>
    `Query, key and their product in ${count} dimensions; orange above zero, blue below. Left and right arrows read one dimension.`,
  split: (up: string, down: string) =>
    `Orange, up: the products above zero add up to ${up}. Blue, down: those below, to ${down}.`,
  dimension: (d: number, q: string, k: string, product: string) =>
    `Dimension ${d}: ${q} × ${k} = ${product}`,

  sum: (dim: number) => `Add up the ${dim} products`,
  sumHelp: "Large where query and key point the same way.",
  scaled: (by: string, dim: number | null) => `× ${by}${dim === null ? "" : ` = 1 / √${dim}`}`,
  scaledHelp: "The same factor for every pair, so that more dimensions do not mean larger scores.",
  unscaledHelp: "This model does not scale its scores.",
  capped: (cap: string) => `Soft-cap: ${cap} · tanh(score / ${cap})`,
  cappedHelp: (cap: string) => `Keeps every score between −${cap} and ${cap}.`,
  added: (bias: string) => `+ ${bias}`.replace("+ −", "− "),
  addedHelp: "A bias for where the two tokens stand, whatever they are.",
  masked: "Mask",
  allowed: "This key may be looked at.",
  forbidden: "This key may not be looked at: its score is replaced by −∞.",
  gone: (gone: number, keys: number) =>
    gone === 0
      ? `So may all ${keys} of the row.`
      : `The mask forbids ${gone} of the row's ${keys}.`,
  softmax: "Soft-max over the row",
  softmaxHelp: (score: string, top: string, power: string, total: string) =>
    `e^(${score} − ${top}) = ${power}, as the row's largest score is ${top}; divided by the sum of the same over the row, ${total}.`.replaceAll(
      "− −",
      "+ ",
    ),
  softmaxForbidden: "e^(−∞) = 0: it gets nothing, and the others share its part.",
  nothing: "This query may look at nothing: all its weights are 0.",
  sink: (rest: string) =>
    `A learned score that belongs to no token takes ${rest} of the row; the record tells its part, not the score.`,
  rivals: "Keys that compete, with score and weight",
  pick: "Take this key apart",
  others: (count: number) => `${count} others`,
  nobody: "no token",
  recorded: "Weight in the record",
  agrees: (apart: string | null, dtype: string) =>
    apart === null
      ? "The same number: nothing is left out of these steps."
      : `The same to within ${apart}: the record holds weights as ${dtype}.`,
  differs: (apart: string) => `These steps give another weight, ${apart} away.`,
  underChange: "The model ran under a change, which acts in between.",
  unknown:
    "The model rounds more coarsely than these steps, or adds something that the record does not hold, such as a bias inside its mask.",
};

export type NeuronWords = typeof neuronEn;
