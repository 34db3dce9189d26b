"""Masks from other projects' conventions, and into other libraries' forms."""
