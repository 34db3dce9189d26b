"""One run of a model, captured: its tokens and all its attention weights."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from attn_widgets.record import archive, storage
from attn_widgets.record.checks import Floats, as_array, check_weights, stack
from attn_widgets.record.patches import Patches
from attn_widgets.record.provenance import Provenance
from attn_widgets.record.tokens import Token, TokenRole, as_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Kind = Literal["encoder", "decoder", "cross"]


class AttentionRecord:
    """What one forward pass looked at: an immutable value.

    Parameters
    ----------
    tokens
        The query tokens, in order.
    weights
        Attention after the softmax, shape ``(layers, heads, queries, keys)``, float16 or float32;
        wider floats become float32. ``weights[l, h, i, j]`` is the share of query ``i``'s attention
        that goes to key ``j``; each row sums to 1. An array that is writable is copied.
    kind
        ``"encoder"`` (all see all), ``"decoder"`` (a query sees itself and what came before) or
        ``"cross"`` (a decoder's queries look at an encoder's keys).
    key_tokens
        The key tokens where they differ from the query tokens (``"cross"``).
    layers, heads
        The model's own numbers, counted from 0, of what was captured; all by default.
    kv_groups
        Query heads that share one key head (grouped-query attention).
    q, k
        Queries ``(layers, heads, queries, head_dim)`` and keys ``(layers, key heads, keys,
        head_dim)`` as they entered the product (after rotary positions), or None.
    scaling, softcap, bias
        Per layer: what multiplies ``q · k``; the soft-cap applied after it; what is added, shape
        ``(layers, 1 or heads, queries, keys)``. None where there is none.
    sink
        Whether the model has learned sink logits, so that rows may sum to less than 1.
    provenance, text
        What was run, and on which text or pair of texts.
    patches
        The picture that keys are patches of, where they are.
    checked
        Whether the caller has made sure that rows are probabilities, so that they are not read
        again; shapes are checked all the same.

    Raises
    ------
    ValueError
        If shapes do not fit each other, or weights are not probabilities; the message names the
        shapes expected.
    """

    __slots__ = (
        "bias",
        "heads",
        "k",
        "key_tokens",
        "kind",
        "kv_groups",
        "layers",
        "patches",
        "provenance",
        "q",
        "scaling",
        "sink",
        "softcap",
        "text",
        "tokens",
        "weights",
    )

    def __init__(  # noqa: PLR0913 - a record is its parts
        self,
        *,
        tokens: Sequence[Token],
        weights: Floats,
        kind: Kind = "encoder",
        key_tokens: Sequence[Token] | None = None,
        layers: Sequence[int] | None = None,
        heads: Sequence[int] | None = None,
        kv_groups: int = 1,
        q: Floats | None = None,
        k: Floats | None = None,
        scaling: Floats | None = None,
        softcap: Floats | None = None,
        bias: Floats | None = None,
        sink: bool = False,
        provenance: Provenance | None = None,
        text: str | Sequence[str] = (),
        patches: Patches | None = None,
        checked: bool = False,
    ) -> None:
        if kind not in get_args(Kind):
            msg = f"kind is {kind!r}: one of {', '.join(get_args(Kind))}"
            raise ValueError(msg)
        weights = _frozen(stack(weights))
        n_layers, n_heads, n_queries, n_keys = weights.shape
        keys = tokens if key_tokens is None else key_tokens
        if (len(tokens), len(keys)) != (n_queries, n_keys):
            msg = (
                f"weights have shape {weights.shape} for {len(tokens)} query tokens and "
                f"{len(keys)} key tokens: expected (layers, heads, {len(tokens)}, {len(keys)})"
            )
            raise ValueError(msg)
        if kind == "decoder" and n_queries > n_keys:
            msg = (
                f"weights have shape {weights.shape}: a decoder's queries are the last of its "
                f"keys, so there cannot be {n_queries} queries for {n_keys} keys; "
                "use kind='cross' where they are of different texts"
            )
            raise ValueError(msg)
        _check_patches(patches, n_keys)
        if not checked:
            check_weights(weights, sink=sink)
        values = {
            "tokens": tuple(tokens),
            "key_tokens": tuple(keys),
            "weights": weights,
            "kind": kind,
            "layers": _numbers("layers", layers, n_layers),
            "heads": _numbers("heads", heads, n_heads),
            "kv_groups": int(kv_groups),
            "q": _part("q", q, (n_layers, n_heads, n_queries, None)),
            "k": _part("k", k, (n_layers, None, n_keys, None)),
            "scaling": _part("scaling", scaling, (n_layers,)),
            "softcap": _part("softcap", softcap, (n_layers,)),
            "bias": _part("bias", bias, (n_layers, None, n_queries, n_keys)),
            "sink": bool(sink),
            "provenance": provenance or Provenance(),
            "text": (text,) if isinstance(text, str) else tuple(text),
            "patches": patches,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    tokens: tuple[Token, ...]
    key_tokens: tuple[Token, ...]
    weights: Floats
    kind: Kind
    layers: tuple[int, ...]
    heads: tuple[int, ...]
    kv_groups: int
    q: Floats | None
    k: Floats | None
    scaling: Floats | None
    softcap: Floats | None
    bias: Floats | None
    sink: bool
    provenance: Provenance
    text: tuple[str, ...]
    patches: Patches | None

    @classmethod
    def from_arrays(
        cls,
        weights: object,
        tokens: Iterable[str | Token],
        *,
        key_tokens: Iterable[str | Token] | None = None,
        kind: Kind = "encoder",
        roles: Iterable[str | TokenRole] | None = None,
        key_roles: Iterable[str | TokenRole] | None = None,
        sink: bool = False,
        text: str | Sequence[str] = (),
    ) -> AttentionRecord:
        """Make a record of arrays that are already there.

        Parameters
        ----------
        weights
            ``(layers, heads, queries, keys)``, or one ``(heads, queries, keys)`` or ``(1, heads,
            queries, keys)`` array per layer: numpy, torch, or anything numpy can read.
        tokens, key_tokens
            Strings or :class:`Token`, one per query and (if different) per key.
        kind, sink, text
            As in the constructor.
        roles, key_roles
            One role per query token and per key token, for example ``["cls", "word", "sep"]``.
            Without roles no token counts as special: a spelling does not make one.

        Examples
        --------
        >>> record = AttentionRecord.from_arrays(
        ...     np.full((2, 3, 4, 4), 0.25), ["[CLS]", "a", "b", "[SEP]"],
        ...     roles=["cls", "word", "word", "sep"])
        >>> record
        AttentionRecord(2 layers x 3 heads, 4 tokens, encoder)

        Raises
        ------
        ValueError
            If shapes do not fit, naming the shape expected, or weights are not probabilities.
        """
        return cls(
            tokens=as_tokens(tokens, roles),
            weights=stack(weights),
            kind=kind,
            key_tokens=None if key_tokens is None else as_tokens(key_tokens, key_roles),
            sink=sink,
            text=text,
        )

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: a record does not change."""
        msg = f"a record is immutable: cannot set {name!r}"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> None:
        """Refuse: a record does not change."""
        msg = f"a record is immutable: cannot delete {name!r}"
        raise AttributeError(msg)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Give ``(layers, heads, queries, keys)``."""
        n_layers, n_heads, n_queries, n_keys = self.weights.shape
        return n_layers, n_heads, n_queries, n_keys

    def __getitem__(self, place: tuple[int, int]) -> Floats:
        """Give the weights of one head, shape ``(queries, keys)``, by the model's own numbers.

        Raises
        ------
        IndexError
            If the layer or head was not captured; the message names those that were.
        """
        try:
            layer, head = place
        except (TypeError, ValueError):
            msg = f"a head is named record[layer, head], not record[{place!r}]"
            raise IndexError(msg) from None
        head_weights: Floats = self.weights[self.layer_index(layer), self.head_index(head)]
        return head_weights

    def layer_index(self, layer: int) -> int:
        """Give the position of a layer on the first axis of `weights`."""
        return _position("layer", layer, self.layers)

    def head_index(self, head: int) -> int:
        """Give the position of a head on the second axis of `weights`."""
        return _position("head", head, self.heads)

    def special(self) -> NDArray[np.bool_]:
        """Say which keys are special tokens, shape ``(keys,)``."""
        return np.array([token.role.is_special for token in self.key_tokens], dtype=bool)

    def content(self) -> NDArray[np.bool_]:
        """Say which queries are text rather than special tokens, shape ``(queries,)``."""
        return np.array([not token.role.is_special for token in self.tokens], dtype=bool)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record to a file that :meth:`load` reads back bit for bit.

        The file is a zip of plain arrays and JSON: it opens without torch and cannot run code.
        """
        storage.write(path, self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> AttentionRecord:
        """Read a record that :meth:`save` wrote.

        Raises
        ------
        ValueError
            If the file is not a record, is damaged, or was written by a newer version.
        OSError
            If the file cannot be read.
        """
        parts = storage.read(path)
        with archive.damage_named(os.fspath(path)):
            return cls(**parts)

    def __eq__(self, other: object) -> bool:
        """Two records are equal if every part is, bit for bit."""
        if not isinstance(other, AttentionRecord):
            return NotImplemented
        return all(_same(getattr(self, n), getattr(other, n)) for n in self.__slots__)

    def __hash__(self) -> int:
        """Hash the parts that are cheap to hash."""
        return hash((self.tokens, self.key_tokens, self.kind, self.shape, self.layers, self.heads))

    def __repr__(self) -> str:
        """Say how much of what this is."""
        n_layers, n_heads, n_queries, n_keys = self.shape
        size = f"{n_queries} tokens" if n_queries == n_keys else f"{n_queries} x {n_keys} tokens"
        name = f", {self.provenance.model}" if self.provenance.model else ""
        return f"AttentionRecord({n_layers} layers x {n_heads} heads, {size}, {self.kind}{name})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle through the constructor, which checks again."""
        return _rebuild, ({name: getattr(self, name) for name in self.__slots__},)


def _rebuild(parts: dict[str, Any]) -> AttentionRecord:
    return AttentionRecord(**parts)


def _frozen(values: object) -> Floats:
    array = as_array(values)
    if array.dtype not in (np.float16, np.float32):
        if not (np.issubdtype(array.dtype, np.floating) or np.issubdtype(array.dtype, np.integer)):
            msg = f"an array of a record holds {array.dtype}: expected floats"
            raise ValueError(msg)
        array = array.astype(np.float32)
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def _part(name: str, values: object, shape: tuple[int | None, ...]) -> Floats | None:
    if values is None:
        return None
    array = _frozen(values)
    fits = array.ndim == len(shape) and all(
        want in (None, got) for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if want is None else str(want) for want in shape)
        msg = f"{name} has shape {array.shape}: expected ({wanted})"
        raise ValueError(msg)
    return array


def _check_patches(patches: object, n_keys: int) -> None:
    if patches is None:
        return
    if not isinstance(patches, Patches):
        msg = (
            f"patches is a {type(patches).__name__}: expected Patches, for example "
            "Patches.of(image, rows=14, columns=14, first=1)"
        )
        raise TypeError(msg)
    count = patches.rows * patches.columns
    if patches.first + count != n_keys:
        msg = (
            f"{patches!r} after {patches.first} other positions make {patches.first + count}, but "
            f"there are {n_keys} keys: expected {n_keys - count} positions before the patches"
        )
        raise ValueError(msg)


def _numbers(name: str, numbers: Sequence[int] | None, count: int) -> tuple[int, ...]:
    if numbers is None:
        return tuple(range(count))
    given = tuple(int(number) for number in numbers)
    if len(given) != count or list(given) != sorted(set(given)) or given[0] < 0:
        msg = (
            f"{name} are {given} for an axis of {count}: "
            f"expected {count} different numbers from 0 up, in order"
        )
        raise ValueError(msg)
    return given


def _position(name: str, number: int, captured: tuple[int, ...]) -> int:
    try:
        return captured.index(number)
    except ValueError:
        whole = captured == tuple(range(len(captured)))
        have = f"0 to {captured[-1]}" if whole else ", ".join(map(str, captured))
        msg = f"no {name} {number!r} in this record: it holds {name}s {have}"
        raise IndexError(msg) from None


def _same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and a == b
