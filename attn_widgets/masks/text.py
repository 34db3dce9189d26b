"""Reading the text form, such as ``local(2) | global_('cls')``, without evaluating it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from attn_widgets.masks.data_dependent.entmax import entmax_support
from attn_widgets.masks.data_dependent.learned import Learned
from attn_widgets.masks.data_dependent.lsh import lsh
from attn_widgets.masks.data_dependent.routing import routing
from attn_widgets.masks.data_dependent.select import cumulative_mass, threshold, top_k
from attn_widgets.masks.errors import MaskError, MaskParseError
from attn_widgets.masks.limits import MAX_NESTING, MAX_TEXT
from attn_widgets.masks.operators import And, Or, combine
from attn_widgets.masks.patterns.anchors import global_, global_cols, global_rows, sink
from attn_widgets.masks.patterns.block_plans import block_pairs, random_blocks
from attn_widgets.masks.patterns.blocks import blocks, global_blocks
from attn_widgets.masks.patterns.composites import (
    bigbird,
    fixed,
    fixed_block,
    fixed_summary,
    longformer,
    prefix_lm,
    streaming,
    strided,
    strided_column,
    strided_local,
)
from attn_widgets.masks.patterns.documents import documents, segments
from attn_widgets.masks.patterns.seeded import random
from attn_widgets.masks.patterns.shifted import shifted
from attn_widgets.masks.patterns.stride import residue, summary
from attn_widgets.masks.patterns.windows import causal, dilated, full, local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attn_widgets.masks.expr import Mask

PATTERNS: Final[Mapping[str, Callable[..., Mask]]] = {
    "full": full,
    "causal": causal,
    "local": local,
    "dilated": dilated,
    "global_": global_,
    "global_rows": global_rows,
    "global_cols": global_cols,
    "sink": sink,
    "shifted": shifted,
    "blocks": blocks,
    "global_blocks": global_blocks,
    "random_blocks": random_blocks,
    "block_pairs": block_pairs,
    "documents": documents,
    "segments": segments,
    "residue": residue,
    "summary": summary,
    "random": random,
    "prefix_lm": prefix_lm,
    "streaming": streaming,
    "longformer": longformer,
    "strided": strided,
    "strided_local": strided_local,
    "strided_column": strided_column,
    "fixed": fixed,
    "fixed_block": fixed_block,
    "fixed_summary": fixed_summary,
    "bigbird": bigbird,
    "lsh": lsh,
    "routing": routing,
    "top_k": top_k,
    "threshold": threshold,
    "cumulative_mass": cumulative_mass,
    "entmax_support": entmax_support,
    "learned": Learned,
}

Value: TypeAlias = int | float | str

_FLAGS: Final = {"True": True, "False": False}

_PIECE = re.compile(
    r"[ \t\r\n]*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<real>[0-9]{1,16}\.[0-9]{1,40})(?![A-Za-z0-9_.])|(?P<int>[0-9]{1,16})(?![A-Za-z0-9_.])"
    r"|(?P<text>'[^'\n]*'|\"[^\"\n]*\")|(?P<sign>[()|&~=,-])|(?P<end>\Z))"
)
_NUMBER = re.compile(r"[0-9]{17,}|[0-9]+\.[0-9]{41,}")


def parse(text: str) -> Mask:
    """Read a mask from its text form; the opposite of `repr`.

    Parameters
    ----------
    text : str
        Calls of the patterns of this room, such as ``local(2)``, ``global_('cls')`` and
        ``bigbird(4, random=1)``, joined by ``|``, ``&``, ``-`` and ``~`` with parentheses.
        ``~`` binds tightest, then ``-``, then ``&``, then ``|``, as in Python.

    Raises
    ------
    MaskParseError
        If it is not such a text; the message shows the place.
    """
    if len(text) > MAX_TEXT:
        reason = f"the text has {len(text)} characters, at most {MAX_TEXT} are read"
        raise MaskParseError(reason, text, MAX_TEXT)
    parser = _Parser(text)
    mask = parser.either()
    if parser.kind != "end":
        parser.refuse("expected | & - or the end")
    return mask


class _Parser:
    """A recursive-descent reader, one piece ahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kind, self.piece, self.at, self.next = "", "", 0, 0
        self.nesting = 0
        self.advance()

    def refuse(self, reason: str, at: int | None = None) -> NoReturn:
        raise MaskParseError(reason, self.text, self.at if at is None else at)

    def advance(self) -> str:
        """Step to the next piece and return the one left behind."""
        left = self.piece
        match = _PIECE.match(self.text, self.next)
        if match is None:
            rest = self.text[self.next :]
            self.at = self.next + len(rest) - len(rest.lstrip(" \t\r\n"))
            number = _NUMBER.match(rest.lstrip(" \t\r\n"))
            if number is not None:
                self.refuse(
                    f"{number[0]:.20}... is too long for a number: at most 16 digits are read, "
                    "and 40 behind the point"
                )
            self.refuse("this does not belong in a mask")
        self.kind = match.lastgroup or "end"
        self.piece, self.at, self.next = match[self.kind], match.start(self.kind), match.end()
        return left

    def sign(self, wanted: str) -> bool:
        """Step over one sign if it stands here."""
        if self.kind != "sign" or self.piece != wanted:
            return False
        self.advance()
        return True

    def either(self) -> Mask:
        return self.joined("|", self.both, Or)

    def both(self) -> Mask:
        return self.joined("&", self.without, And)

    def without(self) -> Mask:
        at = self.at
        masks = [self.unary()]
        while self.sign("-"):
            masks.append(self.built(lambda: ~self.unary(), self.at))
        return self.built(lambda: combine(And, masks), at)

    def joined(self, sign: str, operand: Callable[[], Mask], operator: type[Or | And]) -> Mask:
        at = self.at
        masks = [operand()]
        while self.sign(sign):
            masks.append(operand())
        return self.built(lambda: combine(operator, masks), at)

    def unary(self) -> Mask:
        at = self.at
        if self.sign("~"):
            return self.nested(lambda: self.built(lambda: ~self.unary(), at), at)
        if self.sign("("):
            mask = self.nested(self.either, at)
            if not self.sign(")"):
                self.refuse("expected )")
            return mask
        return self.call()

    def nested(self, inside: Callable[[], Mask], at: int) -> Mask:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            self.refuse(f"more than {MAX_NESTING} ( and ~ are open", at)
        mask = inside()
        self.nesting -= 1
        return mask

    def call(self) -> Mask:
        at = self.at
        if self.kind != "name":
            self.refuse("expected a pattern such as local(2)")
        if self.piece not in PATTERNS:
            known = ", ".join(PATTERNS)
            self.refuse(f"no pattern is called {self.piece:.40}; there are {known}")
        pattern = PATTERNS[self.advance()]
        if not self.sign("("):
            self.refuse("expected (")
        positional, named = self.arguments()
        try:
            call = inspect.signature(pattern).bind(*positional, **named)
        except TypeError as error:
            self.refuse(f"{pattern.__name__}: {error}{_named(pattern)}", at)
        return self.built(lambda: pattern(*call.args, **call.kwargs), at)

    def built(self, build: Callable[[], Mask], at: int) -> Mask:
        """Build a mask; blame the place if the mask cannot exist."""
        try:
            return build()
        except MaskParseError:
            raise
        except MaskError as error:
            self.refuse(str(error), at)

    def arguments(self) -> tuple[list[Value], dict[str, Value]]:
        positional: list[Value] = []
        named: dict[str, Value] = {}
        while not self.sign(")"):
            if (positional or named) and not self.sign(","):
                self.refuse("expected , or )")
            if self.kind == "name":
                at, name = self.at, self.advance()
                if not self.sign("="):
                    self.refuse("expected = after the name of an argument; quote a token")
                if name in named:
                    self.refuse(f"{name} is given twice", at)
                flag = self.kind == "name" and self.piece in _FLAGS
                named[name] = _FLAGS[self.advance()] if flag else self.value()
            elif named:
                self.refuse("expected name=value after a named argument")
            else:
                positional.append(self.value())
        return positional, named

    def value(self) -> Value:
        if self.kind == "text":
            return self.advance()[1:-1]
        sign = -1 if self.sign("-") else 1
        if self.kind == "real":
            number = sign * float(self.advance())
            return int(number) if number.is_integer() else number  # JavaScript has one kind of 2
        if self.kind != "int":
            self.refuse("expected a number or a quoted token such as 'cls'")
        return sign * int(self.advance())


def _named(pattern: Callable[..., Mask]) -> str:
    """Say which arguments must be named, if some must."""
    parameters = inspect.signature(pattern).parameters.values()
    names = [part.name for part in parameters if part.kind is part.KEYWORD_ONLY]
    return f"; give by name {', '.join(f'{name}=' for name in names)}" if names else ""
