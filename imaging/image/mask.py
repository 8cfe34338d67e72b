"""A two-dimensional array of bits that have names."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Self, cast, overload

import numpy as np

from imaging.errors import (
    BoxError,
    FitsFileError,
    ImagingError,
    MaskPlaneError,
    ParameterTypeError,
    ParameterValueError,
)
from imaging.fits.metadata import Metadata
from imaging.fits.planes import Plane, read_plane, write_plane
from imaging.geometry.box import Box
from imaging.image.conversion import empty_pixels, plain_array, put
from imaging.image.gen2_names import MaskNames
from imaging.image.mask_bits import as_bits, moved_bits, used_bits
from imaging.image.mask_planes import MaskPlanes
from imaging.image.pixel_array import (
    PixelArray,
    Placement,
    check_arguments,
    checked_pixels,
    first_pixel,
    require_pixels,
    require_same_box,
    require_same_dimensions,
    view_choice,
)
from imaging.image.plane_files import find_plane

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.tiles import Compression
    from imaging.geometry.origin import Origin
    from imaging.geometry.points import Point2I
    from imaging.image.indexing import PartIndex, PixelIndex
    from imaging.image.mask_planes import Names

__all__ = ["Mask"]


class Mask(PixelArray, MaskNames):  # noqa: PLW1641 - not hashable, like its base
    """Pixels of 32 bits, 31 of which can have names, and the coordinates of the first of them.

    Parameters
    ----------
    source
        A two-dimensional array (height, width) of integers, which is copied
        only if it is not of 32 bits; or a box, for a mask of zeros; or
        another mask, for a view of a part of it.
    origin
        As for `imaging.image.image.Image`.
    metadata
        Header cards that describe the array.
    planes
        Names of the bits; by default those of the other mask, or the standard
        ones. They are copied, so that no two masks are tied together.
    bbox
        The part of another mask.
    deep
        Whether to copy the pixels and the planes.

    Raises
    ------
    BoxError
        If ``bbox`` is not inside the other mask.
    ParameterTypeError
        If pixels are no integers, or the source is of another kind.
    ParameterValueError
        If an array is not two-dimensional or needs more than 32 bits.

    Notes
    -----
    ``mask[box]`` is a view: it shares pixels and planes. ``| & ^`` combine a
    mask with whole numbers, arrays of them, and masks of the same box and
    planes.
    """

    __slots__ = ("_planes", "_whole")

    _planes: MaskPlanes
    _whole: NDArray[np.int32]

    @overload
    def __init__(
        self,
        source: ArrayLike,
        origin: Point2I | tuple[int, int] = (0, 0),
        metadata: Metadata | None = None,
        *,
        planes: Mapping[str, int] | Iterable[str] | None = None,
        deep: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self,
        source: Box,
        *,
        metadata: Metadata | None = None,
        planes: Mapping[str, int] | Iterable[str] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        source: Mask,
        origin: Origin | Box | bool = "parent",  # noqa: FBT001 - Mask(mask, True) in Gen2
        metadata: Metadata | None = None,
        *,
        bbox: Box | None = None,
        deep: bool = False,
    ) -> None: ...
    def __init__(
        self,
        source: ArrayLike | Box | Mask,
        origin: Placement = None,
        metadata: Metadata | None = None,
        *,
        planes: Mapping[str, int] | Iterable[str] | None = None,
        bbox: Box | None = None,
        deep: bool = False,
    ) -> None:
        check_arguments(source, origin, bbox, metadata)
        if isinstance(source, Mask):
            bbox, kind, deep = view_choice(origin, bbox, deep=deep)
            part = source if bbox is None else source.subset(bbox, kind)
            part = part.copy() if deep else part
            self._set(part.array, part.xy0, part.metadata if metadata is None else metadata)
            self._planes, self._whole = part.planes, part._whole  # noqa: SLF001 - a mask, too
            if planes is not None:
                message = "A view of a mask has its planes; for others call with_planes."
                raise ParameterValueError(message)
            return
        if isinstance(source, Box):
            array, first = cast("NDArray[np.int32]", empty_pixels(source, np.int32)), source.min
        else:
            array = as_bits(checked_pixels(plain_array(source), deep=deep))
            first = first_pixel(origin)
        self._set(array, first, Metadata() if metadata is None else metadata)
        self._planes = planes.copy() if isinstance(planes, MaskPlanes) else MaskPlanes(planes)
        self._whole = array

    def _like(self, array: NDArray[np.number], origin: Point2I, metadata: Metadata) -> Self:
        made = super()._like(array, origin, metadata)
        is_view = np.may_share_memory(array, self._whole)
        made._whole = self._whole if is_view else cast("NDArray[np.int32]", array)  # noqa: SLF001
        made._planes = self._planes if is_view else self._planes.copy()  # noqa: SLF001
        return made

    @property
    def array(self) -> NDArray[np.int32]:
        """The pixels, shape (height, width): a view, not a copy."""
        return cast("NDArray[np.int32]", self._array)

    @array.setter
    def array(self, values: ArrayLike) -> None:
        if values is not self._array:
            put(self._array, self._fitting(values))

    def _fitting(self, values: ArrayLike) -> NDArray[np.int32]:
        return as_bits(plain_array(values))

    @property
    def planes(self) -> MaskPlanes:
        """Names of the bits: shared with the mask of which this is a view."""
        return self._planes

    def get_bit_mask(self, *names: Names) -> int:
        """Return the value of a pixel in which the bits of these planes are set.

        Parameters
        ----------
        names
            Names of planes, or lists of them.

        Raises
        ------
        MaskPlaneError
            If one of them does not exist.
        """
        return self.planes.get_bit_mask(*names)

    def interpret(self, value: int) -> str:
        """Return the names of the planes of a pixel's value, such as ``CR,SAT``."""
        return self.planes.interpret(value)

    def add_plane(self, name: str, description: str | None = None) -> int:
        """Add a plane, here and in all views, and return its bit; see `MaskPlanes.add`."""
        return self.planes.add(name, description)

    def remove_plane(self, name: str) -> None:
        """Remove a name, here and in all views, and leave the pixels.

        No new plane gets the bit as long as pixels have it: it would seem to be set there.
        """
        bit = self.planes.remove(name)
        self.planes.reserve_bits(used_bits(self._whole) & 1 << bit)

    def remove_and_clear_plane(self, name: str) -> None:
        """Remove a plane, and clear its bit in all pixels, also of what this is a view of."""
        bit = self.planes.remove(name)
        np.bitwise_and(self._whole, ~(1 << bit), out=self._whole)
        self.planes.release_bits(1 << bit)

    def clear_plane(self, *names: Names) -> None:
        """Clear the bits of planes in all pixels of this mask or view."""
        self.clear_bits(self.get_bit_mask(*names))

    def clear_bits(self, value: int) -> None:
        """Clear bits in all pixels of this mask or view, given as the value of a pixel."""
        np.bitwise_and(self.array, as_bits(np.asarray(~value & 0xFFFF_FFFF)), out=self.array)

    def clear_all_planes(self) -> None:
        """Make every pixel 0; the planes stay."""
        self.fill(0)
        self.planes.release_bits(~used_bits(self._whole))

    def get_plane(self, *names: Names) -> NDArray[np.bool_]:
        """Return where at least one of these planes is set, shape (height, width)."""
        is_set: NDArray[np.bool_] = (self.array & np.int32(self.get_bit_mask(*names))) != 0
        return is_set

    def set_plane(self, name: str, where: Box | NDArray[np.bool_] | None = None) -> None:
        """Set the bit of a plane; pixels outside of ``where`` stay as they are.

        Parameters
        ----------
        name
            A plane that exists.
        where
            A boolean array of the mask's shape, or a box in parent
            coordinates; by default everywhere.

        Raises
        ------
        BoxError
            If the shape differs, or the box is not inside the mask.
        MaskPlaneError
            If there is no such plane.
        ParameterTypeError
            If it is an array of something else.
        """
        bit = np.int32(self.get_bit_mask(name))
        if where is None or isinstance(where, Box):
            target = self.array if where is None else self.subset(where).array
            np.bitwise_or(target, bit, out=target)
            return
        if not (isinstance(where, np.ndarray) and where.dtype == np.bool_):
            message = (
                f"A mask plane is set where a boolean array is True, or in a Box, not {where!r}."
            )
            raise ParameterTypeError(message)
        if where.shape != self.array.shape:
            message = (
                f"An array of shape {where.shape} does not say which pixels of a mask of shape "
                f"{self.array.shape} (rows, columns) to set, box {self.bbox}."
            )
            raise BoxError(message)
        np.bitwise_or(self.array, where * bit, out=self.array)

    def with_planes(self, planes: Mapping[str, int]) -> Mask:
        """Return a copy whose bits are numbered as in other planes.

        Parameters
        ----------
        planes
            The numbering. Planes that only this mask has get bits behind it.
            Bits without a name stay where they are.

        Raises
        ------
        MaskPlaneError
            If there are more than 31 planes together, or a bit without a name
            has a name there.
        """
        target = planes.copy() if isinstance(planes, MaskPlanes) else MaskPlanes(planes)
        used = used_bits(self.array)
        nameless = used & ~self.planes.bit_mask
        if nameless & target.bit_mask:
            bits = target.interpret(nameless & target.bit_mask)
            message = (
                f"Pixels have bits set that have no name here, and are {bits} in the other "
                "planes. Name them with planes.add, or clear them."
            )
            raise MaskPlaneError(message)
        target.reserve_bits(nameless)
        moves: dict[int, int] = {}
        for name, bit in self.planes.items():
            moves[bit] = target.add(name, self.planes.describe(name) or None)
        array = moved_bits(self.array, {bit: to for bit, to in moves.items() if used >> bit & 1})
        return Mask(array, self.xy0, self.metadata.copy(), planes=target)

    def aligned(self, other: Mask) -> Mask:
        """Return another mask with these planes; those that only it has are added here.

        Raises
        ------
        MaskPlaneError
            As for `with_planes`; then nothing was changed.
        """
        if other.planes == self.planes:
            return other
        moved = other.with_planes(self.planes)
        self.planes.update(moved.planes)
        return moved

    def assign(self, rhs: Mask, bbox: Box | None = None, origin: Origin = "parent") -> None:
        """Take over the pixels of another mask, as `PixelArray.assign`; its planes as `aligned`."""
        require_pixels(Mask, rhs)
        target = self if bbox is None else self.subset(bbox, origin)
        require_same_dimensions(target.bbox, rhs.bbox)
        target.array = self.aligned(rhs).array

    def make_similar(
        self,
        source: Box | Mask,
        bbox: Box | None = None,
        origin: Origin = "parent",
        *,
        deep: bool = False,
    ) -> Mask:
        """Return zeros with the planes of this mask for a box, or a view or copy of a mask."""
        if isinstance(source, Box):
            return Mask(source, planes=self.planes)
        return Mask(source, origin, bbox=bbox, deep=deep)

    @classmethod
    def read_fits(
        cls,
        path: str,
        *,
        bbox: Box | None = None,
        hdu: int | str | None = None,
        origin: Origin = "parent",
    ) -> Mask:
        """Read a mask or a part of it.

        Parameters
        ----------
        path
            A FITS file. Its planes are in cards ``MP_BAD = 0`` and so on; a
            file without any has the standard planes. Bits without a name are
            kept, and new planes do not get them.
        bbox
            The part; by default all of it.
        hdu
            Number or EXTNAME; by default the HDU whose EXTNAME (or EXTTYPE)
            is MASK, or the first with pixels where there is none.
        origin
            Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.

        Raises
        ------
        BoxError
            If the box is not inside the mask.
        FitsFileError
            If the file cannot be read, or has no mask.
        """
        found = find_plane(path, "MASK") if hdu is None else hdu
        return cls.from_plane(read_plane(path, bbox=bbox, hdu=found, origin=origin), path)

    @classmethod
    def from_plane(cls, plane: Plane, path: str) -> Mask:
        """Return the mask that stands in an HDU; ``path`` is for errors."""
        try:
            planes = MaskPlanes.from_metadata(plane.header)
            array = as_bits(plane.array)
        except ImagingError as error:
            reason = f"it has no mask that can be read: {error}"
            raise FitsFileError(path, reason.rstrip(".")) from error
        mask = cls(
            array,
            plane.origin,
            MaskPlanes.without_cards(plane.header).without(["EXTNAME", "EXTTYPE"]),
            planes=planes or MaskPlanes(),
        )
        mask.planes.reserve_bits(used_bits(mask.array) & ~mask.planes.bit_mask)
        return mask

    def to_plane(self) -> Plane:
        """Return what an HDU holds: the pixels, and header cards with those of the planes."""
        header = MaskPlanes.without_cards(self.metadata)
        return Plane(
            self.array, self.xy0, Metadata([*header.cards, *self.planes.to_metadata().cards])
        )

    def write_fits(self, path: str, *, compression: Compression | None = None) -> None:
        """Write the mask to a file of its own; see `imaging.fits.planes.write_plane`."""
        write_plane(self.to_plane(), path, compression=compression)

    def _bits(self, other: object) -> NDArray[np.int32] | np.int32 | None:
        """Return bits to combine with, or None if that is not for masks."""
        if isinstance(other, Mask):
            require_same_box(self.bbox, other.bbox)
            if self.planes != other.planes:
                raise MaskPlaneError(_differences(self.planes, other.planes))
            return other.array
        if isinstance(other, np.ndarray) and other.ndim:
            if other.shape != self.array.shape:
                message = f"An array of shape {other.shape} does not fit {self.array.shape} pixels."
                raise BoxError(message)
            return as_bits(other.astype(np.int32) if other.dtype in (np.int8, np.int16) else other)
        if isinstance(other, int | np.integer) and not isinstance(other, bool):
            return np.int32(as_bits(np.asarray(int(other))))
        return None

    def _combined(self, operation: np.ufunc, other: object, *, in_place: bool) -> Self:
        bits = self._bits(other)
        if bits is None:
            return NotImplemented  # type: ignore[no-any-return]  # as the operators do
        if in_place:
            operation(self._array, bits, out=self._array)
            return self
        return self._like(operation(self._array, bits), self._origin, self.metadata.copy())

    def __or__(self, other: object) -> Self:
        return self._combined(np.bitwise_or, other, in_place=False)

    def __and__(self, other: object) -> Self:
        return self._combined(np.bitwise_and, other, in_place=False)

    def __xor__(self, other: object) -> Self:
        return self._combined(np.bitwise_xor, other, in_place=False)

    def __ior__(self, other: object) -> Self:
        return self._combined(np.bitwise_or, other, in_place=True)

    def __iand__(self, other: object) -> Self:
        return self._combined(np.bitwise_and, other, in_place=True)

    def __ixor__(self, other: object) -> Self:
        return self._combined(np.bitwise_xor, other, in_place=True)

    def __setitem__(self, place: PartIndex | PixelIndex, value: PixelArray | ArrayLike) -> None:
        super().__setitem__(place, self.aligned(value) if isinstance(value, Mask) else value)

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        return (
            same if same is NotImplemented else same and self.planes == cast("Mask", other).planes
        )

    def _repr_html_(self) -> str:
        planes = self.interpret(used_bits(self.array)) if self.array.size else ""
        return f"{super()._repr_html_()}, set: {escape(planes) or 'none'}"


def _differences(left: MaskPlanes, right: MaskPlanes) -> str:
    names = sorted(
        name for name in {*left, *right} if dict(left).get(name) != dict(right).get(name)
    )
    return (
        f"The masks do not have the same planes: {', '.join(names)} "
        f"{'differ' if len(names) > 1 else 'differs'} ({left} and {right}). "
        "Use other.with_planes(mask.planes)."
    )
