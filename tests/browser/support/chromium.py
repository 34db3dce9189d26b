"""Find a Chromium that starts, or bring one; run as a script it prints where it is.

Looked for in this order: ``ATTN_WIDGETS_CHROMIUM``; one installed on this machine; Playwright's
own, fetched if need be; the system's package manager. Fonts for Japanese are brought where that is
possible, and never insisted on.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

VARIABLE = "ATTN_WIDGETS_CHROMIUM"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromiumError(RuntimeError):
    """No browser was found and none could be brought."""


def installed() -> str | None:
    """Give the browser named by the environment, or the first one on this machine that starts.

    Raises
    ------
    NoChromiumError
        If the environment names something that does not start.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not _starts(named):
            msg = f"{VARIABLE}={named!r} does not start: name a Chromium, or unset it"
            raise NoChromiumError(msg)
        return named
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path and _starts(path)), None) or _playwrights()


def bring() -> str:
    """Give a browser, fetching one where none is installed.

    Raises
    ------
    NoChromiumError
        If every way failed; the message says which were tried.
    """
    found = installed()
    if found:
        return found
    _say("no Chromium here: asking Playwright for its own")
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    found = _playwrights()
    if found:
        return found
    _say("Playwright's own does not start here: asking the system's package manager")
    _apt("chromium")
    found = installed()
    if found:
        return found
    msg = (
        "no Chromium on this machine: Playwright could bring none, and apt-get is missing, was "
        f"refused or has none that starts. Install Chromium or Chrome, or name one in {VARIABLE}"
    )
    raise NoChromiumError(msg)


def bring_fonts() -> None:
    """Install a font with Japanese where there is none, if this machine lets us."""
    listing = shutil.which("fc-list")
    if listing is None:
        return
    fonts = subprocess.run([listing, ":lang=ja"], capture_output=True, check=False).stdout
    if not fonts.strip() and not _apt("fonts-noto-cjk"):
        _say("no font with Japanese could be installed: screenshots will show boxes for it")


def _starts(path: str) -> bool:
    """Say whether a browser gives its version: a stub or one that lacks libraries does not."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not for the other ways

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if pathlib.Path(path).exists() and _starts(path) else None


def _apt(package: str) -> bool:
    """Install a package with apt-get, as root or by a sudo that asks no password."""
    apt, sudo = shutil.which("apt-get"), shutil.which("sudo")
    rights = [] if os.geteuid() == 0 else [sudo, "-n"] if sudo else None
    if apt is None or rights is None:
        return False
    install = [apt, "install", "--yes", "--no-install-recommends", package]
    return _run([*rights, apt, "update"]) and _run([*rights, *install])


def _run(argv: list[str]) -> bool:
    """Run a command that may be refused; what it prints goes to stderr."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(argv, stdout=sys.stderr, env=quiet, check=False).returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a script's progress


if __name__ == "__main__":
    try:
        browser = bring()
    except NoChromiumError as error:
        sys.exit(f"error: {error}")
    bring_fonts()
    print(browser)  # noqa: T201 - a script's answer
