"""A corpus profile as a diagnosis reads it: means over texts with their spread, and its gaps."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from attn_widgets.analysis.diagnosis.flow import CloggedHint
from attn_widgets.analysis.diagnosis.numbers import NAMES, Numbers
from attn_widgets.analysis.diagnosis.observation import HANDED_ON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.diagnosis.flow import Silent
    from attn_widgets.analysis.diagnosis.thresholds import Thresholds
    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.profile import Profile

LOW: Final = 0.05
HIGH: Final = 0.95

_METRICS: Final = {
    "special": "share:special",
    "special_excess": "excess:special",
    "cls": "share:cls",
    "cls_excess": "excess:cls",
    "sep": "share:sep",
    "sep_excess": "excess:sep",
    "first": "share:first",
    "cls_to_itself": "cls_to_itself",
    "cls_to_content": "cls_to_content",
    "local": "local",
}
_SINKS: Final = ("sink_heads", "sink_first", "sink_even")
_ZERO: Final = np.array(0.0)
_SPREAD: Final = ("special", "cls_excess", "sep_excess", "cls_to_content", "local")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LengthShare:
    """Texts of like length in a profile: how many, and what special tokens take there.

    Parameters
    ----------
    name
        Which lengths, in tokens.
    texts
        How many.
    special, even
        Mean share of all heads, and the even share.
    """

    name: str
    texts: int
    special: float
    even: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What a diagnosis says of the corpus that a profile is of.

    Parameters
    ----------
    texts, tokens
        How many.
    failed
        Texts that could not be run.
    short
        Texts in length bins that begin below the least length for a verdict.
    all_queries
        Whether means run over all queries, special ones included.
    lengths
        By length of text.
    """

    texts: int
    tokens: int
    failed: int
    short: int
    all_queries: bool
    lengths: tuple[LengthShare, ...]

    @property
    def mean_length(self) -> float:
        """Give the mean number of tokens."""
        return self.tokens / self.texts

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return dataclasses.asdict(self)


def corpus_of(profile: Profile, lines: Thresholds) -> Corpus:
    """Say what a profile is of.

    Raises
    ------
    ValueError
        If it holds no text, or is of a stack whose queries and keys are different texts.
    """
    if not profile.texts:
        msg = (
            f"the profile holds no text, and {profile.failures.count} that failed: nothing to judge"
        )
        raise ValueError(msg)
    if profile.about.get("kind") == "cross":
        msg = (
            "a cross profile has queries and keys of different texts: profile the encoder or the "
            "decoder"
        )
        raise ValueError(msg)
    return Corpus(
        texts=profile.texts,
        tokens=profile.tokens,
        failed=profile.failures.count,
        short=sum(one.texts for one in profile.bins if one.start < lines.tokens),
        all_queries=profile.about.get("queries") == "all",
        lengths=tuple(
            LengthShare(
                name=one.name,
                texts=one.texts,
                special=float(profile.mean("share:special", one.start).mean()),
                even=profile.uniform("special", one.start),
            )
            for one in profile.bins
        ),
    )


def numbers_of(profile: Profile, lines: Thresholds) -> Numbers:
    """Give the means that a profile keeps; NaN for what it does not.

    A head is diagonal, 1 or 0, if its mean local share, also beyond an estimate of the even one,
    reaches what the class rule asks; a profile keeps no diagonality.
    """
    blank = np.full((profile.layers, profile.heads), np.nan)
    found: dict[str, Floats64] = dict.fromkeys(NAMES, blank)
    found |= dict.fromkeys(HANDED_ON, blank[:, 0])
    found |= dict.fromkeys(_SINKS, np.array(np.nan))
    for target in ("special", "cls", "sep", "first"):
        known = f"share:{target}" in profile.metrics
        found[f"{target}_even"] = np.array(profile.uniform(target) if known else np.nan)
    found |= {
        name: profile.mean(metric) for name, metric in _METRICS.items() if metric in profile.metrics
    }
    alone = profile.about.get("kind") == "decoder" and not found["cls_to_content"].any()
    found["cls_to_content_even"] = _ZERO if alone else 1 - found["special_even"]
    near, even = found["local"], _local_even(profile)
    found["local_even"] = np.array(even)
    if np.isfinite(near).all():
        beyond = even < 1 and (near - even) / (1 - even) >= lines.classes.beyond
        found["diagonal"] = ((near >= lines.classes.local) & beyond).astype(np.float64)
    return Numbers(**found)


def _local_even(profile: Profile) -> float:
    """Estimate what evenly spread attention would give a word and the words beside it.

    A profile keeps no such number: it is that of a text of each bin's mean length, special tokens
    at its ends in an encoder, at its start in a decoder.
    """
    total = 0.0
    for one in profile.bins:
        length = one.tokens / one.texts
        special = "share:special" in profile.metrics and profile.uniform("special", one.start) > 0
        if profile.about.get("kind") == "decoder":
            seen = np.arange(1, max(round(length), 1) + 1)[int(special) :]
            near = np.minimum(np.arange(len(seen)) + 1, 2)
            share = float((near / seen).mean()) if len(seen) else 1.0
        else:
            words = length * (1 - (profile.uniform("special", one.start) if special else 0))
            share = max(3 - 2 / max(words, 1), 1) / length
        total += one.texts * min(share, 1.0)
    return total / profile.texts


def spread_of(profile: Profile) -> Mapping[str, tuple[Floats64, Floats64]]:
    """Give, by name of a number, between which values nine texts in ten lie, per head."""
    return {
        name: (profile.quantile(metric, LOW), profile.quantile(metric, HIGH))
        for name in _SPREAD
        for metric in [_METRICS[name]]
        if metric in profile.metrics
    }


def hint_of(profile: Profile, numbers: Numbers, lines: Thresholds) -> CloggedHint:
    """Say why the clogged rule is silent about a profile: it keeps nothing of what flows."""
    long = sum(one.texts for one in profile.bins if one.start >= lines.tokens)
    reasons: list[Silent] = ["few_texts"] if long < lines.texts else []
    if profile.about.get("kind") == "decoder":
        reasons.append("decoder")
    if not float(numbers.special_even) > 0:
        reasons.append("no_special")
    return CloggedHint(
        warns=None,
        silent=(*reasons, "profile"),
        texts=long,
        layers=(),
        quadrants=(),
        excess=tuple(numbers.layer("special_excess").tolist()),
        context=tuple(numbers.context.tolist()),
    )
