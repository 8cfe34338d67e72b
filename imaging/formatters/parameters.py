"""What the formatters have in common: file names, and the check of what they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from imaging.errors import ParameterTypeError, ParameterValueError, closest_words
from imaging.geometry.box import Box

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imaging.fits.tiles import Compression
    from imaging.geometry.origin import Origin

__all__ = [
    "COMPRESSION_PARAMETERS",
    "FITS_EXTENSIONS",
    "bbox_parameter",
    "compression_parameter",
    "hdu_parameter",
    "origin_parameter",
    "refuse_component",
]

FITS_EXTENSIONS = (".fits", ".fits.gz", ".fits.fz", ".fit", ".fit.gz")
"""The first is written, all are read."""

COMPRESSION_PARAMETERS = frozenset({"compression", "recipe"})
"""What `compression_parameter` understands."""

_RECIPES: Mapping[str, Compression | None] = {
    "default": "lossless",
    "lossless": "lossless",
    "lossyBasic": "rice",
    "noCompression": None,
}


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


def compression_parameter(parameters: Mapping[str, object]) -> Compression | None:
    """Return how pixels are to be compressed.

    Parameters
    ----------
    parameters
        ``compression`` (None, ``lossless`` or ``rice``; checked where it is
        used), or else ``recipe``, Gen2's name for it: ``noCompression``,
        ``lossless``, ``lossyBasic`` or ``default``, which is lossless.

    Raises
    ------
    ParameterValueError
        If there is no such recipe.
    """
    recipe = parameters.get("recipe")
    if "compression" in parameters or recipe is None:
        return cast("Compression | None", parameters.get("compression"))
    if recipe not in _RECIPES:
        message = (
            f"There is no recipe {recipe!r} for writing pixels."
            f"{closest_words(str(recipe), _RECIPES)} There are {', '.join(_RECIPES)}."
        )
        raise ParameterValueError(message)
    return _RECIPES[str(recipe)]


def hdu_parameter(parameters: dict[str, object]) -> int | str | None:
    """Return the number or name of the HDU among the parameters."""
    return cast("int | str | None", parameters.get("hdu"))  # checked where it is used


def origin_parameter(parameters: dict[str, object]) -> Origin:
    """Return in which coordinates the box among the parameters is."""
    return cast("Origin", parameters.get("origin") or "parent")  # checked where it is used


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
