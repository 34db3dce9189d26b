"""Masks that the queries, keys or attention of a head decide."""
