"""Write down what was found, for people or for programs."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Final

import attn_widgets
from attn_widgets.cli.doctor.examine import examine

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from attn_widgets.cli.doctor.finding import Finding

TITLES: Final = {
    "package": "The package",
    "models": "Models",
    "notebooks": "Notebooks",
    "extras": "Extras",
}


def run(words: argparse.Namespace) -> int:
    """Print the report; fail where something is needed that does not work."""
    found = examine(attn_widgets.__version__)
    print(as_json(found) if words.json else as_text(found))  # noqa: T201 - the command's answer
    return int(any(finding.failed for findings in found.values() for finding in findings))


def as_json(found: Mapping[str, Sequence[Finding]]) -> str:
    """Write the findings as JSON: ``{"works": bool, area: [finding, ...]}``."""
    works = not any(finding.failed for findings in found.values() for finding in findings)
    areas = {
        area: [dataclasses.asdict(one) for one in findings] for area, findings in found.items()
    }
    return json.dumps({"works": works, **areas}, indent=2, ensure_ascii=False)


def as_text(found: Mapping[str, Sequence[Finding]]) -> str:
    """Write the findings as lines of text, and what follows from them."""
    lines: list[str] = []
    for area, findings in found.items():
        lines += [TITLES[area], *(line for one in findings for line in _lines(one)), ""]
    failed = [one.part for findings in found.values() for one in findings if one.failed]
    lines.append(
        f"Needed, and not working: {', '.join(failed)}."
        if failed
        else "All that is needed works here."
    )
    return "\n".join(lines)


def _lines(finding: Finding) -> list[str]:
    name = f"{finding.part} {finding.found}".rstrip()
    said = f": {finding.said}" if finding.said else ""
    lines = [f"  {finding.state:<8} {name}{said}"]
    if finding.mend:
        lines.append(f"  {'':<8} -> {finding.mend}")
    return lines
