"""The mask laboratory: compose a sparse mask and see what it keeps, costs and reaches."""

from __future__ import annotations

import importlib.resources
import pathlib
from typing import TYPE_CHECKING, Any

import traitlets as t

from attn_widgets.analysis import query_rows
from attn_widgets.export import page, png
from attn_widgets.export.mask_picture import draw_mask, mask_svg
from attn_widgets.masks import Assignment, bind_record, outside
from attn_widgets.record import AttentionRecord, Token, TokenRole, whole
from attn_widgets.widgets import mask_effect
from attn_widgets.widgets.portable import Portable
from attn_widgets.widgets.settings import LANGUAGES
from attn_widgets.widgets.traits import MaskTrait, one_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from attn_widgets.masks import BoundMask, Mask

_STATIC = pathlib.Path(str(importlib.resources.files("attn_widgets") / "static"))

LEAST, MOST = 2, 2**20


class MaskLab(Portable):
    """A mask over a text of any length, up to a million tokens, without a model.

    Parameters
    ----------
    over
        Number of tokens, or a record whose tokens are taken. For a number the first token plays
        ``[CLS]`` and the last one ``[SEP]``, so that masks may name them. With a record, masks that
        follow the data (``top_k``, ``lsh`` ...) are worked out for one head, and the share of its
        attention that the mask keeps is shown.
    mask : Mask, str or None
        The mask on show; two-way. The same value fits an explorer: ``explorer.mask = lab.mask``.
    n : int
        Number of tokens; two-way, fixed where a record is given.
    layer, head : int
        The head of the record that data-dependent masks follow; two-way, the model's own numbers.
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
        {"_bits", "_heads", "_kept", "_layers", "_roles", "_segments", "_tokens"}
    )

    _roles: t.List[str] = t.List().tag(sync=True)
    _segments: t.List[int | None] = t.List().tag(sync=True)
    _tokens: t.List[str] = t.List().tag(sync=True)
    _layers: t.List[int] = t.List().tag(sync=True)
    _heads: t.List[int] = t.List().tag(sync=True)
    _kept = t.Dict().tag(sync=True)
    _bits = t.Bytes().tag(sync=True)
    # The pointer drives these two: an echo of an older value would pull the slider back.
    n = t.Int(64).tag(sync=True, echo_update=False)
    mask = MaskTrait().tag(echo_update=False)
    layer = t.Int().tag(sync=True)
    head = t.Int().tag(sync=True)
    lang = t.Enum(LANGUAGES, default_value="auto").tag(sync=True)

    def __init__(
        self,
        over: int | AttentionRecord = 64,
        *,
        mask: Mask | str | None = "local(4)",
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
        elif (layer, head) != (None, None):
            msg = f"layer={layer!r} and head={head!r} are of a record: give one instead of {over!r}"
            raise TypeError(msg)
        super().__init__(n=_length(over), lang=lang, **text)
        self.observe(self._decide, names=["mask", "layer", "head"])
        self.mask = mask

    def _decide(self, _change: object = None) -> None:
        """Work out for the chosen head what only its data decide, and what the mask keeps of it."""
        record, mask = self._record, self.mask
        if record is None or mask is None:
            self._kept, self._bits = {}, b""
            return
        bound = bind_record(mask, record, self.layer, self.head)
        weights = record[self.layer, self.head]
        share = float(1 - outside(weights, bound, rows=query_rows(record)))
        size = (bound.n_queries, bound.n_keys)
        with self.hold_sync():
            self._bits = mask_effect.bits(bound, size) if mask.needs else b""
            self._kept = {"text": repr(mask), "share": share, "place": [self.layer, self.head]}

    @t.validate("mask")
    def _check_mask(self, proposal: Mapping[str, Any]) -> Mask | None:
        mask = proposal["value"]
        if isinstance(mask, Assignment):
            msg = "a laboratory shows one mask: give one head's, for example mask.for_head(0, 3)"
            raise t.TraitError(msg)
        if mask is None:
            return None
        try:
            if self._record is not None:
                bind_record(mask, self._record, self.layer, self.head)
            elif mask.needs:
                msg = f"{mask!r} follows the data of a head: give a record, MaskLab(record)"
                raise t.TraitError(msg)
        except (ValueError, IndexError) as error:
            raise t.TraitError(str(error)) from error
        checked: Mask = mask
        return checked

    @t.validate("layer")
    def _check_layer(self, proposal: Mapping[str, Any]) -> int | None:
        return one_of("layer", proposal["value"], self._layers or [0], "layers")

    @t.validate("head")
    def _check_head(self, proposal: Mapping[str, Any]) -> int | None:
        return one_of("head", proposal["value"], self._heads or [0], "heads")

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
        """Give the mask on show, bound to its tokens.

        Raises
        ------
        ValueError
            If there is none, or it does not fit the tokens.
        """
        mask: Mask | None = self.mask
        if mask is None:
            msg = "no mask is on show: set lab.mask first"
            raise ValueError(msg)
        if self._record is not None:
            return bind_record(mask, self._record, self.layer, self.head)
        roles = [TokenRole.CLS, *[TokenRole.WORD] * (self.n - 2), TokenRole.SEP]
        tokens = [Token("", "", role=role) for role in roles]
        return mask.bind(self.n, tokens=tokens)

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
        return page(state, "lab.js", title="attn_widgets MaskLab", note=repr(self), lang=lang)


def _length(over: object) -> int:
    if isinstance(over, AttentionRecord):
        return len(over.key_tokens)
    if isinstance(over, int) and not isinstance(over, bool):
        return over
    msg = f"over is {over!r}: expected a number of tokens, or an AttentionRecord"
    raise TypeError(msg)
