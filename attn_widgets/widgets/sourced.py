"""Where what a widget shows comes from, for readers and for programs."""

from __future__ import annotations

import json
from typing import Any, Literal

from attn_widgets.export.visible import line
from attn_widgets.export.words import WORDS
from attn_widgets.interventions import Changes
from attn_widgets.record import whole
from attn_widgets.widgets.origin import origin, version
from attn_widgets.widgets.portable import Portable
from attn_widgets.widgets.settings import Settings


class Sourced(Portable, Settings):
    """A widget that can name the model, versions, text, mask and changes behind its picture."""

    def _sources(self) -> dict[str, str]:
        """Say where what is shown comes from, by name; what there is nothing of is left out."""
        words = WORDS[self._language()]
        source = self._shown.provenance
        laid = self._laid if self.mask_shown else None
        over = "" if laid is None else f"{laid.mask!r} ({words[f'mask.{self.mask_reading}']})"
        drawn = words.get(f"second.{self.shown}", "").format(name=self._second_name())
        said = {
            "from": origin(source),
            "text": " / ".join(self._shown.text),
            "run": "" if source.mask is None else repr(Changes.from_spec(source.mask)),
            "mask": over,
            "edits": ", ".join(map(repr, self.edits)),
            "second": drawn,
            "note": source.note,
        }
        return {words[name]: whole(text) for name, text in said.items() if text}

    def _data(self) -> dict[str, Any]:
        """Give the same as plain JSON values."""
        record = self._shown
        state: dict[str, Any] = json.loads(json.dumps(self.get_state(self.names())))
        return {
            "attn_widgets": version(),
            "record": {
                "text": list(record.text),
                "shape": list(record.shape),
                "kind": record.kind,
                **record.provenance.to_json(),
            },
            "second": self._second_name() if self.shown != "first" else None,
            "state": state,
        }

    def _caption(self) -> str:
        return "\n".join(f"{name}: {line(said)}" for name, said in self._sources().items())

    def _second_name(self) -> str:
        """Name the second record; empty without one."""
        return ""

    def _language(self) -> Literal["en", "ja"]:
        return "ja" if self.lang == "ja" else "en"
