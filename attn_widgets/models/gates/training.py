"""The training of a gate, step by step, with all that it needs to go on later."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from attn_widgets.models.gates import storage
from attn_widgets.models.gates.losses import infidelity
from attn_widgets.models.gates.rules import Hard
from attn_widgets.models.gates.runs import Soft, countable, dense, frozen, run
from attn_widgets.models.masked import own_pairs

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from attn_widgets.models.capture import Call
    from attn_widgets.models.gates.batches import Batch
    from attn_widgets.models.gates.rules import Trainable
    from attn_widgets.models.gates.runs import Seen
    from attn_widgets.models.gates.settings import Settings
    from attn_widgets.models.runner import ModelRunner

FORM = "gate training"
EVERY = 20  # steps between looks at the texts that decide when to stop

_RATES = {"log_thresholds": 0.05, "w_q": 0.005, "w_k": 0.005, "bias": 0.02}
_WARM = 10  # steps until the rates are whole
_HOT, _COLD = 0.5, 0.1  # temperatures of the first step and from _COOLED on
_COOLED = 0.6  # of all steps
_PRICE = 0.4  # of what is kept, at first, in units of the target
_PRICE_STEP, _PRICE_MOST = 0.05, 0.2
_MEMORY = 0.9  # of the running density


class Training:
    """A gate, its optimiser, and how far it has come.

    The loss is the `infidelity` of the soft run plus a price times the soft density, batches of
    longer texts counting more, as they have more of all pairs. The price rises while the gate, read
    hard, keeps more than the target, and falls while it keeps less: a multiplier of the constraint,
    where a fixed penalty would end off the target.

    Parameters
    ----------
    settings
        What is asked for.
    gate
        An untrained gate.
    """

    def __init__(self, settings: Settings, gate: Trainable) -> None:
        self.settings = settings
        self.gate = gate
        self.step = 0
        self.history: list[tuple[int, float]] = []
        self._optimizer = torch.optim.Adam(
            [{"params": [values], "name": name} for name, values in gate.numbers.items()]
        )
        self._price = _PRICE / settings.target_density
        self._kept, self._legal = 0.0, 0.0
        self._best = self.gate.arrays()
        self._best_loss = math.inf
        self._waited = 0

    @property
    def done(self) -> bool:
        """Whether all steps are made, or nothing has improved for as long as is waited."""
        return self.step >= self.settings.steps or self._waited >= self.settings.patience

    def advance(self, runner: ModelRunner, batches: Sequence[Batch]) -> float:
        """Make one step and return its loss; the batches of an epoch come in an order of its own.

        Raises
        ------
        FloatingPointError
            If the loss is not a number; the gate is left as it was.
        """
        batch = batches[self._place(len(batches))]
        share = self.step / max(self.settings.steps - 1, 1)
        warm = min(1.0, (self.step + 1) / _WARM)
        for group in self._optimizer.param_groups:
            group["lr"] = _RATES[group["name"]] * warm * 0.5 * (1 + math.cos(math.pi * share))
        cooling = min(share / _COOLED, 1.0)
        soft = Soft(self.gate, _HOT * (_COLD / _HOT) ** cooling, batch.rows)
        plain = dense(runner, batch)
        with frozen(runner.model):
            under = run(runner, batch, soft)
            weight = self._price * _pairs(batch) * len(batches) / sum(map(_pairs, batches))
            loss = infidelity(under, plain, batch.rows) + weight * soft.density()
            if not bool(loss.isfinite()):
                msg = f"the loss of step {self.step} is {float(loss)}: does the model compute NaN?"
                raise FloatingPointError(msg)
            self._optimizer.zero_grad()
            loss.backward()
        self._optimizer.step()
        self._set_price(*soft.counts())
        self.step += 1
        return float(loss.detach())

    def look(self, runner: ModelRunner, watched: Sequence[tuple[Batch, Seen]]) -> float:
        """Measure the hard gate on texts that it does not learn from, and keep the best gate.

        Returns
        -------
        float
            Infidelity plus the price, as at first, of what is kept above the target, or less.
        """
        rule = Hard(self.gate.value(self.settings.name))
        losses, kept, legal = [], 0, 0
        with torch.no_grad():
            for batch, plain in watched:
                counting = _Counting(rule, batch.rows)
                losses.append(float(infidelity(run(runner, batch, counting), plain, batch.rows)))
                kept += counting.kept
                legal += counting.legal
        excess = kept / max(legal, 1) / self.settings.target_density - 1
        loss = float(np.mean(losses)) + _PRICE * excess
        self.history.append((self.step, loss))
        self._waited += self.step >= _COOLED * self.settings.steps
        if loss < self._best_loss:
            self._best, self._best_loss, self._waited = self.gate.arrays(), loss, 0
        return loss

    def finish(self) -> None:
        """Go back to the best gate seen."""
        self.gate.load(self._best)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that is needed to go on."""
        about = {
            "settings": self.settings.to_json(),
            "step": self.step,
            "history": self.history,
            "price": self._price,
            "kept": self._kept,
            "legal": self._legal,
            "best_loss": None if math.isinf(self._best_loss) else self._best_loss,
            "waited": self._waited,
        }
        arrays = {f"now.{name}": values for name, values in self.gate.arrays().items()}
        arrays |= {f"best.{name}": values for name, values in self._best.items()}
        for name, parameter in self.gate.numbers.items():
            moments = self._optimizer.state.get(parameter)
            if moments:
                arrays[f"first.{name}"] = _numpy(moments["exp_avg"])
                arrays[f"second.{name}"] = _numpy(moments["exp_avg_sq"])
        storage.write(path, FORM, about, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str], settings: Settings, gate: Trainable) -> Self:
        """Read an unfinished training of the same settings, to go on exactly where it was.

        Parameters
        ----------
        gate
            A gate of the right shape; its numbers are replaced.

        Raises
        ------
        ValueError
            If the file is damaged, is none of these, or holds a training of other settings.
        """
        about, arrays = storage.read(path, FORM)
        training = cls(settings, gate)
        try:
            _require_same(path, about["settings"], settings)
            training.step = int(about["step"])
            training.history = [(int(step), float(loss)) for step, loss in about["history"]]
            training._price = float(about["price"])
            training._kept, training._legal = float(about["kept"]), float(about["legal"])
            training._waited = int(about["waited"])
            if about["best_loss"] is not None:
                training._best_loss = float(about["best_loss"])
            training._restore(arrays)
        except (KeyError, TypeError) as error:
            msg = f"{path} is damaged: its parts do not hold together ({error!r})"
            raise ValueError(msg) from error
        return training

    def _restore(self, arrays: dict[str, NDArray[np.float32]]) -> None:
        names = self.gate.numbers
        for part, values in arrays.items():
            shape = tuple(names[part.split(".", 1)[1]].shape)
            if values.shape != shape or not np.isfinite(values).all():
                msg = f"{part} has shape {values.shape}, expected {shape} of finite numbers"
                raise TypeError(msg)
        self.gate.load({name: arrays[f"now.{name}"] for name in names})
        self._best = {name: arrays[f"best.{name}"] for name in names}
        if self.step:
            for name, parameter in names.items():
                self._optimizer.state[parameter] = {
                    "step": torch.tensor(float(self.step)),
                    "exp_avg": _like(arrays[f"first.{name}"], parameter),
                    "exp_avg_sq": _like(arrays[f"second.{name}"], parameter),
                }

    def _place(self, count: int) -> int:
        epoch, place = divmod(self.step, count)
        dice = torch.Generator().manual_seed(self.settings.seed * 1_000_003 + epoch)
        return int(torch.randperm(count, generator=dice)[place])

    def _set_price(self, kept: int, legal: int) -> None:
        target = self.settings.target_density
        self._kept = _MEMORY * self._kept + kept
        self._legal = _MEMORY * self._legal + legal
        off = _PRICE_STEP * (self._kept / max(self._legal, 1.0) - target) / target
        self._price *= math.exp(min(max(off, -_PRICE_MOST), _PRICE_MOST))


class _Counting:
    """A rule that counts what another keeps."""

    def __init__(self, rule: Hard, rows: torch.Tensor) -> None:
        self._rule = rule
        self._rows = rows
        self.kept = 0
        self.legal = 0

    def __call__(self, call: Call) -> torch.Tensor:
        decided = self._rule(call)
        counted = countable(call, self._rows)
        self.kept += int(((decided | own_pairs(call)) & counted).sum())
        self.legal += int(counted.sum()) * decided.shape[1]
        return decided


def _pairs(batch: Batch) -> int:
    return int(batch.rows.sum(-1).square().sum())


def _require_same(path: object, given: dict[str, Any], wanted: Settings) -> None:
    now = wanted.to_json()
    other = [
        f"{name} {given.get(name)!r:.80}, not {now[name]!r:.80}"
        for name in now
        if given.get(name) != now[name]
    ]
    if other:
        msg = (
            f"{path} holds a training of other settings: {'; '.join(other)}; give the same, or "
            "another file"
        )
        raise ValueError(msg)


def _numpy(numbers: torch.Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = numbers.detach().to("cpu", copy=True).numpy()
    return array


def _like(values: NDArray[np.float32], parameter: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(values.copy()).to(parameter.device)
