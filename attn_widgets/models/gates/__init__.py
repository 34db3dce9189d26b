"""Learned sparsity: gates trained to drop weak connections, per input, layer and head."""

from attn_widgets.models.gates.fit import fit_gate
from attn_widgets.models.gates.fitted import FittedGate
from attn_widgets.models.gates.report import GateReport, measure
from attn_widgets.models.gates.rules import Hard

__all__ = ["FittedGate", "GateReport", "Hard", "fit_gate", "measure"]
