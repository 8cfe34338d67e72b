"""Footprints with pixel values of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np

from imaging.errors import FootprintError, ParameterTypeError
from imaging.footprint import runs
from imaging.footprint.footprint import Footprint
from imaging.footprint.gen2_names import HeavyFootprintNames
from imaging.footprint.peaks import PeakCatalog
from imaging.image.image import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.footprint.pixel_access import MaskPixels, Pixels
    from imaging.footprint.span_set import SpanSet
    from imaging.geometry.box import Box

__all__ = ["FlatPixels", "HeavyFootprint", "MaskedPixels"]


@runtime_checkable
class MaskedPixels(Protocol):
    """A masked image, or whatever else has pixels, their flags and their variances."""

    @property
    def image(self) -> Pixels: ...  # noqa: D102 - as in MaskedImage
    @property
    def mask(self) -> MaskPixels: ...  # noqa: D102 - as in MaskedImage
    @property
    def variance(self) -> Pixels: ...  # noqa: D102 - as in MaskedImage


_PLANES = "image", "mask", "variance"
_Target: TypeAlias = "Pixels | MaskedPixels"


class FlatPixels(NamedTuple):
    """Values, flags and variances of the pixels of a footprint, in span order."""

    image: NDArray[np.number]
    mask: NDArray[np.integer]
    variance: NDArray[np.number]


class HeavyFootprint(Footprint, HeavyFootprintNames):
    """A footprint that has pixel values of its own, as a deblender gives to each source.

    Parameters
    ----------
    footprint
        Pixels, peaks and region.
    pixels
        A masked image or an exposure, whose values at the pixels are copied;
        or the values, see `from_arrays`.

    Raises
    ------
    BoxError
        If the image does not have all pixels.

    Notes
    -----
    ``image``, ``mask`` and ``variance`` are arrays of shape (area,) in *span
    order*, by row, then by column; their values can be changed. Bits of
    the mask have the meaning that the planes of the image gave them.
    """

    __slots__ = ("_image", "_mask", "_variance")

    def __init__(self, footprint: Footprint, pixels: MaskedPixels | FlatPixels) -> None:
        super().__init__(footprint.spans, footprint.peaks, footprint.region)
        if not isinstance(pixels, FlatPixels):
            pixels = FlatPixels(
                self.spans.flatten(pixels.image.array, pixels.image.bbox.min),
                self.spans.flatten(pixels.mask.array, pixels.mask.bbox.min),
                self.spans.flatten(pixels.variance.array, pixels.variance.bbox.min),
            )
        self._image, self._mask, self._variance = pixels

    @classmethod
    def from_arrays(
        cls,
        footprint: Footprint,
        image: NDArray[np.number],
        mask: NDArray[np.integer],
        variance: NDArray[np.number],
    ) -> HeavyFootprint:
        """Return a footprint with given values.

        Parameters
        ----------
        footprint
            Pixels, peaks and region.
        image, mask, variance
            Shape (area,) in span order; not copied.

        Raises
        ------
        FootprintError
            If there are not as many values as pixels.
        """
        shapes = {image.shape, mask.shape, variance.shape}
        if shapes != {(footprint.area,)}:
            message = f"Arrays of shape {image.shape}, {mask.shape} and {variance.shape} "
            raise FootprintError(message + f"do not fit a footprint of {footprint.area} pixels.")
        return cls(footprint, FlatPixels(image, mask, variance))

    @property
    def image(self) -> NDArray[np.number]:
        """Values of the pixels, shape (area,)."""
        return self._image

    @property
    def mask(self) -> NDArray[np.integer]:
        """Flags of the pixels, shape (area,)."""
        return self._mask

    @property
    def variance(self) -> NDArray[np.number]:
        """Variances of the pixels, shape (area,)."""
        return self._variance

    @property
    def is_heavy(self) -> bool:
        """Whether it has pixel values of its own: True."""
        return True

    def _replace(self, spans: SpanSet) -> None:
        """Keep the values of the pixels that stay."""
        if not self.spans.contains(spans):
            message = (
                "A heavy footprint cannot get pixels for which it has no values. "
                "Change Footprint(heavy.spans, heavy.peaks) instead."
            )
            raise FootprintError(message)
        kept = runs.places_within(spans.line, self.spans.line)
        self._image, self._mask, self._variance = (
            self._image[kept],
            self._mask[kept],
            self._variance[kept],
        )
        super()._replace(spans)

    def insert(self, target: _Target) -> None:
        """Write the values into an image, in place of those that are there.

        Parameters
        ----------
        target
            An image gets the pixel values; a masked image or an exposure also
            flags and variances.

        Raises
        ------
        BoxError
            If there are pixels outside; nothing is changed then.
        ParameterTypeError
            If the pixels of the target cannot hold the values.
        """
        if isinstance(target, MaskedPixels):
            planes = [
                (target.image, self._image),
                (target.mask, self._mask),
                (target.variance, self._variance),
            ]
        elif hasattr(target, "array"):
            planes = [(target, self._image)]
        else:
            message = f"Pixels are inserted into an image or an exposure, not into {target!r}."
            raise ParameterTypeError(message)
        for plane, values in planes:
            self.spans.check_image(plane, values)
        for plane, values in planes:
            self.spans.set_image(plane, values)

    def to_image(self, fill: float = np.nan, bbox: Box | None = None) -> Image:
        """Return an image of the values.

        Parameters
        ----------
        fill
            What stands at the other pixels; 0 where the values are whole
            numbers and this is NaN.
        bbox
            The pixels of the image; by default the box of the footprint.

        Raises
        ------
        BoxError
            If there are pixels outside.
        """
        dtype = self._image.dtype
        whole = dtype.kind in "iu" and np.isnan(fill)
        box = self.bbox if bbox is None else bbox
        image = Image(np.full(box.shape, 0 if whole else fill, dtype), box.min)
        self.spans.set_image(image, self._image)
        return image

    def dot(self, other: HeavyFootprint) -> float:
        """Return the sum of the products of the values of the pixels that both have."""
        mine, theirs = self.spans.line, other.spans.line
        both = runs.covered(runs.joined(mine, theirs), 2)
        left = self._image[runs.places_within(both, mine)].astype(float)
        return float(left @ other.image[runs.places_within(both, theirs)])

    def copy(self) -> HeavyFootprint:
        """Return an equal footprint that shares nothing that can be changed."""
        arrays = self._image.copy(), self._mask.copy(), self._variance.copy()
        return HeavyFootprint.from_arrays(self, *arrays)

    def split(self, *, diagonal: bool = False) -> list[Footprint]:
        """Return the pieces that do not touch, with their peaks and values; see `Footprint`."""
        line = self.spans.line
        pieces: list[Footprint] = []
        for piece in super().split(diagonal=diagonal):
            kept = runs.places_within(piece.spans.line, line)
            values = self._image[kept], self._mask[kept], self._variance[kept]
            pieces.append(HeavyFootprint.from_arrays(piece, *values))
        return pieces

    def __add__(self, other: HeavyFootprint) -> HeavyFootprint:
        """Return the pixels of both; where they overlap, values add up and flags join."""
        if not isinstance(other, HeavyFootprint):
            return NotImplemented
        spans = self.spans.union(other.spans)
        peaks = PeakCatalog(np.concatenate([self.peaks.array, other.peaks.array]))
        peaks.sort()
        region = self.region.expanded_to(other.region)
        image, mask, variance = (
            np.zeros(spans.area, np.result_type(getattr(self, name), getattr(other, name)))
            for name in _PLANES
        )
        for part in (self, other):
            places = runs.places_within(part.spans.line, spans.line)
            image[places] += part.image
            mask[places] |= part.mask
            variance[places] += part.variance
        return HeavyFootprint.from_arrays(Footprint(spans, peaks, region), image, mask, variance)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HeavyFootprint):
            return NotImplemented
        return super().__eq__(other) and all(
            mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()
            for mine, theirs in (
                (self._image, other.image),
                (self._mask, other.mask),
                (self._variance, other.variance),
            )
        )

    __hash__ = None  # type: ignore[assignment]  # its values can be changed
