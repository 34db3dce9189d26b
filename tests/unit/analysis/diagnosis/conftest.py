"""Records made up so that a diagnosis has one thing to see."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from attn_widgets.analysis.diagnosis import observe
from attn_widgets.analysis.measures import measure
from attn_widgets.analysis.profile import Profile
from attn_widgets.analysis.profile_bins import LENGTHS
from attn_widgets.analysis.profile_build import Numbers, bins_of
from attn_widgets.analysis.profile_failures import Failure, Failures
from attn_widgets.analysis.profile_metrics import METRICS, TARGETS
from attn_widgets.record import AttentionRecord, Token, TokenRole

LAYERS, HEADS = 12, 2


def tokens(n=14, roles=None, word="w"):
    roles = roles or ["cls", *["word"] * (n - 2), "sep"]
    return [
        Token(text=f"{word}{i}", display=f"{word}{i}", role=TokenRole(r))
        for i, r in enumerate(roles)
    ]


def record(towards, *, layers=LAYERS, n=14, kind="encoder", roles=None, word="w", reads=()):
    """Make a record whose words, in the layers named, give 0.9 of their attention to one place.

    Parameters
    ----------
    towards
        Layer to a position, or to "near": the word itself and its neighbours.
    reads
        Layers in which [CLS], which looks at itself in all others, looks at words.
    """
    own = tokens(n, roles, word)
    n = len(own)
    weights = np.ones((layers, HEADS, n, n))
    for layer in range(layers):
        place = towards.get(layer) if isinstance(towards, dict) else towards
        if place == "near":
            weights[layer] = 0.1 / n + 0.9 * (abs(np.subtract.outer(range(n), range(n))) <= 1)
        elif place is not None:
            weights[layer] = 0.1 / n
            weights[layer, :, :, place] += 0.9
        if own[0].role is TokenRole.CLS and layer not in reads:
            weights[layer, :, 0] = 0.1 / n
            weights[layer, :, 0, 0] += 0.9
        elif own[0].role is TokenRole.CLS:
            weights[layer, :, 0] = 1.0
    if kind == "decoder":
        weights *= np.tri(n)
    weights /= weights.sum(-1, keepdims=True)
    return AttentionRecord(tokens=own, weights=weights.astype(np.float32), kind=kind)


def flowing(source, *, context=0.4, drain=1.0, slope=0.1, stage="normed"):
    """Give an observation whose messages are as said, in every layer."""
    seen = observe(source)
    layers = len(seen.layers)
    numbers = dataclasses.replace(
        seen.numbers,
        context=np.full(layers, context),
        cls_slope=np.full(layers, slope),
        sep_slope=np.full(layers, slope),
        cls_drain=np.full(layers, drain),
        sep_drain=np.full(layers, drain),
        message_share=np.full(layers, 0.1),
        vector_share=np.full(layers, 0.05),
    )
    return dataclasses.replace(seen, stage=stage, numbers=numbers)


def profiled(records, *, failed=0, **about):
    """Give the profile of texts, of the numbers that are measured of their records."""
    shape = records[0].shape[:2]
    values = np.full((len(METRICS), len(records), *shape), np.nan, np.float32)
    uniform = np.full((len(records), len(TARGETS)), np.nan)
    for i, one in enumerate(records):
        told = measure(one)
        shares = {"special": told.special, "first": told.first}
        shares |= {role.value: share for role, share in told.roles.items()}
        named = {"entropy": told.entropy, "confidence": told.confidence, "local": near(told)}
        if told.cls_row is not None:
            named["cls_to_itself"] = told.cls_row.to_self
            named["cls_to_content"] = told.cls_row.to_content
        for name, share in shares.items():
            named |= {f"share:{name}": share.share, f"excess:{name}": share.excess}
            uniform[i, TARGETS.index(name)] = share.uniform
        for name, own in named.items():
            values[METRICS.index(name), i] = own
    lengths = np.array([len(one.tokens) for one in records])
    return Profile(
        {"model": "a model", "kind": records[0].kind, "queries": "content", **about},
        *shape,
        LENGTHS,
        bins=bins_of(Numbers(lengths, values, uniform), LENGTHS),
        failures=Failures.of(*(Failure(i, "ValueError", "no", "a") for i in range(failed))),
    )


def near(told):
    return np.nan if told.neighbours is None else told.neighbours.local


def several(count=12, *, n=14, towards=None, **flow):
    return [flowing(record(towards or {}, n=n, word=f"t{i}-"), **flow) for i in range(count)]


@pytest.fixture(scope="session")
def made():
    return SimpleNamespace(
        record=record,
        flowing=flowing,
        several=several,
        profiled=profiled,
        tokens=tokens,
        layers=LAYERS,
    )
