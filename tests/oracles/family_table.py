"""The table of model families in the README: measured here, written there.

python tests/oracles/family_table.py         prints the table
python tests/oracles/family_table.py --write puts it into the README
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import sys
from typing import TYPE_CHECKING, Any

import transformers
from family_configs import FAMILIES, LONG_TEXT, TARGET, Family
from tiny_families import build, word_tokenizer

from attn_widgets.models import ModelRunner, UnsupportedModelError, run_inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from attn_widgets.record import AttentionRecord, Kind

README = pathlib.Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- families: begin -->\n", "<!-- families: end -->\n"


@dataclasses.dataclass(frozen=True)
class Row:
    """What came out for one family."""

    name: str
    reads: str
    stacks: str
    outcome: str
    note: str

    def cells(self) -> str:
        """Write the row as Markdown."""
        return f"| {self.name} | {self.reads} | {self.stacks} | {self.outcome} | {self.note} |"


@dataclasses.dataclass
class Opened:
    """A family that can be run: its records by stack, plain or under a mask."""

    model: torch.nn.Module
    kinds: tuple[Kind, ...]
    run: Callable[..., AttentionRecord]
    runner: ModelRunner | None = None


def opened(family: Family) -> Opened | UnsupportedModelError:
    """Build a family and let the package take it."""
    try:
        return _taken(family)
    except UnsupportedModelError as error:
        return error


def _taken(family: Family) -> Opened:
    model = build(family.name, family.options)
    if family.reads != "text":
        first = run_inputs(model, family.inputs)
        kinds: tuple[Kind, ...] = (first.kind,)
        if first.kind == "encoder" and "decoder_input_ids" in family.inputs:
            kinds = ("encoder", "decoder", "cross")

        def feed(kind: Kind, **changes: Any) -> AttentionRecord:
            return run_inputs(model, family.inputs, stack=kind, **changes)

        return Opened(model, kinds, feed)
    runner = ModelRunner.from_pretrained(model, tokenizer=tokenizer())

    def read(kind: Kind, **changes: Any) -> AttentionRecord:
        target = TARGET if len(runner.stacks) > 1 and kind != "encoder" else None
        return runner.run(LONG_TEXT, target, stack=kind, dtype="float32", **changes)

    return Opened(model, tuple(runner.stacks), read, runner)


def measured(family: Family, found: Opened | UnsupportedModelError) -> Row:
    """Say what the package makes of a family."""
    if isinstance(found, UnsupportedModelError):
        return Row(family.name, family.reads, "", "refused", _short(found.reason))
    records = [found.run(kind) for kind in found.kinds]
    shown = found.runner is not None and bool(found.runner.shown)
    traits = [] if not family.about else [family.about]
    for record in records:
        if shown:
            traits += record.provenance.note.split("; ")[1:]
            own = found.runner.own_mask(record) if found.runner else None
            traits += [] if own is None else [f"its pattern: `{own!r}`"]
        else:
            traits += ["sinks"] * record.sink
            traits += ["soft-cap"] * (record.softcap is not None)
            traits += ["grouped queries"] * (record.kv_groups > 1)
            traits += ["position bias"] * (record.bias is not None)
    return Row(
        family.name,
        family.reads,
        ", ".join(found.kinds),
        "shown" if shown else "captured, masked",
        _short("; ".join(dict.fromkeys(traits))),
    )


def _short(text: str) -> str:
    cut = text if len(text) <= _MOST else text[:_MOST].rsplit(" ", 1)[0] + " …"
    return cut.replace("|", "\\|").replace("\n", " ")


@functools.cache
def tokenizer() -> transformers.PreTrainedTokenizerFast:
    """Make the tokenizer of all of them."""
    return word_tokenizer()


def table(rows: list[Row]) -> str:
    """Write the table."""
    counts = {word: sum(row.outcome == word for row in rows) for word in _MEANING}
    lines = [
        f"{len(rows)} families, as tiny random models under transformers "
        f"{transformers.__version__.rpartition('.')[0]}: "
        + ", ".join(f"{counts[word]} {word}" for word in _MEANING)
        + ".",
        "",
        "<details><summary>The table</summary>",
        "",
        "| family | reads | stacks | what it can | how, or why not |",
        "|---|---|---|---|---|",
        *(row.cells() for row in rows),
        "",
        "</details>",
    ]
    return "\n".join(lines) + "\n"


_MOST = 250
_MEANING = ("captured, masked", "shown", "refused")


def ordered(rows: list[Row]) -> list[Row]:
    """Put rows in the order of the table."""
    return sorted(
        rows, key=lambda row: (_MEANING.index(row.outcome), row.reads != "text", row.name)
    )


def written() -> str:
    """Give the table that the README has."""
    text = README.read_text(encoding="utf-8")
    return text.partition(BEGIN)[2].partition(END)[0]


def main(arguments: list[str]) -> None:
    """Print the table, or write it."""
    transformers.logging.set_verbosity_error()
    made = table(ordered([measured(family, opened(family)) for family in FAMILIES.values()]))
    if "--write" not in arguments:
        sys.stdout.write(made)
        return
    before, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    README.write_text(before + begin + made + end + after, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
