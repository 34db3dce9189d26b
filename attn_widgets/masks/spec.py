"""Reading a JSON specification that came from outside: strict, bounded, errors with the place."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from attn_widgets.masks.errors import MaskError, MaskSpecError
from attn_widgets.masks.limits import MAX_DEPTH, MAX_PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attn_widgets.masks.expr import Mask

Spec: TypeAlias = dict[str, object]


class SpecReader:
    """One reading of one specification, counting the parts as they come.

    Parameters
    ----------
    kinds : Mapping[str, type[Mask]]
        The classes a specification may name, by their ``kind``.
    """

    def __init__(self, kinds: Mapping[str, type[Mask]]) -> None:
        self._kinds = kinds
        self._parts = 0

    def mask(self, spec: object, path: str = "mask", depth: int = 1) -> Mask:
        """Read one node and all below it.

        Raises
        ------
        MaskSpecError
            If anything in it is not as `Mask.to_spec` writes it.
        """
        if depth > MAX_DEPTH:
            _refuse(path, f"nested more than {MAX_DEPTH} deep")
        self.spend(1, path)
        if not isinstance(spec, dict):
            _refuse(path, f"must be an object with a 'kind', not {type(spec).__name__}")
        kind = spec.get("kind")
        if not isinstance(kind, str) or kind not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            _refuse(path, f"unknown kind {kind!r:.60}; known: {known}")
        node = self._kinds[kind]
        wanted = {field.name for field in fields(node)}
        given = {key for key in spec if key != "kind"}
        if given != wanted:
            needs = ", ".join(sorted(wanted)) or "nothing"
            got = ", ".join(sorted(f"{key!s:.40}" for key in given)) or "nothing"
            _refuse(path, f"{kind!r} needs {needs} beside its kind, got {got}")
        values = {name: spec[name] for name in wanted}
        try:
            return node.read(values, self, path, depth)
        except MaskSpecError:
            raise
        except MaskError as error:
            _refuse(path, str(error))

    def spend(self, parts: int, path: str) -> None:
        """Count `parts` more; refuse once there are too many."""
        self._parts += parts
        if self._parts > MAX_PARTS:
            _refuse(path, f"more than {MAX_PARTS} parts in one mask")


def _refuse(path: str, reason: str) -> NoReturn:
    msg = f"{path}: {reason}"
    raise MaskSpecError(msg)
