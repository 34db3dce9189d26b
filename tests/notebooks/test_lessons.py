"""Every lesson runs from its first cell to its last, and is stored with what it shows."""

from __future__ import annotations

import pathlib
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

LESSONS = sorted((pathlib.Path(__file__).parents[2] / "example_notebooks").glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def outputs_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [o for cell in notebook.cells for o in cell.get("outputs", ())]


def test_every_lesson_is_there_in_both_languages() -> None:
    names = {path.name for path in LESSONS}
    english = {name for name in names if not name.endswith(".ja.ipynb")}
    assert len(english) >= 5
    assert names == english | {name.replace(".ipynb", ".ja.ipynb") for name in english}


@pytest.mark.parametrize(
    "lesson",
    [path for path in LESSONS if not path.name.endswith(".ja.ipynb")],
    ids=lambda p: p.stem,
)
def test_a_lesson_has_the_same_steps_in_both_languages(lesson: pathlib.Path) -> None:
    kinds = [
        [cell.cell_type for cell in nbformat.read(path, as_version=4).cells]
        for path in (lesson, lesson.with_suffix(".ja.ipynb"))
    ]
    assert kinds[0] == kinds[1]


@each_lesson
def test_a_lesson_runs_without_an_error(lesson: pathlib.Path, tmp_path: pathlib.Path) -> None:
    copy = pathlib.Path(shutil.copy(lesson, tmp_path))
    notebook = NotebookClient(
        nbformat.read(copy, as_version=4),
        kernel_name="python3",
        timeout=300,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    assert not [o for o in outputs_of(notebook) if o.output_type == "error"]


@each_lesson
def test_a_lesson_is_stored_as_it_ran_in_order_and_without_an_error(lesson: pathlib.Path) -> None:
    notebook = nbformat.read(lesson, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [o for o in outputs_of(notebook) if o.output_type == "error"]


@each_lesson
def test_every_widget_in_a_lesson_is_stored_with_its_state_and_a_picture(
    lesson: pathlib.Path,
) -> None:
    notebook = nbformat.read(lesson, as_version=4)
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    shown = [o.data for o in outputs_of(notebook) if VIEW in o.get("data", {})]
    assert shown
    for data in shown:
        model = state[data[VIEW]["model_id"]]
        if model["model_module"] == "anywidget":
            assert "image/png" in data
