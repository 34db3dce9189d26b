"""Run many changes over many texts, one row after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from attn_widgets.interventions import Sweep, SweepRow
from attn_widgets.interventions.sweep import read_changes
from attn_widgets.models import answers, arguments, standing, tabular, vectors
from attn_widgets.models.comparing import Comparison, opened, remembered
from attn_widgets.models.sweep_file import SweepFile, head

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from attn_widgets.interventions import Changes
    from attn_widgets.models.core import Core
    from attn_widgets.record import Kind


def sweep(
    core: Core,
    texts: Iterable[str | tuple[str, str]],
    given: Mapping[str, object],
    path: str | os.PathLike[str] | None = None,
    pooling: str = "mean",
    stack: Kind | None = None,
    stop: Callable[[], bool] | None = None,
    *,
    progress: bool = True,
) -> Sweep:
    """Measure every change on every text; see `ModelRunner.sweep`."""
    changes = read_changes(given)
    vectors.check_pooling(pooling)
    pairs = _pairs(texts)
    written = tuple((text,) if pair is None else (text, pair) for text, pair in pairs)
    rows: dict[tuple[int, str], SweepRow] = {}
    file = None
    if path is not None:
        specs = [{"name": name, "spec": change.to_spec()} for name, change in changes.items()]
        about = head(
            core.model,
            core.source.model,
            written,
            changes=specs,
            pooling=pooling,
            stack=stack,
            dtype=str(core.model.dtype).removeprefix("torch."),
            **{"standing changes": standing.specs(core.model)},
        )
        file = SweepFile(path, about)
        rows = file.rows
    total = len(pairs) * len(changes)
    with tqdm(total=total, initial=len(rows), unit="run", disable=not progress) as bar:
        for number, (text, pair) in enumerate(pairs):
            missing = [name for name in changes if (number, name) not in rows]
            if not missing:
                continue
            source = text if pair is None else (text, pair)
            prepared = opened(core, source, stack)
            with remembered(core, prepared, "Give shorter texts"):
                comparison = Comparison(core, prepared, stop)
                for name in missing:
                    row = _measured(comparison, changes[name], pooling, (number, name))
                    if file is None:
                        rows[number, name] = row
                    else:
                        file.add(row)
                    bar.update()
    ordered = tuple(rows[number, name] for number in range(len(pairs)) for name in changes)
    return Sweep(core.source.model, written, dict(changes), ordered, pooling)


def _measured(
    comparison: Comparison, changes: Changes, pooling: str, place: tuple[int, str]
) -> SweepRow:
    after = comparison.rerun(changes)
    text, name = place
    return SweepRow(
        text=text,
        change=name,
        density=float(after.density.mean()),
        kept=float(after.kept.mean()),
        drift=float(after.l1[-1]),
        cosine=comparison.vector_cosine(after, pooling),
        kl=answers.said_otherwise(comparison.answer, after.answer),
    )


def _pairs(texts: Iterable[str | tuple[str, str]]) -> list[tuple[str, str | None]]:
    if isinstance(texts, str):
        return [(texts, None)]
    pairs = [arguments.as_pair(text) for text in tabular.texts_of(texts)]
    if not pairs:
        msg = "there is no text to sweep over: give a text, or a list of texts"
        raise ValueError(msg)
    return pairs
