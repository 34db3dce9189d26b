"""How much of each token's new vector comes from where: what weights alone do not say."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from attn_widgets.analysis.values import ReadOnlyArrays

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.analysis.heads import Floats32, Floats64
    from attn_widgets.analysis.slopes import Slopes
    from attn_widgets.record import AttentionRecord

Stage = Literal["summed", "residual", "normed"]
"""How far a layer is followed: its heads summed, then the residual added, then normalised."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Contributions(ReadOnlyArrays):
    r"""The sizes of what keys hand on, beside the record of how they were weighed.

    All sizes are Euclidean lengths in the units of the hidden states. Sources: Kobayashi et al.
    2020 (arXiv 2004.10102) for `values` and `summed`, 2021 (arXiv 2109.07152) for `residual`,
    `normed` and what is `mixed`; Brunner et al. 2020 (arXiv 1908.04211) for `effective`.

    With :math:`f^h(x_j) = (x_j W_V^h + b_V^h) W_O^h` (the value's bias is counted in, the output's
    is not), :math:`y_{ij} = \sum_h \alpha^h_{ij} f^h(x_j)`, and :math:`z_{ij}` that and, on the
    diagonal, the residual :math:`x_i`. A LayerNorm is applied to each term by itself, as
    :math:`g_i(z) = (z - m(z)) / s_i \odot \gamma`: with m the mean over the term's dimensions,
    the standard deviation :math:`s_i` of query i's whole vector, and without the shift.

    Attributes
    ----------
    record
        The weights of the same run.
    values
        :math:`\lVert f^h(x_j) \rVert`, shape ``(layers, heads, keys)``.
    summed
        :math:`\lVert y_{ij} \rVert`, shape ``(layers, queries, keys)``.
    residual
        :math:`\lVert z_{ij} \rVert`, same shape; None where it is not defined.
    normed
        :math:`\lVert g_i(z_{ij}) \rVert`, same shape; None where it is not defined.
    mixed, mixed_normed
        What all other keys give together, :math:`\lVert \sum_{j \ne i} y_{ij} \rVert` and
        :math:`\lVert \sum_{j \ne i} g_i(y_{ij}) \rVert`, shape ``(layers, queries)``; None where
        it is not defined.
    absent
        Stage to the reason why it is not defined for this model.
    difference
        The largest difference from the model's own vectors when all parts, the biases with them,
        are added up again, as a share of the largest number among them, shape ``(layers,)``.
    effective
        Effective attention, shape ``(layers, heads, queries, keys)``; None where not asked for.
    slopes
        The gradients of the weights; None where not asked for.
    """

    record: AttentionRecord
    values: Floats64
    summed: Floats64
    residual: Floats64 | None
    normed: Floats64 | None
    mixed: Floats64 | None
    mixed_normed: Floats64 | None
    absent: Mapping[str, str]
    difference: Floats64
    effective: Floats32 | None = None
    slopes: Slopes | None = None

    def __post_init__(self) -> None:
        """Check the shapes, and make every array read-only.

        Raises
        ------
        ValueError
            If a part does not fit the record.
        """
        layers, heads, queries, keys = self.record.shape
        expected = {
            "values": (layers, heads, keys),
            "difference": (layers,),
            "effective": self.record.shape,
            "mixed": (layers, queries),
            "mixed_normed": (layers, queries),
            **dict.fromkeys(get_args(Stage), (layers, queries, keys)),
        }
        for name, shape in expected.items():
            part = getattr(self, name)
            if part is not None and part.shape != shape:
                msg = f"{name} has shape {part.shape}: expected {shape}, as the record has"
                raise ValueError(msg)
        ReadOnlyArrays.__post_init__(self)

    @property
    def last(self) -> Stage:
        """Name the last stage that is defined for this model."""
        if self.normed is not None:
            return "normed"
        return "summed" if self.residual is None else "residual"

    def at(self, stage: Stage | None = None) -> Floats64:
        """Give the sizes at a stage, by default the last, shape ``(layers, queries, keys)``.

        Raises
        ------
        ValueError
            If there is no such stage, or it is not defined for this model; the message says why.
        """
        if stage is None:
            stage = self.last
        if stage not in get_args(Stage):
            msg = f"stage is {stage!r}: one of {', '.join(map(repr, get_args(Stage)))}"
            raise ValueError(msg)
        sizes: Floats64 | None = getattr(self, stage)
        if sizes is None:
            msg = (
                f"the stage {stage!r} is not defined here: {self.absent.get(stage, 'not measured')}"
                f"; the last that is defined is {self.last!r}"
            )
            raise ValueError(msg)
        return sizes

    def weighed(self, layer: int, head: int) -> Floats64:
        r"""Give :math:`\alpha^h_{ij} \lVert f^h(x_j) \rVert` of one head, ``(queries, keys)``.

        Parameters
        ----------
        layer, head
            The model's own numbers.

        Raises
        ------
        IndexError
            If there is no such layer or head.
        """
        place = self.record.layer_index(layer), self.record.head_index(head)
        sizes: Floats64 = self.record.weights[place].astype(np.float64) * self.values[place]
        return sizes

    def __repr__(self) -> str:
        """Say what is there, and how exactly it adds up."""
        layers, heads, queries, keys = self.record.shape
        missing = f", without {' and '.join(self.absent)}" if self.absent else ""
        return (
            f"Contributions({layers} layers x {heads} heads, {queries} x {keys} tokens, "
            f"{self.record.kind}, up to {self.last!r}{missing}; adds up to "
            f"{self.difference.max():.1g})"
        )
