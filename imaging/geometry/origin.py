"""Two ways to count pixels: *parent* coordinates, and *local* ones from the first pixel."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.geometry.box import Box
from imaging.geometry.points import Point2I

__all__ = ["Origin", "local_begin"]

Origin: TypeAlias = Literal["parent", "local"]


def local_begin(bbox: Box, whole: Box, origin: Origin) -> Point2I:
    """Return the first pixel of a part, counted from the first pixel of the whole.

    Parameters
    ----------
    bbox
        The part.
    whole
        The box of the image.
    origin
        Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.

    Raises
    ------
    BoxError
        If the part is empty or not inside the whole.
    ParameterTypeError
        If it is no box of whole pixels.
    """
    if not isinstance(bbox, Box):
        message = f"bbox={bbox!r}: give a Box, e.g. Box(Point2I(x0, y0), Extent2I(width, height))."
        raise ParameterTypeError(message)
    if origin not in {"parent", "local"}:
        message = f"origin={origin!r}: coordinates are either 'parent' or 'local'."
        raise ParameterValueError(message)
    reference = whole if origin == "parent" else Box.from_shape(whole.shape)
    if bbox.is_empty or not reference.contains(bbox):
        message = (
            f"The box {bbox} is not inside the image, which is {reference} in {origin} coordinates."
        )
        raise BoxError(message)
    return bbox.min - (reference.min - Point2I())
