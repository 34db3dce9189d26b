"""Look at the package itself: its version, and the front end that it carries."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import pathlib
from typing import Final

from attn_widgets.cli.doctor.finding import Finding, pip_install

PARTS: Final = ("explorer.js", "lab.js", "special.js", "page.js", "bertviz.js", "widget.css")
_TOP = pathlib.Path(__file__).resolve().parents[2]


def examine_front(version: str) -> list[Finding]:
    """Look for the front end, and whether it is the one of this version."""
    return [_package(version), _bundle(version)]


def _package(version: str) -> Finding:
    try:
        installed = importlib.metadata.version("attn_widgets")
    except importlib.metadata.PackageNotFoundError:
        said = "it is imported from a folder, and pip does not know it"
        return Finding("attn_widgets", "wrong", version, said, pip_install("-e", str(_TOP.parent)))
    if installed != version:
        said = f"pip installed {installed}, and {version} is imported from {_TOP}"
        mend = pip_install("attn_widgets", again=True)
        return Finding("attn_widgets", "wrong", version, said, mend, needed=True)
    return Finding("attn_widgets", "ok", version, str(_TOP))


def _bundle(version: str) -> Finding:
    folder = _TOP / "static"
    checkout = _TOP.parent / "js" / "build.mjs"
    mend = "make front" if checkout.is_file() else pip_install("attn_widgets", again=True)
    lost = [name for name in PARTS if not (folder / name).is_file()]
    if lost:
        said = f"no {', '.join(lost)} in {folder}"
        return Finding("front end", "missing", said=said, mend=mend, needed=True)
    if checkout.is_file():
        built = min((folder / name).stat().st_mtime for name in PARTS)
        newer = [
            path for path in (checkout.parent / "src").rglob("*.*") if path.stat().st_mtime > built
        ]
        if newer:
            said = f"older than {newer[0].relative_to(_TOP.parent)} in this checkout"
            return Finding("front end", "note", said=said, mend=mend)
        return Finding("front end", "ok", version, "built in this checkout")
    changed = _changed()
    if changed:
        said = f"{', '.join(changed)} of another version than the package"
        return Finding("front end", "wrong", said=said, mend=mend, needed=True)
    return Finding("front end", "ok", version, "as it was released")


def _changed() -> list[str]:
    """Name the parts whose bytes are not those that were installed."""
    try:
        files = importlib.metadata.files("attn_widgets") or ()
    except importlib.metadata.PackageNotFoundError:
        return []
    recorded = {path.name: path.hash for path in files if path.parent.name == "static"}
    found = []
    for name in PARTS:
        kept = recorded.get(name)
        digest = hashlib.sha256((_TOP / "static" / name).read_bytes()).digest()
        own = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if kept is not None and kept.mode == "sha256" and kept.value != own:
            found.append(name)
    return found
