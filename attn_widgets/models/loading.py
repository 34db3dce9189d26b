"""Find and load a model and its tokenizer, or say clearly why not."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import socket
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
import transformers

from attn_widgets.models import demo, families
from attn_widgets.models.devices import best_device
from attn_widgets.models.errors import ModelLoadError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

DeviceMap: TypeAlias = "str | dict[str, int | str] | None"
"""How ``accelerate`` spreads a model: ``"auto"``, or modules to devices; None for one device."""


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """A model in evaluation mode, its tokenizer, and what to call it."""

    name: str
    revision: str | None
    model: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase


def load(
    name: str | os.PathLike[str],
    tokenizer: str | PreTrainedTokenizerBase | None,
    *,
    device: str,
    dtype: str | torch.dtype | None,
    revision: str | None,
    trust_remote_code: bool,
    device_map: DeviceMap = None,
) -> Loaded:
    """Load a model by name or path, with the architecture its checkpoint was saved with.

    Raises
    ------
    ModelLoadError
        If the model or the tokenizer cannot be found or read.
    UnsupportedModelError
        If the family is known to have nothing to show; nothing is downloaded then.
    ValueError
        If a revision of the demo model is asked for, or the device or dtype is none.
    """
    place = best_device(device)
    if device_map is not None and device != "auto":
        msg = f"device={device!r} and device_map={device_map!r}: give one of them"
        raise ValueError(msg)
    _check_dtype(dtype)
    called = str(name)
    source = called
    options: dict[str, Any] = {"revision": revision, "trust_remote_code": trust_remote_code}
    if called == "demo":
        if revision is not None:
            msg = f"revision is {revision!r}: the demo model has only one, leave revision out"
            raise ValueError(msg)
        called, source = demo.NAME, str(demo.folder())
        options = {"local_files_only": True}
    options |= _reach(source)
    try:
        config = transformers.AutoConfig.from_pretrained(source, **options)
    except (OSError, ValueError) as error:
        raise _not_found(called, error) from error
    families.refuse_hopeless(config.model_type)
    try:
        model = _architecture(config).from_pretrained(
            source, config=config, dtype=dtype or "auto", device_map=device_map, **options
        )
    except ImportError as error:
        raise ModelLoadError(str(error)) from error
    except (OSError, ValueError) as error:
        raise _not_found(called, error) from error
    found = _tokenizer(tokenizer, source, called, options)
    if device_map is None and getattr(model, "hf_quantizer", None) is None:
        model = model.to(place)
    return Loaded(called, revision, model.eval(), found)


def adopt(model: torch.nn.Module, tokenizer: str | PreTrainedTokenizerBase | None) -> Loaded:
    """Take a model that is already loaded, as it is and where it is.

    Raises
    ------
    TypeError
        If it is not a ``transformers`` model.
    ModelLoadError
        If no tokenizer was given and the model's name finds none.
    """
    if not isinstance(model, transformers.PreTrainedModel):
        msg = (
            "expected a model name, a path, or a transformers PreTrainedModel, not "
            f"{type(model).__name__}: {str(model)[:80]!r}"
        )
        raise TypeError(msg)
    name = getattr(model, "name_or_path", "") or ""
    if tokenizer is None and not name:
        msg = (
            f"this {type(model).__name__} does not know the name it was loaded from, so its "
            "tokenizer cannot be found: give tokenizer="
        )
        raise ModelLoadError(msg)
    found = _tokenizer(tokenizer, name, name or type(model).__name__, {})
    return Loaded(name or type(model).__name__, None, model, found)


def require_loaded(given: object) -> None:
    """Refuse what was not loaded here.

    Raises
    ------
    TypeError
        If it is anything but what :func:`load` and :func:`adopt` give.
    """
    if not isinstance(given, Loaded):
        msg = (
            f"ModelRunner({type(given).__name__}, ...): a runner is made by "
            "ModelRunner.from_pretrained(model, tokenizer), which checks the model first"
        )
        raise TypeError(msg)


def _architecture(config: Any) -> Any:  # noqa: ANN401 - the library's classes
    saved_as = (config.architectures or [""])[0]
    return getattr(transformers, saved_as, transformers.AutoModel)


def _tokenizer(
    given: str | PreTrainedTokenizerBase | None,
    source: str,
    called: str,
    options: dict[str, Any],
) -> PreTrainedTokenizerBase:
    if given is not None and not isinstance(given, str):
        return given
    wanted = given or called
    mend = "give tokenizer= a name, a path or a loaded tokenizer"
    try:
        found = transformers.AutoTokenizer.from_pretrained(
            given or source, **options | _reach(given or source)
        )
    except (OSError, ValueError, ImportError, KeyError) as error:
        msg = f"no tokenizer could be loaded from {wanted!r}: {mend}"
        raise ModelLoadError(msg) from error
    # where its files are missing the library makes up a tokenizer with no words in it
    if len(found) <= len(set(found.all_special_ids)):
        msg = f"the tokenizer of {wanted!r} has only special tokens, its files are missing: {mend}"
        raise ModelLoadError(msg)
    return found


def _reach(source: str) -> dict[str, Any]:
    """Ask for what is on this disk alone where the hub's name is not known to the network.

    The hub's client would try six times, in some 23 seconds, to say the same.
    """
    # Behind a proxy, it is the proxy that looks names up.
    if pathlib.Path(source).is_dir() or urllib.request.getproxies():
        return {}
    hub = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    try:
        socket.getaddrinfo(urllib.parse.urlsplit(hub).hostname, None)
    except OSError:
        return {"local_files_only": True}
    return {}


def _not_found(name: str, error: Exception) -> ModelLoadError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return ModelLoadError(
        f"the model {name!r} could not be loaded ({reason}): check the spelling and the network, "
        'or give the path of a folder with config.json, or use "demo", which needs no network'
    )


def _check_dtype(dtype: object) -> None:
    if dtype in (None, "auto") or isinstance(dtype, torch.dtype):
        return
    if isinstance(dtype, str) and isinstance(getattr(torch, dtype, None), torch.dtype):
        return
    msg = f"dtype={dtype!r} is no number format of torch: for example 'float32' or 'bfloat16'"
    raise ValueError(msg)
