"""What a diagnosis says, in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attn_widgets.analysis.diagnosis.regions import ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS: Final[dict[str, str]] = {
    "title": "Special tokens in {model} ({kind}): {texts} of {lengths} tokens",
    "title.corpus": "Special tokens in {model} ({kind}): profile of {texts}",
    "corpus": (
        "Every number is a mean over the texts of the profile. Of single heads, two numbers more "
        "say between which values nine texts in ten lie."
    ),
    "corpus.lacks": (
        "A profile keeps sums of weights alone: nothing of what the tokens hand on, of gradients, "
        "of sinks text by text, or of vectors. A head counts as diagonal by its mean share near "
        "the word."
    ),
    "corpus.all": "Means run over all queries, those of special tokens included.",
    "corpus.failed": "{count} more could not be run.",
    "headline": (
        "Of the textbook's {count} states, seen here: {found}; not seen: {absent}; cannot be "
        "judged: {open}. A reading, not a verdict."
    ),
    "a model": "a model",
    "encoder": "encoder",
    "decoder": "decoder",
    "from 0": "Layers and heads count from 0.",
    "means": "Every number is a mean over the texts.",
    "changed": "The model ran under a mask or an edit: everything here is about the changed model.",
    "skipped": "{count} more could not be measured. Number {place}: {reason}",
    "states": "What the textbook says, and whether it is seen here",
    "story": "The textbook's story of the layers",
    "evidence": "The evidence beside it",
    "layers": "Layer by layer",
    "clogged": "Is the flow of information clogged?",
    "healthy": "Beside a healthy profile",
    "unknown": "What cannot be concluded",
    # the textbook
    "lower_cls.name": "Lower layers gather on [CLS]",
    "lower_cls.says": "Textbook: a summary of the whole sentence begins to form; normal.",
    "middle_sep.name": "Middle layers gather on [SEP]",
    "middle_sep.says": (
        "Textbook: the model minds the structure of the text, where sentences end; matters most in "
        "tasks with two sentences."
    ),
    "all_special.name": "All layers and heads gather on [CLS]/[SEP]",
    "all_special.says": (
        "Textbook: 🔴 the other tokens are ignored; perhaps over-fitting, or inputs too much alike."
    ),
    "near.name": "1. First layers: the diagonal",
    "near.says": "Textbook: tokens look at themselves and their neighbours; local syntax.",
    "collecting.name": "2. Middle layers: words look at [CLS]",
    "collecting.says": "Textbook: information is gathered there.",
    "reading.name": "3. Last layers: [CLS] looks at the words",
    "reading.says": "Textbook: the output for the whole sentence is prepared.",
    # found or not
    "in short": "{name}: {said}",
    "found.yes": "FOUND in {inside} (meant: {region}).",
    "found.too": "Also in {outside}.",
    "found.all": "FOUND.",
    "short.one": "But the text is short, so this says little about the model.",
    "short.all": "But all {texts} texts are short, so this says little about the model.",
    "short.some": "But {short} of {texts} texts are short, and say little about the model.",
    "found.elsewhere": "NOT FOUND in {region}, which are meant, but in {outside}.",
    "found.little": "NOT FOUND: in {inside} only (meant: {region}).",
    "found.no": "NOT FOUND in {region}.",
    "found.not all": "NOT FOUND: special tokens take most only in {inside}.",
    "found.not heads": (
        "NOT FOUND: special tokens take most in every layer on average, but not in nearly all "
        "heads."
    ),
    "found.none": "NOT FOUND: in no layer do special tokens take most.",
    "found.unjudged": "CANNOT BE JUDGED: {why}.",
    "why.no_cls": "these texts have no [CLS]",
    "why.no_sep": "these texts have no [SEP]",
    "why.no_special": "these texts have no special tokens",
    "why.some_layers": "the record lacks some layers, so lower and middle cannot be told",
    "why.too_shallow": "the model has too few layers to speak of such a part",
    "why.cross": "queries and keys are different texts",
    "why.short": (
        "too short; with so few tokens a healthy model, too, gives special tokens most of its "
        "attention"
    ),
    "why.first_cls": "in a decoder the first token, here [CLS], sees only itself",
    "measured.lower_cls": (
        "How far [CLS] is on the way from its even share (0) to all attention (1), by layer: "
        "{values}; {needed} counts."
    ),
    "measured.middle_sep": (
        "How far [SEP] is on the way from its even share (0) to all attention (1), by layer: "
        "{values}; {needed} counts."
    ),
    "measured.collecting": (
        "How far [CLS] is on the way from its even share (0) to all attention (1), by layer: "
        "{values}; {needed} counts."
    ),
    "measured.all_special": (
        "Special tokens take, by layer: {values} (evenly spread attention: {even})."
    ),
    "measured.heads": "They take {needed} or more in {crowded} of all heads.",
    "measured.near": (
        "Share of diagonal heads, by layer: {values}; {needed} counts. Such a head gives the word "
        "and its neighbours clearly more than evenly spread attention would (evenly: {even})."
    ),
    "measured.reading": (
        "[CLS] gives the words, by layer: {values} (evenly: {even}); {needed} counts where it is "
        "clearly more than in the layers below."
    ),
    "measured.reading less": (
        "It opens to the words there, and still gives them less than evenly spread attention would."
    ),
    "head.spread": "layer {layer} head {head} ({share}; {low} to {high})",
    "strongest": "Strongest: {heads}.",
    "strongest.near": "Most on the word and its neighbours: {heads}.",
    "head": "layer {layer} head {head} ({share})",
    # evidence
    "weight.name": "how much they are looked at",
    "weight": (
        "Words give special tokens {share} of their attention. Attention spread evenly would give "
        "them {even} in texts of this length. That is {excess} of the way from even to everything "
        "(the excess)."
    ),
    "weight.less": (
        "Words give special tokens {share} of their attention, less than the {even} that attention "
        "spread evenly would give them in texts of this length (excess {excess})."
    ),
    "weight.none": (
        "There are no special tokens. The first position takes {first} (evenly: {even})."
    ),
    "lengths.name": "by length of text",
    "lengths": "What special tokens take, and would take if spread evenly, by tokens: {each}.",
    "length.one": "{tokens}: {special}, even {even} ({texts})",
    "short.name": "short texts",
    "short": (
        "Texts of fewer than {tokens} tokens: {count}. There, special tokens take most of the "
        "attention in a healthy model too (our runs on all-MiniLM-L6-v2: .90 for one word): no "
        "verdict."
    ),
    "message.name": "how much of it arrives",
    "message": (
        "Of what a layer's heads hand on, their vectors added up before their length is taken, "
        "{message} comes from special tokens (Kobayashi et al. 2020, arXiv 2004.10102){vector}. A "
        "picture of what arrives shows each head by itself, so its numbers are others."
    ),
    "message.residual": (
        ", and of a token's new vector, with the residual and before any norm, {share} (Kobayashi "
        "et al. 2021, arXiv 2109.07152)"
    ),
    "message.vector": (
        ", and of a token's new vector, residual and normalisation counted in, {share} (Kobayashi "
        "et al. 2021, arXiv 2109.07152)"
    ),
    "message.missing": "Not all could be measured: {reason}.",
    "message.none": (
        "Not measured. Thick lines can carry thin messages: give runner.contributions(text) in "
        "place of the record."
    ),
    "message.none.card": (
        "Not measured. Thick lines can carry thin messages: press “Measure what arrives from "
        "there”, where a model is at hand."
    ),
    "message.corpus": (
        "Not in a profile. Thick lines can carry thin messages: use runner.diagnose(texts) on some "
        "of the texts."
    ),
    "drain.name": "how loud they are",
    "drain.cls": (
        "Length of a message of [CLS], a word's being 1, by layer, the mean over heads: {values}."
    ),
    "drain.sep": "Of [SEP]: {values}.",
    "slope.name": "how much the output hangs on them",
    "slope.cls": (
        "Gradient of the output by attention to [CLS], by attention to a word being 1, by layer: "
        "{values}."
    ),
    "slope.sep": "To [SEP]: {values}.",
    "slope": (
        "Far below 1 is the sign of a no-op (Clark et al. 2019, arXiv 1906.04341, section 3.2)."
    ),
    "arrow.name": "which way the arrow points",
    "arrow": (
        "By layer, words give [CLS] {inward}. [CLS] gives itself {itself}, and words {content}. "
        "Being looked at is not reading."
    ),
    "lower_cls.kind": "gathering on [CLS]",
    "middle_sep.kind": "gathering on [SEP]",
    "all_special.kind": "all on special tokens",
    "cls.no-op": (
        "In {layers} many tokens point at [CLS], but it says almost nothing and looks at itself: a "
        "place to put weight (no-op), not a summary."
    ),
    "cls.reader": "In {layers} [CLS] itself reads the words.",
    "cls.broadcast": (
        "In {layers} the message of [CLS] is not silent: what it says reaches every token that "
        "looks at it (broadcast). Telling the two apart by the length of messages: Fesser 2026 "
        "(arXiv 2606.08105)."
    ),
    "cls.unclear": "In {layers} it is neither clearly a no-op, nor a reader, nor a broadcast.",
    "cls.not measured": "In {layers} the weights alone cannot tell a summary from a no-op.",
    "sep.no-op": (
        "In {layers} [SEP] is looked at and changes little: a no-op. So Clark et al. 2019 (arXiv "
        "1906.04341, section 3.2) read it in BERT."
    ),
    "sep.boundary": (
        "In {layers} words gather on [SEP], and blocking it changes how far attention keeps to its "
        "own sentence of a pair: here it does have to do with the boundary."
    ),
    "sep.unclear": "In {layers} nothing shows that [SEP] marks a boundary, nor that it is a no-op.",
    "sep.not measured": "In {layers} the weights alone cannot tell a boundary from a no-op.",
    "all.no-op": (
        "In {layers} what is looked at is silent: little reaches the tokens from each other, and "
        "each stays by itself."
    ),
    "all.broadcast": (
        "In {layers} what is looked at is not silent: all tokens hear the same, and may become "
        "alike. The same picture as silence, and the opposite trouble."
    ),
    "all.unclear": "In {layers} what is looked at is neither silent nor as loud as the words.",
    "all.not measured": "In {layers} the weights alone cannot tell silence from a broadcast.",
    "sink.name": "where heads sink",
    "sink": (
        "The position that most heads sink in is the first one in {share} of the texts that are "
        "long enough to tell; {heads} of all heads give that position over 0.3 of their attention, "
        "and evenly spread attention would give it {even} (the measure of Gu et al. 2025, arXiv "
        "2410.10781)."
    ),
    "sink.short": (
        "Too short a text for this measure: attention spread evenly, too, would give one position "
        "about 0.3 or more (the measure of Gu et al. 2025, arXiv 2410.10781)."
    ),
    "sink.none": (
        "No head sinks: none gives any one position over 0.3 of its attention (the measure of Gu "
        "et al. 2025, arXiv 2410.10781)."
    ),
    "sink.corpus": (
        "The first position takes {first} of the attention (evenly: {even}). In how many heads it "
        "does so text by text is not in a profile."
    ),
    "sink.decoder": (
        "Normal in a decoder: first tokens draw attention whatever they mean (Xiao et al. 2023, "
        "arXiv 2309.17453); in healthy ones such as LLaMA2-7B and Mistral-7B, 92.5 and 97.5 % of "
        "heads sink there (Gu et al., table 1)."
    ),
    "segment.name": "own sentence",
    "segment": (
        "In pairs, attention keeps to its own sentence by {beyond} more than evenly spread, by "
        "layer. Heads that look near do so for that reason alone."
    ),
    "change.name": "what changing it says",
    "change.mute": (
        "Muted (looked at as before, says nothing), the cosine of a text's vector with the one "
        "before: {each}."
    ),
    "change.block": "Blocked (nobody may look; the weight goes elsewhere): {each}.",
    "change.one": "{target} {cosine}",
    "change.control": "The word is there to compare with. On {texts}.",
    "change.place": (
        "Muting {target} changes little and blocking it changes more: what counts is that weight "
        "has a place to go, not what is said there. Part of the damage may be that the model never "
        "saw such attention."
    ),
    "change.none": (
        "Nothing was changed. runner.diagnose(texts) mutes and blocks them, if a text has a vector."
    ),
    "change.none.card": "Nothing was changed. “What if…?” mutes and blocks them.",
    "change.own_segment": "Blocking [SEP] moved the own-sentence share of pairs by {moved}.",
    "target.cls": "[CLS]",
    "target.sep": "[SEP]",
    "target.first": "the first position",
    "target.word": "a word",
    # the table
    "column.layer": "layer",
    "column.special": "looked at",
    "column.special_excess": "excess",
    "column.message_share": "handed on",
    "column.vector_share": "in vector",
    "column.cls": "[CLS]",
    "column.sep": "[SEP]",
    "column.local": "near",
    "column.context": "context",
    "means.special": "looked at: share of the words' attention on special tokens.",
    "means.special_excess": "excess: on the way from their even share (0) to everything (1).",
    "means.message_share": (
        "handed on: their share of what a layer's heads hand on, all heads added up."
    ),
    "means.vector_share": "in vector: their share of a token's new vector.",
    "means.cls": "[CLS], [SEP]: share of the words' attention.",
    "means.local": "near: the word and its neighbours.",
    "means.context": "context: share of a token's new vector that comes from other words.",
    # clogged
    "hint.name": "hint",
    "hint.yes": (
        "HINT: {layers} look at special tokens and pass little on from other words. A symptom to "
        "follow up, not a verdict."
    ),
    "hint.no": "NO HINT. Clogged: {layers}; it takes {needed}.",
    "hint.silent": "THE RULE SAYS NOTHING HERE: {reasons}.",
    "silent.few_texts": (
        "it needs {needed} different texts of at least {tokens} tokens, and has {texts}"
    ),
    "silent.no_messages": "it needs contributions, to know what flows",
    "silent.no_messages.card": "it needs to know what arrives, which was not measured",
    "silent.other_norm": (
        "the flow cannot be measured after the normalisation here, where its line was drawn"
    ),
    "silent.profile": "a profile keeps nothing of what flows: use runner.diagnose(texts) on some",
    "silent.decoder": "healthy decoders sink in their first token, and it was made for encoders",
    "silent.no_special": "there are no special tokens",
    "quadrants.name": "saturation × flow",  # noqa: RUF001 - a product
    "quadrants": (
        "{each}. Excess at least {saturated} is saturated, context at most {starved} starved."
    ),
    "quadrants.rough": (
        "A rough guide only, as the rule says nothing here: these lines were drawn on one encoder "
        "that normalises after each layer, over {needed} texts or more."
    ),
    "quadrant.open": "open: words reach words",
    "quadrant.not mixing": "not mixing: little comes from other words, without special tokens",
    "quadrant.saturated, flowing": "saturated, still flowing",
    "quadrant.clogged": "clogged",
    "quadrant": "{layers} {quadrant}",
    "known.name": "how far to trust the rule",
    "known": (
        "In our runs on all-MiniLM-L6-v2 it flagged {flagged} of {collapsed} checkpoints whose "
        "sentence vectors had collapsed, so it missed {missed}; and {false_flags} of {sound} that "
        "had not. {healthy_flags} false alarms in {healthy} ordinary inputs of the healthy model, "
        "and 1 in 18 that repeat one word. It was the third rule "
        "tried, chosen after seeing such runs: these figures are optimistic."
    ),
    "output.name": "output test",
    "output.none": (
        "NOT MADE. Do not read the rule without it: the output can collapse and no map "
        "shows it. Give "
        "vectors of different texts, or use runner.diagnose(texts)."
    ),
    "output.none.card": (
        "NOT MADE: it needs several texts, and this is one. Do not read the rule without it: the "
        "output can collapse and no map shows it."
    ),
    "output.corpus": (
        "NOT MADE: a profile keeps no vectors. The output can collapse and no map shows it: use "
        "runner.diagnose(texts) on some of the texts."
    ),
    "output": "Vectors of {texts} different texts have a mean cosine of {similarity} ({pooling}).",
    "output.bare": (
        "There is no healthy figure to compare with, and alone it means nothing: models differ in "
        "it when they are well. Give the reference of the same model before."
    ),
    "pooling.cls": "that of [CLS]",
    "pooling.mean": "the mean of all tokens",
    "output.well": (
        "NOT COLLAPSED: healthy is {reference}; {used} of the room up to 1 is used up, and {line} "
        "would count as collapsed."
    ),
    "output.collapsed": (
        "COLLAPSED: healthy is {reference}; {used} of the room up to 1 is used up. Different texts "
        "get nearly the same vector."
    ),
    "output.other texts": "The healthy figure is of other texts: a rough guide only.",
    # a healthy profile
    "profile.name": "profile",
    "profile": "Of {model}: {texts} of {lengths} tokens.",
    "profile.lengths": (
        "Its texts are of another length, and shares fall as texts grow longer: differences may be "
        "only that."
    ),
    "profile.model": "Its records name another model: {model}.",
    "measure.special": "looked at",
    "measure.special_excess": "excess",
    "measure.message_share": "handed on",
    "measure.context": "context",
    "profile.within": "All layers are where nine healthy texts in ten lie.",
    "profile.above": "Above in {layers}.",
    "profile.below": "Below in {layers}.",
    # what cannot be concluded
    "unknown.weights.name": "what is used",
    "unknown.weights": (
        "From weights alone, not what the model uses: they say where a token looks, not what it is "
        "told (Kobayashi et al. 2020, arXiv 2004.10102); attention is no explanation by itself "
        "(Jain & Wallace 2019, Wiegreffe & Pinter 2019)."
    ),
    "unknown.cause.name": "the cause",
    "unknown.cause": (
        "Not over-fitting, nor inputs too much alike. In language models sinks vanish with less "
        "training data and are "
        "not related to over-fitting (Gu et al. 2025, arXiv 2410.10781). In our small runs on one "
        "model, diverse texts at a high learning rate gave the same map as one sentence over and "
        "over, and a small one trained from scratch on one sentence had no concentration at all."
    ),
    "unknown.length.name": "comparisons",
    "unknown.length": (
        "Not that one text is looked at differently from another of other length: shares on "
        "special tokens follow length more than anything else we looked at (r = -.965 with ln T "
        "over 340 inputs, all-MiniLM-L6-v2)."
    ),
    "unknown.summary.name": "a summary",
    "unknown.summary": (
        "Not that [CLS] of a [CLS]-heavy layer is a good sentence vector: on seven similarity sets "
        "BERT's [CLS] reaches 29.19, the mean of its tokens 54.81 (Reimers & Gurevych 2019, table "
        "1)."
    ),
    "unknown.boundary.name": "a boundary",
    "unknown.boundary": (
        "Not that attention to [SEP] minds boundaries: in BERT, [SEP] gives over 90 % to [SEP], "
        "and from layer 5 (counted from 1) the loss hardly depends on attention to it (Clark et "
        "al. 2019, arXiv 1906.04341, section 3.2)."
    ),
    "unknown.lines.name": "the lines",
    "unknown.lines": (
        "Not that these lines fit your model: they were fitted on one 6-layer encoder, or are ours "
        "(see Thresholds). Keep a healthy profile of your model and compare with that."
    ),
}
"""Every sentence, by its key; both languages have the same keys and the same places to fill."""


def layers(numbers: Sequence[int]) -> str:
    """Name layers: ``layer 3``, ``layers 0-2, 5``."""
    if not numbers:
        return "no layer"
    return f"layer{'s' if len(numbers) > 1 else ''} {ranges(numbers, '-')}"


def counted(number: int) -> str:
    """Count layers."""
    return f"{number} layer{'s' if number > 1 else ''}"


def texts(count: int, different: int) -> str:
    """Say how many texts."""
    if count == 1:
        return "one text"
    several = f"{count} texts"
    return several if different == count else f"{several} ({different} of them different)"


def lengths(least: int, most: int) -> str:
    """Say how long."""
    return f"{least}" if least == most else f"{least} to {most}"
