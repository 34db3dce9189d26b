"""Masks that follow a rule of positions and tokens."""
