"""Sizes for people."""

from __future__ import annotations

__all__ = ["size_text"]

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP = 1000


def size_text(size: object) -> str:
    """Return a number of bytes as ``17.3 MB``; nothing for what is no number."""
    if not isinstance(size, int):
        return ""
    value = float(size)
    for unit in _UNITS:
        if value < _STEP or unit == _UNITS[-1]:
            return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= _STEP
    return ""
