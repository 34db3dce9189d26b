"""Where a mask is laid: how many queries and keys, how they line up, which token is which."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

from attn_widgets.masks.errors import MaskBindError
from attn_widgets.masks.limits import MAX_TOKENS, whole
from attn_widgets.masks.tokens import SPECIAL_ROLES, SYMBOLS, TokenRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from attn_widgets.masks.tokens import HasRole

Places: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of queries by keys.

    Parameters
    ----------
    n_queries, n_keys : int
        Its two sides, in tokens.
    q_offset : int
        The position, among the keys, of query 0: the length of the cache when decoding.
    places : tuple of (symbol, indices), optional
        The keys each symbol stands for; None when nothing is known about the tokens.
    segments : tuple of int or None, optional
        The segment each key is in; None when no key is known to be in one.
    step : int
        Positions from one query to the next; see `blocks`.
    """

    n_queries: int
    n_keys: int
    q_offset: int = 0
    places: Places | None = None
    segments: tuple[int | None, ...] | None = None
    step: int = 1

    def __post_init__(self) -> None:
        """Refuse sides that are not whole numbers of tokens."""
        for name, low in (("n_queries", 1), ("n_keys", 1), ("q_offset", 0)):
            value = whole(name, getattr(self, name), low, MAX_TOKENS)
            object.__setattr__(self, name, value)

    @classmethod
    def over(
        cls, n_queries: int, n_keys: int, tokens: Sequence[HasRole] | None, q_offset: int
    ) -> Self:
        """Return the frame over these key tokens, if they are known.

        Raises
        ------
        MaskError
            If a length is not a whole number from 1 to 2**24.
        MaskBindError
            If there are not `n_keys` tokens.
        """
        frame = cls(n_queries, n_keys, q_offset)
        if tokens is None:
            return frame
        frame = frame.with_roles([str(token.role) for token in tokens])
        return frame.with_segments([getattr(token, "segment", None) for token in tokens])

    def with_roles(self, roles: Sequence[str]) -> Self:
        """Return the frame over tokens that play these roles, one per key.

        Raises
        ------
        MaskBindError
            If there are more or fewer roles than keys.
        """
        if len(roles) != self.n_keys:
            msg = f"{len(roles)} tokens given for {self.n_keys} keys; give one token per key"
            raise MaskBindError(msg)
        found: dict[str, list[int]] = {symbol: [] for symbol in SYMBOLS}
        for index, role in enumerate(roles):
            if role in SPECIAL_ROLES:
                found["special"].append(index)
            if role in found and role != "special":
                found[role].append(index)
        places = tuple((symbol, tuple(indices)) for symbol, indices in found.items() if indices)
        return replace(self, places=places)

    def with_segments(self, segments: Sequence[int | None]) -> Self:
        """Return the frame over tokens of these segments, one per key."""
        known = any(segment is not None for segment in segments)
        return replace(self, segments=tuple(segments) if known else None)

    def segment_codes(self) -> NDArray[np.int64]:
        """Return a number from 0 up per key, equal where the segments are: int64, ``(n_keys,)``.

        Raises
        ------
        MaskBindError
            If no token's segment is known.
        """
        if self.segments is None:
            msg = (
                "the mask asks for segments and no token has one: give tokens that do, "
                "bind(..., tokens=record.key_tokens), or use documents(length, ...)"
            )
            raise MaskBindError(msg)
        codes: dict[int | None, int] = {}
        numbers = [codes.setdefault(segment, len(codes)) for segment in self.segments]
        return np.array(numbers, dtype=np.int64)

    def positions(self, first: int, last: int) -> NDArray[np.int64]:
        """Positions, among the keys, of the queries ``first..last``."""
        return np.arange(first, last, dtype=np.int64) * self.step + self.q_offset

    def blocks(self, size: int) -> Self:
        """Return the frame of one query per block of `size` positions, at the block's start."""
        first = self.q_offset // size
        last = (self.q_offset + self.n_queries - 1) // size
        return replace(self, n_queries=last - first + 1, q_offset=first * size, step=size)

    def locate(self, refs: Iterable[TokenRef]) -> NDArray[np.int64]:
        """Return the keys that tokens named by symbol or index are: int64, sorted, each once.

        Raises
        ------
        MaskBindError
            If a symbol stands for no token of the text, or an index lies outside it.
        """
        found: list[int] = []
        for ref in refs:
            if isinstance(ref, str):
                found.extend(self._with_role(ref))
            elif -self.n_keys <= ref < self.n_keys:
                found.append(ref % self.n_keys)
            else:
                msg = (
                    f"token {ref} is outside this text of {self.n_keys} tokens; "
                    f"use {-self.n_keys} to {self.n_keys - 1}"
                )
                raise MaskBindError(msg)
        return np.unique(np.array(found, dtype=np.int64))

    def _with_role(self, symbol: str) -> tuple[int, ...]:
        if self.places is None:
            msg = f"the mask names {symbol!r}: give the tokens, bind(..., tokens=record.key_tokens)"
            raise MaskBindError(msg)
        places = dict(self.places)
        if symbol not in places:
            present = ", ".join(places) or "none"
            msg = f"no token of this text is {symbol!r}; special tokens there: {present}"
            raise MaskBindError(msg)
        return places[symbol]
