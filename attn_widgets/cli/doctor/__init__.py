"""Say what works here, what is missing, and the command that gets it."""

from attn_widgets.cli.doctor.examine import examine
from attn_widgets.cli.doctor.finding import Finding, State
from attn_widgets.cli.doctor.report import run

__all__ = ["Finding", "State", "examine", "run"]
