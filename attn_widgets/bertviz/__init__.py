"""The bridge to BertViz: its views of our records, and its arguments for ours."""

from attn_widgets.bertviz.bridge import BertvizPage, from_bertviz, to_bertviz

__all__ = ["BertvizPage", "from_bertviz", "to_bertviz"]
