"""Texts as they come, a window at a time: from lists, files, data sets and streams."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
import os
import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attn_widgets.analysis.profile_failures import Failure
from attn_widgets.models import arguments, tabular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from attn_widgets.models.tabular import Column

_SHOWN = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Numbered:
    """One text, or a pair, and its number in the stream, from 0."""

    place: int
    text: str
    pair: str | None

    def failed(self, error: Exception) -> Failure:
        """Tell of a failure of this text."""
        return failure(self.place, self.text, error)


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Some texts that follow each other in the stream.

    Parameters
    ----------
    texts
        Those that are texts.
    failures
        The items that are none.
    consumed
        How many items the stream has given, these included.
    digest
        SHA-256 of all those.
    """

    texts: tuple[Numbered, ...]
    failures: tuple[Failure, ...]
    consumed: int
    digest: str


class Stream:
    """Read a stream of texts once, from its beginning.

    Parameters
    ----------
    source
        Texts, pairs ``(text, pair)``, or rows with columns: any iterable, an open text file, the
        path of one (one text a line; blank lines are none), a data frame, or a data set of Ray.
    column
        Of rows, the column that is the text, or the two that are a pair.

    Raises
    ------
    TypeError
        If it is none of these.
    """

    def __init__(self, source: object, column: Column = "text") -> None:
        self._column = column
        self.total = len(source) if hasattr(source, "__len__") else None
        self._items = enumerate(_items(source, column))
        self._digest = hashlib.sha256()
        self.consumed = 0

    @property
    def digest(self) -> str:
        """SHA-256 of all that was read."""
        return self._digest.hexdigest()

    def skip(self, count: int) -> int:
        """Read over so many items; say how many there were."""
        return sum(1 for _ in self._read(count))

    def windows(self, size: int) -> Iterator[Window]:
        """Read the rest, so many items at a time."""
        while read := list(self._read(size)):
            texts = tuple(one for one in read if isinstance(one, Numbered))
            failures = tuple(one for one in read if isinstance(one, Failure))
            yield Window(texts, failures, self.consumed, self.digest)

    def _read(self, count: int) -> Iterator[Numbered | Failure]:
        for place, item in itertools.islice(self._items, count):
            self.consumed += 1
            try:
                text, pair = _texts_of(item, self._column)
            except (TypeError, ValueError) as error:
                self._digest.update(f"{type(item).__name__}\n".encode())
                yield failure(place, item, error)
                continue
            for part in (text, "" if pair is None else pair):
                whole = part.encode("utf-8", "surrogatepass")
                self._digest.update(f"{len(whole)} ".encode() + whole)
            yield Numbered(place, text, pair)


def failure(place: int, text: object, error: Exception) -> Failure:
    """Tell of one item that cannot be run."""
    return Failure(place, type(error).__name__, str(error), f"{text!s:.{_SHOWN}}")


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Group texts of like length: at most so many tokens each, padding counted, or one text.

    Parameters
    ----------
    lengths
        Tokens of each text.
    most
        Tokens of a batch.

    Yields
    ------
    list of int
        Places in `lengths`, the shortest texts first.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _items(source: object, column: Column) -> Iterator[object]:
    if isinstance(source, str | bytes):
        msg = (
            f"texts is {source!r:.60}: expected a list or another stream of texts; for one text "
            "give [text], for a file pathlib.Path(name)"
        )
        raise TypeError(msg)
    if isinstance(source, os.PathLike):
        return _lines_of(pathlib.Path(source))
    if isinstance(source, io.TextIOBase):
        return _lines(source)
    rows = getattr(source, "iter_rows", None)  # Ray's data sets
    if rows is not None:
        return iter(rows())
    return iter(tabular.texts_of(source, column))


def _lines_of(path: pathlib.Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        yield from _lines(file)


def _lines(file: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in file if line.strip())


def _texts_of(item: Any, column: Column) -> tuple[str, str | None]:  # noqa: ANN401 - checked here
    """Take a text or a pair out of an item.

    Raises
    ------
    TypeError
        If it, or a part of it, is no str.
    ValueError
        If a row lacks the column, or a tuple is no pair.
    """
    if isinstance(item, Mapping):
        names = (column,) if isinstance(column, str) else column
        missing = [name for name in names if name not in item]
        if missing:
            have = ", ".join(map(str, item))
            msg = f"a row has no column {missing[0]!r}, only {have}: give column="
            raise ValueError(msg)
        item = item[names[0]] if len(names) == 1 else tuple(item[name] for name in names)
    text, pair = arguments.as_pair(item)
    parts: tuple[object, ...] = (text,) if pair is None else (text, pair)
    for part in parts:
        if not isinstance(part, str):
            msg = f"a text must be a str, not {type(part).__name__}: {part!r:.60}"
            raise TypeError(msg)
    return text, pair
