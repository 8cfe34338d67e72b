"""Sections of an image as the loops take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from imaging.errors import BoxError, ParameterTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.box import Box
    from imaging.image.image import Image

__all__ = ["plain_pixels", "section_bounds", "writable_pixels"]


def section_bounds(image: Image, box: Box) -> tuple[int, int, int, int]:
    """Return first and end row, first and end column of a box in an image's array.

    Raises
    ------
    BoxError
        If the box is not inside the image.
    """
    if not image.bbox.contains(box):
        raise BoxError(f"The section {box} is not inside the image, which is {image.bbox}.")
    rows, columns = box.slices(image.bbox.min)
    return rows.start, rows.stop, columns.start, columns.stop


def plain_pixels(image: Image) -> NDArray[np.float32]:
    """Return the pixels as 32-bit numbers in contiguous rows: a copy only if they are not."""
    return np.ascontiguousarray(image.array, np.float32)


def writable_pixels(image: Image) -> NDArray[np.float32]:
    """Return the pixels themselves, for loops that change them.

    Raises
    ------
    ParameterTypeError
        If they are not 32-bit numbers in contiguous rows.
    """
    array = image.array
    if array.dtype != np.float32 or not array.flags.c_contiguous:
        raise ParameterTypeError(
            f"{image!r} cannot be changed here: whole images of float32 can. Make a copy by "
            "image.astype('float32')."
        )
    return cast("NDArray[np.float32]", array)
