"""The names that users of the LSST stack's second generation know: images.

Each class is a mixin of one-line delegations to the PEP 8 name, so that a
subclass that overrides the latter changes both. What a mixin needs of its
class is said by a protocol, because the class imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, SupportsInt, TypeVar, cast

from imaging.errors import MaskPlaneError, ParameterTypeError
from imaging.image.gen2_arguments import Gen2Arguments
from imaging.image.mask_planes import MaskPlanes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import DTypeLike, NDArray

    from imaging.geometry.box import Box
    from imaging.geometry.gen2_protocols import PixelSized
    from imaging.geometry.origin import Origin
    from imaging.geometry.points import Point2I

__all__ = [
    "LOCAL",
    "PARENT",
    "ConvertedNames",
    "ImageNames",
    "ImageOrigin",
    "MaskNames",
    "MaskedImageNames",
    "PixelNames",
    "StandardPlaneNames",
]

LOCAL: Final = "local"
"""Gen2's ``ImageOrigin``: coordinates that count from the first pixel."""
PARENT: Final = "parent"
"""Gen2's ``ImageOrigin``: coordinates that stay when a part is taken."""


class ImageOrigin:
    """The two ways to count pixels."""

    LOCAL: Final = LOCAL
    PARENT: Final = PARENT


_Pixel = TypeVar("_Pixel")
_Pixel_co = TypeVar("_Pixel_co", covariant=True)
_Point = TypeVar("_Point")
_Extent = TypeVar("_Extent")
_Other = TypeVar("_Other")
_Made = TypeVar("_Made")
_ImageType = TypeVar("_ImageType")
_MaskType = TypeVar("_MaskType")
_Point_co = TypeVar("_Point_co", covariant=True)
_Extent_contra = TypeVar("_Extent_contra", contravariant=True)
_Other_contra = TypeVar("_Other_contra", contravariant=True)
_Made_co = TypeVar("_Made_co", covariant=True)
_ImageType_co = TypeVar("_ImageType_co", covariant=True)
_MaskType_co = TypeVar("_MaskType_co", covariant=True)


class _Located(Protocol[_Point_co]):
    @property
    def xy0(self) -> _Point_co: ...
    @property
    def x0(self) -> int: ...
    @property
    def y0(self) -> int: ...


class _Relocated(Protocol[_Extent_contra]):
    def set_origin(self, origin: _Extent_contra) -> None: ...


class _Boxed(Protocol):
    def get_bbox(self, origin: Origin = "parent") -> Box: ...


class _Pixels(Protocol):
    @property
    def array(self) -> NDArray[np.number]: ...


class _Copied(Protocol[_Made_co]):
    def copy(self) -> _Made_co: ...


class _Filled(Protocol):
    def fill(self, value: float) -> None: ...


class _Written(Protocol):
    def write_fits(self, path: str) -> None: ...


class _Scaled(Protocol[_Other_contra]):
    def scaled_plus(self, factor: float, other: _Other_contra) -> None: ...
    def scaled_minus(self, factor: float, other: _Other_contra) -> None: ...


class _Similar(Protocol[_Other_contra, _Made_co]):
    def make_similar(
        self,
        source: _Other_contra,
        bbox: Box | None = None,
        origin: Origin = "parent",
        *,
        deep: bool = False,
    ) -> _Made_co: ...
    @classmethod
    def read_fits(
        cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> _Made_co: ...


class _Convertible(Protocol[_Made_co]):
    def astype(self, dtype: DTypeLike) -> _Made_co: ...


class _Indexed(Protocol[_Pixel_co]):
    def __getitem__(self, place: tuple[int, int, Origin], /) -> _Pixel_co: ...


class _Fillable(_Filled, Protocol):
    def __setitem__(self, place: tuple[int, int, Origin], value: float, /) -> None: ...


class _FilledThrice(Protocol):
    def fill(self, value: float, mask: int = 0, variance: float = 0.0) -> None: ...


class _Readable(Protocol):
    def interpret(self, value: int) -> str: ...
    def __getitem__(self, place: tuple[int, int, Origin], /) -> SupportsInt: ...


class _Read(Protocol[_Made_co]):
    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        bbox: Box | None = None,
        hdu: int | str | None = None,
        origin: Origin = "parent",
    ) -> _Made_co: ...


class _ReadWhole(Protocol[_Made_co]):
    @classmethod
    def read_fits(
        cls, path: str, *, bbox: Box | None = None, origin: Origin = "parent"
    ) -> _Made_co: ...


class _Planes(Protocol):
    @property
    def planes(self) -> Mapping[str, int]: ...
    def get_bit_mask(self, *names: str | Iterable[str]) -> int: ...
    def add_plane(self, name: str) -> int: ...
    def remove_plane(self, name: str) -> None: ...
    def remove_and_clear_plane(self, name: str) -> None: ...
    def clear_plane(self, *names: str | Iterable[str]) -> None: ...
    def clear_bits(self, value: int) -> None: ...
    def clear_all_planes(self) -> None: ...


