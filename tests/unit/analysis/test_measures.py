"""All that weights say of a head, against loops written out, and against identities."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets import samples
from attn_widgets.analysis import (
    ClassRule,
    confidence,
    diagonality,
    find_sinks,
    measure,
    neighbour_shares,
    normalised_entropy,
    out_row,
    own_segment,
    role_shares,
    rollout_to_special,
    share_of,
    special_share,
    stripe,
)
from attn_widgets.record import AttentionRecord, Token, TokenRole

TEXT = {"word", "punctuation", "unk"}
ROLES = st.lists(
    st.sampled_from([r.value for r in TokenRole if r != "pad"]), min_size=1, max_size=9
)
KINDS = st.sampled_from(["encoder", "decoder"])
DTYPES = st.sampled_from([np.float16, np.float32])
SEEDS = st.integers(0, 10_000)


def make(roles, seed=0, kind="encoder", dtype=np.float32, pads=(), segments=None):
    """Make a record with padding at the places named, which no token but padding looks at."""
    roles = list(roles)
    segments = list(segments or [None] * len(roles))
    for place in sorted(pads):
        roles.insert(place, "pad")
        segments.insert(place, None)
    n = len(roles)
    pad = np.array([role == "pad" for role in roles])
    real = np.random.default_rng(seed).normal(size=(2, 3, (~pad).sum(), (~pad).sum())) * 2
    scores = np.full((2, 3, n, n), -np.inf)
    scores[..., np.ix_(~pad, ~pad)[0], np.ix_(~pad, ~pad)[1]] = real
    if kind == "decoder":
        scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    scores[:, :, pad, 0] = 0
    weights = np.exp(scores)
    weights /= weights.sum(-1, keepdims=True)
    tokens = [
        Token(text=f"t{i}", display=f"t{i}", role=TokenRole(role), segment=segment)
        for i, (role, segment) in enumerate(zip(roles, segments, strict=True))
    ]
    return AttentionRecord(tokens=tokens, weights=weights.astype(dtype), kind=kind)


def numbers(measures):
    """Give every array and number in a value, nested ones included, by name."""
    found = {}
    for field in dataclasses.fields(measures):
        value = getattr(measures, field.name)
        if dataclasses.is_dataclass(value):
            found |= {f"{field.name}.{k}": v for k, v in numbers(value).items()}
        elif isinstance(value, (np.ndarray, float, int)) or value is None:
            found[field.name] = value
        elif field.name == "roles":
            for role, share in value.items():
                found |= {f"roles.{role}.{k}": v for k, v in numbers(share).items()}
    return found


def by_hand(record, queries):
    """Work everything out with loops, in float64, over the pairs that can be seen."""
    roles = [token.role.value for token in record.tokens]
    n = len(roles)
    text = [i for i in range(n) if roles[i] in TEXT]
    everyone = [i for i in range(n) if roles[i] != "pad"]
    rows = text if queries == "content" and text else everyone
    sees = {i: [j for j in everyone if record.kind == "encoder" or j <= i] for i in everyone}
    special = [j for j in everyone if j not in text]
    out = {}
    for place in np.ndindex(record.shape[:2]):
        a = record.weights[place].astype(np.float64)
        entropies = [
            -sum(a[i, j] * np.log(a[i, j]) for j in sees[i] if a[i, j] > 0) / np.log(len(sees[i]))
            for i in rows
            if len(sees[i]) > 1
        ]
        order = {i: k for k, i in enumerate(everyone)}
        beside = {
            d: [a[i, j] for i in rows for j in sees[i] if order[j] - order[i] == d]
            for d in (-1, 0, 1)
        }
        cells = [(i, j) for i in everyone for j in sees[i]]
        middle = np.mean([a[c] for c in cells])
        total = sum((a[c] - middle) ** 2 for c in cells)

        def explained(group, a=a, cells=cells, middle=middle, total=total):
            if total < 1e-12:
                return np.nan
            groups = {}
            for c in cells:
                groups.setdefault(group(*c), []).append(a[c])
            return sum(len(g) * (np.mean(g) - middle) ** 2 for g in groups.values()) / total

        out[place] = {
            "special.share": np.mean([sum(a[i, j] for j in special) for i in rows]),
            "special.uniform": np.mean(
                [len(set(special) & set(sees[i])) / len(sees[i]) for i in rows]
            ),
            "first.share": np.mean([a[i, everyone[0]] for i in rows]),
            "entropy": np.mean(entropies) if entropies else np.nan,
            "confidence": np.mean([max(a[i, j] for j in sees[i]) for i in rows]),
            "text_confidence": np.mean([max((a[i, j] for j in text), default=0) for i in rows]),
            "stripe": explained(lambda _, j: j),
            "diagonality": explained(lambda i, j, o=order: o[j] - o[i]),
            "neighbours.itself": np.mean(beside[0]),
            "neighbours.previous": np.mean(beside[-1]) if beside[-1] else np.nan,
            "neighbours.next": np.mean(beside[1]) if beside[1] else np.nan,
            "neighbours.local": np.mean(
                [
                    sum(a[i, j] for j in sees[i] if j in text and abs(order[j] - order[i]) <= 1)
                    for i in rows
                ]
            ),
            "sinks.alpha": [np.mean([a[i, k] for i in everyone if k in sees[i]]) for k in everyone],
        }
    return out


@given(
    roles=ROLES,
    seed=SEEDS,
    kind=KINDS,
    dtype=DTYPES,
    queries=st.sampled_from(["content", "all"]),
    pads=st.lists(st.integers(0, 4), max_size=3),
)
def test_every_number_is_what_a_loop_written_out_gives(roles, seed, kind, dtype, queries, pads):
    record = make(roles, seed, kind, dtype, [p for p in pads if p <= len(roles)])
    got = numbers(measure(record, queries))
    for place, expected in by_hand(record, queries).items():
        for name, value in expected.items():
            ours = got[name] if name.endswith("uniform") else got[name][place]
            assert ours == pytest.approx(value, abs=2e-5, nan_ok=True), name


@given(
    roles=ROLES, seed=SEEDS, kind=KINDS, dtype=DTYPES, queries=st.sampled_from(["content", "all"])
)
def test_each_function_gives_what_measuring_all_at_once_gives(roles, seed, kind, dtype, queries):
    record = make(roles, seed, kind, dtype, segments=[i % 2 for i in range(len(roles))])
    together = measure(record, queries)
    alone = {
        "special": special_share(record, queries),
        "first": share_of(record, np.arange(len(roles)) == 0, queries),
        "neighbours": neighbour_shares(record, 1, queries),
        "sinks": find_sinks(record),
    }
    if together.own_segment is not None:
        alone["own_segment"] = own_segment(record)
    if together.cls_row is not None:
        alone["cls_row"] = out_row(record)
    flat = numbers(together)
    for name, value in alone.items():
        for part, number in numbers(value).items():
            assert np.array_equal(flat[f"{name}.{part}"], number, equal_nan=True), (name, part)
    arrays = {
        "entropy": normalised_entropy(record, queries),
        "confidence": confidence(record, queries),
        "text_confidence": confidence(record, queries, special=False),
        "stripe": stripe(record),
        "diagonality": diagonality(record),
        "rollout": rollout_to_special(record, queries),
    }
    for name, value in arrays.items():
        assert np.array_equal(flat[name], value, equal_nan=True), name
    for role, share in role_shares(record, queries).items():
        assert np.array_equal(share.share, together.roles[role].share)


@given(roles=ROLES, seed=SEEDS, kind=KINDS, pads=st.lists(st.integers(0, 9), max_size=4))
def test_padding_changes_no_number(roles, seed, kind, pads):
    pads = [p for p in pads if p <= len(roles)]
    plain = numbers(measure(make(roles, seed, kind)))
    padded = numbers(measure(make(roles, seed, kind, pads=pads)))
    assert plain.keys() == padded.keys()
    for name, value in plain.items():
        if name not in {"sinks.positions", "cls_row.query"}:
            assert (value is None and padded[name] is None) or np.allclose(
                value, padded[name], rtol=0, atol=1e-6, equal_nan=True
            ), name


@given(roles=ROLES, seed=SEEDS, order=st.permutations(range(3)))
def test_heads_in_another_order_give_the_same_numbers_in_that_order(roles, seed, order):
    record = make(roles, seed)
    turned = AttentionRecord(tokens=record.tokens, weights=record.weights[:, order])
    plain, moved = numbers(measure(record)), numbers(measure(turned))
    for name, value in plain.items():
        if isinstance(value, np.ndarray) and value.ndim > 1:
            assert np.array_equal(value[:, order], moved[name], equal_nan=True), name
    assert np.array_equal(measure(record).classes()[:, order], measure(turned).classes())


@given(roles=ROLES, seed=SEEDS, dtype=DTYPES)
def test_part_of_a_record_gives_that_part_of_the_numbers(roles, seed, dtype):
    record = make(roles, seed, dtype=dtype)
    part = AttentionRecord(
        tokens=record.tokens, weights=record.weights[1:, [0, 2]], layers=[1], heads=[0, 2]
    )
    whole, some = numbers(measure(record)), numbers(measure(part))
    for name, value in whole.items():
        if isinstance(value, np.ndarray) and value.ndim > 1:
            assert np.array_equal(value[1:, [0, 2]], some[name], equal_nan=True), name


@given(roles=ROLES, kind=KINDS, dtype=DTYPES, queries=st.sampled_from(["content", "all"]))
def test_even_attention_has_no_excess_and_full_entropy(roles, kind, dtype, queries):
    n = len(roles)
    even = np.tri(n) if kind == "decoder" else np.ones((n, n))
    even /= even.sum(-1, keepdims=True)
    tokens = make(roles).tokens
    record = AttentionRecord(tokens=tokens, weights=even[None, None].astype(dtype), kind=kind)
    measures = measure(record, queries)
    tolerance = 2e-3 if dtype is np.float16 else 1e-6
    for share in (measures.special, measures.first, *measures.roles.values()):
        if np.isfinite(share.excess).all():
            room = 1 - share.uniform
            assert share.excess[0, 0] * room == pytest.approx(0, abs=tolerance)
    if n > 1:
        entropy = normalised_entropy(record, "all")
        assert entropy[0, 0] == pytest.approx(1, abs=tolerance)
    if kind == "encoder":
        assert np.isnan(measures.stripe).all()
        assert np.isnan(measures.diagonality).all()


@given(n=st.integers(2, 12), seed=SEEDS, rows=st.integers(1, 5), dtype=DTYPES)
def test_rows_that_are_all_alike_are_a_stripe(n, seed, rows, dtype):
    row = np.random.default_rng(seed).dirichlet(np.full(n, 0.3)).astype(dtype)
    weights = np.broadcast_to(row, (1, 1, rows, n))
    record = AttentionRecord.from_arrays(weights, ["q"] * rows, key_tokens=["k"] * n, kind="cross")
    assert stripe(record)[0, 0] == pytest.approx(1, abs=1e-5)


@given(n=st.integers(2, 12), seed=SEEDS)
def test_weights_that_depend_on_distance_alone_are_a_diagonal(n, seed):
    """On a circle the rows sum to 1; cut open there, distances of n apart share a weight."""
    ring = np.random.default_rng(seed).dirichlet(np.full(n, 0.3))
    weights = np.stack([np.roll(ring, i) for i in range(n)])
    record = AttentionRecord.from_arrays(weights[None, None], ["w"] * n)
    assert diagonality(record)[0, 0] == pytest.approx(1, abs=1e-5)


@given(n=st.integers(2, 9), kind=KINDS)
def test_a_head_all_on_the_first_position_is_a_stripe_and_a_sink(n, kind):
    weights = np.zeros((1, 1, n, n))
    weights[..., 0] = 1
    measures = measure(AttentionRecord.from_arrays(weights, ["w"] * n, kind=kind))
    assert measures.stripe[0, 0] == pytest.approx(1)
    assert measures.sinks.alpha[0, 0].tolist() == pytest.approx([1] + [0] * (n - 1))
    assert measures.sinks.share.tolist() == [1] + [0] * (n - 1)
    assert measures.sinks.strongest == 0
    assert measures.first.share[0, 0] == 1
    assert measures.entropy[0, 0] == pytest.approx(0, abs=1e-6)
    assert measures.confidence[0, 0] == 1


@given(roles=ROLES, seed=SEEDS, kind=KINDS)
def test_roles_sum_to_one_and_special_roles_to_the_special_share(roles, seed, kind):
    measures = measure(make(roles, seed, kind))
    assert np.allclose(sum(s.share for s in measures.roles.values()), 1, atol=1e-6)
    assert sum(s.uniform for s in measures.roles.values()) == pytest.approx(1)
    special = [s.share for role, s in measures.roles.items() if role.is_special]
    assert np.allclose(sum(special), measures.special.share, atol=1e-6)


@given(roles=ROLES, seed=SEEDS)
def test_what_a_special_token_reads_is_shared_between_special_and_text(roles, seed):
    record = make([*roles, "cls"], seed)
    row = out_row(record)
    assert np.allclose(row.to_special + row.to_content, 1, atol=1e-6)
    assert (row.to_self <= row.to_special + 1e-6).all()
    place = [*roles, "cls"].index("cls")
    assert np.allclose(row.to_self, record.weights[:, :, place, place])


@given(seed=SEEDS, n=st.integers(1, 5), m=st.integers(1, 5), kind=KINDS)
def test_the_own_text_is_what_a_loop_written_out_gives(seed, n, m, kind):
    roles = ["cls", *["word"] * n, "sep", *["word"] * m, "sep"]
    record = make(roles, seed, kind, segments=[0] * (n + 2) + [1] * (m + 1))
    own = own_segment(record)
    text = [i for i, role in enumerate(roles) if role == "word"]
    segment = [token.segment for token in record.tokens]
    seen = {i: [j for j in text if kind == "encoder" or j <= i] for i in text}
    ours = {i: [j for j in seen[i] if segment[j] == segment[i]] for i in text}
    assert own.expected == pytest.approx(np.mean([len(ours[i]) / len(seen[i]) for i in text]))
    for place in np.ndindex(2, 3):
        a = record.weights[place]
        parts = [a[i, ours[i]].sum() / a[i, seen[i]].sum() for i in text]
        assert own.share[place] == pytest.approx(np.mean(parts), abs=1e-5)
    assert np.allclose(own.beyond, own.share - own.expected)


def test_a_cross_record_has_no_neighbours_and_says_so():
    weights = np.full((2, 2, 3, 5), 0.2)
    record = AttentionRecord.from_arrays(
        weights,
        list("abc"),
        key_tokens=list("vwxyz"),
        kind="cross",
        key_roles=["bos", "word", "word", "word", "eos"],
    )
    measures = measure(record)
    assert measures.neighbours is None
    assert measures.diagonality is None
    assert measures.own_segment is None
    assert measures.rollout is None
    assert np.allclose(measures.special.share, 0.4)
    assert np.allclose(measures.special.excess, 0, atol=1e-6)
    for refused in (neighbour_shares, diagonality):
        with pytest.raises(ValueError, match="one text; this cross record has 3 queries and 5"):
            refused(record)
    assert set(measures.classes().ravel()) == {"broad"}


def test_a_decoder_that_goes_on_from_a_cache_counts_back_from_its_last_key():
    weights = np.zeros((1, 1, 2, 5))
    weights[0, 0, 0, 2] = weights[0, 0, 1, 3] = 1
    record = AttentionRecord.from_arrays(
        weights, list("de"), key_tokens=list("abcde"), kind="decoder"
    )
    measures = measure(record)
    assert measures.neighbours.previous[0, 0] == 1
    assert measures.neighbours.itself[0, 0] == 0
    assert np.isnan(measures.neighbours.next[0, 0])
    assert measures.first.uniform == pytest.approx((1 / 4 + 1 / 5) / 2)
    assert measures.sinks.counts.tolist() == [2, 2, 2, 2, 1]
    assert measures.rollout is None


@pytest.mark.parametrize("roles", [["word"], ["cls"]])
def test_one_token_leaves_undefined_what_is_undefined(roles):
    measures = measure(make(roles))
    assert np.isnan(measures.entropy).all()
    assert np.isnan(measures.stripe).all()
    assert np.isnan(measures.neighbours.previous).all()
    assert measures.confidence.tolist() == [[1] * 3] * 2
    assert "HeadMeasures(2 layers x 3 heads" in repr(measures)


def test_a_text_without_special_tokens_has_none_of_their_attention():
    measures = measure(make(["word"] * 4))
    assert not measures.special.share.any()
    assert measures.special.uniform == 0
    assert measures.cls_row is None
    assert measures.roles.keys() == {TokenRole.WORD}


def test_a_text_of_special_tokens_alone_is_read_by_all_of_them():
    measures = measure(make(["cls", "sep"]))
    assert measures.n_means == 2
    assert np.allclose(measures.special.share, 1)
    assert np.isnan(measures.special.excess).all()
    assert not measures.text_confidence.any()


def test_nothing_but_padding_is_refused():
    record = AttentionRecord.from_arrays(np.ones((1, 1, 1, 1)), ["[PAD]"], roles=["pad"])
    with pytest.raises(ValueError, match="every query of the record is padding"):
        measure(record)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: measure(r, "text"), "queries is 'text': 'content', 'all' or one bool per query"),
        (lambda r: measure(r, np.zeros(3, bool)), "no query is selected"),
        (
            lambda r: measure(r, np.ones(2, bool)),
            r"bool of shape \(2,\): expected bool of shape \(3",
        ),
        (lambda r: measure(r, epsilon=1.0), "epsilon is 1.0: expected a share from 0 to below 1"),
        (lambda r: share_of(r, np.ones(2, bool)), r"keys are bool of shape \(2,\)"),
        (lambda r: neighbour_shares(r, -1), "reach is -1: expected 0 or more"),
        (
            lambda r: out_row(r, TokenRole.BOS),
            "no query of this record is a 'bos' token: it has cls",
        ),
        (own_segment, "needs a pair of texts in one record; this encoder record has segments None"),
        (lambda _: ClassRule(local=1.5), "threshold local is 1.5: expected a number from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(make(["cls", "word", "sep"]))


def test_a_choice_of_queries_is_a_mean_over_those():
    record = make(["cls", "word", "word", "sep"])
    chosen = np.array([False, False, True, True])
    expected = record.weights[:, :, 2:, [0, 3]].sum(-1).mean(-1)
    assert np.allclose(measure(record, chosen).special.share, expected, atol=1e-6)


def test_the_arrays_cannot_be_written_to():
    for value in numbers(measure(make(["cls", "word", "sep"]))).values():
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[...] = 0


def test_what_a_learned_sink_takes_is_no_ones_share():
    weights = np.full((1, 1, 4, 4), 0.1)
    record = AttentionRecord.from_arrays(
        weights, ["t"] * 4, roles=["cls", "word", "word", "sep"], sink=True
    )
    measures = measure(record)
    assert measures.special.share[0, 0] == pytest.approx(0.2)
    assert sum(s.share[0, 0] for s in measures.roles.values()) == pytest.approx(0.4)
    assert np.isnan(measures.stripe[0, 0])
    assert measures.rollout[0] == pytest.approx((2 * 0.05) / (4 * 0.05 + 0.5))


def test_a_long_reach_is_all_of_the_text():
    record = make(["cls", "word", "word", "sep"])
    near = neighbour_shares(record, reach=10**9)
    assert np.allclose(near.local, record.weights[:, :, 1:3, 1:3].sum(-1).mean(-1), atol=1e-6)


def test_half_precision_is_added_up_in_more():
    n = 500
    weights = np.full((1, 1, n, n), 1 / n, np.float16)
    record = AttentionRecord.from_arrays(weights, ["w"] * n)
    expected = float(weights[0, 0, 0].astype(np.float64).sum())
    assert share_of(record, np.ones(n, bool)).share[0, 0] == pytest.approx(expected, abs=1e-6)


def test_the_smallest_halves_are_read_as_they_are():
    weights = np.full((1, 1, 1, 3), 6e-8, np.float16)
    weights[..., 0] = 1
    record = AttentionRecord.from_arrays(weights, ["q"], key_tokens=list("abc"), kind="cross")
    share = share_of(record, np.array([False, True, True])).share[0, 0]
    assert share == pytest.approx(2 * float(weights[0, 0, 0, 1]), rel=1e-6)


def test_the_third_head_of_the_first_layer_looks_at_the_previous_token():
    for name in ("sentence", "paragraph", "japanese"):
        measures = measure(samples.load(name))
        assert measures.neighbours.previous[0, 2] > 0.99
        assert measures.diagonality[0, 2] > 1 - 1.5 / measures.n_keys
        assert measures.classes()[0, 2] == "diagonal"
        assert np.unravel_index(measures.neighbours.next.argmax(), (6, 12)) == (1, 8)


def test_cls_is_the_sink_of_the_recorded_model_and_reads_the_text_in_its_last_layer():
    for name in samples.names():
        measures = measure(samples.load(name))
        assert measures.sinks.strongest == 0
        assert (
            measures.roles[TokenRole.CLS].share.mean() > measures.roles[TokenRole.SEP].share.mean()
        )
        to_content = measures.cls_row.to_content.mean(axis=1)
        assert to_content.argmax() == 5
        assert (measures.cls_row.to_self.mean(axis=1)[1:5] > 0.75).all()


def test_heads_of_the_recorded_model_keep_to_their_own_text_of_a_pair():
    measures = measure(samples.load("pair"))
    assert (measures.own_segment.beyond.mean(axis=1)[:5] > 0).all()
    assert (measures.classes() == "block").any()
    assert measure(samples.load("sentence")).own_segment is None


def test_a_report_says_the_threshold_the_length_and_the_scan():
    text = repr(find_sinks(samples.load("pair"), epsilon=0.4))
    assert "above 0.4 at position 0, '[CLS]'; T = 20, every position scanned" in text
