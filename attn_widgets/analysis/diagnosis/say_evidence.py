"""The evidence in words: weight, message, direction, and what changing the model says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from attn_widgets.analysis.diagnosis.interventions import find
from attn_widgets.analysis.diagnosis.language import share, shares
from attn_widgets.analysis.diagnosis.section import Row, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.analysis.diagnosis.corpus import Corpus
    from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis
    from attn_widgets.analysis.diagnosis.interventions import Action, Target
    from attn_widgets.analysis.diagnosis.language import Tongue

_TARGETS: Final[tuple[Target, ...]] = ("cls", "sep", "first", "word")
_ACTIONS: Final[tuple[Action, ...]] = ("mute", "block")
_ABOUT: Final = (("lower_cls", "cls"), ("middle_sep", "sep"), ("all_special", "all"))
_COLUMNS: Final = (
    "special",
    "special_excess",
    "message_share",
    "vector_share",
    "cls",
    "sep",
    "local",
    "context",
)


def evidence(diagnosis: Diagnosis, tongue: Tongue) -> Iterator[Row]:
    """Say all that stands beside the textbook's reading."""
    yield Row("weight", tongue.say("weight.name"), _weight(diagnosis, tongue))
    corpus, least = diagnosis.corpus, diagnosis.thresholds.tokens
    if corpus is not None:
        yield Row("lengths", tongue.say("lengths.name"), _by_length(corpus, tongue))
    short = sum(one < least for one in diagnosis.lengths) if corpus is None else corpus.short
    if short:
        said = tongue.say("short", count=short, tokens=least)
        yield Row("short", tongue.say("short.name"), said)
    yield Row("message", tongue.say("message.name"), _message(diagnosis, tongue))
    yield from _drains(diagnosis, tongue)
    yield from _slopes(diagnosis, tongue)
    yield from _direction(diagnosis, tongue)
    for name, about in _ABOUT:
        kinds = _kinds(diagnosis, name, about, tongue)
        if kinds:
            yield Row(name, tongue.say(f"{name}.kind"), kinds)
    yield Row("sink", tongue.say("sink.name"), _sinks(diagnosis, tongue))
    own = diagnosis.numbers.layer("own_segment")
    if diagnosis.numbers.has("own_segment"):
        said = tongue.say("segment", beyond=shares(own.tolist()))
        yield Row("segment", tongue.say("segment.name"), said)
    yield Row("change", tongue.say("change.name"), _changes(diagnosis, tongue))


def by_layer(diagnosis: Diagnosis, tongue: Tongue) -> Section:
    """Put the numbers of all layers into a table, those that are defined."""
    numbers = diagnosis.numbers
    columns = {name: numbers.layer(name) for name in _COLUMNS}
    known = [name for name in _COLUMNS if np.isfinite(columns[name]).any()]
    return Section(
        tongue.say("layers"),
        table=Table(
            tuple(tongue.say(f"column.{name}") for name in ("layer", *known)),
            tuple(
                (str(layer), *(share(float(columns[name][i])) for name in known))
                for i, layer in enumerate(diagnosis.layers)
            ),
        ),
        note=tongue.sentences(
            *(tongue.say(f"means.{name}") for name in known if f"means.{name}" in tongue.words)
        ),
    )


def _weight(diagnosis: Diagnosis, tongue: Tongue) -> str:
    numbers = diagnosis.numbers
    even = float(numbers.special_even)
    if not even > 0:
        first, level = float(numbers.first.mean()), float(numbers.first_even)
        return tongue.say("weight.none", first=share(first), even=share(level))
    excess = float(numbers.special_excess.mean())
    return tongue.say(
        "weight.less" if excess < 0 else "weight",
        share=share(float(numbers.special.mean())),
        even=share(even),
        excess=share(excess),
    )


def _by_length(corpus: Corpus, tongue: Tongue) -> str:
    each = [
        tongue.say(
            "length.one",
            tokens=one.name,
            texts=tongue.texts(one.texts, one.texts),
            special=share(one.special),
            even=share(one.even),
        )
        for one in corpus.lengths
    ]
    return tongue.say("lengths", each=tongue.listed.join(each))


