"""Scripts that other viewers load from a CDN: brought once from the npm registry and kept apart.

Set ``ATTN_WIDGETS_CDN`` to keep them in a folder of your own. jQuery 2.0.0 was never published
there; 2.1.0 is the nearest. require.js comes whole rather than minified.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

FOLDER = pathlib.Path(
    os.environ.get("ATTN_WIDGETS_CDN") or pathlib.Path(tempfile.gettempdir(), "attn_widgets_cdn")
)
SOURCES = {
    "ajax/libs/require.js/2.3.6/require.min.js": ("requirejs@2.3.6", "package/require.js"),
    "ajax/libs/d3/5.7.0/d3.min.js": ("d3@5.7.0", "package/dist/d3.min.js"),
    "ajax/libs/jquery/2.0.0/jquery.min.js": ("jquery@2.1.0", "package/dist/jquery.min.js"),
}
HOST = "cdnjs.cloudflare.com"


def scripts() -> dict[str, bytes]:
    """Give each script by a part of its address."""
    return {part: _script(*source) for part, source in SOURCES.items()}


def _script(package: str, member: str) -> bytes:
    FOLDER.mkdir(parents=True, exist_ok=True)
    packed = FOLDER / f"{package.replace('@', '-')}.tgz"
    if not packed.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is needed to bring the scripts that BertViz loads from a CDN")
        command = [npm, "pack", "--silent", package]
        subprocess.run(command, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(packed) as archive:
        found = archive.extractfile(member)
        if found is None:
            msg = f"{packed} has no file {member}: delete it, so that it is fetched anew"
            raise ValueError(msg)
        return found.read()
