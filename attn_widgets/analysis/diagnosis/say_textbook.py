"""The textbook's claims in words: what it says, and whether it is seen here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attn_widgets.analysis.diagnosis.language import share, shares
from attn_widgets.analysis.diagnosis.section import Row

if TYPE_CHECKING:
    from attn_widgets.analysis.diagnosis.findings import Finding
    from attn_widgets.analysis.diagnosis.language import Tongue

_LEAST = 0.01
"""A difference that shows where shares are written with two places."""


def claim(finding: Finding, even: float, tongue: Tongue) -> Row:
    """Say one claim: what the textbook means by it, found or not, where, and by which number.

    Parameters
    ----------
    finding
        The claim.
    even
        What special tokens would take of evenly spread attention.
    tongue
        The language.
    """
    name = tongue.say(f"{finding.name}.name")
    return Row(finding.name, name, tongue.sentences(*sentences(finding, even, tongue)))


def sentences(finding: Finding, even: float, tongue: Tongue) -> tuple[str, ...]:
    """Say what the textbook means; whether it is seen; and, where measured, the numbers and heads.

    Parameters are those of :func:`claim`.
    """
    every = (
        tongue.say(f"{finding.name}.says"),
        _verdict(finding, tongue),
        _measured(finding, even, tongue),
        _strongest(finding, tongue),
    )
    return tuple(one for one in every if one)


def in_short(finding: Finding, tongue: Tongue) -> str:
    """Say a claim in a line: its name, whether it is seen, and the heads that show it most."""
    said = tongue.sentences(_verdict(finding, tongue), _strongest(finding, tongue))
    return tongue.say("in short", name=tongue.say(f"{finding.name}.name"), said=said)


def _verdict(finding: Finding, tongue: Tongue) -> str:
    region, inside, outside = (
        tongue.layers(numbers) for numbers in (finding.region, finding.inside, finding.outside)
    )
    if finding.found is None:
        return tongue.say("found.unjudged", why=tongue.say(f"why.{finding.why_not}"))
    if finding.name == "all_special":
        return _crowded(finding, inside, tongue)
    if finding.found:
        too = tongue.say("found.too", outside=outside) if finding.outside else ""
        return tongue.sentences(tongue.say("found.yes", inside=inside, region=region), too)
    if finding.inside:
        too = tongue.say("found.too", outside=outside) if finding.outside else ""
        return tongue.sentences(tongue.say("found.little", inside=inside, region=region), too)
    if finding.outside:
        return tongue.say("found.elsewhere", region=region, outside=outside)
    return tongue.say("found.no", region=region)


def _crowded(finding: Finding, inside: str, tongue: Tongue) -> str:
    short, texts = finding.short
    shortly = finding.found and short > 0
    return tongue.sentences(
        tongue.say(_how_many(finding), inside=inside),
        tongue.say("found.all short", short=short, texts=texts) if shortly else "",
    )


def _how_many(finding: Finding) -> str:
    """Say which words tell where special tokens take most."""
    if finding.found:
        return "found.all"
    if not finding.seen:
        return "found.none"
    return "found.not heads" if finding.inside == finding.region else "found.not all"


def _measured(finding: Finding, even: float, tongue: Tongue) -> str:
    if all(value != value for value in finding.measured):  # noqa: PLR0124 - NaN is not itself
        return ""
    crowded, reading = finding.heads_share, finding.name == "reading"
    level = 1 - even if reading else even
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
