"""What is to be summed of the weights of each text: where, and with which factor."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, Self, TypeVar

import numpy as np
import torch

from attn_widgets.analysis.profile_metrics import TARGETS
from attn_widgets.record import TokenRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.analysis.heads import Floats64
    from attn_widgets.analysis.reading import Bools
    from attn_widgets.models.inputs import Prepared
    from attn_widgets.record import Token

Rows = Literal["content", "all"]

N = TypeVar("N", bound=np.generic)

_NEAR = (0, -1, 1)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class TextPlan:
    """What is summed of one text, over its tokens that are not padding.

    Parameters
    ----------
    keys
        Which keys are not padding, shape ``(keys,)``.
    rows, entropy_rows
        Factor of each query in a mean, and in that of normalised entropy, shape ``(queries,)``.
    targets
        Which keys each target has, shape ``(keys, targets)``.
    near, near_rows, local_rows
        The key on each query itself, before and after it, and its factor, by itself and in the
        share of all three that are text; shape ``(3, queries)``.
    cls
        Query of the first [CLS], or None.
    uniform
        Share of each target if all were looked at alike, NaN for a role that no key has.
    has
        Which metrics the text has, shape ``(metrics,)``.
    """

    keys: Bools
    rows: Floats64
    entropy_rows: Floats64
    targets: Bools
    near: NDArray[np.intp]
    near_rows: Floats64
    local_rows: Floats64
    cls: int | None
    uniform: Floats64
    has: Bools

    @property
    def length(self) -> int:
        """How many keys there are."""
        return int(self.keys.sum())

    @classmethod
    def of(cls, prepared: Prepared, rows: Rows) -> Self:
        """Plan for one text, as `analysis.measure` reads its record.

        Raises
        ------
        ValueError
            If all its tokens are padding.
        """
        own, other = prepared.tokens, prepared.key_tokens
        keys, queries = _no_padding(other, "key"), _no_padding(own, "query")
        places = np.flatnonzero(queries)
        visible = np.full(len(places), keys.sum())
        if prepared.kind == "decoder":
            visible = np.cumsum(keys)[places]
        content = ~_special(own)[places]
        chosen = content if rows == "content" and content.any() else np.ones(len(places), bool)
        targets = _targets(other, keys)
        seen = np.cumsum(targets[keys], axis=0)[visible - 1]
        uniform = (seen / visible[:, None])[chosen].mean(axis=0)
        uniform[~targets.any(axis=0)] = np.nan
        uniform[0] = np.nan_to_num(uniform[0])  # no special tokens is a share of 0
        counted = chosen & (visible > 1)
        entropy = np.zeros(len(places))
        entropy[counted] = 1 / (np.log(visible[counted]) * counted.sum())
        aligned = prepared.kind != "cross"
        near, there = _near(np.flatnonzero(keys), visible, chosen & aligned)
        near_rows = there / np.maximum(there.sum(axis=1, keepdims=True), 1)
        local_rows = (there & ~_special(other)[near]) / chosen.sum()
        found = [i for i, token in enumerate(own) if token.role is TokenRole.CLS]
        has = np.repeat(~np.isnan(uniform), 2)
        has[1::2] &= uniform < 1
        shapes = np.concatenate([[counted.any(), True], there.any(axis=1), [aligned]])
        return cls(
            keys=keys,
            rows=_spread(chosen / chosen.sum(), places, len(own)),
            entropy_rows=_spread(entropy, places, len(own)),
            targets=targets,
            near=_spread(near, places, len(own)),
            near_rows=_spread(near_rows, places, len(own)),
            local_rows=_spread(local_rows, places, len(own)),
            cls=found[0] if found else None,
            uniform=uniform,
            has=np.concatenate([has, shapes, [bool(found) and aligned, bool(found)]]),
        )


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class BatchPlan:
    """The plans of a batch as tensors, padded at the end: see :class:`TextPlan`.

    `real` is where a batch holds a query, and `hidden` where a text has padding of its own among
    its keys, or None.
    """

    rows: torch.Tensor
    entropy_rows: torch.Tensor
    targets: torch.Tensor
    near: torch.Tensor
    near_rows: torch.Tensor
    local_rows: torch.Tensor
    cls: torch.Tensor
    real: torch.Tensor
    hidden: torch.Tensor | None

    @classmethod
    def of(cls, plans: Sequence[TextPlan], device: torch.device) -> Self:
        """Put the plans of a batch together."""
        queries = max(len(plan.rows) for plan in plans)
        keys = max(len(plan.keys) for plan in plans)
        texts = len(plans)
        rows, entropy = np.zeros((2, texts, queries), np.float32)
        targets = np.zeros((texts, keys, len(TARGETS)), np.float32)
        near = np.zeros((texts, 3, queries), np.int64)
        near_rows, local_rows = np.zeros((2, texts, 3, queries), np.float32)
        hidden = np.zeros((texts, keys), bool)
        real = np.zeros((texts, queries), bool)
        for row, plan in enumerate(plans):
            own = slice(len(plan.rows))
            rows[row, own], entropy[row, own], real[row, own] = plan.rows, plan.entropy_rows, True
            near[row, :, own] = plan.near
            near_rows[row, :, own], local_rows[row, :, own] = plan.near_rows, plan.local_rows
            targets[row, : len(plan.keys)] = plan.targets
            hidden[row, : len(plan.keys)] = ~plan.keys
        first = np.array([plan.cls or 0 for plan in plans])

        def put(array: NDArray[np.generic]) -> torch.Tensor:
            return torch.from_numpy(np.ascontiguousarray(array)).to(device)

        return cls(
            rows=put(rows),
            entropy_rows=put(entropy),
            targets=put(targets),
            near=put(near),
            near_rows=put(near_rows),
            local_rows=put(local_rows),
            cls=put(first),
            real=put(real),
            hidden=put(hidden) if hidden.any() else None,
        )


def _no_padding(tokens: Sequence[Token], name: str) -> Bools:
    kept = np.array([token.role is not TokenRole.PAD for token in tokens])
    if not kept.any():
        msg = f"every {name} of the text is padding: there is nothing to measure"
        raise ValueError(msg)
    return kept


def _special(tokens: Sequence[Token]) -> Bools:
    return np.array([token.role.is_special for token in tokens])


def _targets(tokens: Sequence[Token], keys: Bools) -> Bools:
    roles = np.array([token.role.value for token in tokens])
    found = [_special(tokens), np.arange(len(keys)) == keys.argmax()]
    found += [roles == target for target in TARGETS[len(found) :]]
    held: Bools = np.stack(found, axis=1) & keys[:, None]
    return held


def _near(
    keys: NDArray[np.intp], visible: NDArray[np.intp], chosen: Bools
) -> tuple[NDArray[np.intp], Bools]:
    """Give the key beside each query in place, and where it is one, each ``(3, queries)``."""
    beside = np.arange(len(visible)) + np.array(_NEAR)[:, None]
    there = (beside >= 0) & (beside < visible) & chosen
    return keys[np.clip(beside, 0, len(keys) - 1)], there


def _spread(values: NDArray[N], places: NDArray[np.intp], length: int) -> NDArray[N]:
    """Put values of queries without padding where these stand among all."""
    whole = np.zeros((*values.shape[:-1], length), values.dtype)
    whole[..., places] = values
    return whole
