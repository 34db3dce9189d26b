"""Profile windows on Ray Data: actors hold the model, the driver adds up."""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import TYPE_CHECKING, Any, Final, Self

import torch

from attn_widgets.analysis import profile_file
from attn_widgets.analysis.profile import Profile
from attn_widgets.analysis.profile_failures import Failures
from attn_widgets.models.core import Core
from attn_widgets.models.loading import Loaded
from attn_widgets.models.profiling_texts import Numbered
from attn_widgets.models.profiling_windows import Part, profiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import PretrainedConfig, PreTrainedTokenizerBase

    from attn_widgets.models.profiling_texts import Window
    from attn_widgets.models.profiling_windows import Settings

# Actors of Ray Data end with the data set that they work on, and load the model anew for the next.
_WINDOWS_OF_AN_ACTOR: Final = 128


@dataclasses.dataclass(frozen=True, slots=True)
class OnRay:
    """Profile windows on the Ray cluster that is joined, or on this machine alone.

    Parameters
    ----------
    actors
        How many hold the model; by default one for each GPU, or where there is none, for each
        processor.
    """

    actors: int | None = None

    def __call__(
        self, core: Core, nothing: Profile, settings: Settings, windows: Iterator[Window]
    ) -> Iterator[Part]:
        """Give the part of each window in order, as `profiling_windows.locally` does.

        Raises
        ------
        ImportError
            If Ray is not installed.
        ValueError
            If a change stands for the model: actors would run it as it is.
        """
        ray = _ray()
        if nothing.about["changes"]:
            msg = "engine='ray' runs models as they are: leave the editing block, or use 'local'"
            raise ValueError(msg)
        if not ray.is_initialized():
            ray.init()
        have = ray.cluster_resources()
        gpus = int(have.get("GPU", 0))
        actors = self.actors or gpus or max(int(have.get("CPU", 1)), 1)
        model = ray.put(Shipped.of(core))
        given = (model, profile_file.dump(nothing), settings)
        while taken := list(itertools.islice(windows, _WINDOWS_OF_AN_ACTOR * actors)):
            rows = [{"number": n, "texts": _to_json(one)} for n, one in enumerate(taken)]
            done = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
                Worker,
                fn_constructor_args=given,
                batch_size=1,
                compute=ray.data.ActorPoolStrategy(size=actors),
                num_gpus=1 if gpus else 0,
            )
            yield from _in_order(taken, iter(done.iter_rows()))


@dataclasses.dataclass(frozen=True, slots=True)
class Shipped:
    """A model on its way to other machines, as class, configuration and weights.

    A model itself does not travel: the library hangs functions on it that cannot be copied.
    """

    name: str
    revision: str | None
    made_by: type[torch.nn.Module]
    config: PretrainedConfig
    weights: dict[str, torch.Tensor]
    tokenizer: PreTrainedTokenizerBase

    @classmethod
    def of(cls, core: Core) -> Self:
        """Pack a model."""
        model = core.model
        weights = {name: weight.detach().cpu() for name, weight in model.state_dict().items()}
        source = core.source
        return cls(
            source.model, source.revision, type(model), model.config, weights, core.tokenizer
        )

    def loaded(self) -> Loaded:
        """Build the model anew, on a GPU if there is one."""
        model = self.made_by(self.config)
        # assigned, not copied, each weight keeps its number format
        model.load_state_dict(self.weights, assign=True)
        place = "cuda" if torch.cuda.is_available() else "cpu"
        return Loaded(self.name, self.revision, model.to(place).eval(), self.tokenizer)


class Worker:
    """An actor that holds the model.

    Parameters
    ----------
    model
        Where Ray keeps what is :class:`Shipped`.
    nothing
        The profile of no text, as its file.
    settings
        What is measured.
    """

    def __init__(self, model: object, nothing: bytes, settings: Settings) -> None:
        shipped: Shipped = _ray().get(model)
        self._core = Core(shipped.loaded())
        self._nothing = _parsed(nothing)
        self._settings = settings

    def __call__(self, rows: dict[str, Any]) -> dict[str, list[Any]]:
        """Profile one window."""
        texts = [Numbered(*one) for one in json.loads(rows["texts"][0])]
        profile = profiled(self._core, self._nothing, self._settings, texts)
        return {"number": [int(rows["number"][0])], "profile": [profile_file.dump(profile)]}


def _in_order(windows: Sequence[Window], rows: Iterator[dict[str, Any]]) -> Iterator[Part]:
    """Put what comes in any order in that of the windows.

    Raises
    ------
    RuntimeError
        If a window did not come back.
    """
    waiting: dict[int, Profile] = {}
    for number, window in enumerate(windows):
        while number not in waiting:
            row = next(rows, None)
            if row is None:
                msg = f"Ray ended without window {number} of {len(windows)}: run it again"
                raise RuntimeError(msg)
            waiting[row["number"]] = _parsed(row["profile"])
        profile = waiting.pop(number)
        failures = profile.failures + Failures.of(*window.failures)
        profile = dataclasses.replace(profile, failures=failures)
        yield Part(profile, window.consumed, window.digest)


def _to_json(window: Window) -> str:
    return json.dumps([dataclasses.astuple(text) for text in window.texts])


def _parsed(content: bytes) -> Profile:
    parts, _ = profile_file.parse(content, "what an actor sent")
    return Profile(**parts)


def _ray() -> Any:  # noqa: ANN401 - a module without types
    try:
        import ray.data  # noqa: PLC0415 - only who asks for it has it
    except ImportError as error:
        msg = "engine='ray' needs Ray: pip install 'attn_widgets[ray]'"
        raise ImportError(msg) from error
    return ray
