"""Which sparse pattern for which text and task: measured, not looked up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Final, Literal, get_args

from attn_widgets.analysis.advice_words import sentence, unknown
from attn_widgets.analysis.candidates import HEAD_DIM, Candidate, candidates
from attn_widgets.analysis.mask_fit import fit_mask
from attn_widgets.masks import Gate, local
from attn_widgets.masks.limits import MAX_TOKENS, whole
from attn_widgets.masks.measures.growth import Growth, grow
from attn_widgets.masks.measures.reach import Reach, reach
from attn_widgets.record import AttentionRecord

if TYPE_CHECKING:
    from attn_widgets.analysis.language import Language
    from attn_widgets.masks import Mask

Task = Literal["local", "long-range", "retrieval", "pairs"]

NEAR: Final = 8
"""Tokens on each side that count as near."""

_PROBE = 1024
_FOLLOWED = 2048
_ENOUGH = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Seen:
    """What a family's mask keeps of recorded attention, means over all heads.

    Parameters
    ----------
    length : int
        Tokens of the record.
    kept : float
        Share of the attention inside the family's mask at that length.
    density : float
        Share of all pairs inside it.
    """

    length: int
    kept: float
    density: float


@dataclass(frozen=True, slots=True)
class Advice:
    """One pattern, measured for one length and task.

    Parameters
    ----------
    name : str
        The family, such as ``"window + one global"``.
    mask : Mask or None
        Its mask at this length; None for a gate that is still to be trained.
    length : int
        Tokens of the text.
    task : str
        What the pattern was measured for.
    work : int
        Pairs that are computed, and steps of a sort where there is one. A score without its share
        in the output is half a pair, and what a gate decides by counts at the size of its numbers.
    share : float
        `work` as a share of the pairs of dense attention.
    growth : Growth
        How the work grows with the length, fitted to counts.
    near : float or None
        Share of the pairs up to `NEAR` tokens apart that are joined in one layer; None where the
        data decides.
    reach : Reach or None
        What is joined through layers; None where the data decides.
    measured_at : int
        Length at which `near` and `reach` were measured: `length`, or a shorter one for long texts
        and families that follow the same rule at each length.
    seen : Seen or None
        What is kept of recorded attention; None without a record that can tell.
    suits : bool
        Whether the pattern does by itself what the task asks for.
    affordable : bool
        Whether `work` is within the budget.
    """

    name: str
    mask: Mask | None
    length: int
    task: Task
    work: int
    share: float
    growth: Growth
    near: float | None
    reach: Reach | None
    measured_at: int
    seen: Seen | None = None
    suits: bool = False
    affordable: bool = True

    @property
    def by_content(self) -> bool:
        """Whether the text decides which pairs are kept."""
        return self.reach is None

    @property
    def kept(self) -> float | None:
        """Share of the attention kept in a record of this very length; None without one."""
        return self.seen.kept if self.seen is not None and self.seen.length == self.length else None

    def explain(self, language: Language = "en") -> str:
        """Say in one sentence why the pattern stands where it does: ``"en"`` or ``"ja"``."""
        return sentence(self, language)

    def cannot_know(self, language: Language = "en") -> str:
        """Say what no count can tell about it: ``"en"`` or ``"ja"``."""
        return unknown(self, language)


def advise(
    length: int,
    task: Task,
    budget: float | None = None,
    record: AttentionRecord | None = None,
    layers: int = 12,
    gate: Gate | None = None,
) -> tuple[Advice, ...]:
    """Rank families of masks for a text, a task and a budget.

    First come those within the budget that suit the task; among these, those that keep more of the
    recorded attention (in steps of five in a hundred), then those that compute less. A record of
    another length is reported and does not count: short texts are kept almost whole.

    What suits is measured: for ``"local"``, all pairs up to 8 tokens apart joined in one layer; for
    ``"long-range"``, all pairs joined within `layers` (of a decoder's record, each token with all
    before it); for ``"pairs"``, all pairs joined within two layers, so that each sentence draws on
    the other; for ``"retrieval"``, pairs chosen by what the
    tokens hold, or all of them.

    Parameters
    ----------
    length : int
        Tokens of the text, 2 or more.
    task : {"local", "long-range", "retrieval", "pairs"}
        Its nature.
    budget : float, optional
        Up to 1, the share of dense attention's pairs that may be computed; above, operations per
        head of 64 numbers. No limit when left out.
    record : AttentionRecord, optional
        Attention already seen, to measure what each family keeps of it, at the record's own length.
        Masks decided by queries and keys need a record that holds them.
    layers : int
        Layers of the model, 1 or more.
    gate : Gate, optional
        A gate trained for the model, such as ``fit_gate(...).gate``. Without one, a low-rank gate
        is counted that would keep as many keys as the windows do.

    Returns
    -------
    tuple of Advice
        The best first.

    Raises
    ------
    ValueError
        If the task is unknown, or a number is out of range.
    TypeError
        If the budget is no number, or the record or the gate is something else.
    """
    n = whole("the length", length, 2, MAX_TOKENS)
    if task not in get_args(Task):
        msg = f"task is {task!r}: one of {', '.join(get_args(Task))}"
        raise ValueError(msg)
    most = whole("the number of layers", layers, 1)
    limit = _limit(n, budget)
    for name, given, kind, example in (
        ("record", record, AttentionRecord, "an AttentionRecord, such as runner.run(text)"),
        ("gate", gate, Gate, "a Gate, such as fit_gate(...).gate"),
    ):
        if given is not None and not isinstance(given, kind):
            msg = f"{name} is {given!r:.60}: give {example}, or nothing"
            raise TypeError(msg)
    one_way = record is not None and record.kind == "decoder"
    found = []
    for candidate in candidates(gate):
        advice = _measured(candidate, n, task, most)
        found.append(
            replace(
                advice,
                seen=None if record is None else _seen(candidate, record),
                suits=_suits(advice, most, one_way=one_way),
                affordable=advice.work <= limit,
            )
        )
    return tuple(sorted(found, key=_order))


def _order(advice: Advice) -> tuple[bool, bool, float, int]:
    kept = -1 if advice.kept is None else -round(20 * advice.kept) / 20
    return not advice.affordable, not advice.suits, kept, advice.work


def _limit(n: int, budget: float | None) -> float:
    if budget is None:
        return math.inf
    meant = "a share of dense attention up to 1, or operations above 1"
    given: object = budget
    if isinstance(given, bool) or not isinstance(given, Real):
        msg = f"budget is {budget!r:.60}: give a number, {meant}"
        raise TypeError(msg)
    if not budget > 0:
        msg = f"budget is {budget!r}: {meant}"
        raise ValueError(msg)
    return budget * n * n if budget <= 1 else budget / (4 * HEAD_DIM)


@lru_cache(maxsize=64)
def _growth(candidate: Candidate) -> Growth:
    return grow(candidate.work)


def _measured(candidate: Candidate, n: int, task: Task, layers: int) -> Advice:
    mask = candidate.mask(n)
    count = sum(candidate.work(n).values())
    by_content = mask is None or bool(mask.needs)
    at = _PROBE if candidate.widens and n > _FOLLOWED and not by_content else n
    probe = None if by_content else candidate.mask(at)
    return Advice(
        name=candidate.name,
        mask=mask,
        length=n,
        task=task,
        work=count,
        share=count / (n * n),
        growth=_growth(candidate),
        near=None if probe is None else _near(probe, at),
        reach=None if probe is None else reach(probe.bind(at), max(layers, 2)),
        measured_at=at,
    )


def _near(mask: Mask, n: int) -> float:
    """Share of the pairs up to `NEAR` tokens apart that a mask keeps."""
    window = local(NEAR)
    return (mask & window).bind(n).nnz() / window.bind(n).nnz()


def _suits(advice: Advice, layers: int, *, one_way: bool) -> bool:
    travelled = advice.reach
    if advice.near is None or travelled is None:
        return advice.task == "retrieval"
    if advice.task == "local":
        return advice.near >= _ENOUGH
    reaches = one_way or travelled.of == "pairs"
    most = {"retrieval": 1, "pairs": 2, "long-range": layers}[advice.task]
    return reaches and travelled.full_after is not None and travelled.full_after <= most


def _seen(candidate: Candidate, record: AttentionRecord) -> Seen | None:
    _, _, n_queries, n_keys = record.shape
    mask = candidate.mask(n_keys)
    there = {"weights"} | {name for name in ("q", "k") if getattr(record, name) is not None}
    if n_queries != n_keys or mask is None or not mask.needs <= there:
        return None
    fit = fit_mask(record, mask)
    return Seen(n_keys, float(fit.kept.mean()), float(fit.density.mean()))