class _Parts(Protocol[_ImageType_co, _MaskType_co]):
    @property
    def image(self) -> _ImageType_co: ...
    @property
    def mask(self) -> _MaskType_co: ...
    @property
    def variance(self) -> _ImageType_co: ...
    @property
    def arrays(
        self,
    ) -> tuple[NDArray[np.number], NDArray[np.int32], NDArray[np.floating]]: ...


class PixelNames:
    """Gen2 spellings of what images, masks and masked images have in common."""

    __slots__ = ()

    def getBBox(self: _Boxed, origin: Origin = "parent") -> Box:
        """Call ``get_bbox``."""
        return self.get_bbox(origin)

    def getDimensions(self: PixelSized[_Extent]) -> _Extent:
        """Return ``dimensions``."""
        return self.dimensions

    def getWidth(self: PixelSized[_Extent]) -> int:
        """Return ``width``."""
        return self.width

    def getHeight(self: PixelSized[_Extent]) -> int:
        """Return ``height``."""
        return self.height

    def getXY0(self: _Located[_Point]) -> _Point:
        """Return ``xy0``."""
        return self.xy0

    def getX0(self: _Located[_Point]) -> int:
        """Return ``x0``."""
        return self.x0

    def getY0(self: _Located[_Point]) -> int:
        """Return ``y0``."""
        return self.y0

    def setXY0(
        self: _Relocated[Point2I | tuple[int, int]], x: Point2I | int, y: int | None = None
    ) -> None:
        """Call ``set_origin`` with a point, or with two numbers."""
        self.set_origin(cast("Point2I", x) if y is None else (cast("int", x), y))

    def clone(self: _Copied[_Made]) -> _Made:
        """Call ``copy``."""
        return self.copy()

    def writeFits(self: _Written, fileName: str) -> None:
        """Call ``write_fits``."""
        self.write_fits(fileName)

    def Factory(self: _Similar[_Other, _Made], *arguments: object, **keywords: object) -> _Made:
        """Call ``make_similar``, ``fill`` and ``read_fits``, whatever the arguments ask for."""
        given = Gen2Arguments("Factory", arguments, keywords)
        size = given.take_size()
        if size is not None:
            value = given.take_number("initialValue")
            given.finish()
            made = self.make_similar(cast("_Other", size))
            if value is not None:
                cast("_Filled", made).fill(value)
            return made
        path = given.take_path()
        source = given.take_next() if path is None else path
        bbox, origin, deep = given.take_part()
        given.finish()
        if path is not None:
            return self.read_fits(path, bbox=bbox, origin=origin)
        return self.make_similar(cast("_Other", source), bbox, origin, deep=deep)


class ConvertedNames:
    """Gen2 spellings of what has pixels that can be converted to another type."""

    __slots__ = ()

    def convertD(self: _Convertible[_Made]) -> _Made:
        """Call ``astype``."""
        return self.astype("f8")

    def convertF(self: _Convertible[_Made]) -> _Made:
        """Call ``astype``."""
        return self.astype("f4")

    def convertI(self: _Convertible[_Made]) -> _Made:
        """Call ``astype``."""
        return self.astype("i4")

    def convertU(self: _Convertible[_Made]) -> _Made:
        """Call ``astype``."""
        return self.astype("u2")


class _ScaledNames:
    __slots__ = ()

    def scaledPlus(self: _Scaled[_Other], c: float, rhs: _Other) -> None:
        """Call ``scaled_plus``."""
        self.scaled_plus(c, rhs)

    def scaledMinus(self: _Scaled[_Other], c: float, rhs: _Other) -> None:
        """Call ``scaled_minus``."""
        self.scaled_minus(c, rhs)


class _ArrayNames:
    __slots__ = ()

    def getArray(self: _Pixels) -> NDArray[np.number]:
        """Return ``array``."""
        return self.array

    def get(self: _Indexed[_Pixel], x: int, y: int) -> _Pixel:
        """Return ``self[x, y, "local"]``."""
        return self[x, y, LOCAL]

    def set(self: _Fillable, *value: float) -> None:
        """Call ``fill`` with one number; set ``self[x, y, "local"]`` with ``x, y, value``."""
        if len(value) == 1:
            self.fill(value[0])
        elif len(value) == 3:  # noqa: PLR2004 - x, y and value
            self[int(value[0]), int(value[1]), LOCAL] = value[2]
        else:
            raise ParameterTypeError(f"set{value}: give a value for all pixels, or x, y and value.")

    @classmethod
    def readFits(
        cls: type[_Read[_Made]],
        fileName: str,
        hdu: int | str | None = None,
        bbox: Box | None = None,
        origin: Origin = "parent",
    ) -> _Made:
        """Call ``read_fits``."""
        return cls.read_fits(fileName, bbox=bbox, hdu=hdu, origin=origin)


