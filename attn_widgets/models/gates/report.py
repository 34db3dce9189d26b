"""What a gate keeps and what it costs, measured by hard decisions on texts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from attn_widgets.models.gates import batches
from attn_widgets.models.gates.runs import Seen, countable, dense, run
from attn_widgets.models.masked import own_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.models.capture import Call
    from attn_widgets.models.gates.batches import Batch
    from attn_widgets.models.masked import Rule
    from attn_widgets.models.runner import ModelRunner

_BATCH = 16


@dataclasses.dataclass(frozen=True, slots=True)
class GateReport:
    """What a rule keeps of a model's attention, and what the model still says under it.

    Every layer runs under the rule and on what the layer before it put out under the rule.

    Parameters
    ----------
    texts, tokens, cut
        Texts measured on, their tokens, and how many texts were cut to fit.
    density
        Share kept of the legal pairs: of tokens of the same text, padding apart, that the model's
        own mask allows, over all layers and heads; each token with itself is one of them.
    mass_kept
        Attention of the dense model inside the rule, the mean over tokens, layers and heads.
    cosine_mean, cosine_low
        Cosine of each text's sentence vector (the mean of its last hidden states) to the dense
        model's: mean, and 5th percentile over texts.
    relative_l1
        Sum of ``|h - h_dense|`` over the sum of ``|h_dense|``, of all last hidden states.
    head_density
        The density of each head, ``[layer][head]``.
    """

    texts: int
    tokens: int
    cut: int
    density: float
    mass_kept: float
    cosine_mean: float
    cosine_low: float
    relative_l1: float
    head_density: tuple[tuple[float, ...], ...]

    def __repr__(self) -> str:
        """Say it in a few lines, each number with what it is of."""
        cut = f", {self.cut} of them cut" if self.cut else ""
        return (
            f"GateReport on {self.texts} texts of {self.tokens} tokens{cut}:\n"
            f"  density {self.density:.3f} of the legal pairs (padding apart)\n"
            f"  dense attention mass kept {self.mass_kept:.3f}\n"
            f"  cosine to the dense sentence vectors: mean {self.cosine_mean:.4f}, "
            f"5th percentile {self.cosine_low:.4f}\n"
            f"  relative L1 of the last hidden states {self.relative_l1:.3f}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> GateReport:
        """Read what `to_json` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is not that.
        """
        heads = tuple(tuple(float(share) for share in row) for row in values["head_density"])
        return cls(
            texts=int(values["texts"]),
            tokens=int(values["tokens"]),
            cut=int(values["cut"]),
            density=float(values["density"]),
            mass_kept=float(values["mass_kept"]),
            cosine_mean=float(values["cosine_mean"]),
            cosine_low=float(values["cosine_low"]),
            relative_l1=float(values["relative_l1"]),
            head_density=heads,
        )


def measure(
    runner: ModelRunner, rule: Rule, texts: Sequence[str], *, max_length: int = 64
) -> GateReport:
    """Run texts under a hard rule and densely, and compare.

    Parameters
    ----------
    runner
        The runner of the model.
    rule
        What decides, for example ``fitted.rule(runner)``; it must answer with bools.
    texts
        Texts the rule was not made from.
    max_length
        Longer texts are cut to so many tokens.

    Raises
    ------
    TypeError, ValueError
        If a text is not usable, or there is none.
    """
    if isinstance(texts, str) or not texts:
        msg = f"texts must be a list of one or more texts, not {texts!r:.60}"
        raise ValueError(msg)
    return measure_batches(runner, rule, batches.make(runner, texts, _BATCH, max_length))


def measure_batches(runner: ModelRunner, rule: Rule, given: Sequence[Batch]) -> GateReport:
    """As `measure`, of texts that are batches already."""
    cosines: list[torch.Tensor] = []
    off = whole = 0.0
    counts: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    for batch in given:
        plain = dense(runner, batch, weights=True)
        counted = _Count(rule, batch.rows, plain)
        with torch.no_grad():
            under = run(runner, batch, counted)
        counts.append(counted.totals())
        vectors = under.sentences(batch.rows).cpu(), plain.sentences(batch.rows).cpu()
        mine, dense_ones = (part.double() for part in vectors)
        cosines.append(torch.cosine_similarity(mine, dense_ones).clamp(-1, 1))
        off += float((under.last - plain.last)[batch.rows].abs().double().sum())
        whole += float(plain.last[batch.rows].abs().double().sum())
    kept, legal, mass = (torch.stack(part).sum(0) for part in zip(*counts, strict=True))
    tokens = sum(int(batch.rows.sum()) for batch in given)
    found = torch.cat(cosines).numpy()
    inputs = [one for batch in given for one in batch.prepared]
    return GateReport(
        texts=len(inputs),
        tokens=tokens,
        cut=sum(one.lost > 0 for one in inputs),
        density=float(kept.sum() / legal.sum().clamp(min=1)),
        mass_kept=float(mass.mean() / max(tokens, 1)),
        cosine_mean=float(found.mean()),
        cosine_low=float(np.percentile(found, 5)),
        relative_l1=off / max(whole, 1e-12),
        head_density=tuple(map(tuple, (kept / legal.clamp(min=1)).tolist())),
    )


class _Count:
    """A rule that answers as another does and counts, per layer and head, what it keeps."""

    def __init__(self, rule: Rule, rows: torch.Tensor, plain: Seen) -> None:
        self._rule = rule
        self._rows = rows
        self._plain = plain
        self._found: dict[int, tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = {}

    def __call__(self, call: Call) -> torch.Tensor | None:
        decided = self._rule(call)
        counted = countable(call, self._rows)
        dense_weights = self._plain.weights[call.layer]
        kept = torch.ones_like(dense_weights, dtype=torch.bool)
        if decided is not None:
            kept = (decided | own_pairs(call)).expand_as(dense_weights)
        rows = self._rows[:, None, :]
        mass = (dense_weights * kept).sum(-1) * rows
        self._found[call.layer] = (
            (kept & counted).sum(dim=(0, 2, 3)).double().cpu(),
            counted.expand_as(kept).sum(dim=(0, 2, 3)).double().cpu(),
            mass.double().sum(dim=(0, 2)).cpu(),
        )
        return decided

    def totals(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pairs kept, legal pairs and dense mass kept, each ``(layers, heads)``."""
        layers = [self._found[layer] for layer in sorted(self._found)]
        kept, legal, mass = (torch.stack(part) for part in zip(*layers, strict=True))
        return kept, legal, mass
