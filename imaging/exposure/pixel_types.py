"""Exposures of one type of pixels, by the names and with the arguments of the LSST stack.

They make objects of `Exposure`, as `imaging.image.pixel_types` says of images:
``isinstance(x, ExposureF)`` asks for an image of 32-bit floating point. A file
of other pixels is converted when it is read.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, Self, cast

import numpy as np

from imaging.exposure.exposure import Exposure
from imaging.exposure.info import ExposureInfo, ExposureParts
from imaging.image.gen2_arguments import Gen2Arguments
from imaging.image.pixel_types import PixelType
from imaging.wcs.projection import SkyProjection

if TYPE_CHECKING:
    from imaging.geometry.box import Box
    from imaging.geometry.origin import Origin
    from imaging.image.image import Image
    from imaging.image.masked_image import MaskedImage

__all__ = ["ExposureD", "ExposureF", "ExposureI", "ExposureL", "ExposureU", "make_exposure"]


class _TypedExposure(Exposure, metaclass=PixelType):
    __slots__ = ()
    plain = Exposure
    pixel_dtype: ClassVar[type[np.number]] = np.float32

    def __new__(cls, *arguments: object, **keywords: object) -> Self:
        return cast("Self", _exposure_of(cls, Gen2Arguments(cls.__name__, arguments, keywords)))

    @classmethod
    def read_fits(cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent") -> Self:
        """Read as `Exposure.read_fits` does, and convert the image to this type."""
        exposure = Exposure.read_fits(path, bbox=bbox, origin=origin)
        is_right = exposure.dtype == cls.pixel_dtype
        return cast("Self", exposure if is_right else exposure.astype(cls.pixel_dtype))


class ExposureD(_TypedExposure):
    """Exposures of 64-bit floating point."""

    __slots__ = ()
    pixel_dtype = np.float64


class ExposureF(_TypedExposure):
    """Exposures of 32-bit floating point."""

    __slots__ = ()
    pixel_dtype = np.float32


class ExposureI(_TypedExposure):
    """Exposures of integers of 32 bits."""

    __slots__ = ()
    pixel_dtype = np.int32


class ExposureL(_TypedExposure):
    """Exposures of integers of 64 bits."""

    __slots__ = ()
    pixel_dtype = np.int64


class ExposureU(_TypedExposure):
    """Exposures of unsigned integers of 16 bits."""

    __slots__ = ()
    pixel_dtype = np.uint16


def make_exposure(pixels: MaskedImage | Image, wcs: SkyProjection | None = None) -> Exposure:
    """Return an exposure of pixels, which are not copied."""
    return Exposure(pixels, wcs=wcs)


def _exposure_of(cls: type[_TypedExposure], given: Gen2Arguments) -> Exposure:
    size = given.take_size()
    path = given.take_path() if size is None else None
    if path is not None:
        bbox, origin, _ = given.take_part()
        given.finish()
        return cls.read_fits(path, bbox=bbox, origin=origin)
    source = given.take_next("maskedImage") if size is None else size
    parts = _parts_of(given)
    if size is not None:
        given.finish()
        return Exposure(size, dtype=cls.pixel_dtype, **parts)
    bbox, origin, deep = given.take_part()
    given.finish()
    pixels = cast("Exposure", source)  # or something that an exposure refuses
    return Exposure(pixels, bbox, origin, dtype=cls.pixel_dtype, deep=deep, **parts)


def _parts_of(given: Gen2Arguments) -> ExposureParts:
    """Take a WCS, or everything that is known but the pixels, and parts by their names."""
    info = given.take(ExposureInfo, "exposureInfo")
    wcs = given.take(SkyProjection)  # type: ignore[type-abstract]  # only asked for
    given.take(type(None))
    parts = {part.name: getattr(info, part.name) for part in fields(info)} if info else {}
    if wcs is not None:
        parts["wcs"] = wcs
    for name in ExposureParts.__annotations__:
        part = given.take_named(name)
        if part is not None:
            parts[name] = part
    return cast("ExposureParts", parts)
