"""The colours in which mask planes are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PLANE_COLORS", "plane_color"]

PLANE_COLORS: Mapping[str, str] = {
    "BAD": "red",
    "CR": "magenta",
    "DETECTED": "blue",
    "DETECTED_NEGATIVE": "cyan",
    "EDGE": "yellow",
    "INTRP": "green",
    "NO_DATA": "orange",
    "SAT": "lime",
    "SUSPECT": "gold",
}
"""Plane to the name of a colour, as matplotlib, Pillow and web pages know it."""

_OTHERS = ("violet", "turquoise", "salmon", "khaki", "orchid", "tan")


def plane_color(name: str, bit: int) -> str:
    """Return the colour of a mask plane, also of one that is not among the usual ones.

    Parameters
    ----------
    name
        The plane.
    bit
        Its number, which chooses among the colours that are left.
    """
    return PLANE_COLORS.get(name, _OTHERS[bit % len(_OTHERS)])
