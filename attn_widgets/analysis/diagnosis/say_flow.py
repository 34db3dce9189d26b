"""The clogged rule in words, with what is known of it and the output test beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.analysis.diagnosis.language import share
from attn_widgets.analysis.diagnosis.section import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.analysis.diagnosis.diagnosis import Diagnosis
    from attn_widgets.analysis.diagnosis.language import Tongue


def flow(diagnosis: Diagnosis, tongue: Tongue) -> Iterator[Row]:
    """Say the hint, the quadrants, how far to trust it, and the output test."""
    hint, lines = diagnosis.hint, diagnosis.thresholds
    yield Row("hint", tongue.say("hint.name"), _hint(diagnosis, tongue))
    if hint.quadrants:
        each = [
            tongue.say(
                "quadrant",
                layers=tongue.layers(
                    [
                        layer
                        for layer, own in zip(diagnosis.layers, hint.quadrants, strict=True)
                        if own == quadrant
                    ]
                ),
                quadrant=tongue.say(f"quadrant.{quadrant}"),
            )
            for quadrant in dict.fromkeys(hint.quadrants)
        ]
        yield Row(
            "quadrants",
            tongue.say("quadrants.name"),
            tongue.sentences(
                tongue.say(
                    "quadrants",
                    each=tongue.listed.join(each),
                    saturated=share(lines.saturated),
                    starved=share(lines.starved),
                ),
                tongue.say("quadrants.rough", needed=lines.texts) if hint.warns is None else "",
            ),
        )
    known = hint.known
    yield Row(
        "known",
        tongue.say("known.name"),
        tongue.say(
            "known",
            flagged=known.flagged,
            collapsed=known.collapsed,
            missed=known.collapsed - known.flagged,
            false_flags=known.false_flags,
            sound=known.sound,
            healthy_flags=known.healthy_flags,
            healthy=known.healthy,
        ),
    )
    yield Row("output", tongue.say("output.name"), _output(diagnosis, tongue))


def healthy(diagnosis: Diagnosis, tongue: Tongue) -> Iterator[Row]:
    """Say how the model stands to its healthy profile."""
    comparison = diagnosis.comparison
    if comparison is None:
        return
    profile = comparison.profile
    least, _, most = profile.lengths
    yield Row(
        "profile",
        tongue.say("profile.name"),
        tongue.sentences(
            tongue.say(
                "profile",
                model=profile.model or tongue.say("a model"),
                texts=tongue.texts(profile.texts, profile.texts),
                lengths=tongue.lengths(least, most),
            ),
            "" if comparison.same_model else tongue.say("profile.model", model=profile.model),
            "" if comparison.like_lengths else tongue.say("profile.lengths"),
        ),
    )
    for name, above in comparison.above.items():
        below = comparison.below[name]
        yield Row(
            name,
            tongue.say(f"measure.{name}"),
            tongue.sentences(
                tongue.say("profile.above", layers=tongue.layers(above)) if above else "",
                tongue.say("profile.below", layers=tongue.layers(below)) if below else "",
                "" if above or below else tongue.say("profile.within"),
            ),
        )


def _hint(diagnosis: Diagnosis, tongue: Tongue) -> str:
    hint, lines = diagnosis.hint, diagnosis.thresholds
    if hint.warns is None:
        reasons = [
            tongue.say(
                f"silent.{reason}",
                needed=lines.texts,
                tokens=lines.tokens,
                texts=hint.texts,
            )
            for reason in hint.silent
        ]
        return tongue.say("hint.silent", reasons=tongue.reasons.join(reasons))
    layers = tongue.layers(hint.layers)
    if hint.warns:
        return tongue.say("hint.yes", layers=layers)
    return tongue.say("hint.no", layers=layers, needed=tongue.counted(lines.clogged_layers))


def _output(diagnosis: Diagnosis, tongue: Tongue) -> str:
    output, line = diagnosis.output, diagnosis.thresholds.collapsed
    if output is None:
        return tongue.say("output.none" if diagnosis.corpus is None else "output.corpus")
    first = tongue.say(
        "output",
        texts=output.texts,
        similarity=share(output.similarity),
        pooling=tongue.words.get(f"pooling.{output.pooling}", output.pooling),
    )
    if output.used_up is None or output.reference is None:
        return tongue.sentences(first, tongue.say("output.bare"))
    return tongue.sentences(
        first,
        tongue.say(
            "output.collapsed" if output.collapsed(line) else "output.well",
            reference=share(output.reference),
            used=share(output.used_up),
            line=share(line),
        ),
        tongue.say("output.other texts") if output.same_texts is False else "",
    )
