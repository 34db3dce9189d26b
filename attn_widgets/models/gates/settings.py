"""What a training was asked for, and for which model: two with the same settings are the same."""

from __future__ import annotations

import dataclasses
import operator
import re
from typing import TYPE_CHECKING, Any, Final

from attn_widgets.models.masked import stack_of

if TYPE_CHECKING:
    from attn_widgets.models.runner import ModelRunner

RANK: Final = 16
STEPS: Final = {"threshold": 120, "low_rank": 240}


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    """The shape of a model's attention, and what the model is called.

    Parameters
    ----------
    name, family
        As the runner knows them.
    stack
        The stack the gate is for.
    layers, heads, key_heads, head_dim
        Its shape; `head_dim` is None where layers differ.
    """

    name: str
    family: str
    stack: str
    layers: int
    heads: int
    key_heads: int
    head_dim: int | None

    @classmethod
    def of(cls, runner: ModelRunner) -> Model:
        """Look at a runner's model."""
        kind = stack_of(runner, None)
        stack = runner.stacks[kind]
        return cls(
            name=runner.name,
            family=runner.model.config.model_type,
            stack=kind,
            layers=len(stack.names),
            heads=stack.heads,
            key_heads=stack.key_heads,
            head_dim=stack.head_dim,
        )

    @property
    def shape(self) -> tuple[object, ...]:
        """What must agree for a gate to fit."""
        return (self.stack, self.layers, self.heads, self.key_heads, self.head_dim)

    def require(self, runner: ModelRunner) -> None:
        """Check that a gate of this model fits a runner's model.

        Raises
        ------
        ValueError
            If the shapes differ.
        """
        other = Model.of(runner)
        if self.shape != other.shape:
            msg = f"this gate was fitted to {self}, it does not fit {other}: fit one to that model"
            raise ValueError(msg)

    def __str__(self) -> str:
        """Say the name and the shape."""
        return (
            f"{self.name} ({self.stack}, {self.layers} layers of {self.heads} heads, "
            f"{self.key_heads} key heads of {self.head_dim} numbers)"
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """All that decides how a training goes.

    Parameters
    ----------
    model
        The model.
    texts
        SHA-256 of the texts.
    kind
        ``"threshold"`` or ``"low_rank"``.
    target_density, seed, steps, holdout, patience, max_length
        As given to :func:`fit_gate`.
    """

    model: Model
    texts: str
    kind: str
    target_density: float
    seed: int
    steps: int
    holdout: float
    patience: int
    max_length: int

    def __post_init__(self) -> None:
        """Refuse what no training can do.

        Raises
        ------
        ValueError
            If a setting is out of range.
        """
        if self.kind not in STEPS:
            msg = f"kind is {self.kind!r:.60}: expected {' or '.join(map(repr, STEPS))}"
            raise ValueError(msg)
        if not 0 < self.target_density < 1:
            msg = (
                f"target_density is {self.target_density!r:.60}: expected a share of the legal "
                "pairs between 0 and 1, such as 0.2"
            )
            raise ValueError(msg)
        for name, least in (("seed", 0), ("steps", 1), ("patience", 1), ("max_length", 3)):
            value = getattr(self, name)
            if isinstance(value, bool) or operator.index(value) < least:
                msg = f"{name} is {value!r:.60}: expected a whole number, at least {least}"
                raise ValueError(msg)
        if self.kind == "low_rank" and self.model.head_dim is None:
            msg = (
                f"{self.model}: its layers have queries of different sizes, which one low-rank "
                "gate cannot read; use kind='threshold'"
            )
            raise ValueError(msg)

    @property
    def name(self) -> str:
        """What to call the gate."""
        plain = re.sub(r"[^A-Za-z0-9 ._/:+@-]", "_", self.model.name)
        return f"{plain[-50:]} {self.kind} {self.target_density:g}"

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Settings:
        """Read what `to_json` wrote.

        Raises
        ------
        TypeError, ValueError, KeyError
            If it is not that.
        """
        return cls(**{**values, "model": Model(**values["model"])})
