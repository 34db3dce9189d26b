"""Attention in the forms that libraries give it, and stand-ins for libraries that are not here."""

from __future__ import annotations

import dataclasses
import types
from typing import Any

import numpy as np

WORDS = tuple("abcdefghijklmnop")
SOURCE, TARGET = WORDS[:5], WORDS[8:12]


@dataclasses.dataclass(frozen=True)
class Row:
    """One form: what is given, and what must come of it.

    Parameters
    ----------
    name
        What the form is called.
    given, options
        What :func:`attention_record` is given.
    expected
        The weights of the record, or of each by its name; or the class of the error.
    facts
        What else holds of the record; or parts of the error's message.
    """

    name: str
    given: tuple[Any, ...]
    options: dict[str, Any]
    expected: Any
    facts: Any


class Table(list):
    """Rows that are taken, or refused."""

    def takes(self, name, *given, expected, facts=None, **options):
        self.append(Row(name, given, options, expected, facts or {}))

    def refuses(self, name, *given, parts, error=ValueError, **options):
        self.append(Row(name, given, options, error, tuple(parts)))


def weights(*shape, seed=0, dtype=np.float32):
    """Give rows that are all different and sum to 1."""
    scores = np.random.default_rng(seed).gamma(0.6, size=shape) + 1e-3
    return (scores / scores.sum(-1, keepdims=True)).astype(dtype)


def causal(*shape, seed=0, dtype=np.float32):
    """Give rows that see only what came before."""
    scores = np.tril(np.random.default_rng(seed).gamma(0.6, size=shape) + 1e-3)
    return (scores / scores.sum(-1, keepdims=True)).astype(dtype)


def layers(n_layers, *shape, make=weights):
    return [make(*shape, seed=10 + number) for number in range(n_layers)]


FOUR = WORDS[:4]
HEADS = layers(3, 2, 4, 4)
BATCH = layers(3, 2, 2, 4, 4)
SECOND = [layer[1] for layer in BATCH]
CAUSAL = layers(3, 2, 5, 5, make=causal)
ENCODER, CROSS = layers(3, 2, 5, 5), layers(2, 2, 4, 5)
DECODER = layers(2, 2, 4, 4, make=causal)
THREE = {"encoder": ENCODER, "decoder": DECODER, "cross": CROSS}
BATCHED = {name: tuple(layer[None] for layer in stack) for name, stack in THREE.items()}
SEQ2SEQ = {f"{name}_attentions": stack for name, stack in BATCHED.items()}
TOKENS = {"encoder_tokens": SOURCE, "decoder_tokens": TARGET}


class Tensorflowish:
    """Speaks ``numpy()`` only, as an eager tensor of tensorflow."""

    def __init__(self, values):
        self._values, self.shape = values, values.shape

    def numpy(self):
        return self._values


class Jaxish:
    """Speaks ``__array__`` only."""

    def __init__(self, values):
        self._values, self.shape = values, values.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype=dtype)


class Dlpackish:
    """Speaks the exchange of buffers only."""

    def __init__(self, values):
        self._values, self.shape = values, values.shape

    def __dlpack__(self, **options):
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._values.__dlpack_device__()


class Cupyish:
    """Refuses to be copied from its device, unless by ``get``."""

    def __init__(self, values):
        self._values, self.shape = values, values.shape

    def __array__(self, dtype=None, copy=None):
        msg = "Implicit conversion to a NumPy array is not allowed"
        raise TypeError(msg)

    def get(self):
        return self._values


class Stubborn(Cupyish):
    """Cannot be brought to numpy at all."""

    get = property()


class Proxy:
    """Stands for a value, as a proxy of nnsight does after its trace."""

    __module__ = "nnsight.intervention"

    def __init__(self, value):
        self._value = value

    @property
    def value(self):
        if self._value is None:
            msg = "Accessing Proxy value before it's been set"
            raise ValueError(msg)
        return self._value


class Cache:
    """Has keys and items but is no dict, as a TransformerLens cache."""

    def __init__(self, parts):
        self._parts = parts

    def keys(self):
        return self._parts.keys()

    def __getitem__(self, name):
        return self._parts[name]


class Encoding:
    """What a library tokenizer says of one text."""

    def __init__(self, tokens, special, attention=None, sequences=None):
        self.tokens, self.special_tokens_mask = list(tokens), list(special)
        self.ids = list(range(len(self.tokens)))
        self.attention_mask = list(attention or [1] * len(self.tokens))
        self.sequence_ids = list(sequences or [0] * len(self.tokens))


class Inputs(dict):
    """A dict with encodings, as a ``BatchEncoding``."""

    def __init__(self, encodings):
        super().__init__(
            input_ids=[piece.ids for piece in encodings],
            attention_mask=[piece.attention_mask for piece in encodings],
        )
        self.encodings = encodings


class Tokenizer:
    """Knows the words above by their places; 0 is padding, 1 begins, 2 ends."""

    is_fast = False
    added_tokens_decoder = types.MappingProxyType({})
    all_special_ids = (0, 1, 2)
    pad_token_id, cls_token_id, sep_token_id = 0, 1, 2
    bos_token_id = eos_token_id = None
    words = ("[PAD]", "[CLS]", "[SEP]", *WORDS)

    def convert_ids_to_tokens(self, ids):
        return [self.words[number] for number in ids]

    def convert_tokens_to_ids(self, token):
        return self.words.index(token) if token in self.words else None

    def decode(self, ids, *, skip_special_tokens):
        assert skip_special_tokens
        return " ".join(self.words[number] for number in ids if number > 2)


def outputs(**parts):
    return types.SimpleNamespace(**parts)


def steps(whole, prompt, *, cache=True, room=0):
    """Cut a lower triangle ``(batch, heads, n, n)`` into the steps that would have computed it."""
    cut = [whole[:, :, :prompt, :prompt]] + [
        whole[:, :, (end - 1 if cache else 0) : end, :end]
        for end in range(prompt + 1, whole.shape[2] + 1)
    ]
    return [np.pad(part, [(0, 0)] * 3 + [(0, max(0, room - part.shape[3]))]) for part in cut]


def by_step(stacks):
    """Turn steps per layer into layers per step."""
    return tuple(zip(*stacks, strict=True))


def narrow(n, half, places, heads=2, seed=0):
    """Give Longformer's layout of a layer, its global rows, and both as a plain matrix."""
    rng = np.random.default_rng(seed)
    seen = np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= half
    seen[:, places] = seen[places, :] = True
    scores = np.where(seen, rng.gamma(0.6, size=(heads, n, n)) + 1e-3, 0)
    whole = (scores / scores.sum(-1, keepdims=True)).astype(np.float32)
    local = np.zeros((heads, n, len(places) + 2 * half + 1), np.float32)
    local[..., : len(places)] = whole[:, :, places]
    for query in range(n):
        for key in range(max(0, query - half), min(n, query + half + 1)):
            if key not in places:
                local[:, query, len(places) + half + key - query] = whole[:, query, key]
    local[:, places] = 0
    return local, whole[:, places].transpose(0, 2, 1), whole
