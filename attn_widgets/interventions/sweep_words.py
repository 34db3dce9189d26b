"""A sweep as a table and as a plot."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from attn_widgets.analysis.lines import width, wrapped
from attn_widgets.interventions import quiet_table, sweep_curve
from attn_widgets.interventions.speech import say

if TYPE_CHECKING:
    from attn_widgets.analysis.language import Language
    from attn_widgets.interventions.sweep import Sweep, SweepPoint

_NAMES: Final = ("change", "density", "kept", "drift", "cosine", "lowest", "KL")


def text(sweep: Sweep, language: Language) -> str:
    """Write the curve as a table of plain text."""
    names = _names(language)
    rows = [names, *(_cells(point) for point in sweep.curve())]
    wide = [max(width(row[i]) for row in rows) for i in range(len(names))]
    lines = [
        "  ".join(
            [
                row[0] + " " * (wide[0] - width(row[0])),
                *(" " * (wide[i] - width(row[i])) + row[i] for i in range(1, len(names))),
            ]
        ).rstrip()
        for row in rows
    ]
    note = wrapped(say(language, "sweep.note"), 4)
    return "\n".join([_title(sweep, language), *(f"  {line}" for line in lines), note])


def html(sweep: Sweep, language: Language) -> str:
    """Write the curve as a table that stands alone."""
    points, names = sweep.curve(), _names(language)
    kept = names[_NAMES.index("kept")]
    inside = quiet_table.table(
        names, [_cells(point) for point in points], bars=(kept, [one.kept for one in points])
    )
    picture = (say(language, "curve.title"), sweep_curve.svg(sweep, language))
    parts = [picture, (say(language, "sweep.note"), inside)]
    return quiet_table.page(_title(sweep, language), [], parts, folded=False, language=language)


def plot(sweep: Sweep, axes: Any) -> Any:  # noqa: ANN401 - matplotlib's own
    """Draw fidelity against density.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    if axes is None:
        try:
            pyplot = importlib.import_module("matplotlib.pyplot")
        except ImportError as error:
            msg = "plot() needs matplotlib: pip install matplotlib, or draw Sweep.curve() yourself"
            raise ImportError(msg) from error
        _, axes = pyplot.subplots()
    points = sweep.curve()
    density = [point.density for point in points]
    axes.plot(density, [point.kept for point in points], "o--", label="attention kept")
    if points[0].cosine is not None:
        axes.plot(density, [point.cosine for point in points], "o-", label="cosine of the vector")
        if len(sweep.texts) > 1:
            lowest = [point.lowest_cosine for point in points]
            axes.plot(density, lowest, ".:", label="cosine, lowest of a text")
    else:
        axes.plot(density, [point.drift for point in points], "o-", label="drift, last layer")
    axes.set_xlabel("density: share of the allowed pairs")
    axes.set_ylabel("re-run, mean over texts")
    axes.set_title(f"{sweep.model}: fidelity against density")
    axes.legend()
    return axes


def _names(language: Language) -> tuple[str, ...]:
    return tuple(say(language, f"column.{name}") for name in _NAMES)


def _title(sweep: Sweep, language: Language) -> str:
    return say(
        language,
        "sweep.title",
        changes=len(sweep.changes),
        texts=len(sweep.texts),
        model=sweep.model,
    )


def _cells(point: SweepPoint) -> tuple[str, ...]:
    values = (
        point.density,
        point.kept,
        point.drift,
        point.cosine,
        point.lowest_cosine,
        point.kl,
    )
    return (point.change, *("-" if value is None else f"{value:.4f}" for value in values))
