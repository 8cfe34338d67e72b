"""What the formatters have in common: file names, and the check of what they are given."""

from __future__ import annotations

from typing import cast

from imaging.errors import ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box

__all__ = ["FITS_EXTENSIONS", "bbox_parameter", "hdu_parameter", "refuse_component"]

FITS_EXTENSIONS = (".fits", ".fits.gz", ".fits.fz", ".fit", ".fit.gz")
"""The first is written, all are read."""


def bbox_parameter(parameters: dict[str, object]) -> Box | None:
    """Return the box among the parameters, which may be spelled as ``x0:x1,y0:y1``.

    Raises
    ------
    ParameterTypeError
        If it is something else.
    """
    bbox = parameters.get("bbox")
    if isinstance(bbox, str):
        bbox = Box.from_string(bbox)
    if bbox is not None and not isinstance(bbox, Box):
        message = f"bbox={bbox!r}: give a Box, or a text such as '0:200,100:150'."
        raise ParameterTypeError(message)
    return bbox


def hdu_parameter(parameters: dict[str, object]) -> int | str | None:
    """Return the number or name of the HDU among the parameters."""
    return cast("int | str | None", parameters.get("hdu"))  # checked where it is used


def refuse_component(component: str | None, known: frozenset[str]) -> None:
    """Refuse a component that does not exist.

    Raises
    ------
    ParameterValueError
        If there is one.
    """
    if component is not None:
        message = f"There is no component {component!r}, but {', '.join(sorted(known)) or 'none'}."
        raise ParameterValueError(message)
