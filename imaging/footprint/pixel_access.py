"""Reading and writing the pixels of images that a set of spans selects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from imaging.errors import BoxError, ParameterTypeError, ParameterValueError
from imaging.footprint import runs
from imaging.geometry.box import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.geometry.points import Point2I

__all__ = ["MaskPixels", "Pixels", "SpanPixels"]

_Scalar = TypeVar("_Scalar", bound=np.generic)


class Pixels(Protocol):
    """An image, a mask, or whatever else has pixels at coordinates."""

    @property
    def array(self) -> NDArray[np.number]: ...  # noqa: D102 - as in Image
    @property
    def bbox(self) -> Box: ...  # noqa: D102 - as in Image


class MaskPixels(Protocol):
    """A mask, or another image of whole numbers."""

    @property
    def array(self) -> NDArray[np.integer]: ...  # noqa: D102 - as in Mask
    @property
    def bbox(self) -> Box: ...  # noqa: D102 - as in Mask


class _Spans(Protocol):
    @property
    def y(self) -> NDArray[np.int32]: ...
    @property
    def x0(self) -> NDArray[np.int32]: ...
    @property
    def widths(self) -> NDArray[np.int64]: ...
    @property
    def area(self) -> int: ...
    @property
    def bbox(self) -> Box: ...


class SpanPixels:
    """What `imaging.footprint.span_set.SpanSet` does with pixels.

    Every method takes pixels in *span order*: by row, then by column.
    """

    __slots__ = ()

    def indices(self: _Spans) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of every pixel, in span order."""
        return np.repeat(self.y.astype(np.int64), self.widths), runs.ranges(self.x0, self.widths)

    def _within(self: _SpansWithIndices, box: Box) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the indices into an array that covers a box."""
        if not box.contains(self.bbox):
            message = (
                f"The pixels, within {self.bbox}, are not all in the image, which is {box}. "
                "Take spans.clipped_to(image.bbox) first."
            )
            raise BoxError(message)
        ys, xs = self.indices()
        return ys - box.min_y, xs - box.min_x

    def to_array(self: _SpansWithIndices, bbox: Box | None = None) -> NDArray[np.bool_]:
        """Return an array that is true where there is a pixel.

        Parameters
        ----------
        bbox
            The pixels that the array covers; by default the box of the set.

        Raises
        ------
        BoxError
            If there are pixels outside.
        """
        box = self.bbox if bbox is None else bbox
        selected = np.zeros(box.shape, bool)
        selected[self._within(box)] = True
        return selected

    def flatten(
        self: _SpansWithIndices, pixels: NDArray[_Scalar], xy0: Point2I | tuple[int, int] = (0, 0)
    ) -> NDArray[_Scalar]:
        """Return the pixels of an array in span order, a copy.

        Parameters
        ----------
        pixels
            Shape (height, width, ...).
        xy0
            Coordinates of its first pixel, x before y.

        Returns
        -------
        numpy.ndarray
            Shape (area, ...).

        Raises
        ------
        BoxError
            If there are pixels outside.
        """
        return pixels[self._within(Box.from_shape(pixels.shape[:2], xy0))]

    def unflatten(
        self: _SpansWithIndices, values: NDArray[_Scalar], fill: float = 0
    ) -> NDArray[_Scalar]:
        """Return an array of the bounding box with values at the pixels of the set.

        Parameters
        ----------
        values
            Shape (area, ...), in span order.
        fill
            What stands at the other pixels.

        Raises
        ------
        ParameterValueError
            If there are more or fewer values than pixels.
        """
        if values.shape[:1] != (self.area,):
            message = f"{values.shape} values do not fit {self.area} pixels."
            raise ParameterValueError(message)
        whole = np.full(self.bbox.shape + values.shape[1:], fill, values.dtype)
        whole[self._within(self.bbox)] = values
        return whole

    def set_image(
        self: _SpansWithIndices, image: Pixels, value: float | NDArray[np.number]
    ) -> None:
        """Give pixels of an image one value, or each its own, in place.

        Parameters
        ----------
        image
            What is changed.
        value
            A number, or an array of shape (area,) in span order.

        Raises
        ------
        BoxError
            If there are pixels outside; nothing is changed then.
        ParameterTypeError
            If the pixels of the image cannot hold such values.
        """
        given = np.asarray(value)
        if given.ndim:
            self.check_image(image, given)
        image.array[self._within(image.bbox)] = given

    def check_image(self: _SpansWithIndices, image: Pixels, values: NDArray[np.generic]) -> None:
        """Check that pixels of an image can get values, each its own.

        Parameters
        ----------
        image
            What would be changed.
        values
            Shape (area,), in span order.

        Raises
        ------
        BoxError
            If there are pixels outside.
        ParameterTypeError
            If the pixels of the image cannot hold such values.
        ParameterValueError
            If there are more or fewer values than pixels.
        """
        self._within(image.bbox)
        if not np.can_cast(values.dtype, image.array.dtype, "same_kind"):
            message = f"Pixels of type {image.array.dtype} cannot hold values of {values.dtype}."
            raise ParameterTypeError(message)
        if values.shape != (self.area,):
            message = f"{values.shape} values do not fit {self.area} pixels."
            raise ParameterValueError(message)

    def copy_image(self: _SpansWithIndices, source: Pixels, target: Pixels) -> None:
        """Copy the pixels of one image to the same places in another.

        Raises
        ------
        BoxError
            If one of the images does not have all pixels.
        ParameterTypeError
            If the pixels of the target cannot hold those of the source.
        """
        self.set_image(target, source.array[self._within(source.bbox)])

    def set_mask(self: _SpansWithIndices, mask: MaskPixels, bits: int) -> None:
        """Set bits of a mask at the pixels of the set, in place.

        Raises
        ------
        BoxError
            If there are pixels outside; nothing is changed then.
        """
        mask.array[self._within(mask.bbox)] |= mask.array.dtype.type(bits)

    def clear_mask(self: _SpansWithIndices, mask: MaskPixels, bits: int) -> None:
        """Clear bits of a mask at the pixels of the set, in place; see `set_mask`."""
        mask.array[self._within(mask.bbox)] &= ~mask.array.dtype.type(bits)


class _SpansWithIndices(_Spans, Protocol):
    def indices(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
    def _within(self, box: Box) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
    def check_image(self, image: Pixels, values: NDArray[np.generic]) -> None: ...
    def set_image(self, image: Pixels, value: float | NDArray[np.number]) -> None: ...
