"""Steps of generation, each with the rows it computed, put together to one matrix per head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attn_widgets.adapters.arrays import Array
    from attn_widgets.record import Kind


def assemble(parts: Sequence[Array], kind: Kind | None, source: str) -> Array:
    """Put the rows of all steps under one another.

    With a cache, a step after the first computes the rows of its new tokens only; without, all
    rows again, of which the new ones are the last. Keys that a cache of fixed size does not hold
    yet have no weight; those that a sliding window has dropped are the first. Where candidates were
    read several at once (assisted generation), a row has keys after its query, without weight.

    Parameters
    ----------
    parts
        ``(heads, queries, keys)`` per step.
    kind
        ``"cross"`` where the keys are an encoder's, the same in every step; otherwise the keys are
        the queries so far.
    source
        What errors call it.

    Returns
    -------
    array
        ``(heads, queries, queries)``, lower triangular, or ``(heads, queries, encoder keys)``.

    Raises
    ------
    ValueError
        If the steps do not continue each other, or do not tell which keys a row is of.
    """
    if not parts:
        msg = f"{source} has no steps for this item: expected at least one"
        raise ValueError(msg)
    heads = {part.shape[0] for part in parts}
    if len(heads) != 1:
        msg = f"{source} has steps of {sorted(heads)} heads: expected the same in every step"
        raise ValueError(msg)
    if kind == "cross":
        return _crossed(parts, source)
    rows = _new_rows(parts, source)
    total = sum(part.shape[1] for part, _ in rows)
    whole = np.zeros((heads.pop(), total, total), parts[0].dtype)
    slides = any(part.shape[2] < first + part.shape[1] for part, first in rows)
    for (part, first), place in zip(rows, range(len(rows)), strict=True):
        end = first + part.shape[1]
        name = f"{source}, step {place}"
        own = _up_to_query(part, end, name, slides=slides) if place else part
        whole[:, first:end, :end] = _placed(own, end, name)
    return whole


def _new_rows(parts: Sequence[Array], source: str) -> list[tuple[Array, int]]:
    """Give the new rows of each step, and the place of the first of them."""
    done, rows = 0, []
    for place, part in enumerate(parts):
        _, n_queries, n_keys = part.shape
        again = place > 0 and n_queries == n_keys
        if again and n_queries <= done:
            msg = (
                f"{source}: step {place} has shape {part.shape} after {done} rows: expected more "
                "rows than before (no cache), or the new ones alone (a cache)"
            )
            raise ValueError(msg)
        new = part[:, done:] if again else part
        rows.append((new, done))
        done += new.shape[1]
    return rows


def _up_to_query(part: Array, n_seen: int, source: str, *, slides: bool) -> Array:
    """Leave out the keys after a query: those of candidates that were read together with it.

    A query's own key is the last that has weight.

    Raises
    ------
    ValueError
        If a row's last key has no weight, and the steps do not tell whether it is the query's own.
    """
    _, n_queries, n_keys = part.shape
    weighty = np.flatnonzero(part.any(axis=(0, 1)))
    if n_queries != 1 or n_keys > n_seen or not len(weighty) or weighty[-1] == n_keys - 1:
        return part
    if not slides:
        msg = (
            f"{source} has shape {part.shape} and no weight on its last key, which is either the "
            "query itself or a candidate after it, as in assisted generation (prompt lookup, an "
            "assistant model) with a sliding window: read the written text once more instead, "
            "model(outputs.sequences, output_attentions=True)"
        )
        raise ValueError(msg)
    return part[..., : weighty[-1] + 1]


def _placed(part: Array, n_seen: int, source: str) -> Array:
    """Lay a step's keys over the positions so far."""
    n_heads, n_queries, n_keys = part.shape
    if n_keys >= n_seen:
        if part[..., n_seen:].any():
            msg = (
                f"{source} has shape {part.shape} and weight on keys from {n_seen} on, which were "
                "not there yet: expected the steps of one generate() call, from its first on"
            )
            raise ValueError(msg)
        return part[..., :n_seen]
    if n_queries > 1 and n_seen == n_queries:
        msg = f"{source} has shape {part.shape}: a first step has as many keys as queries"
        raise ValueError(msg)
    laid = np.zeros((n_heads, n_queries, n_seen), part.dtype)
    laid[..., n_seen - n_keys :] = part
    return laid


def _crossed(parts: Sequence[Array], source: str) -> Array:
    keys = {part.shape[2] for part in parts}
    if len(keys) != 1:
        msg = f"{source} has steps of {sorted(keys)} keys: expected an encoder's, always the same"
        raise ValueError(msg)
    done, rows = 0, []
    for place, part in enumerate(parts):
        again = place > 0 and part.shape[1] == done + 1 > 1
        rows.append(part[:, done:] if again else part)
        done += rows[-1].shape[1]
    return np.concatenate(rows, axis=1)
