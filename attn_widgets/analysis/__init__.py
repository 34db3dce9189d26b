"""Pure functions from a record to numbers."""

from attn_widgets.analysis.special import key_mass, mass_by_role, query_rows, uniform_mass

__all__ = ["key_mass", "mass_by_role", "query_rows", "uniform_mass"]
