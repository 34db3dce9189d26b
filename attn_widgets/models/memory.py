"""Runs that need more memory than there is."""

from __future__ import annotations

import contextlib
import gc
import traceback
from typing import TYPE_CHECKING

import torch

from attn_widgets.models.errors import ModelMemoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attn_widgets.models.capture import Selection


@contextlib.contextmanager
def named(
    selection: Selection, mend: str = "Give a shorter text", *, runs: int = 1
) -> Iterator[None]:
    """Say how much a run needed where it ran out of memory, and free what it held.

    Of blocks within each other the outermost speaks: it is nearest to what a caller can change.

    Parameters
    ----------
    selection
        What is kept of a run.
    mend
        What the caller can do about it.
    runs
        How many runs' weights are held at a time.

    Raises
    ------
    ModelMemoryError
        In place of torch's or Python's own error.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _ran_out(error):
            raise
        reason = _reason(error)
        # the frames of the error hold the tensors that filled the memory
        traceback.clear_frames(error.__traceback__)
        error.__traceback__ = None
    else:
        return
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    raise ModelMemoryError(_sentence(selection, mend, runs, reason), reason) from None


def needed(selection: Selection) -> tuple[int, int]:
    """Bytes of the weights that are kept, and of the scores of the widest layer while it runs."""
    heads = selection.stack.heads
    longest = [max(lengths) for lengths in zip(*selection.lengths, strict=True)]
    one_layer = 4 * len(selection.lengths) * heads * longest[0] * longest[1]
    pairs = sum(queries * keys for queries, keys in selection.lengths)
    kept = pairs * len(selection.layers) * len(selection.heads) * selection.dtype.itemsize
    return kept, one_layer


def _reason(error: Exception) -> str:
    if isinstance(error, ModelMemoryError):
        return error.reason
    return str(error).splitlines()[0] if str(error) else "out of memory"


def _sentence(selection: Selection, mend: str, runs: int, reason: str) -> str:
    kept, layer = needed(selection)
    queries = max(length for length, _ in selection.lengths)
    of = f" of {runs} runs" if runs > 1 else ""
    return (
        f"the run over {len(selection.lengths)} text(s) of up to {queries} tokens ran out of "
        f"memory: the weights kept{of} take {runs * kept / 2**30:.2f} GiB, and one layer's scores "
        f"another {layer / 2**30:.2f} GiB while it runs. {mend}. ({reason})"
    )


def _ran_out(error: Exception) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    # on the CPU torch raises a plain RuntimeError
    return "not enough memory" in str(error) or "can't allocate memory" in str(error)
