"""What images and masks have in common: pixels, their origin and their header cards."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias, overload

import numpy as np

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.fits.metadata import Metadata
from imaging.fits.reference_pixel import moved_reference
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin, local_begin
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.conversion import converted, pixel_dtype, plain_array, put
from imaging.image.indexing import chosen_pixels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from imaging.image.indexing import PartIndex, PixelIndex

__all__ = [
    "PixelArray",
    "Placement",
    "check_arguments",
    "checked_pixels",
    "first_pixel",
    "require_pixels",
    "require_same_box",
    "require_same_dimensions",
    "view_choice",
]


Placement: TypeAlias = Point2I | tuple[int, int] | Origin | Box | bool | None
"""What may stand in second place when an image is made; see `view_choice`."""


def view_choice(
    place: Placement, bbox: Box | None, *, deep: bool
) -> tuple[Box | None, Origin, bool]:
    """Return box, kind of coordinates and depth of a view of another image.

    Parameters
    ----------
    place
        The second argument of the class: ``parent`` or ``local`` say in which
        coordinates the box is; a box or a boolean stand for ``bbox`` and
        ``deep``, as in ``Image(image, box)`` and ``Image(image, True)``.
    bbox, deep
        The keywords of the class.

    Raises
    ------
    ParameterTypeError
        If it is a position: a view has that of the other image.
    """
    if isinstance(place, bool):
        return bbox, "parent", place
    if isinstance(place, Box):
        return place, "parent", deep
    if place is None or isinstance(place, str):
        return bbox, place or "parent", deep
    message = (
        f"origin={place!r}: for a view of another image, origin is 'parent' or 'local'. "
        "To move an image, call set_origin."
    )
    raise ParameterTypeError(message)


def first_pixel(place: Placement) -> Point2I:
    """Return the coordinates of the first pixel of an array, by default (0, 0).

    Raises
    ------
    ParameterTypeError
        If they are no pair of integers.
    """
    if place is None:
        return Point2I()
    if isinstance(place, str | bool | Box):
        message = f"origin={place!r}: for an array, give the coordinates (x, y) of its first pixel."
        raise ParameterTypeError(message)
    return _as_point(place)


def _as_point(place: Point2I | tuple[int, int]) -> Point2I:
    if isinstance(place, Point2I):
        return place
    try:
        x, y = place
    except (TypeError, ValueError):
        message = f"The first pixel has two coordinates (x, y), not {place!r}."
        raise ParameterTypeError(message) from None
    return Point2I(x, y)


def check_arguments(
    source: object, place: Placement, bbox: Box | None, metadata: Metadata | None
) -> None:
    """Raise ParameterTypeError if something is given that the source makes no use of.

    Parameters
    ----------
    source
        What an image or mask is made of.
    place, bbox, metadata
        The second argument of the class, and two more.
    """
    if not (metadata is None or isinstance(metadata, Metadata)):
        message = (
            f"{metadata!r} is no Metadata. Give the origin of a box as a keyword, origin='local'."
        )
    elif isinstance(source, str | os.PathLike):
        message = f"An image is made of an array, a box or an image, not of {source!r}: read_fits."
    elif isinstance(source, int | np.integer | Extent2I):
        message = f"An image is made of an array, a box or an image, not of {source!r}: Box(...)."
    elif isinstance(source, Box) and place is not None:
        message = f"{place!r} behind a box means nothing. To give pixels a value, call fill."
    elif bbox is not None and not isinstance(source, PixelArray):
        message = f"bbox={bbox!r} is for a part of another image."
    else:
        return
    raise ParameterTypeError(message)


def checked_pixels(
    array: NDArray[np.generic], dtype: DTypeLike | None = None, *, deep: bool = False
) -> NDArray[np.number]:
    """Return an array if it is an image: as it is, or of another type, or a copy.

    Raises
    ------
    ParameterTypeError
        If it does not hold real numbers, or fractions for integers.
    ParameterValueError
        If it is not two-dimensional, or a value does not fit into the type.
    """
    if array.ndim != 2:  # noqa: PLR2004 - an image
        message = (
            f"An image has two dimensions, not {array.ndim}; the array's shape is {array.shape}."
        )
        raise ParameterValueError(message)
    if dtype is None and array.dtype.kind in "iuf":
        return np.array(array) if deep else array  # type: ignore[return-value]  # its kind is checked
    pixels = converted(array, pixel_dtype(array.dtype if dtype is None else dtype))
    return np.array(pixels) if deep and pixels is array else pixels


def require_pixels(kind: type, pixels: object) -> None:
    """Raise ParameterTypeError if something is not of the class whose pixels are needed."""
    if not isinstance(pixels, kind):
        message = (
            f"Pixels of a {kind.__name__} are needed here, not of {type(pixels).__name__}. "
            "Arrays are assigned to .array."
        )
        raise ParameterTypeError(message)


def require_same_box(left: Box, right: Box) -> None:
    """Raise BoxError, which names both boxes, if they are not equal."""
    if left != right:
        message = (
            f"The images are not of the same pixels: one is {left}, the other {right}. "
            "Take the same part of both, or call set_origin, or use their arrays."
        )
        raise BoxError(message)


def require_same_dimensions(target: Box, source: Box) -> None:
    """Raise BoxError, which names both boxes, if one does not fit into the other."""
    if target.shape != source.shape:
        message = f"The pixels {source} do not fit into {target}: the dimensions differ."
        raise BoxError(message)


class PixelArray:
    """Pixels and the parent coordinates of the first of them; the base of `Image` and `Mask`."""

    __slots__ = ("_array", "_metadata", "_origin")
    __array_ufunc__: ClassVar[None] = None  # array + image is the image's business
    __hash__ = None  # type: ignore[assignment]  # its pixels can be changed

    def _set(self, array: NDArray[np.number], origin: Point2I, metadata: Metadata) -> None:
        self._array, self._origin, self._metadata = array, origin, metadata

    def _like(self, array: NDArray[np.number], origin: Point2I, metadata: Metadata) -> Self:
        """Return an object of the same kind that holds other pixels."""
        made = object.__new__(type(self))
        PixelArray._set(made, array, origin, metadata)
        return made

    @property
    def array(self) -> NDArray[np.number]:
        """The pixels, shape (height, width): a view, not a copy."""
        return self._array

    @array.setter
    def array(self, values: ArrayLike) -> None:
        if values is not self._array:  # as after ``image.array += 1``
            put(self._array, self._fitting(values))

    def _fitting(self, values: ArrayLike) -> NDArray[np.number]:
        """Return values as pixels of the type of these."""
        return converted(plain_array(values), self._array.dtype)

    @property
    def metadata(self) -> Metadata:
        """Header cards; not what is in the array and its origin already."""
        return self._metadata

    @metadata.setter
    def metadata(self, metadata: Metadata) -> None:
        if not isinstance(metadata, Metadata):
            message = f"The metadata of an image are a Metadata(mapping), not {metadata!r}."
            raise ParameterTypeError(message)
        self._metadata = metadata

    @property
    def dtype(self) -> np.dtype[np.number]:
        """Type of the pixels."""
        return self._array.dtype

    @property
    def bbox(self) -> Box:
        """The pixels that there are, in parent coordinates: a copy."""
        return Box.from_shape(self._array.shape, self._origin)

    def get_bbox(self, origin: Origin = "parent") -> Box:
        """Return the box in ``parent`` coordinates, or in ``local`` ones, from (0, 0)."""
        box = self.bbox
        if _checked(origin) == "local":
            return Box.from_shape(box.shape)
        return box

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
        """Give the first pixel other parent coordinates; the pixels stay as they are.

        Raises
        ------
        ParameterTypeError
            If they are no pair of integers.
        """
        self._origin = _as_point(origin)

    def subset(self, bbox: Box, origin: Origin = "parent") -> Self:
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
        return self._like(self._array[rows, columns], self.xy0 + (offset - Point2I()), metadata)

    def copy(self) -> Self:
        """Return an equal one that shares nothing with this one."""
        return self._like(self._array.copy(), self._origin, self.metadata.copy())

    def fill(self, value: float) -> None:
        """Give every pixel one value.

        Raises
        ------
        ParameterTypeError
            If it is no number, or a fraction for integer pixels.
        ParameterValueError
            If it does not fit into a pixel.
        """
        number = self._fitting(value)
        if number.ndim:
            message = f"An image is filled with one number, not with {value!r}: image.array = ..."
            raise ParameterTypeError(message)
        self._array[...] = number

    def assign(self, rhs: Self, bbox: Box | None = None, origin: Origin = "parent") -> None:
        """Take over the pixels of another image.

        Parameters
        ----------
        rhs
            Its dimensions, not its coordinates, are those of what is replaced.
        bbox
            The part that is replaced; by default everything.
        origin
            Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.

        Raises
        ------
        BoxError
            If the dimensions differ, or the box is not inside the image.
        """
        require_pixels(PixelArray, rhs)
        target = self if bbox is None else self.subset(bbox, origin)
        require_same_dimensions(target.bbox, rhs.bbox)
        target.array = rhs.array

    @overload
    def __getitem__(self, place: PartIndex) -> Self: ...
    @overload
    def __getitem__(self, place: PixelIndex) -> np.number: ...
    def __getitem__(self, place: PartIndex | PixelIndex) -> Self | np.number:
        chosen, origin = chosen_pixels(place, self.bbox)
        if isinstance(chosen, Box):
            return self.subset(chosen, origin)
        pixel: np.number = self._array[self._indices(chosen, origin)]
        return pixel

    def __setitem__(self, place: PartIndex | PixelIndex, value: PixelArray | ArrayLike) -> None:
        values = value.array if isinstance(value, PixelArray) else value
        chosen, origin = chosen_pixels(place, self.bbox)
        if isinstance(chosen, Box):
            target = self.subset(chosen, origin)
            if isinstance(value, PixelArray):
                require_same_dimensions(target.bbox, value.bbox)
            target.array = values
        else:
            y, x = self._indices(chosen, origin)
            put(self._array[y : y + 1, x : x + 1], self._fitting(values))

    def _indices(self, pixel: Point2I, origin: Origin) -> tuple[int, int]:
        box = self.get_bbox(origin)
        if not box.contains(pixel):
            message = f"The pixel ({pixel.x}, {pixel.y}) is not in the image, which is {box}."
            raise BoxError(message)
        return pixel.y - box.min_y, pixel.x - box.min_x

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return (
            self.bbox == other.bbox
            and self.dtype == other.dtype
            and np.array_equal(self.array, other.array, equal_nan=self.dtype.kind == "f")
        )

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"<{kind}: {self.width} x {self.height} pixels, {self.dtype}, box {self.bbox}>"

    def html_summary(self, kind: str, cards: int) -> str:
        """Return what a notebook says of the pixels of an object.

        Parameters
        ----------
        kind
            What the object is called.
        cards
            How many header cards it has.
        """
        return (
            f"<b>{kind}</b> of {self.width} &times; {self.height} pixels, "
            f"{self.dtype}, x from {self.x0} to {self.bbox.max_x}, "
            f"y from {self.y0} to {self.bbox.max_y}, {cards} header cards"
        )

    def _repr_html_(self) -> str:
        return self.html_summary(type(self).__name__, len(self.metadata))


def _checked(origin: Origin) -> Origin:
    if origin not in {"parent", "local"}:
        message = f"origin={origin!r}: coordinates are either 'parent' or 'local'."
        raise ParameterValueError(message)
    return origin
