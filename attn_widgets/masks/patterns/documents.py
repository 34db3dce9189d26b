"""Patterns that keep texts apart: packed documents, and the segments a tokenizer marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from attn_widgets.masks.errors import MaskBindError, MaskError
from attn_widgets.masks.expr import Mask
from attn_widgets.masks.limits import MAX_PARTS, MAX_TOKENS, whole
from attn_widgets.masks.rows.wide import repeat, tally

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

    from attn_widgets.masks.frame import Frame
    from attn_widgets.masks.rows.intervals import Intervals
    from attn_widgets.masks.spec import Spec, SpecReader


@dataclass(frozen=True, slots=True, repr=False)
class Documents(Mask):
    """Queries see the keys of their own document."""

    kind: ClassVar[str] = "documents"
    lengths: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse empty documents and far too many."""
        if not 0 < len(self.lengths) < MAX_PARTS:
            msg = f"give the lengths of 1 to {MAX_PARTS - 1} documents, not of {len(self.lengths)}"
            raise MaskError(msg)
        lengths = tuple(whole("a document's length", n, 1, MAX_TOKENS) for n in self.lengths)
        object.__setattr__(self, "lengths", lengths)

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return one run of keys per row, none beyond the last document."""
        starts = np.concatenate([[0], np.cumsum(self.lengths, dtype=np.int64)])
        document = np.searchsorted(starts, frame.positions(first, last), side="right")
        ends = np.append(starts, starts[-1])
        return ends[document - 1][:, None], ends[document][:, None]

    def slots(self, frame: Frame) -> int:
        """One, once the lengths add up to the text's."""
        if sum(self.lengths) != frame.n_keys:
            msg = (
                f"the documents have {sum(self.lengths)} tokens together, the text {frame.n_keys}; "
                "give one length per document, padding too"
            )
            raise MaskBindError(msg)
        return 1

    def values(self) -> Spec:
        """Write the lengths as a list."""
        return {"lengths": list(self.lengths)}

    @classmethod
    def read(cls, values: Mapping[str, object], reader: SpecReader, path: str, depth: int) -> Mask:  # noqa: ARG003 - nothing is nested in it
        """Read a list of lengths."""
        lengths = values["lengths"]
        if not isinstance(lengths, list):
            msg = f"'lengths' must be a list of whole numbers, not {lengths!r:.60}"
            raise MaskError(msg)
        reader.spend(len(lengths), path)
        return cls(tuple(lengths))

    @property
    def parts(self) -> int:
        """The pattern and its lengths."""
        return len(self.lengths) + 1

    def __repr__(self) -> str:
        """Return ``documents(length, ...)``."""
        return f"documents({', '.join(map(str, self.lengths))})"

    def __str__(self) -> str:
        """Say it in words."""
        return f"the keys of the same document, of {len(self.lengths)}"


@dataclass(frozen=True, slots=True, repr=False)
class Segments(Mask):
    """Queries see the keys of their own segment, as the tokens tell it."""

    kind: ClassVar[str] = "segments"

    def intervals(self, frame: Frame, first: int, last: int) -> Intervals:
        """Return the runs of the query's segment, none for queries beyond the keys."""
        codes, lo, hi = _runs(frame.segment_codes())
        here = frame.positions(first, last)
        known = here < frame.n_keys
        row = codes[np.where(known, here, 0)]
        return lo[row] * known[:, None], hi[row] * known[:, None]

    def slots(self, frame: Frame) -> int:
        """As many as the segment in the most runs has."""
        return int(_runs(frame.segment_codes())[1].shape[1])

    def __repr__(self) -> str:
        """Return ``segments()``."""
        return "segments()"

    def __str__(self) -> str:
        """Say it in words."""
        return "the keys of the same segment"


def _runs(
    codes: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the codes, and per code its runs: ``(codes, most runs)``, the empty ones first."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1])
    ends = np.append(starts[1:], len(codes))
    owner = codes[starts]
    order = np.argsort(owner, kind="stable")
    counts = tally(owner)
    most = int(counts.max())
    place = np.arange(len(order)) - repeat(np.cumsum(counts) - counts, counts)
    place += most - counts[owner[order]]
    lo, hi = np.zeros((2, len(counts), most), dtype=np.int64)
    lo[owner[order], place], hi[owner[order], place] = starts[order], ends[order]
    return codes, lo, hi


def documents(*lengths: int | Iterable[int], segments: Sequence[Hashable] | None = None) -> Mask:
    """Let queries see the keys of their own document, in a text of several packed together.

    Parameters
    ----------
    *lengths : int, or iterables of them
        Tokens in each document, in order; together the length of the text.
    segments : sequence
        Instead of lengths, one label per token, equal within a document and no document in two
        places: ``[0, 0, 0, 1, 1]`` is ``documents(3, 2)``.

    Raises
    ------
    MaskError
        If neither or both are given, a length is below 1, or a label comes back.

    Notes
    -----
    Row ``i`` has as many keys as its document: the sum of ``length²`` pairs. For what the tokenizer
    calls segments, use `segments`, which needs no numbers.
    """
    if segments is None:
        opened = (n if isinstance(n, Iterable) else (n,) for n in lengths)
        return Documents(tuple(n for some in opened for n in some))
    if lengths or isinstance(segments, str) or not isinstance(segments, Iterable):
        msg = "give documents by their lengths, or as segments=[...] with one label per token"
        raise MaskError(msg)
    runs = [(label, len(list(run))) for label, run in groupby(segments)]
    if len({label for label, _ in runs}) < len(runs):
        msg = "a segment comes back after another one; give each document a label of its own"
        raise MaskError(msg)
    return Documents(tuple(length for _, length in runs))


def segments() -> Mask:
    """Let queries see the keys of their own segment: the sentences of a pair stay apart.

    Notes
    -----
    Keeps ``(i, j)`` where ``tokens[i].segment == tokens[j].segment``; tokens without a segment
    (None) form one of their own. The text is named only when the mask is bound, so one mask serves
    every text. The sum of the squares of the segments' lengths in pairs.
    """
    return Segments()
