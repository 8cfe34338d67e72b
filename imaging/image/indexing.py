"""What may stand in the brackets of ``image[...]``: of images, masks and exposures alike."""

from __future__ import annotations

import operator
from types import EllipsisType
from typing import SupportsIndex, TypeAlias

from imaging.errors import BoxError, ParameterTypeError
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin
from imaging.geometry.points import Extent2I, Point2I

__all__ = ["PartIndex", "PixelIndex", "chosen_pixels"]

PartIndex: TypeAlias = (
    Box
    | slice
    | EllipsisType
    | tuple[Box | slice | EllipsisType, Origin]
    | tuple[slice, slice]
    | tuple[slice, slice, Origin]
)
"""What selects a part: a box, or ranges of x and of y, in parent or in local coordinates."""

PixelIndex: TypeAlias = Point2I | tuple[Point2I, Origin] | tuple[int, int] | tuple[int, int, Origin]
"""What selects a pixel: a point, or x and y."""


def chosen_pixels(place: PartIndex | PixelIndex, whole: Box) -> tuple[Box | Point2I, Origin]:
    """Return the box or the pixel that is meant, and the coordinates it is given in.

    Parameters
    ----------
    place
        What stands in the brackets: a box, a point, ``x0:x1, y0:y1`` whose
        ends are exclusive, ``x, y``, or ``:`` for everything; behind it
        perhaps ``"parent"`` or ``"local"``. Local numbers below zero count
        from the end.
    whole
        All pixels of the image, in parent coordinates.

    Raises
    ------
    BoxError
        If a number of parent coordinates is below zero, which could mean
        either way of counting; points and boxes may be there.
    ParameterTypeError
        If it is something else, such as a range with a step.
    """
    origin: Origin = "parent"
    if isinstance(place, tuple) and place and isinstance(place[-1], str):
        origin = place[-1]
        place = place[0] if len(place) == 2 else place[:-1]  # noqa: PLR2004 - one thing and its origin
    if isinstance(place, Box | Point2I):
        return place, origin
    if place is Ellipsis or (isinstance(place, slice) and place == slice(None)):
        return whole, "parent"
    if not isinstance(place, tuple) or len(place) != 2:  # noqa: PLR2004 - x and y
        raise _refused(place)
    reference = whole if origin == "parent" else Box.from_shape(whole.shape)
    x, y = place
    if isinstance(x, slice) and isinstance(y, slice):
        x0, x1 = _range(x, reference.begin_x, reference.end_x, origin)
        y0, y1 = _range(y, reference.begin_y, reference.end_y, origin)
        return Box(Point2I(x0, y0), Extent2I(x1 - x0, y1 - y0)), origin
    if not isinstance(x, SupportsIndex) or not isinstance(y, SupportsIndex):
        raise _refused(place)
    return Point2I(_number(x, reference.end_x, origin), _number(y, reference.end_y, origin)), origin


def _range(numbers: slice, begin: int, end: int, origin: Origin) -> tuple[int, int]:
    if numbers.step is not None:
        message = f"{numbers}: a part of an image has no steps. Take steps of image.array."
        raise ParameterTypeError(message)
    first, last = (
        default if number is None else _number(number, end, origin)
        for number, default in ((numbers.start, begin), (numbers.stop, end))
    )
    return first, last


def _number(value: SupportsIndex, end: int, origin: Origin) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise _refused(value) from None
    if number >= 0:
        return number
    if origin == "local":
        return number + end
    message = (
        f"{number} in brackets may count from the end or be a parent coordinate below zero. "
        'Write image[..., "local"] for the one, a Box or a Point2I for the other.'
    )
    raise BoxError(message)


def _refused(place: object) -> ParameterTypeError:
    return ParameterTypeError(
        "An image is indexed with a Box, a Point2I, x0:x1, y0:y1 or x, y, "
        f"not with {place!r}. For indices of rows and columns use image.array."
    )
