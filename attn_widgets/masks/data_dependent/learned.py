"""Masks that a trained gate decides; a mask carries the gate's name and digest, not its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from attn_widgets.masks.data_dependent.gates import RULES, Gate, check_name
from attn_widgets.masks.data_dependent.settled import DataMask
from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.rows.runs import Runs

if TYPE_CHECKING:
    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.head_data import HeadData

_KNOWN: Final[dict[str, Gate]] = {}
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def learned(gate: object) -> Learned:
    """Keep what a trained gate keeps, and each query's own key.

    The gate stays known to this process by its digest, so that the mask can be written as text or
    JSON, sent to the browser and read back: only names travel, and nothing that is read can bring
    numbers of its own. In another process, load the gate from its file and call this first.

    Keys per row: as many as the gate lets through, per layer, head and text; bind it by
    ``bind_record(mask, record, layer, head)`` or ``mask.bind_data(..., place=(layer, head))``. A
    gate knows nothing of causality: for a decoder write ``learned(gate) & causal()``.

    Parameters
    ----------
    gate : Gate
        A `ThresholdGate` (it needs weights; of a float16 record it decides up to their rounding)
        or a `LowRankGate` (it needs q and k, and no scores).

    Raises
    ------
    MaskError
        If it is no gate.
    """
    if not isinstance(gate, Gate):
        msg = (
            f"learned() takes a Gate, not {type(gate).__name__}: give fit_gate(...).gate, or read "
            "a mask's text with parse(...)"
        )
        raise MaskError(msg)
    _KNOWN[gate.digest] = gate
    return Learned(gate.name, gate.rule, gate.digest)


def gate_named(digest: str) -> Gate:
    """Return a gate that `learned` was given in this process.

    Raises
    ------
    MaskBindError
        If there was none of this digest.
    """
    if digest not in _KNOWN:
        msg = (
            f"the gate {digest[:12]}... is not loaded here: load it from its file, "
            "FittedGate.load(path), and call its .mask() once"
        )
        raise MaskBindError(msg)
    return _KNOWN[digest]


@dataclass(frozen=True, slots=True, repr=False)
class Learned(DataMask):
    """What a trained gate keeps of a head's pairs, and each query's own key.

    Parameters
    ----------
    name : str
        What the gate is called.
    rule : "threshold" or "low_rank"
        What it decides by.
    digest : str
        SHA-256 of its numbers.
    """

    kind: ClassVar[str] = "learned"
    wants: ClassVar[frozenset[str]] = frozenset({"q", "k", "weights"})
    name: str
    rule: str
    digest: str

    def __post_init__(self) -> None:
        """Refuse what cannot name a gate."""
        check_name(self.name)
        rule: object = self.rule
        digest: object = self.digest
        if not isinstance(rule, str) or rule not in RULES:
            msg = f"a gate's rule is one of {', '.join(RULES)}, not {self.rule!r:.60}"
            raise MaskError(msg)
        if not isinstance(digest, str) or _DIGEST.fullmatch(digest) is None:
            msg = f"a gate's digest is 64 hexadecimal digits, not {self.digest!r:.80}"
            raise MaskError(msg)

    @property
    def needs(self) -> frozenset[str]:
        """What the gate decides by: weights for a threshold, q and k for a low-rank gate."""
        return RULES[self.rule].needs

    def runs(self, data: HeadData, frame: Frame) -> Runs:
        """Ask the gate.

        Raises
        ------
        MaskBindError
            If the layer and head are not given or not the gate's, or the gate is not loaded.
        """
        gate = gate_named(self.digest)
        layers, heads = gate.shape
        if data.place is None:
            msg = (
                f"{self.name!r} is learned per layer and head: say which one this is, "
                "bind_record(mask, record, layer, head) or bind_data(..., place=(layer, head))"
            )
            raise MaskBindError(msg)
        layer, head = data.place
        if layer not in range(layers) or head not in range(heads):
            msg = (
                f"{self.name!r} was fitted to {layers} layers of {heads} heads, both counted from "
                f"0; it knows no layer {layer}, head {head}"
            )
            raise MaskBindError(msg)
        kept = gate.keep(data, layer, head)
        own = data.own_keys(frame)
        rows = np.flatnonzero(own >= 0)
        kept[rows, own[rows]] = True
        return Runs.from_dense(kept)

    def scores_computed(self, n_queries: int, n_keys: int) -> int:
        """Return ``n_queries * n_keys``, of whole scores or of products of `rank` numbers each."""
        return n_queries * n_keys

    def __repr__(self) -> str:
        """Return the text form."""
        return f"learned('{self.name}', '{self.rule}', '{self.digest}')"

    def __str__(self) -> str:
        """Say it in words."""
        return f"what the gate {self.name!r} keeps, and itself"
