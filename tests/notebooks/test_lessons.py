"""Every lesson runs from its first cell to its last, and is stored with what it shows."""

from __future__ import annotations

import os
import pathlib
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def run(lesson: pathlib.Path, folder: pathlib.Path) -> nbformat.NotebookNode:
    folder.mkdir()
    copy = pathlib.Path(shutil.copy(lesson, folder))
    return NotebookClient(
        nbformat.read(copy, as_version=4),
        kernel_name="python3",
        timeout=600,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    ).execute(env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[pathlib.Path, Future[nbformat.NotebookNode]]]:
    """The lessons asked for, as many at once as there are cores, the longest first."""
    folder = tmp_path_factory.mktemp("lessons")
    asked = {
        item.callspec.params["lesson"]
        for item in request.session.items
        if "running" in getattr(item, "fixturenames", ())
    }
    longest = sorted(asked, key=lambda path: ("02" not in path.name, path.name))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {lesson: pool.submit(run, lesson, folder / lesson.stem) for lesson in longest}


@each_lesson
def test_a_lesson_runs_without_an_error(
    lesson: pathlib.Path, running: dict[pathlib.Path, Future[nbformat.NotebookNode]]
) -> None:
    notebook = running[lesson].result()
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
