"""The panel of special tokens by itself: its profile, one row drawn twice, and a diagnosis."""

from __future__ import annotations

import importlib.resources
import pathlib
from typing import TYPE_CHECKING, Any

from attn_widgets.widgets.depth import DiagnosisRequest
from attn_widgets.widgets.explorer import AttentionExplorer

if TYPE_CHECKING:
    from attn_widgets.record import AttentionRecord
    from attn_widgets.widgets.protocol import Runner

_STATIC = pathlib.Path(str(importlib.resources.files("attn_widgets") / "static"))


class SpecialTokenReport(AttentionExplorer):
    """Show how much attention special tokens take, and what that says and does not say.

    It is the explorer's panel of special tokens without the grid: who looks at them or what they
    look at, over layers and heads; one row drawn twice, where it looks and what arrives; and the
    diagnosis of :func:`attn_widgets.analysis.diagnose`, which is no verdict. With a model, special
    tokens can be muted, blocked, or looked at more or less, and the model run again. It stays alive
    in a saved notebook and a page.

    Parameters
    ----------
    record
        What to report on: a record, or whatever else :class:`AttentionExplorer` takes.
    runner
        Measures what arrives and runs the model under a change, when the reader asks for it, and
        runs it on a new text.
    lang : {"auto", "en", "ja"}
        Language of the report; ``"auto"`` follows the browser.
    **settings
        Those of :class:`AttentionExplorer`: ``layer`` and ``head`` in focus, ``layers`` and
        ``heads`` that means run over, ``query``, ``special_roles``, ``special_from``; and
        ``tokens``.

    Raises
    ------
    TypeError, traitlets.TraitError
        As :class:`AttentionExplorer`.

    Examples
    --------
    >>> report = SpecialTokenReport.sample("pair", lang="en")
    >>> report.special_from = "cls"
    """

    _esm = _STATIC / "special.js"
    _script = "special.js"

    def __init__(
        self,
        record: Any,  # noqa: ANN401 - whatever holds attention
        runner: Runner | None = None,
        lang: str = "auto",
        **settings: Any,  # noqa: ANN401 - each setting has its own type
    ) -> None:
        super().__init__(record, runner=runner, lang=lang, **settings)
        self._tell(DiagnosisRequest())

    def _show(self, record: AttentionRecord) -> None:
        super()._show(record)
        self._tell(DiagnosisRequest())
