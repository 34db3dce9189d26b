"""All that needs neither a model nor a kernel, done once: the outcome is the same anywhere.

Run with a folder to write to; it leaves pages and pictures there, and prints as JSON what came out.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import json
import pathlib
import sys
import zlib

ABSENT = {"torch", "transformers", "ipykernel", "matplotlib", "PIL", "scipy", "safetensors"}


class Absent(importlib.abc.MetaPathFinder):
    """Finds nothing of what is not there in JupyterLite."""

    def find_spec(self, name, _path=None, _target=None):
        if name.partition(".")[0] in ABSENT:
            msg = f"No module named {name!r}"
            raise ModuleNotFoundError(msg, name=name)


def main(out: pathlib.Path) -> dict[str, object]:
    sys.meta_path.insert(0, Absent())
    # ruff: noqa: PLC0415 - they are to be imported where nothing heavy can be
    import numpy as np

    from attn_widgets import (
        AttentionExplorer,
        AttentionRecord,
        MaskLab,
        SpecialTokenReport,
        diagnose,
        global_,
        local,
        samples,
        sink,
    )
    from attn_widgets.analysis import advise, fit_mask, measure
    from attn_widgets.masks import cost, grow, lsh, reach, streaming
    from attn_widgets.widgets.settings import VIEWS

    mask = local(2) | global_("cls")
    said: dict[str, object] = {"intp": np.dtype(np.intp).itemsize * 8}
    for name in samples.names():
        record = samples.load(name)
        record.save(out / f"{name}.npz")
        again = AttentionRecord.load(out / f"{name}.npz")
        said[name] = {
            "saved": again.weights.tobytes() == record.weights.tobytes(),
            "excess": _round(measure(record).special.excess),
            "diagnosis": diagnose(record).report(),
            "kept": mask.bind(len(record.tokens), tokens=record.tokens).nnz(),
            "fit": str(fit_mask(record, mask)),
        }
        for view in VIEWS:
            AttentionExplorer(record, view=view, mask=mask, layer=2, head=7).save_html(
                out / f"{name}-{view}.html"
            )
    record, other = samples.load("sentence"), samples.load("pair")
    view = AttentionExplorer(record, layer=1, head=3, query=2, key=1)
    view.save_png(out / "picture.png")
    view.save_svg(out / "picture.svg")
    view.bookmark("one", "a caption")
    view.mask = lsh(8)
    view.bookmark("two", "another")
    view.save_html(out / "tour.html")
    AttentionExplorer.compare(record, other).save_html(out / "compared.html")
    SpecialTokenReport(record).save_html(out / "report.html")
    lab = MaskLab(2**20, mask=streaming(4, 1000) | global_("cls"))
    lab.save_html(out / "lab.html")
    lab.save_png(out / "lab.png")
    long = (local(256) | sink(4)).bind(2**20)
    counts = (long.nnz(), cost(long), reach(long), grow(lambda _: long.mask))
    said["million"] = [str(count) for count in counts]
    said["advice"] = str(advise(4096, "retrieval", record=record))
    said["files"] = {
        path.name: hashlib.sha256(_pixels(path)).hexdigest() for path in sorted(out.glob("*.*"))
    }
    said["loaded"] = sorted(ABSENT & {name.partition(".")[0] for name in sys.modules})
    return said


def _round(values) -> list[str]:
    """Sums of floats differ in the last digits from one processor to the next."""
    return [f"{value:.5f}" for value in values.ravel()]


def _pixels(path: pathlib.Path) -> bytes:
    """Give a file's bytes; a picture's and an archive's unpacked, which zlib packs in many ways."""
    data = path.read_bytes()
    if path.suffix == ".npz":
        import zipfile

        with zipfile.ZipFile(path) as archive:
            return b"".join(archive.read(name) for name in sorted(archive.namelist()))
    if path.suffix != ".png":
        return data
    at, packed = 8, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + size]
        at += size + 12
    return zlib.decompress(packed)


if __name__ == "__main__":
    print(json.dumps(main(pathlib.Path(sys.argv[1]))))  # noqa: T201 - read by the test
