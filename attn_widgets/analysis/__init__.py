"""Pure functions from a record to numbers."""

from attn_widgets.analysis.adviser import Advice, advise
from attn_widgets.analysis.mask_fit import MaskFit, fit_mask
from attn_widgets.analysis.special import key_mass, mass_by_role, query_rows, uniform_mass

__all__ = [
    "Advice",
    "MaskFit",
    "advise",
    "fit_mask",
    "key_mass",
    "mass_by_role",
    "query_rows",
    "uniform_mass",
]