def _message(diagnosis: Diagnosis, tongue: Tongue) -> str:
    message, whole = diagnosis.numbers.message_share, diagnosis.numbers.vector_share
    reason = diagnosis.missing.rstrip(".")
    missing = tongue.say("message.missing", reason=reason) if reason else ""
    if not diagnosis.numbers.has("message_share"):
        return missing or tongue.say(
            "message.none" if diagnosis.corpus is None else "message.corpus"
        )
    known = diagnosis.numbers.has("vector_share")
    key = "message.vector" if diagnosis.stage == "normed" else "message.residual"
    vector = tongue.say(key, share=share(float(whole.mean()))) if known else ""
    said = tongue.say("message", message=share(float(message.mean())), vector=vector)
    return tongue.sentences(said, missing)


def _drains(diagnosis: Diagnosis, tongue: Tongue) -> Iterator[Row]:
    parts = _both(diagnosis, "drain", tongue)
    if parts:
        yield Row("drain", tongue.say("drain.name"), tongue.sentences(*parts))


def _slopes(diagnosis: Diagnosis, tongue: Tongue) -> Iterator[Row]:
    parts = _both(diagnosis, "slope", tongue)
    if parts:
        said = tongue.sentences(*parts, tongue.say("slope"))
        yield Row("slope", tongue.say("slope.name"), said)


def _both(diagnosis: Diagnosis, what: str, tongue: Tongue) -> list[str]:
    """Say a number of [CLS] and of [SEP], where it is known."""
    return [
        tongue.say(f"{what}.{role}", values=shares(diagnosis.numbers.layer(name).tolist()))
        for role in ("cls", "sep")
        for name in [f"{role}_{what}"]
        if diagnosis.numbers.has(name)
    ]


def _direction(diagnosis: Diagnosis, tongue: Tongue) -> Iterator[Row]:
    inward, itself, content = (
        diagnosis.numbers.layer(name) for name in ("cls", "cls_to_itself", "cls_to_content")
    )
    if np.isfinite(itself).any():
        places = {"inward": inward, "itself": itself, "content": content}
        said = tongue.say("arrow", **{name: shares(own.tolist()) for name, own in places.items()})
        yield Row("arrow", tongue.say("arrow.name"), said)


def _kinds(diagnosis: Diagnosis, name: str, about: str, tongue: Tongue) -> str:
    finding = diagnosis.finding(name)
    if name == "all_special" and not finding.found:
        return ""
    found = dict.fromkeys(kind for one in finding.seen for kind in one.kinds)
    return tongue.sentences(
        *(
            tongue.say(f"{about}.{kind}", layers=tongue.layers(finding.of_kind(kind)))
            for kind in found
        )
    )


def _sinks(diagnosis: Diagnosis, tongue: Tongue) -> str:
    numbers = diagnosis.numbers
    if diagnosis.corpus is not None:
        said = tongue.say(
            "sink.corpus",
            first=share(float(numbers.first.mean())),
            even=share(float(numbers.first_even)),
        )
    elif numbers.has("sink_first"):
        said = tongue.say(
            "sink",
            share=f"{float(numbers.sink_first):.0%}",
            heads=f"{float(numbers.sink_heads):.0%}",
            even=share(float(numbers.sink_even)),
        )
    else:
        return tongue.say("sink.none" if numbers.has("sink_heads") else "sink.short")
    return tongue.sentences(said, tongue.say("sink.decoder") if diagnosis.kind == "decoder" else "")


def _changes(diagnosis: Diagnosis, tongue: Tongue) -> str:
    changes = diagnosis.interventions
    if not changes:
        return tongue.say("change.none")
    parts = []
    for action in _ACTIONS:
        each = [
            tongue.say(
                "change.one", target=tongue.say(f"target.{target}"), cosine=f"{one.cosine:.3f}"
            )
            for target in _TARGETS
            for one in [find(changes, target, action)]
            if one is not None
        ]
        parts.append(tongue.say(f"change.{action}", each=tongue.listed.join(each)) if each else "")
    texts = max(one.texts for one in changes)
    parts.append(tongue.say("change.control", texts=tongue.texts(texts, texts)))
    still = diagnosis.thresholds.still
    for target in _TARGETS[:-1]:
        muted, blocked = (find(changes, target, action) for action in _ACTIONS)
        if muted and blocked and muted.cosine >= still > blocked.cosine:
            parts.append(tongue.say("change.place", target=tongue.say(f"target.{target}")))
    blocked = find(changes, "sep", "block")
    if blocked is not None and blocked.own_segment is not None:
        parts.append(tongue.say("change.own_segment", moved=f"{blocked.own_segment:+.3f}"))
    return tongue.sentences(*parts)
