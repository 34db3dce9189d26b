"""Growth laws come out of counts."""

from __future__ import annotations

import math

import pytest

from attn_widgets.masks import MaskError, causal, dilated, full, global_, local, lsh, top_k
from attn_widgets.masks.measures.growth import Family, grow


def root(n: int) -> list[int]:
    return list(range(0, n, math.isqrt(n)))


def hashed(n: int) -> dict[str, int]:
    mask = lsh(n // 32, chunk=64, rounds=2)
    return {"scores": mask.scores_computed(n, n), "sort": mask.sort_steps(n, n)}


@pytest.mark.parametrize(
    ("family", "law", "exponent"),
    [
        (lambda _: local(64), "N", 1.0),
        (lambda _: dilated(16, 4), "N", 1.0),
        (lambda _: local(16) | global_(0), "N", 1.0),
        (lambda n: local(math.isqrt(n)), "N√N", 1.5),
        (lambda n: dilated(math.isqrt(n) // 2, math.isqrt(n)), "N√N", 1.5),
        (lambda n: local(4) | global_(root(n)), "N√N", 1.5),
        (lambda _: causal(), "N²", 2.0),
        (lambda _: full(), "N²", 2.0),
        (lambda n: n * int(math.log2(n)), "N log N", 1.1),
        (lambda n: top_k(8).scores_computed(n, n), "N²", 2.0),
    ],
)
def test_the_law_and_exponent_are_measured(family: Family, law: str, exponent: float) -> None:
    found = grow(family)
    assert found.law == law
    assert found.exponent == pytest.approx(exponent, abs=0.06)


def test_hashing_is_linear_in_scores_and_pays_a_sort() -> None:
    found = grow(hashed)
    laws = {name: growth.law for name, growth in found.terms}
    assert laws == {"scores": "N", "sort": "N log N"}
    assert found.law == "N log N"
    assert 1 < found.exponent < 1.1
    assert "sort N log N" in str(found)


@pytest.mark.parametrize("lengths", [(), (64,), (64, 64), (1, 64)])
def test_a_slope_needs_two_lengths(lengths: tuple[int, ...]) -> None:
    with pytest.raises(MaskError, match="two different lengths"):
        grow(lambda _: local(1), lengths)


def test_a_family_that_keeps_nothing_has_no_exponent() -> None:
    with pytest.raises(MaskError, match="nothing is counted"):
        grow(lambda _: ~full())
