"""Model families that do not let their attention be captured, and what to do instead."""

from __future__ import annotations

from typing import NoReturn

from attn_widgets.models.errors import UnsupportedModelError

_FROM_ARRAYS = (
    "its maps can be read, not masked: load it with attn_implementation='eager', call it with "
    "output_attentions=True and give the attentions to AttentionRecord.from_arrays"
)
_OWN_PATTERN = "its attention is a sparse pattern of its own, not one square map per head"
_HASHED = "its attention is sorted by hashes into chunks, not one square map per head"

# Measured with transformers 5.23: these call the interface never or not for every layer.
IGNORES_INTERFACE = {
    "big_bird": _OWN_PATTERN,
    "bigbird_pegasus": _OWN_PATTERN,
    "bloom": _FROM_ARRAYS,
    "codegen": _FROM_ARRAYS,
    "deberta": _FROM_ARRAYS,
    "deberta-v2": _FROM_ARRAYS,
    "falcon": _FROM_ARRAYS,
    "gpt_neo": _FROM_ARRAYS,
    "gptj": _FROM_ARRAYS,
    "led": _OWN_PATTERN,
    "longformer": _OWN_PATTERN,
    "longt5": _OWN_PATTERN,
    "mpnet": _FROM_ARRAYS,
    "mpt": _FROM_ARRAYS,
    "reformer": _HASHED,
    "squeezebert": _FROM_ARRAYS,
    "xlnet": _FROM_ARRAYS,
}

ALTERNATIVES = (
    "families that work: bert, roberta, distilbert, electra, albert, modernbert; gpt2, gpt_neox, "
    "opt, llama, mistral, qwen2, qwen3, gemma2; t5, bart, marian"
)


def refuse_known(family: str) -> None:
    """Refuse a family known not to call the attention interface, before it is run at all.

    Running one under another implementation can change its results or even its state (BigBird
    leaves its block-sparse mode for good when it meets a short text).

    Parameters
    ----------
    family
        The ``model_type`` of the configuration.

    Raises
    ------
    UnsupportedModelError
        If the family is known to compute its attention by itself.
    """
    reason = IGNORES_INTERFACE.get(family)
    if reason is not None:
        refuse(family, f"it computes its attention without the interface; {reason}")


def refuse(family: str, reason: str, cause: Exception | None = None) -> NoReturn:
    """Refuse a model, naming its family, the reason and the alternatives.

    Raises
    ------
    UnsupportedModelError
        Always.
    """
    msg = f"the attention of family {family!r} cannot be captured: {reason}. {ALTERNATIVES}"
    raise UnsupportedModelError(msg) from cause
