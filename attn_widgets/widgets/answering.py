"""What an explorer answers when the browser asks."""

from __future__ import annotations

import logging
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from attn_widgets.widgets import depth, requests, windows
from attn_widgets.widgets.badges import Badged
from attn_widgets.widgets.guard import sentence
from attn_widgets.widgets.protocol import Runner
from attn_widgets.widgets.taking import one_record
from attn_widgets.widgets.tour import Touring

if TYPE_CHECKING:
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
        if isinstance(request, requests.PageRequest):
            return {"result": "page"}, [self._page(self._whole_state()).encode()]
        if isinstance(request, windows.WindowRequest):
            return {"result": "window"}, [windows.answer_window(request, self._shown, other)]
        if isinstance(request, requests.RunRequest) and not isinstance(self._runner, Runner):
            return {"error": "this explorer has no model runner: make it with runner=..."}, []
        return {"result": self._do(request)}, []

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
