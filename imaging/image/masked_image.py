"""An image whose pixels have flags and variances."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from imaging.errors import ParameterTypeError
from imaging.fits.metadata import Metadata
from imaging.fits.planes import Plane
from imaging.fits.writer import PlanePart, write_parts
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.gen2_names import MaskedImageNames
from imaging.image.image import Image
from imaging.image.indexing import chosen_pixels
from imaging.image.mask import Mask
from imaging.image.mask_planes import MaskPlanes
from imaging.image.masked_arithmetic import MaskedArithmetic
from imaging.image.pixel_array import Placement, require_pixels, require_same_box, view_choice
from imaging.image.pixel_geometry import PixelGeometry
from imaging.image.plane_files import read_planes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import DTypeLike, NDArray

    from imaging.fits.tiles import Compression
    from imaging.geometry.origin import Origin
    from imaging.image.indexing import PartIndex, PixelIndex

__all__ = ["MaskedImage"]


class MaskedImage(MaskedArithmetic, PixelGeometry, MaskedImageNames):
    """Image, mask and variance of the same pixels.

    Parameters
    ----------
    source
        The image, which is not copied; or a box, for three planes of zeros;
        or another masked image, for a view of a part of it.
    mask
        By default zeros with the standard planes. For views, this place may
        have what stands second in ``Image(image, box)``.
    variance
        Floating point, in the square of the image's unit. By default zeros:
        pixels without variance count as exact.
    origin
        Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.
    bbox
        The part of another masked image.
    dtype
        Type of the image's pixels, by default 32-bit floating point for a
        box. That of another masked image can only be changed in a deep copy.
    planes
        Mask planes, for a box or an image without a mask.
    deep
        Whether to copy everything.

    Raises
    ------
    BoxError
        If the three have different boxes, or ``bbox`` is not inside.
    ParameterTypeError
        If one of them is of another kind.
    ParameterValueError
        If a view is asked for that needs a copy.

    Notes
    -----
    ``masked_image[box]`` is a view of all three. ``+ - * /`` combine it with
    another one of the same box, whose errors are taken as independent of its
    own, or with numbers, arrays and images, which are exact; variances are
    propagated (`imaging.image.propagation` has the formulae) and masks joined
    by OR. Planes that only the right mask has are added to the result; where
    names have other bits there, its bits are moved.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # its pixels can be changed

    @overload
    def __init__(
        self,
        source: Image,
        mask: Mask | None = None,
        variance: Image | None = None,
        *,
        planes: Mapping[str, int] | Iterable[str] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        source: Box,
        *,
        dtype: DTypeLike | None = None,
        planes: Mapping[str, int] | Iterable[str] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        source: MaskedImage,
        mask: Box | bool | None = None,  # noqa: FBT001 - MaskedImage(masked_image, True) in Gen2
        *,
        origin: Origin = "parent",
        bbox: Box | None = None,
        dtype: DTypeLike | None = None,
        deep: bool = False,
    ) -> None: ...
    def __init__(
        self,
        source: Image | Box | MaskedImage,
        mask: Mask | Placement = None,
        variance: Image | None = None,
        *,
        origin: Origin = "parent",
        bbox: Box | None = None,
        dtype: DTypeLike | None = None,
        planes: Mapping[str, int] | Iterable[str] | None = None,
        deep: bool = False,
    ) -> None:
        if isinstance(source, MaskedImage):
            own = mask if isinstance(mask, Mask) else None
            _refuse("A view has its mask and", mask=own, variance=variance, planes=planes)
            bbox = mask if isinstance(mask, Box) else bbox
            place = origin if mask is None or isinstance(mask, Box | Mask) else mask
            bbox, kind, deep = view_choice(place, bbox, deep=deep)
            image = Image(source.image, kind, bbox=bbox, dtype=dtype, deep=deep)
            flags = Mask(source.mask, kind, bbox=bbox, deep=deep)
            variance = Image(source.variance, kind, bbox=bbox, deep=deep)
        else:
            if not (mask is None or isinstance(mask, Mask)):
                message = f"The mask of a masked image is a Mask, not {mask!r}."
                raise ParameterTypeError(message)
            given, unused = deep or None, None if isinstance(source, Box) else dtype
            _refuse("A new one", bbox=bbox, dtype=unused, deep=given, planes=mask and planes)
            image = Image(source, dtype=dtype) if isinstance(source, Box) else source
            flags = Mask(_box(image), planes=planes) if mask is None else mask
            variance = Image(_box(image), dtype=np.float32) if variance is None else variance
        self._image, self._variance = image, variance
        self._mask = _checked_mask(image, flags, variance)

    @property
    def arrays(self) -> tuple[NDArray[np.number], NDArray[np.int32], NDArray[np.floating]]:
        """Pixels of image, mask and variance: views, not copies."""
        return self.image.array, self.mask.array, self.variance.array  # type: ignore[return-value]  # checked

    @property
    def metadata(self) -> Metadata:
        """Header cards of the image."""
        return self.image.metadata

    @metadata.setter
    def metadata(self, metadata: Metadata) -> None:
        self.image.metadata = metadata

    def set_origin(self, origin: Point2I | tuple[int, int]) -> None:
        """Give the first pixel of all three other parent coordinates."""
        for plane in (self.image, self.mask, self.variance):
            plane.set_origin(origin)

    def subset(self, bbox: Box, origin: Origin = "parent") -> MaskedImage:
        """Return a view of a part; see `imaging.image.pixel_array.PixelArray.subset`."""
        return MaskedImage(
            self.image.subset(bbox, origin),
            self.mask.subset(bbox, origin),
            self.variance.subset(bbox, origin),
        )

    def copy(self) -> MaskedImage:
        """Return an equal one that shares nothing with this one."""
        return MaskedImage(self.image.copy(), self.mask.copy(), self.variance.copy())

    def astype(self, dtype: DTypeLike) -> MaskedImage:
        """Return a copy whose image has another type; see `Image.astype`."""
        return MaskedImage(self.image.astype(dtype), self.mask.copy(), self.variance.copy())

    def make_similar(
        self,
        source: Box | MaskedImage,
        bbox: Box | None = None,
        origin: Origin = "parent",
        *,
        deep: bool = False,
    ) -> MaskedImage:
        """Return zeros of the same type and planes for a box, or a view or copy of another."""
        if isinstance(source, Box):
            return MaskedImage(source, dtype=self.dtype, planes=self.mask.planes)
        return MaskedImage(source, origin=origin, bbox=bbox, deep=deep)

    def assign(self, rhs: MaskedImage, bbox: Box | None = None, origin: Origin = "parent") -> None:
        """Take over the pixels of another; see `imaging.image.pixel_array.PixelArray.assign`.

        Raises
        ------
        BoxError
            If the dimensions differ, or the box is not inside; then nothing was changed.
        MaskPlaneError
            If there would be too many planes; then nothing was changed.
        """
        require_pixels(MaskedImage, rhs)
        self.mask.assign(rhs.mask, bbox, origin)
        self.image.assign(rhs.image, bbox, origin)
        self.variance.assign(rhs.variance, bbox, origin)

    @overload
    def __getitem__(self, place: PartIndex) -> MaskedImage: ...
    @overload
    def __getitem__(self, place: PixelIndex) -> tuple[np.number, np.number, np.number]: ...
    def __getitem__(
        self, place: PartIndex | PixelIndex
    ) -> MaskedImage | tuple[np.number, np.number, np.number]:
        chosen, origin = chosen_pixels(place, self.bbox)
        if isinstance(chosen, Box):
            return self.subset(chosen, origin)
        pixel = chosen, origin
        return self.image[pixel], self.mask[pixel], self.variance[pixel]

    def __setitem__(
        self,
        place: PartIndex | PixelIndex,
        value: MaskedImage | Image | float | tuple[float, int, float],
    ) -> None:
        chosen, origin = chosen_pixels(place, self.bbox)
        one = Box(chosen, Extent2I(1, 1)) if isinstance(chosen, Point2I) else chosen
        target = self.subset(one, origin)
        if isinstance(value, MaskedImage):
            target.assign(value)
        elif isinstance(value, Image):
            target.assign(MaskedImage(value, planes=self.mask.planes))
        elif isinstance(value, tuple):
            target.fill(*value)
        else:
            target.fill(value)

    def fill(self, value: float, mask: int = 0, variance: float = 0.0) -> None:
        """Give every pixel one value, one set of flags and one variance."""
        self.image.fill(value)
        self.mask.fill(mask)
        self.variance.fill(variance)

    @classmethod
    def read_fits(
        cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> MaskedImage:
        """Read image, mask and variance; see `imaging.image.plane_files.read_planes`."""
        planes = read_planes(path, bbox, origin)
        image, variance = planes["IMAGE"], planes["VARIANCE"]
        header = MaskPlanes.without_cards(image.header)
        return cls(
            Image(image.array, image.origin, header),
            Mask.from_plane(planes["MASK"], path),
            Image(_real(variance.array), variance.origin, variance.header),
        )

    def to_parts(self, compression: Compression | None = None) -> list[PlanePart]:
        """Return the HDUs of a file: IMAGE, MASK and VARIANCE.

        Parameters
        ----------
        compression
            As for `imaging.fits.planes.write_plane`; masks are kept exactly.

        Raises
        ------
        BoxError
            If one of the three was given another origin than the others.
        """
        image, variance = self.image, self.variance
        require_same_box(image.bbox, self.mask.bbox)
        require_same_box(image.bbox, variance.bbox)
        return [
            PlanePart(Plane(image.array, image.xy0, image.metadata), "IMAGE", compression),
            PlanePart(self.mask.to_plane(), "MASK", compression),
            PlanePart(
                Plane(variance.array, variance.xy0, variance.metadata), "VARIANCE", compression
            ),
        ]

    def write_fits(self, path: str, *, compression: Compression | None = None) -> None:
        """Write a file of three HDUs, IMAGE, MASK and VARIANCE.

        Parameters
        ----------
        path
            The file; one that exists is replaced by the whole of it, or not at all.
        compression
            As for `imaging.fits.planes.write_plane`; masks are kept exactly.

        Raises
        ------
        FitsFileError
            If it cannot be written.
        MetadataError
            If a card cannot be written.
        ParameterTypeError
            If FITS has no such pixels.
        """
        write_parts(path, Metadata(), self.to_parts(compression))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MaskedImage):
            return NotImplemented
        return (
            self.image == other.image
            and self.mask == other.mask
            and self.variance == other.variance
        )

    def __repr__(self) -> str:
        return f"<MaskedImage: {self.width} x {self.height} pixels, {self.dtype}, box {self.bbox}>"

    def _repr_html_(self) -> str:
        words = self.image.html_summary("MaskedImage", len(self.metadata))
        return f"{words}, {self.mask.planes!r}{self.image.html_thumbnail()}"


def _refuse(made: str, **arguments: object) -> None:
    """Raise ParameterTypeError if one of these arguments is given, which have no use."""
    given = [f"{name}={value!r}" for name, value in arguments.items() if value is not None]
    if given:
        raise ParameterTypeError(f"{made} makes no use of {', '.join(given)}.")


def _box(image: Image) -> Box:
    if not isinstance(image, Image):
        message = f"A masked image is made of an Image, a Box or a MaskedImage, not of {image!r}."
        raise ParameterTypeError(message)
    return image.bbox


def _checked_mask(image: Image, mask: Mask, variance: object) -> Mask:
    """Return the mask, if the three belong together."""
    if not isinstance(variance, Image) or variance.dtype.kind != "f":
        message = f"The variance of a masked image is a floating-point Image, not {variance!r}."
        raise ParameterTypeError(message)
    require_same_box(_box(image), mask.bbox)
    require_same_box(image.bbox, variance.bbox)
    return mask


def _real(array: NDArray[np.number]) -> NDArray[np.number]:
    """Return floating-point pixels; other programs write variances as integers, too."""
    return array if array.dtype.kind == "f" else array.astype(np.float32)
