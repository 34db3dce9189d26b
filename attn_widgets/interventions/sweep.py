"""Many changes of a model on many texts: fidelity against density, as one value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

from attn_widgets.analysis.language import Spoken
from attn_widgets.interventions import sweep_words
from attn_widgets.interventions.changes import Changes
from attn_widgets.interventions.errors import InterventionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from attn_widgets.analysis.language import Language


@dataclass(frozen=True, slots=True)
class SweepRow:
    """What one change did to one text, by running the model again.

    Parameters
    ----------
    text
        The text's number, from 0.
    change
        The change's name.
    density
        Share of the pairs that the model's own mask allows which the change allows, too: the mean
        over layers and heads.
    kept
        Share of the plain attention on those pairs: the mean over queries, layers and heads.
    drift
        ``sum |h' - h| / sum |h|`` of the last layer's output.
    cosine
        Between the vector of the text before and after; None for a stack that has none.
    kl
        ``KL(before || after)`` of what the model's head says, in nats: the mean over its places;
        None without a head.
    """

    text: int
    change: str
    density: float
    kept: float
    drift: float
    cosine: float | None
    kl: float | None


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One change over all texts: means of what `SweepRow` holds, and the worst text.

    Parameters
    ----------
    change
        The change's name.
    density, kept, drift, cosine, kl
        Means over texts.
    lowest_cosine
        The cosine of the text that moved most.
    """

    change: str
    density: float
    kept: float
    drift: float
    cosine: float | None
    lowest_cosine: float | None
    kl: float | None


@dataclass(frozen=True, slots=True, repr=False)
class Sweep(Spoken):
    """What changes did to texts: one row for each text and change.

    Parameters
    ----------
    model
        Name of the model.
    texts
        The texts, in order; a pair as two.
    changes
        Name to change, in order.
    rows
        Text by text, each with all changes.
    pooling
        How the vector of a text was made.
    """

    model: str
    texts: tuple[tuple[str, ...], ...]
    changes: Mapping[str, Changes]
    rows: tuple[SweepRow, ...]
    pooling: str = "mean"

    reading: ClassVar[str] = "re-run"

    def __post_init__(self) -> None:
        """Refuse rows that are not one for each text and change.

        Raises
        ------
        ValueError
            If one is missing, doubled or of something else.
        """
        expected = [(text, name) for text in range(len(self.texts)) for name in self.changes]
        if [(row.text, row.change) for row in self.rows] != expected:
            msg = (
                f"{len(self.rows)} rows for {len(self.texts)} texts and {len(self.changes)} "
                "changes: expected one for each, text by text"
            )
            raise ValueError(msg)

    def curve(self) -> tuple[SweepPoint, ...]:
        """Give one point per change, the sparsest first."""
        points = [self._point(name) for name in self.changes]
        return tuple(sorted(points, key=lambda point: point.density))

    def sparsest(self, cosine: float = 0.99) -> SweepPoint | None:
        """Find the sparsest change under which the vector of every text stays close.

        Parameters
        ----------
        cosine
            What the cosine between the vectors before and after is to be, at least, for each text.

        Returns
        -------
        SweepPoint or None
            None where no change keeps them so close.

        Raises
        ------
        ValueError
            If the texts have no vectors in the stack that was changed.
        """
        for point in self.curve():
            if point.lowest_cosine is None:
                msg = "the stack that was changed has no vector of a text: there is no cosine"
                raise ValueError(msg)
            if point.lowest_cosine >= cosine:
                return point
        return None

    def plot(self, axes: Any = None) -> Any:  # noqa: ANN401 - matplotlib's own
        """Draw fidelity against density with matplotlib.

        Parameters
        ----------
        axes
            Where to draw; new axes by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        return sweep_words.plot(self, axes)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "reading": self.reading,
            "model": self.model,
            "pooling": self.pooling,
            "texts": [list(text) for text in self.texts],
            "changes": [
                {"name": name, "spec": change.to_spec(), "written": repr(change)}
                for name, change in self.changes.items()
            ],
            "rows": [asdict(row) for row in self.rows],
            "curve": [asdict(point) for point in self.curve()],
        }

    def _text(self, lang: Language) -> str:
        """Write it as plain text."""
        return sweep_words.text(self, lang)

    def _page(self, lang: Language) -> str:
        """Write it as HTML."""
        return sweep_words.html(self, lang)

    def _point(self, name: str) -> SweepPoint:
        rows = [row for row in self.rows if row.change == name]
        cosines = [row.cosine for row in rows if row.cosine is not None]
        kls = [row.kl for row in rows if row.kl is not None]
        return SweepPoint(
            change=name,
            density=_mean([row.density for row in rows]),
            kept=_mean([row.kept for row in rows]),
            drift=_mean([row.drift for row in rows]),
            cosine=_mean(cosines) if cosines else None,
            lowest_cosine=min(cosines, default=None),
            kl=_mean(kls) if kls else None,
        )


def grid(make: Callable[..., object], **values: Iterable[object]) -> dict[str, Changes]:
    """Make a change of every combination of values, named after them.

    Parameters
    ----------
    make
        Called with one value of each: ``local``, or ``lambda w, g: local(w) | global_cols(g)``.
    **values
        The values of each argument.

    Raises
    ------
    InterventionError
        If there is no value, or what is made is no change.

    Examples
    --------
    >>> from attn_widgets.masks import local
    >>> list(grid(local, w=[1, 2]))
    ['w=1', 'w=2']
    """
    lists = {name: tuple(several) for name, several in values.items()}
    empty = [name for name, several in lists.items() if not several]
    if not lists or empty:
        msg = f"a grid needs values for every argument, for example w=[1, 2, 4]; none for {empty}"
        raise InterventionError(msg)
    made: dict[str, Changes] = {}
    for chosen in product(*lists.values()):
        arguments = dict(zip(lists, chosen, strict=True))
        name = ", ".join(f"{key}={value}" for key, value in arguments.items())
        made[name] = Changes.read(make(**arguments))
    return made


def read_changes(given: Mapping[str, object]) -> dict[str, Changes]:
    """Take changes by name, or a grid ``{"mask": function, "w": [1, 2, 4], ...}``.

    Raises
    ------
    InterventionError
        If there is none, a name is no text, or something is no change.
    MaskParseError
        If a text is no mask.
    """
    make = given.get("mask")
    if callable(make):
        return grid(make, **{name: values for name, values in given.items() if name != "mask"})  # type: ignore[arg-type]
    if not given or not all(isinstance(name, str) for name in given):
        msg = "a sweep needs changes by name: {'narrow': local(1), 'wide': local(8)}"
        raise InterventionError(msg)
    return {name: Changes.read(change) for name, change in given.items()}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
