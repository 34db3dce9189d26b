"""The mask laboratory: compose a sparse mask and see what it keeps, costs and reaches."""

from __future__ import annotations

import importlib.resources
import logging
import pathlib
import tempfile
from typing import TYPE_CHECKING, Any, cast

import traitlets as t

from attn_widgets.analysis import query_rows
from attn_widgets.export import page, png
from attn_widgets.export.mask_picture import draw_mask, mask_svg
from attn_widgets.masks import Assignment, bind_record, outside
from attn_widgets.record import AttentionRecord, whole
from attn_widgets.widgets import lab_requests, mask_effect
from attn_widgets.widgets.guard import sentence
from attn_widgets.widgets.portable import Portable
from attn_widgets.widgets.settings import LANGUAGES
from attn_widgets.widgets.taking import one_record
from attn_widgets.widgets.traits import MaskTrait, one_of, whole_number

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from attn_widgets.masks import BoundMask, Mask

_STATIC = pathlib.Path(str(importlib.resources.files("attn_widgets") / "static"))
_LOG = logging.getLogger(__name__)

LEAST, MOST = 2, 2**20
MOST_HEADS = 4096


class MaskLab(Portable):
    """A mask over a text of any length, up to a million tokens, without a model.

    Parameters
    ----------
    over
        Number of tokens, or a record whose tokens are taken (or anything that
        :func:`attn_widgets.attention_record` makes one of). For a number the first token plays
        ``[CLS]`` and the last one ``[SEP]``, so that masks may name them. With a record, masks that
        follow the data (``top_k``, ``lsh`` ...) are worked out for one head, and the share of its
        attention that the mask keeps is shown.
    mask : Mask, Assignment, str or None
        The mask on show; two-way. The same value fits an explorer: ``explorer.mask = lab.mask``.
        Of ``per_head(...)`` or ``per_layer(...)`` the chosen head's mask is drawn.
    n : int
        Number of tokens; two-way, fixed where a record is given.
    layer, head : int
        The head of the record that data-dependent masks follow, or whose mask of an assignment is
        drawn; two-way, the model's own numbers.
    lang : {"auto", "en", "ja"}
        Language of the interface.

    Raises
    ------
    TypeError
        If `over` is neither a number nor a record, or a keyword is unknown.
    traitlets.TraitError
        If a value is out of range; the message gives the range.

    Examples
    --------
    >>> lab = MaskLab(128, mask="local(4) | global_('cls')")
    >>> lab.mask
    local(4) | global_('cls')
    """

    _esm = _STATIC / "lab.js"
    _css = _STATIC / "widget.css"

    _python_writes = frozenset(
        {"_asks", "_bits", "_heads", "_kept", "_layers", "_roles", "_segments", "_tokens"}
    )

    _roles: t.List[str] = t.List().tag(sync=True)
    _segments: t.List[int | None] = t.List().tag(sync=True)
    _tokens: t.List[str] = t.List().tag(sync=True)
    _layers: t.List[int] = t.List().tag(sync=True)
    _heads: t.List[int] = t.List().tag(sync=True)
    _kept = t.Dict().tag(sync=True)
    _bits = t.Bytes().tag(sync=True)
    _asks = t.Bool(default_value=True).tag(sync=True)
    # The pointer drives these two: an echo of an older value would pull the slider back.
    n = t.Int(64).tag(sync=True, echo_update=False)
    mask = MaskTrait().tag(echo_update=False)
    layer = t.Int().tag(sync=True)
    head = t.Int().tag(sync=True)
    lang = t.Enum(LANGUAGES, default_value="auto").tag(sync=True)

    def __init__(
        self,
        over: Any = 64,  # noqa: ANN401 - a number, or whatever holds attention
        *,
        mask: Mask | Assignment | str | None = "local(4)",
        layer: int | None = None,
        head: int | None = None,
        lang: str = "auto",
        **unknown: Any,  # noqa: ANN401 - named in the error
    ) -> None:
        if unknown:
            msg = (
                f"MaskLab has no setting {', '.join(sorted(unknown))}: it takes "
                "over, mask, layer, head, lang"
            )
            raise TypeError(msg)
        if over is not None and not isinstance(over, int | float | str):
            over = one_record(over)
        self._record = over if isinstance(over, AttentionRecord) else None
        text: dict[str, Any] = {}
        if self._record is not None:
            text = {
                "_roles": [token.role.value for token in self._record.key_tokens],
                "_segments": [token.segment for token in self._record.key_tokens],
                "_tokens": [whole(token.display) for token in self._record.key_tokens],
                "_layers": list(self._record.layers),
                "_heads": list(self._record.heads),
                "layer": self._record.layers[0] if layer is None else layer,
                "head": self._record.heads[0] if head is None else head,
            }
        elif isinstance(mask, Assignment):
            text = {"layer": layer or 0, "head": head or 0}
        elif (layer, head) != (None, None):
            msg = f"layer={layer!r} and head={head!r} are of a record: give one instead of {over!r}"
            raise TypeError(msg)
        super().__init__(n=_length(over), lang=lang, **text)
        self.observe(self._decide, names=["mask", "layer", "head"])
        self.on_msg(self._on_message)
        self.mask = mask

    def _decide(self, _change: object = None) -> None:
        """Work out for the chosen head what only its data decide, and what the mask keeps of it."""
        record, mask = self._record, self.mask
        if record is None or mask is None:
            self._kept, self._bits = {}, b""
            return
        own = self._own(mask)
        bound = bind_record(own, record, self.layer, self.head)
        share = float(1 - outside(record[self.layer, self.head], bound, rows=query_rows(record)))
        kept = {"text": repr(mask), "share": share, "place": [self.layer, self.head]}
        if isinstance(mask, Assignment):
            kept["pairs"] = self._pairs(mask, record)
        with self.hold_sync():
            self._bits = mask_effect.bits(bound, record.shape[2:]) if own.needs else b""
            self._kept = kept

    def _own(self, mask: Mask | Assignment) -> Mask:
        """Give the chosen head's mask."""
        return mask.for_head(self.layer, self.head) if isinstance(mask, Assignment) else mask

    @staticmethod
    def _pairs(mask: Assignment, record: AttentionRecord) -> int:
        """Count the pairs that all captured heads keep together."""
        counted: dict[Mask, int] = {}
        total = 0
        for layer in record.layers:
            for head in record.heads:
                own = mask.for_head(layer, head)
                if own.needs or own not in counted:
                    counted[own] = bind_record(own, record, layer, head).nnz()
                total += counted[own]
        return total

    @t.validate("mask")
    def _check_mask(self, proposal: Mapping[str, Any]) -> Mask | Assignment | None:
        mask: Mask | Assignment | None = proposal["value"]
        if mask is None:
            return None
        try:
            if self._record is not None:
                self._check_fit(mask, self._record)
            elif mask.needs:
                msg = f"{mask!r} follows the data of a head: give a record, MaskLab(record)"
                raise t.TraitError(msg)
        except (ValueError, IndexError) as error:
            raise t.TraitError(str(error)) from error
        return mask

    def _check_fit(self, mask: Mask | Assignment, record: AttentionRecord) -> None:
        if isinstance(mask, Assignment):
            mask.require(max(record.layers) + 1, max(record.heads) + 1)
            self._pairs(mask, record)
        else:
            bind_record(mask, record, self.layer, self.head)

    @t.validate("layer")
    def _check_layer(self, proposal: Mapping[str, Any]) -> int | None:
        return _place("layer", proposal["value"], self._layers)

    @t.validate("head")
    def _check_head(self, proposal: Mapping[str, Any]) -> int | None:
        return _place("head", proposal["value"], self._heads)

    @t.validate("n")
    def _check_n(self, proposal: Mapping[str, Any]) -> int:
        n: int = proposal["value"]
        if self._record is not None and n != len(self._tokens):
            msg = f"n={n!r}: this laboratory is over a record of {len(self._tokens)} tokens"
            raise t.TraitError(msg)
        if not LEAST <= n <= MOST:
            msg = f"n={n!r}: expected {LEAST} to {MOST} tokens"
            raise t.TraitError(msg)
        return n

    def __repr__(self) -> str:
        """Name the mask and the length."""
        return f"MaskLab({self.n}, mask={self.mask!r})"

    def bound(self) -> BoundMask:
        """Give the mask on show, of an assignment the chosen head's, bound to its tokens.

        Raises
        ------
        ValueError
            If there is none, or it does not fit the tokens.
        """
        if self.mask is None:
            msg = "no mask is on show: set lab.mask first"
            raise ValueError(msg)
        mask = self._own(self.mask)
        if self._record is not None:
            return bind_record(mask, self._record, self.layer, self.head)
        return mask.bind(self.n, tokens=lab_requests.stand_ins(self.n))

    def save_svg(self, path: str | os.PathLike[str]) -> None:
        """Write the mask on show to an SVG file, up to 1,024 tokens."""
        pathlib.Path(path).write_text(mask_svg(self.bound(), repr(self)), encoding="utf-8")

    def _png(self) -> bytes:
        return png(draw_mask(self.bound()), {"Description": repr(self)})

    def _has_picture(self) -> bool:
        """Say whether a mask is on show that fits its tokens; if not, the widget says why."""
        try:
            self.bound()
        except ValueError:
            return False
        return True

    def _page(self, state: dict[str, Any]) -> str:
        lang = "ja" if self.lang == "ja" else "en"
        return page(
            state | {"_asks": False},
            "lab.js",
            title="attn_widgets MaskLab",
            note=repr(self),
            lang=lang,
        )

    def _page_file(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "lab.html"
            self.save_html(path)
            return path.read_bytes()

    def _on_message(self, _widget: object, message: object, _buffers: object) -> None:
        """Answer every request that carries an id, with a result or an error."""
        if not isinstance(message, dict) or not isinstance(message.get("id"), str):
            return
        buffers: list[bytes] = []
        reply: dict[str, object]
        try:
            reply, buffers = self._answer(lab_requests.wish(message))
        except Exception as error:  # noqa: BLE001 - whatever it is, the reader must hear of it
            _LOG.info("request failed", exc_info=error)
            reply = {"error": sentence(error)}
        self.send({"id": message["id"], **reply}, buffers)

    def _answer(self, wish: lab_requests.Wish) -> tuple[dict[str, object], list[bytes]]:
        if wish == "page":
            return {"result": "page"}, [self._page_file()]
        about = {"text": repr(self.mask), "n": self.n, "place": [self.layer, self.head]}
        bound = self.bound()
        if wish == "reach":
            return lab_requests.answer_reach(bound) | about, []
        q = None if self._record is None else self._record.q
        own = self._own(cast("Mask | Assignment", self.mask))
        head_dim = 64 if q is None else q.shape[-1]
        return lab_requests.answer_growth(own, head_dim, (self.layer, self.head)) | about, []


def _length(over: object) -> int:
    if isinstance(over, AttentionRecord):
        return len(over.key_tokens)
    if isinstance(over, int) and not isinstance(over, bool):
        return over
    msg = f"over is {over!r}: expected a number of tokens, or an AttentionRecord"
    raise TypeError(msg)


def _place(name: str, value: object, captured: list[int]) -> int | None:
    """Check a layer's or a head's number: of a record, one it has; else one any model might."""
    if captured:
        return one_of(name, value, captured, f"{name}s")
    number = whole_number(value)
    if number is None or not 0 <= number < MOST_HEADS:
        msg = f"{name}={value!r}: expected a {name}'s number, 0 to {MOST_HEADS - 1}"
        raise t.TraitError(msg)
    return number
