"""Write masks.json, the answers that the Python and the TypeScript evaluator must both give.

Each pair is decided by its definition alone, from the specification, so the file does not depend
on the evaluators it judges. Run it as ``python tests/vectors/make_masks.py``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from mask_cases import CASES, LOOSE
from mask_definitions import dense
from mask_refusals import BAD_BINDS, BAD_SPECS, BAD_TEXTS, deep

from attn_widgets.masks import parse

HERE = Path(__file__).parent


def case(
    text: str, n_queries: int, n_keys: int, roles: list[str] | None, q_offset: int
) -> dict[str, Any]:
    """Return one mask over one text with its count and its digest."""
    spec = parse(text).to_spec()
    bits = dense(spec, np.arange(n_queries)[:, None] + q_offset, np.arange(n_keys), roles)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    return {
        "text": text,
        "spec": spec,
        "n_queries": n_queries,
        "n_keys": n_keys,
        "roles": None if "segments" in text else roles,
        "segments": roles if "segments" in text else None,
        "q_offset": q_offset,
        "nnz": int(bits.sum()),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }


def document() -> str:
    """Return the whole file, one entry a line."""
    sections = {
        "cases": [case(*row) for row in CASES],
        "loose_texts": [{"text": text, "spec": spec} for text, spec in LOOSE],
        "bad_specs": [*BAD_SPECS, deep(33)],
        "deepest_spec": [deep(32)],
        "bad_texts": [{"text": text, "at": at} for text, at in BAD_TEXTS],
        "bad_binds": [
            dict(zip(("text", "n_queries", "n_keys", "roles", "q_offset"), row, strict=True))
            for row in BAD_BINDS
        ],
    }
    bodies = (
        f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, entries)) + "\n]"
        for name, entries in sections.items()
    )
    return "{\n" + ",\n".join(bodies) + "\n}\n"


if __name__ == "__main__":
    (HERE / "masks.json").write_text(document(), encoding="utf-8")
