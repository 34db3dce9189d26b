"""Which sparse pattern for which text and task: measured, not looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

from attn_widgets.analysis.advice_words import Language, sentence, unknown
from attn_widgets.analysis.mask_fit import fit_mask
from attn_widgets.masks import local
from attn_widgets.masks.limits import MAX_TOKENS, whole
from attn_widgets.masks.measures.candidates import CANDIDATES, Candidate
from attn_widgets.masks.measures.growth import Growth, grow
from attn_widgets.masks.measures.reach import Reach, reach

if TYPE_CHECKING:
    from attn_widgets.masks import Mask
    from attn_widgets.record import AttentionRecord

Task = Literal["local", "long-range", "retrieval", "pairs"]

NEAR: Final = 8
"""Tokens on each side that count as near."""

_PROBE = 1024
_FOLLOWED = 2048
_HEAD_DIM = 64
_ENOUGH = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Advice:
    """One pattern, measured for one length and task.

    Parameters
    ----------
    name : str
        The family, such as ``"window + one global"``.
    mask : Mask
        Its mask at this length.
    length : int
        Tokens of the text.
    task : str
        What the pattern was measured for.
    work : int
        Pairs that are computed, and steps of a sort where there is one.
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
    kept : float or None
        Share of the recorded attention inside the mask, the mean over heads; None without a record
        that can tell.
    suits : bool
        Whether the pattern does by itself what the task asks for.
    affordable : bool
        Whether `work` is within the budget.
    """

    name: str
    mask: Mask
    length: int
    task: Task
    work: int
    share: float
    growth: Growth
    near: float | None
    reach: Reach | None
    measured_at: int
    kept: float | None = None
    suits: bool = False
    affordable: bool = True

    @property
    def by_content(self) -> bool:
        """Whether the text decides which pairs are kept."""
        return self.reach is None

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
) -> tuple[Advice, ...]:
    """Rank families of masks for a text, a task and a budget.

    First come those within the budget that suit the task; among these, those that keep more of the
    recorded attention (in steps of five in a hundred), then those that compute less.

    What suits is measured: for ``"local"``, all pairs up to 8 tokens apart joined in one layer; for
    ``"long-range"``, all pairs joined within `layers`; for ``"pairs"``, all pairs joined within two
    layers, so that each sentence draws on the other; for ``"retrieval"``, pairs chosen by what the
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
        Attention already seen, to measure what each mask keeps of it (at the record's own length).
        Masks decided by queries and keys need a record that holds them.
    layers : int
        Layers of the model.

    Returns
    -------
    tuple of Advice
        The best first.

    Raises
    ------
    ValueError
        If the task is unknown, or a number is out of range.
    """
    n = whole("the length", length, 2, MAX_TOKENS)
    if task not in get_args(Task):
        msg = f"task is {task!r}: one of {', '.join(get_args(Task))}"
        raise ValueError(msg)
    if budget is not None and not budget > 0:
        msg = f"budget is {budget!r}: a share of dense attention up to 1, or operations above 1"
        raise ValueError(msg)
    limit = _limit(n, budget)
    found = []
    for candidate in CANDIDATES:
        advice = _measured(candidate, n, task, layers)
        kept = None if record is None else _kept(candidate, record)
        found.append(
            replace(
                advice, kept=kept, suits=_suits(advice, layers), affordable=advice.work <= limit
            )
        )
    return tuple(sorted(found, key=_order))


def _order(advice: Advice) -> tuple[bool, bool, float, int]:
    kept = -1 if advice.kept is None else -round(20 * advice.kept) / 20
    return not advice.affordable, not advice.suits, kept, advice.work


def _limit(n: int, budget: float | None) -> float:
    if budget is None:
        return float("inf")
    return budget * n * n if budget <= 1 else budget / (4 * _HEAD_DIM)


@cache
def _growth(candidate: Candidate) -> Growth:
    return grow(candidate.work)


def _measured(candidate: Candidate, n: int, task: Task, layers: int) -> Advice:
    mask = candidate.mask(n)
    counted = candidate.work(n)
    work = sum(counted.values()) if isinstance(counted, dict) else mask.bind(n).nnz()
    at = _PROBE if candidate.widens and n > _FOLLOWED and not mask.needs else n
    near = travelled = None
    if not mask.needs:
        probe = candidate.mask(at)
        near = (probe & local(NEAR)).bind(at).nnz() / local(NEAR).bind(at).nnz()
        travelled = reach(probe.bind(at), max(layers, 2))
    return Advice(
        name=candidate.name,
        mask=mask,
        length=n,
        task=task,
        work=work,
        share=work / (n * n),
        growth=_growth(candidate),
        near=near,
        reach=travelled,
        measured_at=at,
    )


def _suits(advice: Advice, layers: int) -> bool:
    travelled = advice.reach
    if advice.near is None or travelled is None:
        return advice.task == "retrieval"
    if advice.task == "local":
        return advice.near >= _ENOUGH
    if advice.task == "retrieval":
        return travelled.of == "pairs" and travelled.full_after == 1
    most = 2 if advice.task == "pairs" else layers
    both_ways = travelled.of == "pairs"
    return both_ways and travelled.full_after is not None and travelled.full_after <= most


def _kept(candidate: Candidate, record: AttentionRecord) -> float | None:
    _, _, n_queries, n_keys = record.shape
    mask = candidate.mask(n_keys)
    there = {"weights"} | {name for name in ("q", "k") if getattr(record, name) is not None}
    if n_queries != n_keys or not mask.needs <= there:
        return None
    return float(fit_mask(record, mask).kept.mean())
