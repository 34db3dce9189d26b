"""Where a record's numbers come from."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from attn_widgets.record.fields import field, field_or_none, fields

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class Provenance:
    """What was run to get a record.

    Parameters
    ----------
    model, family, revision
        Name or path of the model, its ``model_type``, and the revision asked for.
    dtype, implementation
        Number format the model computed in, and the attention implementation that was read.
    versions
        Library name to version.
    mask
        JSON spec of the masks and edits the model ran under; None for the plain model.
    pattern
        JSON spec of the model's own sparse mask, which holds all of its weights (Longformer's
        window); None where there is none, or the run did not tell.
    tokens_lost
        Tokens cut off the end of the input to fit the model.
    note
        A sentence a reader of the numbers should know.
    """

    model: str = ""
    family: str = ""
    revision: str | None = None
    dtype: str = ""
    implementation: str = ""
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    mask: Any = None
    pattern: Any = None
    tokens_lost: int = 0
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the provenance as plain JSON values."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return values | {"versions": dict(self.versions)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Provenance:
        """Rebuild a provenance from :meth:`to_json`.

        Raises
        ------
        TypeError
            If a part is unknown or of another type.
        """
        made = cls(**value)
        for name in ("model", "family", "dtype", "implementation", "note"):
            field(name, getattr(made, name), str)
        field_or_none("revision", made.revision, str)
        field("tokens_lost", made.tokens_lost, int)
        fields("versions", list(field("versions", made.versions, dict).values()), str)
        return made
