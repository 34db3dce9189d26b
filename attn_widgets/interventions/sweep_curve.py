"""The curve of fidelity against density as a picture: one SVG element, no script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from attn_widgets.interventions.speech import listed, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.analysis.language import Language
    from attn_widgets.interventions.sweep import Sweep, SweepPoint

_WIDTH: Final = 460
_HEIGHT: Final = 240
_LEFT: Final = 44
_BOTTOM: Final = 40
_TOP: Final = 10
_RIGHT: Final = 130
_TICKS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)

# Blue and orange of middling lightness: apart in every common colour blindness, and at least 3 to 1
# against white and against a notebook's dark paper.
KEPT: Final = "#c2660c"
CLOSE: Final = "#3f7fd6"
"""The colours of the two lines: attention kept, and how close the vector stays."""

_Line = tuple[str, str, "list[tuple[float, float, str]]"]


def svg(sweep: Sweep, language: Language) -> str:
    """Draw attention kept, and the cosine of the text's vector, against density.

    Points carry the names of their changes as tooltips. Where texts have no vector, only the first
    line is drawn.
    """
    points = sweep.curve()
    kept = [(p.density, p.kept, p.change) for p in points]
    lines: list[_Line] = [(say(language, "curve.kept"), KEPT, kept)]
    close = [(p.density, p.cosine, p.change) for p in points if p.cosine is not None]
    if close:
        lines.append((say(language, "curve.close"), CLOSE, close))
    said = listed(language, (_said(point, language) for point in points))
    parts = [_axes(language), *(_line(*line, language) for line in lines), _names(lines)]
    return (
        f'<svg role="img" aria-label="{escape(said)}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" style="max-width:100%;font:11px sans-serif" fill="currentColor">'
        f"{''.join(parts)}</svg>"
    )


def _said(point: SweepPoint, language: Language) -> str:
    return say(
        language,
        "curve.said" if point.cosine is None else "curve.said.close",
        change=point.change,
        density=f"{point.density:.3f}",
        kept=f"{point.kept:.3f}",
        cosine=f"{point.cosine or 0:.3f}",
    )


def _x(density: float) -> float:
    return _LEFT + density * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float) -> float:
    return _HEIGHT - _BOTTOM - max(value, 0.0) * (_HEIGHT - _BOTTOM - _TOP)


def _axes(language: Language) -> str:
    grid = "".join(
        f'<line x1="{_x(0):g}" x2="{_x(1):g}" y1="{_y(tick):g}" y2="{_y(tick):g}" '
        'stroke="currentColor" stroke-opacity=".2"/>'
        f'<text x="{_LEFT - 6}" y="{_y(tick) + 4:g}" text-anchor="end">{tick:g}</text>'
        f'<text x="{_x(tick):g}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{tick:g}</text>'
        for tick in _TICKS
    )
    return (
        f'{grid}<text x="{_x(0.5):g}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"{escape(say(language, 'curve.density'))}</text>"
    )


def _line(
    _name: str, color: str, points: Sequence[tuple[float, float, str]], language: Language
) -> str:
    path = " ".join(f"{_x(density):.1f},{_y(value):.1f}" for density, value, _ in points)
    dots = "".join(
        f'<circle cx="{_x(density):.1f}" cy="{_y(value):.1f}" r="4" fill="{color}">'
        f"<title>{escape(_point(change, value, density, language))}</title></circle>"
        for density, value, change in points
    )
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>{dots}'


def _point(change: str, value: float, density: float, language: Language) -> str:
    numbers = {"value": f"{value:.4f}", "density": f"{density:.4f}"}
    return say(language, "curve.point", change=change, **numbers)


def _names(lines: Sequence[_Line]) -> str:
    """Name each line at its right end, the upper one above the lower."""
    ends = sorted((_y(points[-1][1]), name, color) for name, color, points in lines)
    names, floor = [], 0.0
    for height, name, color in ends:
        floor = max(height + 4, floor + 14)
        names.append(
            f'<circle cx="{_x(1) + 12:g}" cy="{floor - 4:g}" r="4" fill="{color}"/>'
            f'<text x="{_x(1) + 20:g}" y="{floor:g}">{name}</text>'
        )
    return "".join(names)
