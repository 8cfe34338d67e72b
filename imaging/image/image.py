"""A two-dimensional array of pixels with an origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from imaging.errors import ParameterValueError
from imaging.fits.metadata import Metadata
from imaging.fits.planes import Plane, read_plane, write_plane
from imaging.geometry.box import Box
from imaging.image.arithmetic import ImageArithmetic
from imaging.image.conversion import empty_pixels, pixel_dtype, plain_array
from imaging.image.gen2_names import ImageNames
from imaging.image.pixel_array import (
    Placement,
    check_arguments,
    checked_pixels,
    first_pixel,
    view_choice,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from imaging.fits.tiles import Compression
    from imaging.geometry.origin import Origin
    from imaging.geometry.points import Point2I

__all__ = ["Image"]


class Image(ImageArithmetic, ImageNames):
    """Pixels and the coordinates of the first of them.

    Parameters
    ----------
    source
        A two-dimensional array (height, width) of numbers, which is not
        copied; or a box, for an image of zeros; or another image, for a view
        of a part of it.
    origin
        Of an array, the coordinates of the first pixel, x before y; by
        default (0, 0). Of another image, whether ``bbox`` is in ``parent`` or
        in ``local`` coordinates. ``Image(image, box)`` and ``Image(image,
        True)`` give ``bbox`` and ``deep`` in this place.
    metadata
        Header cards that describe the array. By default those of the other
        image, or none.
    bbox
        The part of another image; by default all of it.
    dtype
        Type of the pixels; another one than the array or the image has needs
        a copy. By default 32-bit floating point for a box.
    deep
        Whether to copy the pixels.

    Raises
    ------
    BoxError
        If ``bbox`` is not inside the other image.
    ParameterTypeError
        If pixels are no numbers, or the source is of another kind.
    ParameterValueError
        If an array is not two-dimensional, or a view is asked for that needs
        a copy.

    Notes
    -----
    The *parent* coordinates of a pixel stay the same when a part of the image
    is taken; its *local* ones count from the first pixel. ``image[box]`` is a
    view in parent coordinates: changing its pixels changes those of the
    image. Metadata describe the array they belong to: a part has a copy, in
    which the reference pixel of the WCS (CRPIX) is moved along.

    ``+ - * /`` combine an image with numbers, arrays, and images of the same
    box; `imaging.image.arithmetic` says which type results have. The result
    has the metadata of the left image.
    """

    __slots__ = ()

    @overload
    def __init__(
        self,
        source: ArrayLike,
        origin: Point2I | tuple[int, int] = (0, 0),
        metadata: Metadata | None = None,
        *,
        dtype: DTypeLike | None = None,
        deep: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self, source: Box, *, metadata: Metadata | None = None, dtype: DTypeLike | None = None
    ) -> None: ...
    @overload
    def __init__(
        self,
        source: Image,
        origin: Origin | Box | bool = "parent",  # noqa: FBT001 - Image(image, True) in Gen2
        metadata: Metadata | None = None,
        *,
        bbox: Box | None = None,
        dtype: DTypeLike | None = None,
        deep: bool = False,
    ) -> None: ...
    def __init__(
        self,
        source: ArrayLike | Box | Image,
        origin: Placement = None,
        metadata: Metadata | None = None,
        *,
        bbox: Box | None = None,
        dtype: DTypeLike | None = None,
        deep: bool = False,
    ) -> None:
        check_arguments(source, origin, bbox, metadata)
        array: NDArray[np.generic]
        if isinstance(source, Image):
            bbox, kind, deep = view_choice(origin, bbox, deep=deep)
            part = source if bbox is None else source.subset(bbox, kind)
            array, first = part.array, part.xy0
            metadata = part.metadata.copy() if metadata is None else metadata
            if dtype is not None and array.dtype != pixel_dtype(dtype) and not deep:
                message = (
                    f"A view of {array.dtype} pixels cannot have the type {np.dtype(dtype)}. "
                    "Use deep=True for a converted copy."
                )
                raise ParameterValueError(message)
        elif isinstance(source, Box):
            array, first = empty_pixels(source, np.float32 if dtype is None else dtype), source.min
        else:
            array, first = plain_array(source), first_pixel(origin)
        pixels = checked_pixels(array, dtype, deep=deep)
        self._set(pixels, first, Metadata() if metadata is None else metadata)

    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        bbox: Box | None = None,
        hdu: int | str | None = None,
        origin: Origin = "parent",
    ) -> Image:
        """Read an image or a part of it; see `imaging.fits.planes.read_plane`."""
        plane = read_plane(path, bbox=bbox, hdu=hdu, origin=origin)
        return cls(plane.array, plane.origin, plane.header)

    def write_fits(self, path: str, *, compression: Compression | None = None) -> None:
        """Write the image to a file of its own; see `imaging.fits.planes.write_plane`."""
        write_plane(Plane(self.array, self.xy0, self.metadata), path, compression=compression)

    def make_similar(
        self,
        source: Box | Image,
        bbox: Box | None = None,
        origin: Origin = "parent",
        *,
        deep: bool = False,
    ) -> Image:
        """Return zeros of the type of this image for a box, or a view or copy of an image."""
        if isinstance(source, Box):
            return Image(source, dtype=self.dtype)
        return Image(source, origin, bbox=bbox, deep=deep)

    def html_thumbnail(self) -> str:
        """Return a small picture on a line of its own; empty without pixels or Pillow."""
        from imaging.preview.pictures import thumbnail_html

        picture = thumbnail_html(self.array) if self.array.size else ""
        return f"<br>{picture}" if picture else ""

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}{self.html_thumbnail()}"
