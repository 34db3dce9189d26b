"""A still picture that a notebook shows and keeps."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of what was on show, which stays as it is.

    Parameters
    ----------
    png
        The file's bytes.
    alt
        What it shows, for readers who cannot see it.
    size
        Width and height on the page, in CSS pixels.
    """

    png: bytes = dataclasses.field(repr=False)
    alt: str
    size: tuple[int, int]

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002 - IPython's own signature
        exclude: object = None,  # noqa: ARG002 - IPython's own signature
    ) -> tuple[dict[str, str], dict[str, Any]]:
        data = {"image/png": base64.b64encode(self.png).decode("ascii"), "text/plain": self.alt}
        width, height = self.size
        return data, {"image/png": {"width": width, "height": height, "alt": self.alt}}