class ImageNames(_ArrayNames, _ScaledNames, ConvertedNames, PixelNames):
    """Gen2 spellings of `imaging.image.image.Image`."""

    __slots__ = ()


class MaskNames(_ArrayNames, PixelNames):
    """Gen2 spellings of `imaging.image.mask.Mask`."""

    __slots__ = ()

    def getPlaneBitMask(self: _Planes, name: str | Iterable[str]) -> int:
        """Call ``get_bit_mask``."""
        return self.get_bit_mask(name)

    def getMaskPlane(self: _Planes, name: str) -> int:
        """Return ``planes[name]``."""
        return self.planes[name]

    def getMaskPlaneDict(self: _Planes) -> dict[str, int]:
        """Return ``dict(planes)``."""
        return dict(self.planes)

    def addMaskPlane(self: _Planes, name: str) -> int:
        """Call ``add_plane``."""
        return self.add_plane(name)

    def removeMaskPlane(self: _Planes, name: str) -> None:
        """Call ``remove_plane``."""
        self.remove_plane(name)

    def removeAndClearMaskPlane(
        self: _Planes,
        name: str,
        removeFromDefault: bool = False,  # noqa: FBT001, FBT002, ARG002 - so it is called in Gen2
    ) -> None:
        """Call ``remove_and_clear_plane``; planes of other masks are never removed."""
        self.remove_and_clear_plane(name)

    def clearMaskPlane(self: _Planes, plane: str | int) -> None:
        """Call ``clear_plane`` with a name, ``clear_bits`` with the number of a bit."""
        if isinstance(plane, str):
            self.clear_plane(plane)
        else:
            self.clear_bits(1 << plane)

    def getAsString(self: _Readable, x: int, y: int) -> str:
        """Call ``interpret`` with ``self[x, y, "local"]``."""
        return self.interpret(int(self[x, y, LOCAL]))

    def getNumPlanesUsed(self: _Planes) -> int:
        """Return ``len(planes)``."""
        return len(self.planes)

    def clearAllMaskPlanes(self: _Planes) -> None:
        """Call ``clear_all_planes``."""
        self.clear_all_planes()


class StandardPlaneNames:
    """Gen2 spellings that the class of masks has, where no mask is at hand: the standard planes."""

    __slots__ = ()

    @classmethod
    def getPlaneBitMask(cls, name: str | Iterable[str]) -> int:
        """Call ``get_bit_mask`` of the standard planes."""
        return MaskPlanes().get_bit_mask(name)

    @classmethod
    def getMaskPlane(cls, name: str) -> int:
        """Return the bit of a standard plane."""
        return MaskPlanes()[name]

    @classmethod
    def getMaskPlaneDict(cls) -> dict[str, int]:
        """Return the standard planes."""
        return dict(MaskPlanes())

    @classmethod
    def addMaskPlane(cls, name: str) -> int:
        """Return the bit of a standard plane; others cannot be added to all masks at once."""
        planes = MaskPlanes()
        if name not in planes:
            message = (
                f"The mask plane {name!r} cannot be added to all masks: here planes belong to a "
                "mask. Call addMaskPlane of the mask that is to have it."
            )
            raise MaskPlaneError(message)
        return planes[name]

    @classmethod
    def interpret(cls, value: int) -> str:
        """Return the names of the standard planes of a pixel's value."""
        return MaskPlanes().interpret(value)


class MaskedImageNames(_ScaledNames, ConvertedNames, PixelNames):
    """Gen2 spellings of `imaging.image.masked_image.MaskedImage`."""

    __slots__ = ()

    def get(self: _Indexed[_Pixel], x: int, y: int) -> _Pixel:
        """Return ``self[x, y, "local"]``."""
        return self[x, y, LOCAL]

    def set(self: _FilledThrice, value: float, mask: int = 0, variance: float = 0.0) -> None:
        """Call ``fill``."""
        self.fill(value, mask, variance)

    def getImage(self: _Parts[_ImageType, _MaskType]) -> _ImageType:
        """Return ``image``."""
        return self.image

    def getMask(self: _Parts[_ImageType, _MaskType]) -> _MaskType:
        """Return ``mask``."""
        return self.mask

    def getVariance(self: _Parts[_ImageType, _MaskType]) -> _ImageType:
        """Return ``variance``."""
        return self.variance

    def getArrays(
        self: _Parts[_ImageType, _MaskType],
    ) -> tuple[NDArray[np.number], NDArray[np.int32], NDArray[np.floating]]:
        """Return ``arrays``."""
        return self.arrays

    @classmethod
    def readFits(
        cls: type[_ReadWhole[_Made]],
        fileName: str,
        bbox: Box | None = None,
        origin: Origin = "parent",
    ) -> _Made:
        """Call ``read_fits``."""
        return cls.read_fits(fileName, bbox=bbox, origin=origin)
