"""Vectors of texts as a step of a scikit-learn pipeline, which is not needed here."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from attn_widgets.models import loading
from attn_widgets.models.core import Core
from attn_widgets.models.using import check, paraphrases
from attn_widgets.models.using import pooling as pools
from attn_widgets.models.using.vectoring import (
    Vectoring,
    depth,
    every_text,
    numbered,
    vectors_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from attn_widgets.models.runner import ModelRunner
    from attn_widgets.models.using.check import LayerChoice
    from attn_widgets.models.using.paraphrases import Pairs

_NAMES = ("runner", "layer", "pooling", "pairs")
_CONTAINERS = ("default", "pandas", "polars")


class SentenceVectors:
    """Texts in, vectors out: ``fit``, ``transform`` and parameters, as scikit-learn asks.

    Fitting chooses the layer, once, on pairs of paraphrases; it does not look at the texts or
    labels that it is given, so nothing can leak from them. A clone shares the runner.

    Parameters
    ----------
    runner
        The model: a runner, or what :meth:`ModelRunner.from_pretrained` loads by name, for example
        ``"demo"``. By name it is loaded when it is first needed, once in each process: so a step
        can be pickled, and sent to the processes of ``n_jobs=2``. A runner cannot.
    layer, pooling, pairs
        As in :meth:`ModelRunner.sentence_vectors`.

    Attributes
    ----------
    layer_
        The layer in use, after fitting.
    choice_
        Why; None if the layer was given.
    """

    def __init__(
        self,
        runner: ModelRunner | str | os.PathLike[str],
        layer: int | Literal["auto"] = "auto",
        pooling: str = "mean",
        pairs: Pairs = "en",
    ) -> None:
        self.runner = runner
        self.layer = layer
        self.pooling = pooling
        self.pairs = pairs

    def fit(self, texts: Iterable[str] | None = None, labels: object = None) -> Self:  # noqa: ARG002 - scikit-learn gives both
        """Choose the layer, which no text decides; but what are no texts is refused.

        Raises
        ------
        TypeError
            If `runner` is neither a runner nor a name, or `texts` are none; an iterator is not
            looked into, as that would use it up.
        ModelLoadError
            If there is no model of that name.
        ValueError, UnsupportedModelError
            As :meth:`ModelRunner.sentence_vectors`.
        """
        pools.check_pooling(self.pooling)
        if texts is not None and not isinstance(texts, Iterator):
            every_text(texts)
        core = self._core()
        self.choice_: LayerChoice | None = None
        if self.layer == "auto":
            chosen = paraphrases.as_pairs(self.pairs)
            checked = check.check(core, chosen, (self.pooling,), progress=False)
            self.choice_ = checked.choose(self.pooling)
            self.layer_ = self.choice_.layer
        else:
            self.layer_ = numbered(self.layer, depth(core))
        return self

    def transform(self, texts: Iterable[str]) -> Any:  # noqa: ANN401 - an array, or a data frame of a library's
        """Give vectors, ``(texts, hidden)``; texts may also be one column, ``(texts, 1)``.

        Returns
        -------
        ndarray of float32, or a data frame
            As :meth:`set_output` says.

        Raises
        ------
        TypeError
            If `texts` is a data frame of several columns, or one of them is no str.
        ValueError
            If it was not fitted, or an array has more columns than one.
        """
        if not hasattr(self, "layer_"):
            msg = "SentenceVectors was not fitted: call fit() first, which chooses the layer"
            raise ValueError(msg)
        rows = vectors_of(self._core(), texts, self.layer_, self.pooling)
        return self._contained(
            rows, getattr(texts, "index", None) if hasattr(texts, "iloc") else None
        )

    def fit_transform(self, texts: Iterable[str], labels: object = None) -> Any:  # noqa: ANN401 - as above
        """Fit, and transform the same texts."""
        return self.fit(texts, labels).transform(texts)

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 - scikit-learn's signature
        """Give the parameters by name."""
        return {name: getattr(self, name) for name in _NAMES}

    def set_params(self, **params: object) -> Self:
        """Set parameters by name; fit again afterwards.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        for name, value in params.items():
            if name not in _NAMES:
                msg = f"SentenceVectors has no parameter {name!r}: it has {', '.join(_NAMES)}"
                raise ValueError(msg)
            setattr(self, name, value)
        return self

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose what :meth:`transform` gives.

        Parameters
        ----------
        transform
            ``"default"`` for an array, ``"pandas"`` or ``"polars"`` for a data frame of that
            library, which must be there; None to leave it as it is. As long as nothing is chosen
            it is what ``sklearn.set_config`` says.

        Raises
        ------
        ValueError
            If it is none of these.
        """
        if transform is None:
            return self
        if transform not in _CONTAINERS:
            known = ", ".join(map(repr, _CONTAINERS))
            msg = f"transform is {transform!r}: one of {known}, or None to leave it"
            raise ValueError(msg)
        self._output = transform
        return self

    def get_feature_names_out(self, names: object = None) -> NDArray[np.object_]:  # noqa: ARG002 - scikit-learn gives the names that came in
        """Name the columns."""
        size = self._core().model.config.get_text_config().hidden_size
        return np.array([f"{self.pooling}{number}" for number in range(size)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        """Say whether a layer was chosen."""
        return hasattr(self, "layer_")

    def __sklearn_clone__(self) -> Self:
        """Make an unfitted copy with the same runner: a model is not copied for each fold."""
        return type(self)(**self.get_params()).set_output(transform=getattr(self, "_output", None))

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 - a type of scikit-learn's
        """Describe it to the scikit-learn that asks."""
        utils = importlib.import_module("sklearn.utils")
        tags = utils.Tags(
            estimator_type=None,
            target_tags=utils.TargetTags(required=False),
            transformer_tags=utils.TransformerTags(),
            input_tags=utils.InputTags(string=True, two_d_array=False, one_d_array=True),
        )
        tags.requires_fit = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Give what is pickled.

        Raises
        ------
        TypeError
            If the model was given as a runner.
        """
        if isinstance(self.runner, Vectoring):
            msg = (
                "SentenceVectors of a loaded runner cannot be pickled, or sent to the processes of "
                "n_jobs=: give the model's name or folder in its place, as in "
                "SentenceVectors('demo'), and each process loads it"
            )
            raise TypeError(msg)
        return self.__dict__

    def __repr__(self) -> str:
        """Say what is set."""
        name = self.runner.name if isinstance(self.runner, Vectoring) else repr(self.runner)
        return f"SentenceVectors({name}, layer={self.layer!r}, pooling={self.pooling!r})"

    def _core(self) -> Core:
        given: object = self.runner
        if isinstance(given, Vectoring):
            return given._core  # noqa: SLF001 - what the runner's own methods run on
        if isinstance(given, str | os.PathLike):
            return _loaded(os.fspath(given))
        msg = (
            f"runner is {given!r:.60}, of type {type(given).__name__}: expected a ModelRunner, or "
            "the name or folder of a model, for example 'demo'"
        )
        raise TypeError(msg)

    def _contained(self, rows: NDArray[np.float32], index: object) -> Any:  # noqa: ANN401 - as above
        wanted = getattr(self, "_output", None)
        if wanted is None:
            sklearn = sys.modules.get("sklearn")
            wanted = "default" if sklearn is None else sklearn.get_config()["transform_output"]
        if wanted == "default":
            return rows
        library = importlib.import_module(wanted)
        names = list(self.get_feature_names_out())
        if wanted == "polars":
            return library.DataFrame(rows, schema=names, orient="row")
        return library.DataFrame(rows, columns=names, index=index)


@functools.lru_cache(maxsize=4)
def _loaded(name: str) -> Core:
    """Load a model once in a process: a grid search makes many copies of a step."""
    return Core(
        loading.load(name, None, device="auto", dtype=None, revision=None, trust_remote_code=False)
    )
