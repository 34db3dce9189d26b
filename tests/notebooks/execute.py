"""Run notebooks in place and keep what they show, without what changes from run to run.

python tests/notebooks/execute.py example_notebooks/*.ipynb
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import sys

import nbformat
from nbclient import NotebookClient

WIDGETS = "application/vnd.jupyter.widget-state+json"


def executed(path: pathlib.Path) -> nbformat.NotebookNode:
    """Run a notebook from its own folder and give it with outputs and widget state."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"  # their rates change from run to run
    return NotebookClient(
        notebook,
        kernel_name="python3",
        store_widget_state=True,
        timeout=600,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()


def settled(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop times, versions and addresses and number the widgets: a diff shows only changes."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
            **{key: value for key, value in notebook.metadata.items() if key == "widgets"},
        }
    )
    text = re.sub(r" at 0x[0-9a-f]+", "", json.dumps(notebook, ensure_ascii=False))
    for number, name in enumerate(_widget_ids(notebook, text), start=1):
        text = text.replace(name, f"{number:032x}")
    return nbformat.from_dict(json.loads(text))


def _widget_ids(notebook: nbformat.NotebookNode, text: str) -> list[str]:
    """Name the widgets in the order in which the notebook first speaks of them."""
    state = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    known = {name for name in state if re.fullmatch("[0-9a-f]{32}", name)}
    return sorted(known, key=text.index)


def main(names: list[str]) -> None:
    """Run the named notebooks, one after the other."""
    for path in map(pathlib.Path, names):
        nbformat.write(settled(executed(path)), path)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")  # noqa: T201 - the script's answer


if __name__ == "__main__":
    main(sys.argv[1:])
