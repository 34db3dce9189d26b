"""Open the first notebook in JupyterLab, or run it without a screen."""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import webbrowser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CHECKOUT = pathlib.Path(__file__).resolve().parents[1]
NOTEBOOK = pathlib.Path("example_notebooks", "01_first_look.ipynb")
PICTURES = ("first_look.html", "first_look.png")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        The exit status: 0, or 1 with a message on stderr.
    """
    parser = argparse.ArgumentParser(prog="python -m attn_widgets.demo", description=__doc__)
    parser.add_argument(
        "--headless",
        action="store_true",
        help=f"run the notebook without a screen and write {' and '.join(PICTURES)}",
    )
    headless = parser.parse_args(argv).headless
    try:
        if headless:
            for path in run_headless(CHECKOUT):
                print(path)  # noqa: T201 - the command's answer
        else:
            open_lab(CHECKOUT)
    except (FileNotFoundError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the command's complaint
        return 1
    return 0


def run_headless(checkout: pathlib.Path) -> list[pathlib.Path]:
    """Run the first notebook in a kernel of its own and save what its ``view`` shows.

    Parameters
    ----------
    checkout
        Top folder of the project; the files are written there.

    Returns
    -------
    list of pathlib.Path
        A page that is alive without a kernel, and a PNG.

    Raises
    ------
    FileNotFoundError
        If the folder holds no example notebooks.
    ModuleNotFoundError
        If the extra ``demo`` is not installed.
    nbclient.exceptions.CellExecutionError
        If a cell raises.
    """
    notebook = _notebook(checkout)
    try:
        import nbformat  # noqa: PLC0415 - comes with the extra
        from nbclient import NotebookClient  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        raise _extra_missing(error) from error
    page, picture = paths = [checkout / name for name in PICTURES]
    lesson = nbformat.read(notebook, as_version=4)
    lesson.cells.append(
        nbformat.v4.new_code_cell(f"view.save_html({str(page)!r})\nview.save_png({str(picture)!r})")
    )
    NotebookClient(
        lesson,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(notebook.parent)}},
    ).execute()
    return paths


def open_lab(checkout: pathlib.Path) -> None:
    """Serve the checkout by JupyterLab and open the first notebook, until interrupted.

    Raises
    ------
    FileNotFoundError
        If the folder holds no example notebooks.
    ModuleNotFoundError
        If the extra ``demo`` is not installed.
    """
    _notebook(checkout)
    try:
        from jupyterlab.labapp import main as lab  # noqa: PLC0415 - comes with the extra
    except ModuleNotFoundError as error:
        raise _extra_missing(error) from error
    lab(
        [
            f"--ServerApp.root_dir={checkout}",
            *(["--allow-root"] if _is_root() else []),
            f"--LabApp.default_url=/lab/tree/{NOTEBOOK.as_posix()}",
            *([] if _has_screen() else ["--no-browser"]),
        ]
    )


def _notebook(checkout: pathlib.Path) -> pathlib.Path:
    path = checkout / NOTEBOOK
    if not path.is_file():
        msg = f"no {NOTEBOOK} in {checkout}: run this from a git checkout of attn_widgets"
        raise FileNotFoundError(msg)
    return path


def _extra_missing(error: ModuleNotFoundError) -> ModuleNotFoundError:
    msg = f"{error.name} is not installed: pip install 'attn_widgets[demo]'"
    return ModuleNotFoundError(msg, name=error.name)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _has_screen() -> bool:
    """Say whether a browser can open; a text browser would take the terminal from the server."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
