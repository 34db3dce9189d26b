"""Where a model computes: on one device, spread over several, or from the disk."""

from __future__ import annotations

import torch


def input_device(model: torch.nn.Module) -> torch.device:
    """Give the device that a model takes its inputs on.

    A model that ``accelerate`` keeps on the disk or in main memory has parameters without data
    between runs; its hooks know where it computes.
    """
    own = next(model.parameters()).device
    if own.type != "meta":
        return own
    for module in model.modules():
        hook = getattr(module, "_hf_hook", None)
        for one in getattr(hook, "hooks", (hook,)):
            found = getattr(one, "execution_device", None)
            if found is not None:
                return torch.device(found)
    return torch.device("cpu")


def best_device(name: str) -> torch.device:
    """Take a device by name; ``"auto"`` is CUDA, else MPS, else the CPU.

    Raises
    ------
    ValueError
        If there is no such device here.
    """
    if name != "auto":
        try:
            torch.empty(0, device=name)
        except (AssertionError, NotImplementedError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            msg = f"device={name!r} cannot be used here ({reason}): try 'auto' or 'cpu'"
            raise ValueError(msg) from error
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
