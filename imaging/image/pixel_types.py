"""Images of one type of pixels, by the names and with the arguments of the LSST stack.

``ImageF(box)`` is ``Image(box, dtype=np.float32)``; so the others. They make
objects of the plain classes, and so does arithmetic: ``type(ImageF(box))`` is
`Image`. ``isinstance(x, ImageF)`` asks whether ``x`` is an image of 32-bit
floating point, however it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, Self, TypeVar, cast

import numpy as np

from imaging.errors import ParameterTypeError
from imaging.fits.metadata import Metadata
from imaging.geometry.points import Point2I
from imaging.image.gen2_arguments import Gen2Arguments
from imaging.image.gen2_names import StandardPlaneNames
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from imaging.geometry.box import Box
    from imaging.geometry.origin import Origin

__all__ = [
    "ImageD",
    "ImageF",
    "ImageI",
    "ImageL",
    "ImageU",
    "MaskX",
    "MaskedImageD",
    "MaskedImageF",
    "MaskedImageI",
    "MaskedImageL",
    "MaskedImageU",
    "PixelType",
    "make_image",
    "make_mask",
    "make_masked_image",
]

_Pixels = TypeVar("_Pixels", Image, Mask)


class _Pixelated(Protocol):
    """What has pixels of a type."""

    @property
    def dtype(self) -> np.dtype[np.number]:
        """The type."""


class PixelType(type):
    """Makes classes whose objects are those of a plain class with one type of pixels."""

    plain: type[_Pixelated]
    pixel_dtype: type[np.number]

    def __instancecheck__(cls, instance: object) -> bool:
        """Return whether it is of the plain class and has pixels of this type."""
        return isinstance(instance, cls.plain) and instance.dtype == cls.pixel_dtype


class _TypedImage(Image, metaclass=PixelType):
    __slots__ = ()
    plain = Image
    pixel_dtype: ClassVar[type[np.number]] = np.float32

    def __new__(cls, *arguments: object, **keywords: object) -> Self:
        given = Gen2Arguments(cls.__name__, arguments, keywords)
        return cast("Self", _image_of(cls, given))

    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        bbox: Box | None = None,
        hdu: int | str | None = None,
        origin: Origin = "parent",
    ) -> Image:
        """Read an image as `Image.read_fits` does, and convert its pixels to this type."""
        image = Image.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)
        return image if image.dtype == cls.pixel_dtype else image.astype(cls.pixel_dtype)


class ImageD(_TypedImage):
    """Images of 64-bit floating point."""

    __slots__ = ()
    pixel_dtype = np.float64


class ImageF(_TypedImage):
    """Images of 32-bit floating point."""

    __slots__ = ()
    pixel_dtype = np.float32


class ImageI(_TypedImage):
    """Images of integers of 32 bits."""

    __slots__ = ()
    pixel_dtype = np.int32


class ImageL(_TypedImage):
    """Images of integers of 64 bits."""

    __slots__ = ()
    pixel_dtype = np.int64


class ImageU(_TypedImage):
    """Images of unsigned integers of 16 bits."""

    __slots__ = ()
    pixel_dtype = np.uint16


class MaskX(StandardPlaneNames, Mask, metaclass=PixelType):
    """Masks, and the standard planes by the class."""

    __slots__ = ()
    plain = Mask
    pixel_dtype = np.int32

    def __new__(cls, *arguments: object, **keywords: object) -> Self:  # noqa: D102 - a mask
        return cast("Self", _mask_of(Gen2Arguments(cls.__name__, arguments, keywords)))

    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        bbox: Box | None = None,
        hdu: int | str | None = None,
        origin: Origin = "parent",
    ) -> Mask:
        """Read a mask; see `Mask.read_fits`."""
        return Mask.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)


class _TypedMaskedImage(MaskedImage, metaclass=PixelType):
    __slots__ = ()
    plain = MaskedImage
    pixel_dtype: ClassVar[type[np.number]] = np.float32

    def __new__(cls, *arguments: object, **keywords: object) -> Self:
        given = Gen2Arguments(cls.__name__, arguments, keywords)
        return cast("Self", _masked_image_of(cls, given))

    @classmethod
    def read_fits(
        cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> MaskedImage:
        """Read as `MaskedImage.read_fits` does, and convert the image to this type."""
        masked = MaskedImage.read_fits(path, bbox=bbox, origin=origin)
        return masked if masked.dtype == cls.pixel_dtype else masked.astype(cls.pixel_dtype)


class MaskedImageD(_TypedMaskedImage):
    """Masked images of 64-bit floating point."""

    __slots__ = ()
    pixel_dtype = np.float64


class MaskedImageF(_TypedMaskedImage):
    """Masked images of 32-bit floating point."""

    __slots__ = ()
    pixel_dtype = np.float32


class MaskedImageI(_TypedMaskedImage):
    """Masked images of integers of 32 bits."""

    __slots__ = ()
    pixel_dtype = np.int32


class MaskedImageL(_TypedMaskedImage):
    """Masked images of integers of 64 bits."""

    __slots__ = ()
    pixel_dtype = np.int64


class MaskedImageU(_TypedMaskedImage):
    """Masked images of unsigned integers of 16 bits."""

    __slots__ = ()
    pixel_dtype = np.uint16


def make_image(array: ArrayLike, xy0: Point2I | tuple[int, int] = (0, 0)) -> Image:
    """Return an image of the pixels of an array, which are not copied."""
    return Image(array, xy0)


def make_mask(array: ArrayLike, xy0: Point2I | tuple[int, int] = (0, 0)) -> Mask:
    """Return a mask of the pixels of an array, which are not copied if they have 32 bits."""
    return Mask(array, xy0)


def make_masked_image(
    image: Image | ArrayLike,
    mask: Mask | ArrayLike | None = None,
    variance: Image | ArrayLike | None = None,
) -> MaskedImage:
    """Return a masked image of images or arrays, which are not copied."""
    pixels = image if isinstance(image, Image) else Image(image)
    flags = mask if mask is None or isinstance(mask, Mask) else Mask(mask, pixels.xy0)
    if not (variance is None or isinstance(variance, Image)):
        variance = Image(variance, pixels.xy0)
    return MaskedImage(pixels, flags, variance)


def _image_of(cls: type[_TypedImage], given: Gen2Arguments) -> Image:
    size = given.take_size()
    if size is not None:
        value, metadata = given.take_number("initialValue"), given.take(Metadata, "metadata")
        given.finish()
        return _filled(Image(size, metadata=metadata, dtype=cls.pixel_dtype), value)
    path = given.take_path()
    if path is not None:
        hdu = given.take(int, "hdu")
        bbox, origin, _ = given.take_part()
        given.finish()
        return cls.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)
    source = given.take(Image, "rhs")
    if source is not None:
        bbox, origin, deep = given.take_part()
        given.finish()
        return Image(source, origin, bbox=bbox, dtype=cls.pixel_dtype, deep=deep)
    array, deep, place, metadata = _array_of(given)
    given.finish()
    return Image(array, place, metadata, dtype=cls.pixel_dtype, deep=deep)


def _mask_of(given: Gen2Arguments) -> Mask:
    planes = given.take_named("planes")
    names = cast("Mapping[str, int] | None", planes)
    size = given.take_size()
    if size is not None:
        value = given.take_number("initialValue")
        names = given.take(dict, "planeDefs") if names is None else names
        given.finish()
        return _filled(Mask(size, planes=names), value)
    path = given.take_path()
    if path is not None:
        hdu = given.take(int, "hdu")
        bbox, origin, _ = given.take_part()
        given.finish()
        return Mask.read_fits(path, bbox=bbox, hdu=hdu, origin=origin)
    source = given.take(Mask, "rhs")
    if source is not None:
        bbox, origin, deep = given.take_part()
        given.finish()
        return Mask(source, origin, bbox=bbox, deep=deep)
    array, deep, place, metadata = _array_of(given)
    given.finish()
    return Mask(array, place, metadata, planes=names, deep=deep)


def _masked_image_of(cls: type[_TypedMaskedImage], given: Gen2Arguments) -> MaskedImage:
    planes = cast("Mapping[str, int] | None", given.take_named("planes"))
    size = given.take_size()
    if size is not None:
        planes = given.take(dict, "planeDict") if planes is None else planes
        given.finish()
        return MaskedImage(size, dtype=cls.pixel_dtype, planes=planes)
    path = given.take_path()
    if path is not None:
        bbox, origin, _ = given.take_part()
        given.finish()
        return cls.read_fits(path, bbox=bbox, origin=origin)
    source = given.take(MaskedImage, "rhs")
    if source is not None:
        bbox, origin, deep = given.take_part()
        given.finish()
        return MaskedImage(source, origin=origin, bbox=bbox, dtype=cls.pixel_dtype, deep=deep)
    image, mask, variance = map(given.take_next, ("image", "mask", "variance"))
    given.finish()
    if not isinstance(image, Image):
        message = f"{cls.__name__} needs an image, a size or the name of a file, not {image!r}."
        raise ParameterTypeError(message)
    pixels = Image(image, dtype=cls.pixel_dtype)
    return MaskedImage(pixels, cast("Mask", mask), cast("Image", variance), planes=planes)


def _array_of(
    given: Gen2Arguments,
) -> tuple[ArrayLike, bool, Point2I, Metadata | None]:
    """Take an array, depth, first pixel and header cards."""
    array = cast("ArrayLike", given.take_next())
    deep = given.take(bool, "deep") or False
    place = given.take(Point2I, "xy0") or given.take(tuple) or given.take_named("origin")
    first = Point2I() if place is None else Point2I(*cast("Point2I", place))
    return array, deep, first, given.take(Metadata, "metadata")


def _filled(pixels: _Pixels, value: float | None) -> _Pixels:
    if value is not None:
        pixels.fill(value)
    return pixels
