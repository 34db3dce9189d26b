"""Model families that do not let their attention be captured, and what to do instead."""

from __future__ import annotations

from typing import NoReturn

from attn_widgets.models.errors import UnsupportedModelError

# Measured with transformers 5.23: these never call the attention interface, or not in every layer.
# The table of families in the README says so of each.
IGNORES_INTERFACE = frozenset(
    {
        "big_bird",
        "bigbird_pegasus",
        "bloom",
        "codegen",
        "convbert",
        "deberta",
        "deberta-v2",
        "diffllama",
        "falcon",
        "flaubert",
        "fsmt",
        "gpt_neo",
        "gpt_neox_japanese",
        "gptj",
        "ibert",
        "led",
        "longformer",
        "longt5",
        "luke",
        "megatron-bert",
        "mpnet",
        "mpt",
        "mvp",
        "nystromformer",
        "openai-gpt",
        "pegasus_x",
        "prophetnet",
        "reformer",
        "rembert",
        "roformer",
        "squeezebert",
        "tapas",
        "xglm",
        "xlm",
        "xlnet",
    }
)
"""Families that are shown through the maps they give of themselves, where these can be read."""

MISREADS_MASKS = {
    "deepseek_v4": "it joins a mask of its compressed keys to its own, and turns it round for ours",
    "nllb-moe": "it hands the mask of its attention to its router, too, which misreads ours",
}
"""Families that call the interface and compute otherwise for it; they are shown likewise."""

_STATES = "it has no attention: it carries a state from token to token"

NOT_SHOWN = {
    "canine": "its layers attend in windows of characters and over shortened texts",
    "falcon_mamba": _STATES,
    "fnet": "it has no attention: it mixes tokens by a Fourier transform",
    "funnel": "its layers shorten the text, so their maps are of different sizes",
    "mamba": _STATES,
    "mamba2": _STATES,
    "mra": "it approximates its attention at several resolutions and gives no weights",
    "rwkv": _STATES,
    "xlstm": _STATES,
    "yoso": "it samples its attention by hashes and gives no weights",
}
"""Families with nothing that fits one grid of layers and heads, and why."""

ALTERNATIVES = (
    "families that work: bert, roberta, distilbert, electra, albert, modernbert; gpt2, gpt_neox, "
    "opt, llama, mistral, qwen2, qwen3, gemma2; t5, bart, marian"
)


def refuse_hopeless(family: str) -> None:
    """Refuse a family that has nothing to show, before it is loaded or run at all.

    Parameters
    ----------
    family
        The ``model_type`` of the configuration.

    Raises
    ------
    UnsupportedModelError
        If the family is one.
    """
    reason = NOT_SHOWN.get(family)
    if reason is not None:
        refuse(family, reason)


def refuse_capture(family: str) -> None:
    """Refuse to run a family under our attention function that is known not to call it.

    Running one under another implementation can change its results or even its state (BigBird
    leaves its block-sparse mode for good when it meets a short text).

    Raises
    ------
    UnsupportedModelError
        If the family is known to compute its attention by itself, or otherwise for our function.
    """
    if family in IGNORES_INTERFACE:
        refuse(family, "it computes its attention without the attention interface of transformers")
    if family in MISREADS_MASKS:
        refuse(family, MISREADS_MASKS[family])


def refuse(
    family: str,
    reason: str,
    cause: Exception | None = None,
    error: type[UnsupportedModelError] = UnsupportedModelError,
) -> NoReturn:
    """Refuse a model, naming its family, the reason and the alternatives.

    Raises
    ------
    UnsupportedModelError
        Always.
    """
    msg = f"the attention of family {family!r} cannot be captured: {reason}. {ALTERNATIVES}"
    raise error(msg, reason) from cause


def refuse_change(model: str, reason: str) -> NoReturn:
    """Refuse all but plain runs of a model that is shown through its own maps.

    Parameters
    ----------
    model
        The name of its class.
    reason
        Why it cannot be captured.

    Raises
    ------
    UnsupportedModelError
        Always.
    """
    msg = (
        f"{model} can be shown, by run(text), and not be masked, edited, compared or measured "
        f"inside: {reason}. A mask can be drawn over its record (explorer.mask = ...). "
        f"{ALTERNATIVES}"
    )
    raise UnsupportedModelError(msg, reason)
