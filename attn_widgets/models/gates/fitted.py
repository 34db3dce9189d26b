"""A trained gate: its numbers, what it was trained for, and what it was measured to do."""

from __future__ import annotations

import dataclasses
import importlib.resources
from typing import TYPE_CHECKING, Final

from attn_widgets.masks import MaskError, causal, learned
from attn_widgets.masks.data_dependent.gates import RULES, Gate
from attn_widgets.models.gates import storage
from attn_widgets.models.gates.report import GateReport
from attn_widgets.models.gates.rules import Hard
from attn_widgets.models.gates.settings import Settings

if TYPE_CHECKING:
    import os

    from attn_widgets.masks import Mask
    from attn_widgets.models.runner import ModelRunner

FORM: Final = "gate"
_SAMPLES: Final = ("low_rank", "threshold")


@dataclasses.dataclass(frozen=True, slots=True)
class FittedGate:
    """What :func:`fit_gate` returns.

    Parameters
    ----------
    gate
        The numbers: a ``ThresholdGate`` or a ``LowRankGate``.
    report
        What it does on held-out texts, decided hard.
    settings
        What it was trained for.
    history
        Per look at the texts that decide when to stop: steps made, and the hard gate's loss.
    """

    gate: Gate
    report: GateReport
    settings: Settings
    history: tuple[tuple[int, float], ...]

    def rule(self, runner: ModelRunner) -> Hard:
        """Give the gate as a rule for :func:`attn_widgets.models.masked.masked`.

        Raises
        ------
        ValueError
            If it was fitted to a model of another shape.
        """
        self.settings.model.require(runner)
        return Hard(self.gate)

    def mask(self) -> Mask:
        """Give the gate as a mask, decided per layer and head on a record's q and k or weights.

        A decoder's is ``learned(gate) & causal()``.
        """
        mask = learned(self.gate)
        return mask & causal() if self.settings.model.stack == "decoder" else mask

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the gate to one file; equal gates give equal bytes."""
        about = {
            "name": self.gate.name,
            "rule": self.gate.rule,
            "report": self.report.to_json(),
            "settings": self.settings.to_json(),
            "history": self.history,
        }
        storage.write(path, FORM, about, dict(self.gate.arrays()))

    @classmethod
    def load(cls, path: str | os.PathLike[str], runner: ModelRunner | None = None) -> FittedGate:
        """Read a gate; nothing in the file is ever executed.

        Parameters
        ----------
        path
            What :meth:`save` wrote.
        runner
            The model it is for, to check that it fits.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is no gate, is damaged, or the gate is for a model of another shape.
        """
        about, arrays = storage.read(path, FORM)
        try:
            gate = RULES[about["rule"]](about["name"], **arrays)
            settings = Settings.from_json(about["settings"])
            fitted = cls(
                gate=gate,
                report=GateReport.from_json(about["report"]),
                settings=settings,
                history=tuple((int(step), float(loss)) for step, loss in about["history"]),
            )
        except (KeyError, TypeError, MaskError) as error:
            msg = f"{path} is damaged: its parts do not hold together ({error!r})"
            raise ValueError(msg) from error
        model = settings.model
        if gate.shape != (model.layers, model.heads) or gate.rule != settings.kind:
            msg = f"{path} is damaged: {gate!r} is not the gate of {model}"
            raise ValueError(msg)
        if runner is not None:
            model.require(runner)
        return fitted

    @classmethod
    def sample(cls, kind: str = "low_rank") -> FittedGate:
        """Open a gate that ships with the package.

        It is for all-MiniLM-L6-v2, keeps about a tenth of the pairs, and was trained on paragraphs
        of docstrings of at most 64 tokens.

        Parameters
        ----------
        kind
            ``"low_rank"`` or ``"threshold"``.

        Raises
        ------
        ValueError
            If there is no sample of that kind.
        """
        if kind not in _SAMPLES:
            msg = f"no sample gate is of kind {kind!r}: there are {', '.join(_SAMPLES)}"
            raise ValueError(msg)
        folder = importlib.resources.files("attn_widgets.models.gates") / "samples"
        with importlib.resources.as_file(folder / f"{kind}.npz") as path:
            return cls.load(path)

    def __repr__(self) -> str:
        """Say what it is and what it does."""
        asked = self.settings
        steps = self.history[-1][0] if self.history else 0
        return (
            f"FittedGate({asked.kind}, target density {asked.target_density:g}, seed {asked.seed}, "
            f"{steps} of {asked.steps} steps, for {asked.model})\n{self.report!r}"
        )
