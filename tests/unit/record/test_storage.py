"""Records on disk: bit for bit, and nothing that can run."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attn_widgets.record import AttentionRecord, Provenance, Token, TokenRole

TOKENS = st.builds(
    Token,
    text=st.text(max_size=8),
    display=st.text(max_size=8),
    id=st.none() | st.integers(0, 2**31),
    role=st.sampled_from(TokenRole),
    segment=st.none() | st.integers(0, 1),
    span=st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99)),
)


@st.composite
def records(draw):
    layers, heads, queries, keys = (draw(st.integers(1, n)) for n in (2, 3, 4, 5))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    weights = rng.dirichlet(np.ones(keys), size=(layers, heads, queries))
    optional = {
        "q": rng.normal(size=(layers, heads, queries, 2)),
        "k": rng.normal(size=(layers, 1, keys, 2)).astype(np.float16),
        "scaling": np.full(layers, 0.5),
        "bias": rng.normal(size=(layers, 1, queries, keys)),
    }
    chosen = {name: value for name, value in optional.items() if draw(st.booleans())}
    return AttentionRecord(
        tokens=draw(st.lists(TOKENS, min_size=queries, max_size=queries)),
        key_tokens=draw(st.lists(TOKENS, min_size=keys, max_size=keys)),
        weights=weights.astype(draw(st.sampled_from([np.float16, np.float32]))),
        kind="cross",
        layers=sorted(draw(st.sets(st.integers(0, 90), min_size=layers, max_size=layers))),
        kv_groups=draw(st.integers(1, 4)),
        provenance=Provenance(
            model=draw(st.text(max_size=5)), versions={"torch": "2"}, mask={"kind": "full"}
        ),
        text=draw(st.lists(st.text(max_size=5), max_size=2)),
        **chosen,
    )


@given(record=records())
def test_what_is_loaded_is_what_was_saved(record, tmp_path_factory):
    path = tmp_path_factory.mktemp("records") / "a.npz"
    record.save(path)
    assert AttentionRecord.load(path) == record
    first = path.read_bytes()
    AttentionRecord.load(path).save(path)
    assert path.read_bytes() == first


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "record.npz"
    AttentionRecord.from_arrays(np.full((2, 2, 3, 3), 1 / 3), ["a", "b", "c"]).save(path)
    return path


def rewrite(path, name, content):
    with zipfile.ZipFile(path) as file:
        parts = {n: file.read(n) for n in file.namelist()}
    parts[name] = content
    with zipfile.ZipFile(path, "w") as file:
        for part, value in parts.items():
            file.writestr(part, value)


def test_a_foreign_file_is_named_as_such(tmp_path):
    path = tmp_path / "notes.npz"
    path.write_text("not a record")
    with pytest.raises(ValueError, match=r"notes\.npz is not a saved AttentionRecord"):
        AttentionRecord.load(path)
    np.savez(path, weights=np.ones(3))
    with pytest.raises(ValueError, match=r"no record\.json"):
        AttentionRecord.load(path)
    with pytest.raises(FileNotFoundError):
        AttentionRecord.load(tmp_path / "nowhere.npz")


def test_a_damaged_file_is_named_as_such(saved):
    whole = saved.read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 5):
        saved.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match="damaged"):
            AttentionRecord.load(saved)
    for place in range(60, len(whole) - 60, 97):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        saved.write_bytes(broken)
        try:
            loaded = AttentionRecord.load(saved)
        except ValueError:
            continue
        saved.write_bytes(whole)
        assert loaded == AttentionRecord.load(saved), f"byte {place} changed the record unnoticed"


@pytest.mark.parametrize("cut", [1, 2, 7, 50])
def test_a_file_with_bytes_missing_is_named(saved, cut):
    whole = saved.read_bytes()
    for place in range(0, len(whole) - cut, max(1, len(whole) // 60)):
        saved.write_bytes(whole[:place] + whole[place + cut :])
        with pytest.raises(ValueError, match=r"record\.npz is"):
            AttentionRecord.load(saved)


def test_a_file_that_asks_for_a_newer_zip_is_named(saved):
    whole = bytearray(saved.read_bytes())
    whole[whole.rindex(b"PK\x01\x02") + 6] = 235  # "version needed to extract", of the last entry
    saved.write_bytes(whole)
    with pytest.raises(ValueError, match=r"record\.npz is .*damaged: zip file version 23\.5"):
        AttentionRecord.load(saved)


def test_descriptions_that_do_not_hold_together_are_refused(saved):
    with zipfile.ZipFile(saved) as file:
        meta = json.loads(file.read("record.json"))
    for change, message in (
        ({"format": "other"}, "another format"),
        ({"version": 99}, "update attn_widgets"),
        ({"tokens": None}, "damaged"),
        ({"tokens": [{"text": "a"}]}, "damaged"),
        ({"provenance": {"model": "m", "evil": 1}}, "damaged"),
        ({"heads": None}, r"record\.npz is damaged: heads must be list, not None"),
        ({"layers": ["a", "b"]}, r"record\.npz is damaged: layers entry must be int"),
        ({"sink": "no"}, r"record\.npz is damaged: sink must be bool, not 'no'"),
        ({"text": "abc"}, r"record\.npz is damaged: text must be list, not 'abc'"),
        ({"text": [None]}, r"record\.npz is damaged: text entry must be str, not None"),
        ({"kv_groups": True}, r"record\.npz is damaged: kv_groups must be int, not True"),
        (
            {"tokens": ["a", "b", "c"]},
            r"record\.npz is damaged: tokens entry must be dict, not 'a'",
        ),
        ({"provenance": []}, r"record\.npz is damaged: provenance must be dict, not \[\]"),
        ({"provenance": {"model": None}}, r"record\.npz is damaged: model must be str, not None"),
        (
            {"provenance": {"tokens_lost": "3"}},
            r"record\.npz is damaged: tokens_lost must be int, not '3'",
        ),
        ({"provenance": {"versions": {"torch": 2}}}, r"versions entry must be str, not 2"),
        ({"layers": [5, 2]}, r"record\.npz is damaged: layers are"),
        ({"kind": "both"}, r"record\.npz is damaged: kind"),
    ):
        rewrite(saved, "record.json", json.dumps(meta | change))
        with pytest.raises(ValueError, match=message):
            AttentionRecord.load(saved)
    rewrite(saved, "record.json", "[]")
    with pytest.raises(ValueError, match="another format"):
        AttentionRecord.load(saved)


@pytest.mark.parametrize(
    ("part", "value"),
    [("text", None), ("display", 3), ("id", "7"), ("segment", 0.5), ("span", [1]), ("role", "x")],
)
def test_a_token_with_a_part_of_another_type_is_refused(saved, part, value):
    with zipfile.ZipFile(saved) as file:
        meta = json.loads(file.read("record.json"))
    meta["tokens"][1][part] = value
    rewrite(saved, "record.json", json.dumps(meta))
    with pytest.raises(ValueError, match=r"record\.npz is damaged: "):
        AttentionRecord.load(saved)


def test_nothing_in_a_file_is_run(saved, tmp_path):
    witness = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (witness.write_text, ("it ran",))

    trap = np.empty(1, dtype=object)
    trap[0] = Trap()
    stored = tmp_path / "trap.npy"
    with stored.open("wb") as file:
        np.lib.format.write_array(file, trap, allow_pickle=True)
    rewrite(saved, "weights.npy", stored.read_bytes())
    with pytest.raises(ValueError, match=r"record\.npz is damaged.*allow_pickle"):
        AttentionRecord.load(saved)
    assert not witness.exists()


def test_a_failed_save_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()
    record = AttentionRecord.load(saved)
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        record.save(saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_half_a_character_is_kept(tmp_path):
    path = tmp_path / "half.npz"
    record = AttentionRecord.from_arrays(np.ones((1, 1, 1, 1)), ["\ud83d"], text="\ud83d")
    record.save(path)
    assert AttentionRecord.load(path) == record
