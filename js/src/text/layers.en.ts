import type { ComponentChildren } from "preact";

/** The words of numbers over depth. */
export const layersEn = {
  layer: "Layer in focus",
  asking: "Asking Python to measure all layers…",
  needsPython: "The rest is measured by Python when it is asked for, which needs a running kernel.",
  on: (role: string) => `on ${role}`,
  onHelp: (role: string) => `Share of the words' attention on ${role}.`,
  measured: {
    itself: {
      name: "on itself",
      help: "Share of the words' attention on themselves: the diagonal.",
    },
    previous: { name: "on the previous token", help: "Share on the token right before." },
    next: { name: "on the next token", help: "Share on the token right after." },
    local: {
      name: "on words nearby",
      help: "Share on words at most one place away, the word itself included.",
    },
    entropy: {
      name: "entropy",
      help: "How spread attention is: 0 if all of it is on one token, 1 if every token gets the same.",
    },
  },
  norms: {
    special: {
      name: "special tokens, by norms",
      help: "What special tokens contribute to the words' new vectors, by the length of what they hand on.",
    },
    context: {
      name: "other words, by norms",
      help: "What other words contribute to a word's new vector, by the length of what they hand on.",
    },
  },
  spread: (low: string, high: string) => `heads: ${low} to ${high}`,
  even: (even: string) => `An even spread: ${even}.`,
  said: (layer: number, mean: string, spread: string) =>
    `Layer ${layer}: ${mean}${spread ? ` (${spread})` : ""}.`,
  mean: (heads: number) => (heads === 1 ? "the head shown" : `mean of the ${heads} heads shown`),
  band: "from the least to the most of them",
  evenKey: "if attention were spread evenly",
  help: "Left to right: from the first layer shown to the last. Each picture has a scale of its own, from 0 to the number at its top. Click to go to a layer.",

  rollout: "Rollout: where a token comes from, through all layers below",
  from: (token: ComponentChildren, layer: number): ComponentChildren => [
    "Where does ",
    token,
    ` come from, after layer ${layer}?`,
  ],
  kind: "What is multiplied",
  kinds: { raw: "attention weights", norms: "norms" },
  axis: "after layer",
  input: "input",
  before: (layer: number) => `before ${layer}`,
  after: (layer: number) => `after layer ${layer}`,
  stripLabel: (token: string, layer: number, columns: number) =>
    `A row per token, ${columns} columns from the input to layer ${layer}: how much of “${token}” comes from there. Up and down arrows pick another token.`,
  reading: (token: string, layer: number, share: string, what: string, where: string) =>
    `“${token}” after layer ${layer}: ${share} of it comes by way of “${what}”, ${where}`,
  most: (...named: string[]) => `Of the input, most from: ${named.join(", ")}`,
  rawIs:
    "Rollout (Abnar & Zuidema 2020): the layers' attention, averaged over heads, half of each layer being the residual connection, multiplied from layer to layer. The percentages are of the input; colour follows their square root, column by column from the input at the left to the token itself at the right.",
  normsIs:
    "The same product of the layers' norms (Kobayashi et al. 2021) in place of weights: how long what each token hands on is, with the residual connection as it is. The percentages are of the input.",
  isNot:
    "What it is not: an explanation of the answer. It follows weights, and not what is said: neither the content of the vectors nor the feed-forward layers are in it, and it may agree poorly with what changes the answer when it is taken away.",
  kept: "The token that is picked needs a running kernel. Below is the last one that was asked for.",
  noRollout: {
    cross:
      "Rollout follows one text through its layers: this is attention from one text to another.",
    gap: "Rollout needs layers that follow each other: some in between are not in this record.",
    part: "Rollout needs every position as query and as key: this record holds a part of its text.",
  },
};

export type LayersWords = typeof layersEn;
