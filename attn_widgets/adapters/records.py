"""Several records of one run: an encoder-decoder's stacks, or layers of unequal head counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from attn_widgets.record import AttentionRecord


class AttentionRecords(Mapping[str, AttentionRecord]):
    """Records by name, in order: what one model looked at in one run. Immutable.

    Names are ``"encoder"``, ``"decoder"`` and ``"cross"``, or ``"text"`` and ``"vision"``. Where
    the layers of a stack differ in their number of heads, there is a record for each number, called
    for example ``"encoder, 12 heads"``; each knows by ``record.layers`` which layers are its own.

    Parameters
    ----------
    records
        At least one record by its name.

    Examples
    --------
    >>> records = attention_record(t5_outputs, encoder_tokens=source, decoder_tokens=target)
    >>> records
    AttentionRecords(encoder, decoder, cross)
    >>> records.cross is records["cross"]
    True
    """

    __slots__ = ("_records",)

    def __init__(self, records: Mapping[str, AttentionRecord]) -> None:
        self._records = MappingProxyType(dict(records))

    def __getitem__(self, name: str) -> AttentionRecord:
        """Give a record by its name."""
        try:
            return self._records[name]
        except KeyError:
            msg = f"no record {name!r}: there are {', '.join(self._records)}"
            raise KeyError(msg) from None

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._records)

    def __len__(self) -> int:
        """Count the records."""
        return len(self._records)

    @property
    def encoder(self) -> AttentionRecord:
        """What the encoder looked at."""
        return self["encoder"]

    @property
    def decoder(self) -> AttentionRecord:
        """What the decoder looked at in itself."""
        return self["decoder"]

    @property
    def cross(self) -> AttentionRecord:
        """What the decoder looked at in the encoder."""
        return self["cross"]

    def __reduce__(self) -> tuple[type[AttentionRecords], tuple[dict[str, AttentionRecord]]]:
        """Copy and pickle through the constructor."""
        return AttentionRecords, (dict(self._records),)

    def __repr__(self) -> str:
        """Name the records."""
        return f"AttentionRecords({', '.join(self._records)})"
