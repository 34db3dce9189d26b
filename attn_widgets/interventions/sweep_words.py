"""A sweep as a table and as a plot."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from attn_widgets.interventions import quiet_table, sweep_curve

if TYPE_CHECKING:
    from attn_widgets.interventions.sweep import Sweep, SweepPoint

_NAMES = ("change", "density", "kept", "drift", "cosine", "lowest", "KL")
_NOTE = (
    "means over texts; density: share of the allowed pairs; kept: share of the plain attention; "
    "drift: sum |h' - h| / sum |h| of the last layer; cosine: of the text's vector before and "
    "after, and the lowest of a text; KL(before || after) of what the head says, in nats"
)


def text(sweep: Sweep) -> str:
    """Write the curve as a table of plain text."""
    rows = [_NAMES, *(_cells(point) for point in sweep.curve())]
    wide = [max(len(row[i]) for row in rows) for i in range(len(_NAMES))]
    lines = [
        "  ".join(
            [row[0].ljust(wide[0]), *(row[i].rjust(wide[i]) for i in range(1, len(_NAMES)))]
        ).rstrip()
        for row in rows
    ]
    note = quiet_table.plain("", [("", _NOTE)]).lstrip("\n")
    return "\n".join([_title(sweep), *(f"  {line}" for line in lines), note])


def html(sweep: Sweep) -> str:
    """Write the curve as a table that stands alone."""
    points = sweep.curve()
    inside = quiet_table.table(
        _NAMES, [_cells(point) for point in points], bars=("kept", [one.kept for one in points])
    )
    picture = ("fidelity against density", sweep_curve.svg(sweep))
    return quiet_table.page(_title(sweep), [], [picture, (_NOTE, inside)], folded=False)


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


def _title(sweep: Sweep) -> str:
    return (
        f"Sweep of {len(sweep.changes)} changes over {len(sweep.texts)} texts on {sweep.model}, "
        "re-run: the whole model was run again under each"
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
