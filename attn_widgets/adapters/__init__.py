"""Whatever holds attention, made a record: outputs, caches, lists and arrays of any library."""

from attn_widgets.adapters.door import attention_record
from attn_widgets.adapters.found import MissingWeightsError
from attn_widgets.adapters.records import AttentionRecords

__all__ = ["AttentionRecords", "MissingWeightsError", "attention_record"]
