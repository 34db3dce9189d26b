"""Write the recorded samples that ship with the package.

Run with ``python tests/vectors/make_samples.py [folder]``. The same machine and the same versions
give the same bytes.
"""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import numpy as np
import torch

from attn_widgets import samples
from attn_widgets.models import ModelRunner
from attn_widgets.record import AttentionRecord

FOLDER = pathlib.Path(samples.__path__[0])

SENTENCE = "The dog chased the cat."
PAIR = ("The dog chased the cat.", "It ran up a tree and would not come down.")
PARAGRAPH = (
    "Every spring the river rises and covers the lower fields. The farmers know this well, so they "
    "plant their beans on the slope and keep the flat ground for grass. When the water goes down "
    "again, it leaves a thin layer of dark mud behind, and by June the grass stands taller than a "
    "child."
)
JAPANESE = "東京都は日本の大都市です。"

UNCASED_ENGLISH = (
    "The model's vocabulary is uncased English with some kana and kanji, one character to a piece. "
    "Its tokenizer strips accents, and with them the dakuten of kana: です becomes て ##す. "
    "Characters it lacks become [UNK]. A lesson in tokenization, not a Japanese model."
)


def make(runner: ModelRunner) -> dict[str, AttentionRecord]:
    """Run the texts, one record per sample name."""
    records = {
        "sentence": runner.run(SENTENCE),
        "pair": runner.run(*PAIR),
        "paragraph": runner.run(PARAGRAPH),
        "japanese": runner.run(JAPANESE),
    }
    return {name: _fitted(name, record) for name, record in records.items()}


def _fitted(name: str, record: AttentionRecord) -> AttentionRecord:
    """Keep queries and keys in the smallest sample only, and in half precision there."""
    parts = {part: getattr(record, part) for part in AttentionRecord.__slots__}
    for part in ("q", "k"):
        parts[part] = parts[part].astype(np.float16) if name == "sentence" else None
    if name == "japanese":
        parts["provenance"] = dataclasses.replace(record.provenance, note=UNCASED_ENGLISH)
    return AttentionRecord(**parts)


def main() -> None:
    """Write all samples, and say how large each is."""
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    for name, record in make(ModelRunner.from_pretrained("demo", device="cpu")).items():
        path = folder / f"{name}.npz"
        record.save(path)
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes, {record}\n")


if __name__ == "__main__":
    main()
