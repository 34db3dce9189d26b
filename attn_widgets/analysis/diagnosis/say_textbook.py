"""The textbook's claims in words: what it says, and whether it is seen here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attn_widgets.analysis.diagnosis.language import share, shares
from attn_widgets.analysis.diagnosis.section import Row

if TYPE_CHECKING:
    from attn_widgets.analysis.diagnosis.findings import Finding
    from attn_widgets.analysis.diagnosis.language import Tongue
    from attn_widgets.analysis.diagnosis.numbers import Numbers

_EVEN: Final[dict[str, str]] = {"near": "local_even", "reading": "cls_to_content_even"}
"""Whose even share stands beside a claim, where it is not that of special tokens."""

_LEAST = 0.01
"""A difference that shows where shares are written with two places."""


def claim(finding: Finding, numbers: Numbers, tongue: Tongue) -> Row:
    """Say one claim: what the textbook means by it, found or not, where, and by which number.

    Parameters
    ----------
    finding
        The claim.
    numbers
        Means over texts; of them, what evenly spread attention would give.
    tongue
        The language.
    """
    name = tongue.say(f"{finding.name}.name")
    return Row(finding.name, name, tongue.sentences(*sentences(finding, numbers, tongue)))


def sentences(finding: Finding, numbers: Numbers, tongue: Tongue) -> tuple[str, ...]:
    """Say what the textbook means; whether it is seen; and, where measured, the numbers and heads.

    Parameters are those of :func:`claim`.
    """
    every = (
        tongue.say(f"{finding.name}.says"),
        _verdict(finding, tongue),
        _measured(finding, numbers, tongue),
        _strongest(finding, tongue),
    )
    return tuple(one for one in every if one)


def in_short(finding: Finding, tongue: Tongue) -> str:
    """Say a claim in a line: its name, whether it is seen, and the heads that show it most."""
    said = tongue.sentences(_verdict(finding, tongue), _strongest(finding, tongue))
    return tongue.say("in short", name=tongue.say(f"{finding.name}.name"), said=said)


def _verdict(finding: Finding, tongue: Tongue) -> str:
    if finding.found is None:
        return tongue.say("found.unjudged", why=tongue.say(f"why.{finding.why_not}"))
    return tongue.sentences(_seen(finding, tongue), _caveat(finding, tongue))


def _caveat(finding: Finding, tongue: Tongue) -> str:
    """Say how many texts are too short for what was found, or was not in any text."""
    short, texts = finding.short
    if not short or not (finding.found or short == texts):
        return ""
    if texts == 1:
        return tongue.say("short.one")
    if short == texts:
        return tongue.say("short.all", texts=texts)
    return tongue.say("short.some", short=short, texts=texts)


def _seen(finding: Finding, tongue: Tongue) -> str:
    region, inside, outside = (
        tongue.layers(numbers) for numbers in (finding.region, finding.inside, finding.outside)
    )
    if finding.name == "all_special":
        return tongue.say(_how_many(finding), inside=inside)
    if finding.found:
        too = tongue.say("found.too", outside=outside) if finding.outside else ""
        return tongue.sentences(tongue.say("found.yes", inside=inside, region=region), too)
    if finding.inside:
        too = tongue.say("found.too", outside=outside) if finding.outside else ""
        return tongue.sentences(tongue.say("found.little", inside=inside, region=region), too)
    if finding.outside:
        return tongue.say("found.elsewhere", region=region, outside=outside)
    return tongue.say("found.no", region=region)


def _how_many(finding: Finding) -> str:
    """Say which words tell where special tokens take most."""
    if finding.found:
        return "found.all"
    if not finding.seen:
        return "found.none"
    return "found.not heads" if finding.inside == finding.region else "found.not all"


def _measured(finding: Finding, numbers: Numbers, tongue: Tongue) -> str:
    if all(value != value for value in finding.measured):  # noqa: PLR0124 - NaN is not itself
        return ""
    crowded, reading = finding.heads_share, finding.name == "reading"
    level = float(getattr(numbers, _EVEN.get(finding.name, "special_even")))
    said = tongue.say(
        f"measured.{finding.name}",
        values=shares(finding.measured),
        needed=share(finding.needed),
        even=share(level),
    )
    if reading and finding.seen and all(one.value < level - _LEAST for one in finding.seen):
        return tongue.sentences(said, tongue.say("measured.reading less"))
    if crowded is None:
        return said
    heads = tongue.say("measured.heads", crowded=f"{crowded:.0%}", needed=share(finding.needed))
    return tongue.sentences(said, heads)


def _strongest(finding: Finding, tongue: Tongue) -> str:
    heads = [
        tongue.say("head", layer=one.layer, head=one.head, share=share(one.share))
        if one.low is None or one.high is None
        else tongue.say(
            "head.spread",
            layer=one.layer,
            head=one.head,
            share=share(one.share),
            low=share(one.low),
            high=share(one.high),
        )
        for one in finding.heads
    ]
    key = "strongest.near" if finding.name == "near" else "strongest"
    return tongue.say(key, heads=tongue.listed.join(heads)) if heads else ""
