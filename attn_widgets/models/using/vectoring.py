"""What a runner gives for use elsewhere: vectors of texts, from a layer chosen by evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from tqdm.auto import tqdm

from attn_widgets.models import tabular, vectors
from attn_widgets.models.using import check, paraphrases
from attn_widgets.models.using import pooling as pools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.models.core import Core
    from attn_widgets.models.using.check import VectorCheck
    from attn_widgets.models.using.paraphrases import Pairs


class Vectoring:
    """The methods of :class:`ModelRunner` for vectors of texts."""

    _core: Core

    def sentence_vectors(
        self,
        texts: Iterable[str],
        layer: int | Literal["auto"] = "auto",
        pooling: str = "mean",
        *,
        pairs: Pairs = "en",
        max_length: int | None = None,
        progress: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> NDArray[np.float32]:
        """Give one vector for each text: an array in, an array out, as scikit-learn likes it.

        For a pipeline, take :class:`SentenceVectors`.

        Parameters
        ----------
        texts
            Texts, for example an array or a column of str, or any iterable; of a data frame its
            only column.
        layer
            Whose output is pooled, counted from 0 (-1 is the last); ``"auto"``: the layer that
            :meth:`vector_check` chooses, which says why. That is run anew at each call.
        pooling
            ``"mean"`` of all tokens, ``"content"`` (the mean without special tokens), ``"cls"``,
            or ``"last"`` token. [CLS] of a layer that gathers on it is often a poor vector:
            Reimers & Gurevych 2019 (arXiv 1908.10084), table 1, and :meth:`vector_check`.
        pairs
            For ``"auto"``: on what; as in :meth:`vector_check`.
        max_length, progress, stop
            As in :meth:`ModelRunner.run_many` and :meth:`ModelRunner.run`.

        Returns
        -------
        ndarray of float32, shape (texts, hidden)
            Not normalised.

        Raises
        ------
        TypeError
            If `texts` is a str or a data frame with several columns, or one of them is none.
        ValueError
            If the pooling is not known, there is no such layer, a text has no tokens, or its vector
            is not finite.
        UnsupportedModelError
            If there is no [CLS] for ``"cls"``, or layers cannot be followed.
        """
        pools.check_pooling(pooling)
        if layer == "auto":
            chosen = paraphrases.as_pairs(pairs)
            checked = check.check(self._core, chosen, (pooling,), stop, progress=progress)
            number = checked.choose(pooling).layer
        else:
            number = numbered(layer, depth(self._core))
        return vectors_of(self._core, texts, number, pooling, max_length, stop, progress=progress)

    def vector_check(
        self,
        pairs: Pairs = "en",
        *,
        poolings: Sequence[str] = ("cls", "mean"),
        progress: bool = True,
        stop: Callable[[], bool] | None = None,
    ) -> VectorCheck:
        """Try vectors of every layer on finding the paraphrase of a text.

        Parameters
        ----------
        pairs
            Pairs of texts that say the same, at least 4; or those that come with this library:
            24 in ``"en"``, 12 in ``"ja"``.
        poolings
            As in :meth:`sentence_vectors`; several.
        progress, stop
            As in :meth:`sentence_vectors`.

        Raises
        ------
        ValueError
            If a pooling is not known, or pairs are not fit.
        UnsupportedModelError
            As in :meth:`sentence_vectors`.
        """
        if isinstance(poolings, str) or not poolings:
            msg = f"poolings is {poolings!r}: expected a list of them, for example ('cls', 'mean')"
            raise ValueError(msg)
        for one in poolings:
            pools.check_pooling(one)
        chosen = paraphrases.as_pairs(pairs)
        return check.check(self._core, chosen, poolings, stop, progress=progress)


def vectors_of(
    core: Core,
    texts: Iterable[str],
    layer: int,
    pooling: str,
    max_length: int | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    progress: bool = False,
) -> NDArray[np.float32]:
    """Give vectors of one layer; see :meth:`Vectoring.sentence_vectors`."""
    given = every_text(texts)
    if not given:
        return np.zeros((0, _size(core)), np.float32)
    ready = pools.prepared(core, given, max_length)
    with tqdm(total=len(ready), unit="text", disable=not progress) as bar:
        states = pools.every_layer(core, ready, (pooling,), stop, bar.update)
    rows: NDArray[np.float32] = states[0, layer].copy()
    for row, one in zip(rows, ready, strict=True):
        vectors.finite(row, one.texts)
    return rows


def every_text(texts: Iterable[str]) -> Sequence[str]:
    """List texts, whatever holds them.

    Raises
    ------
    TypeError
        If it is one str, or holds something else than texts.
    ValueError
        If it is an array of more columns than one.
    """
    if isinstance(texts, str):
        msg = f"texts must be a list of texts, not one str: give [{texts[:40]!r}]"
        raise TypeError(msg)
    given = [str(text) if isinstance(text, np.str_) else text for text in tabular.texts_of(texts)]
    return pools.check_texts(given)


def numbered(layer: object, count: int) -> int:
    """Take the number of a layer, from 0, or from -1 back.

    Raises
    ------
    ValueError
        If there is none.
    """
    if isinstance(layer, bool) or not isinstance(layer, int | np.integer):
        msg = f"layer is {layer!r}: a whole number from 0 to {count - 1}, or 'auto'"
        raise ValueError(msg)  # noqa: TRY004 - a wrong word is a wrong value, too
    if not -count <= layer < count:
        msg = f"layer is {layer}: the model has {count}, from 0 to {count - 1} (or from -1 back)"
        raise ValueError(msg)
    return int(layer) % count


def depth(core: Core) -> int:
    """Count the layers of the stack that gives vectors."""
    kind = "encoder" if "encoder" in core.stacks else next(iter(core.stacks))
    return len(core.stacks[kind].names)


def _size(core: Core) -> int:
    size: int = core.model.config.get_text_config().hidden_size
    return size
