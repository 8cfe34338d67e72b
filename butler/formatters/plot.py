"""Matplotlib figures, written and never read."""

from __future__ import annotations

import os

from butler.errors import FormatterError

__all__ = ["PlotFormatter"]


class PlotFormatter:
    """A figure as PNG, PDF or SVG, by the extension of the file."""

    extensions = (".png", ".pdf", ".svg")
    components: frozenset[str] = frozenset()
    read_parameters: frozenset[str] = frozenset()
    write_parameters = frozenset({"dpi"})

    def read(self, path: str, component: str | None = None, **parameters: object) -> object:
        """Refuse: a figure cannot be read back."""
        del component, parameters
        raise FormatterError(f"A figure cannot be read back; look at the file: {path}")

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Save a figure to a new file."""
        save = getattr(obj, "savefig", None)
        if not callable(save):
            raise FormatterError(f"A matplotlib figure is wanted, not {type(obj).__qualname__}.")
        save(path, format=os.path.splitext(path)[1][1:], **parameters)
