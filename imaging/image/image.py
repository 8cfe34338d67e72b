"""A two-dimensional array of pixels with an origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.fits.metadata import Metadata
from imaging.fits.planes import Plane, read_plane, write_plane
from imaging.fits.reference_pixel import moved_reference
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin, local_begin
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.gen2_names import ImageNames

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from imaging.fits.tiles import Compression

__all__ = ["Image"]


class Image(ImageNames):
    """Pixels and the coordinates of the first of them.

    Parameters
    ----------
    source
        A two-dimensional array (height, width) of numbers, which is not
        copied; or a box, for an image of zeros; or another image, for a view
        of a part of it.
    origin
        Coordinates of the first pixel, x before y; for arrays only.
    metadata
        Header cards that describe the array. By default those of the other
        image, or none.
    bbox
        The part of another image, in its parent coordinates.
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
    """

    __slots__ = ("_array", "_origin", "metadata")

    metadata: Metadata
    """Header cards; not what is in the array and its origin already."""

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
        *,
        metadata: Metadata | None = None,
        bbox: Box | None = None,
        dtype: DTypeLike | None = None,
        deep: bool = False,
    ) -> None: ...
    def __init__(
        self,
        source: ArrayLike | Box | Image,
        origin: Point2I | tuple[int, int] = (0, 0),
        metadata: Metadata | None = None,
        *,
        bbox: Box | None = None,
        dtype: DTypeLike | None = None,
        deep: bool = False,
    ) -> None:
        if isinstance(source, Image):
            part = source if bbox is None else source.subset(bbox)
            array, origin = part.array, part.xy0
            metadata = part.metadata.copy() if metadata is None else metadata
            if dtype is not None and array.dtype != np.dtype(dtype) and not deep:
                message = (
                    f"A view of {array.dtype} pixels cannot have the type {np.dtype(dtype)}. "
                    "Use deep=True for a converted copy."
                )
                raise ParameterValueError(message)
        elif isinstance(source, Box):
            array, origin = (
                np.zeros(source.shape, np.float32 if dtype is None else dtype),
                source.min,
            )
        else:
            array = np.asarray(source)
        self._array = _checked(np.array(array, dtype, copy=True if deep else None))
        self._origin = Point2I(*origin)
        self.metadata = Metadata() if metadata is None else metadata

    @property
    def array(self) -> NDArray[np.number]:
        """The pixels, shape (height, width): a view, not a copy."""
        return self._array

    @array.setter
    def array(self, values: ArrayLike) -> None:
        self._array[...] = values

    @property
    def dtype(self) -> np.dtype[np.number]:
        """Type of the pixels."""
        return self._array.dtype

    @property
    def bbox(self) -> Box:
        """The pixels that the image has, in parent coordinates: a copy."""
        return Box.from_shape(self._array.shape, self._origin)

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self._array.shape[1])

    @property
    def height(self) -> int:
        """Number of rows."""
        return int(self._array.shape[0])

    @property
    def dimensions(self) -> Extent2I:
        """Width and height."""
        return Extent2I(self.width, self.height)

    @property
    def xy0(self) -> Point2I:
        """Parent coordinates of the first pixel."""
        return self._origin

    @property
    def x0(self) -> int:
        """Parent coordinate of the first column."""
        return self._origin.x

    @property
    def y0(self) -> int:
        """Parent coordinate of the first row."""
        return self._origin.y

    def set_origin(self, origin: Point2I | tuple[int, int]) -> None:
        """Give the first pixel other parent coordinates; the pixels stay as they are."""
        self._origin = Point2I(*origin)

    def subset(self, bbox: Box, origin: Origin = "parent") -> Image:
        """Return a view of a part.

        Parameters
        ----------
        bbox
            The part.
        origin
            Whether ``bbox`` is in ``parent`` or in ``local`` coordinates. The
            coordinates of the part are parent coordinates in either case.

        Raises
        ------
        BoxError
            If the box is not inside the image.
        """
        offset = local_begin(bbox, self.bbox, origin)
        rows, columns = Box(offset, bbox.dimensions).slices()
        metadata = moved_reference(self.metadata, offset)
        return Image(self._array[rows, columns], self.xy0 + (offset - Point2I()), metadata)

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

    def copy(self) -> Image:
        """Return an equal image that shares nothing with this one."""
        return Image(self, deep=True)

    @overload
    def __getitem__(self, place: Box) -> Image: ...
    @overload
    def __getitem__(self, place: Point2I) -> np.number: ...
    def __getitem__(self, place: Box | Point2I) -> Image | np.number:
        if isinstance(place, Box):
            return self.subset(place)
        pixel: np.number = self._array[self._indices(place)]
        return pixel

    def __setitem__(self, place: Box | Point2I, value: Image | ArrayLike) -> None:
        values = value.array if isinstance(value, Image) else value
        if isinstance(place, Box):
            self.subset(place).array = values
        else:
            self._array[self._indices(place)] = values

    def _indices(self, pixel: Point2I) -> tuple[int, int]:
        if not isinstance(pixel, Point2I):
            message = (
                f"An image is indexed with a Box or a Point2I, not with {pixel!r}. "
                "For indices of rows and columns use image.array."
            )
            raise ParameterTypeError(message)
        if not self.bbox.contains(pixel):
            message = f"The pixel ({pixel.x}, {pixel.y}) is not in the image, which is {self.bbox}."
            raise BoxError(message)
        return pixel.y - self.y0, pixel.x - self.x0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Image):
            return NotImplemented
        return (
            self.bbox == other.bbox
            and self.dtype == other.dtype
            and np.array_equal(self.array, other.array, equal_nan=self.dtype.kind == "f")
        )

    __hash__ = None  # type: ignore[assignment]  # its pixels can be changed

    def __repr__(self) -> str:
        return f"<Image: {self.width} x {self.height} pixels, {self.dtype}, box {self.bbox}>"

    def _repr_html_(self) -> str:
        return (
            f"<b>Image</b> of {self.width} &times; {self.height} pixels, {self.dtype}, "
            f"x from {self.x0} to {self.bbox.max_x}, y from {self.y0} to {self.bbox.max_y}, "
            f"{len(self.metadata)} header cards"
        )


def _checked(array: NDArray[np.number]) -> NDArray[np.number]:
    if array.ndim != 2:  # noqa: PLR2004 - an image
        message = (
            f"An image has two dimensions, not {array.ndim}; the array's shape is {array.shape}."
        )
        raise ParameterValueError(message)
    if array.dtype.kind not in "iuf":
        message = f"Pixels are integers or floating-point numbers, not {array.dtype}."
        raise ParameterTypeError(message)
    return array
