"""What an explorer answers when the browser asks."""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_widgets.widgets import columns, depth, requests, windows
from attn_widgets.widgets.badges import Badged
from attn_widgets.widgets.guard import sentence
from attn_widgets.widgets.protocol import Runner
from attn_widgets.widgets.taking import one_record
from attn_widgets.widgets.tour import Touring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attn_widgets.record import AttentionRecord

_LOG = logging.getLogger(__name__)


class Answering(Badged, Touring):
    """A widget that answers each request of its views once, with a result or an error."""

    @abstractmethod
    def _show(self, record: AttentionRecord) -> None:
        """Draw another record."""

    def _on_message(self, _widget: object, message: object, _buffers: object) -> None:
        """Answer every request that carries an id, with a result or an error."""
        if not isinstance(message, dict) or not isinstance(message.get("id"), str):
            return
        try:
            request = requests.parse(message)
            if isinstance(request, requests.ApplyRequest):
                self._apply_for(message["id"])
                return
            reply, buffers = self._answer(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader must hear of it
            _LOG.info("request failed", exc_info=error)
            reply, buffers = {"error": sentence(error)}, []
        self.send({"id": message["id"], **reply}, buffers)

    def _answer(self, request: requests.Request) -> tuple[dict[str, Any], list[bytes]]:
        other = None if self._other is None else self._other.other
        if isinstance(request, requests.RowRequest):
            return {"result": "row"}, [requests.answer_row(request, self._shown, other)]
        if isinstance(request, columns.ColumnRequest):
            kept = self._kept(request) if request.rescaled else None
            return {"result": "column"}, [columns.answer_column(request, self._shown, other, kept)]
        if isinstance(request, requests.PageRequest):
            return {"result": "page"}, [self._page(self._whole_state()).encode()]
        if isinstance(request, windows.WindowRequest):
            hiding = self._hiding(self._shown, self.shown)
            cells = windows.answer_window(request, self._shown, other, hiding)
            return {"result": "window"}, [cells]
        if isinstance(request, requests.RunRequest) and not isinstance(self._runner, Runner):
            return {"error": "this explorer has no model runner: make it with runner=..."}, []
        return {"result": self._do(request)}, []

    def _kept(self, request: columns.ColumnRequest) -> NDArray[np.bool_] | None:
        """Say which pairs each row is scaled up to, where rows are read so."""
        laid = self._laid if self.mask_shown and self.mask_reading == "renormalised" else None
        kept = None
        if laid is not None and (laid.shared or request.mean is None):
            own = laid.first if laid.shared else laid.at(request.layer, request.head)
            kept = own.to_dense()
        if self.special_mode != "hide_renormalise":
            return kept
        _, keys = self._marks()
        plain = np.array([group is None for group in keys], dtype=bool)[np.newaxis]
        return plain if kept is None else kept & plain

    def _do(self, request: requests.Request) -> str:
        """Do what is answered by what the browser then sees, and name it."""
        if isinstance(request, requests.CancelRequest):
            self._stop_job()
            return "cancelled"
        if isinstance(request, requests.NormsRequest):
            self.show_norms()
            return "norms"
        if isinstance(request, requests.RunRequest) and isinstance(self._runner, Runner):
            self._show(one_record(self._runner.run(request.text, request.pair)))
            return "run"
        if isinstance(request, depth.Told):
            self._tell(request)
        return "told"
