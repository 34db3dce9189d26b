"""Vectors of texts as a step of a scikit-learn pipeline, which is not needed here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from attn_widgets.models.using import check, paraphrases
from attn_widgets.models.using import pooling as pools
from attn_widgets.models.using.vectoring import depth, numbered, vectors_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from attn_widgets.models.core import Core
    from attn_widgets.models.runner import ModelRunner
    from attn_widgets.models.using.check import LayerChoice
    from attn_widgets.models.using.paraphrases import Pairs

_NAMES = ("runner", "layer", "pooling", "pairs")


class SentenceVectors:
    """Texts in, vectors out: ``fit``, ``transform`` and parameters, as scikit-learn asks.

    Fitting chooses the layer, once, on pairs of paraphrases; it does not look at the texts or
    labels that it is given, so nothing can leak from them. A clone shares the runner.

    Parameters
    ----------
    runner
        The model.
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
        runner: ModelRunner,
        layer: int | Literal["auto"] = "auto",
        pooling: str = "mean",
        pairs: Pairs = "en",
    ) -> None:
        self.runner = runner
        self.layer = layer
        self.pooling = pooling
        self.pairs = pairs

    def fit(self, texts: object = None, labels: object = None) -> Self:  # noqa: ARG002 - scikit-learn gives both
        """Choose the layer.

        Raises
        ------
        ValueError, UnsupportedModelError
            As :meth:`ModelRunner.sentence_vectors`.
        """
        pools.check_pooling(self.pooling)
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

    def transform(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """Give vectors, ``(texts, hidden)``; texts may also be one column, ``(texts, 1)``.

        Raises
        ------
        ValueError
            If it was not fitted, or texts have more columns than one.
        """
        if not hasattr(self, "layer_"):
            msg = "SentenceVectors was not fitted: call fit() first, which chooses the layer"
            raise ValueError(msg)
        if isinstance(texts, np.ndarray) and texts.ndim > 1:
            if texts.shape[1:] != (1,):
                msg = f"texts have shape {texts.shape}: expected (texts,) or (texts, 1)"
                raise ValueError(msg)
            texts = texts[:, 0]
        return vectors_of(self._core(), texts, self.layer_, self.pooling)

    def fit_transform(self, texts: Iterable[str], labels: object = None) -> NDArray[np.float32]:
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

    def get_feature_names_out(self, names: object = None) -> NDArray[np.object_]:  # noqa: ARG002 - scikit-learn gives the names that came in
        """Name the columns."""
        size = self.runner.model.config.get_text_config().hidden_size
        return np.array([f"{self.pooling}{number}" for number in range(size)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        """Say whether a layer was chosen."""
        return hasattr(self, "layer_")

    def __sklearn_clone__(self) -> Self:
        """Make an unfitted copy with the same runner: a model is not copied for each fold."""
        return type(self)(**self.get_params())

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

    def _core(self) -> Core:
        return self.runner._core  # noqa: SLF001 - what the runner's own methods run on

    def __repr__(self) -> str:
        """Say what is set."""
        return (
            f"SentenceVectors({self.runner.name}, layer={self.layer!r}, pooling={self.pooling!r})"
        )
