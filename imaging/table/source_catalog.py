"""Catalogs of objects on the sky, and of the sources of an image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar, overload

import numpy as np

from imaging.errors import ParameterValueError
from imaging.table.catalog import BaseCatalog
from imaging.table.files import read_kind
from imaging.table.gen2_names import SimpleCatalogNames, SourceCatalogNames
from imaging.table.record import SimpleRecord, SourceRecord
from imaging.table.schemas.slots import SlotValues
from imaging.table.table import BaseTable, SimpleTable, SourceTable

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from numpy.typing import NDArray

    from imaging.table.record import BaseRecord
    from imaging.table.schemas.fields import FieldValue
    from imaging.wcs.projection import SkyProjection

__all__ = ["SimpleCatalog", "SourceCatalog", "read_catalog"]

_Record = TypeVar("_Record", bound=SimpleRecord)


class SimpleCatalog(SimpleCatalogNames, BaseCatalog[_Record]):
    """Objects with identifiers and positions on the sky, such as a reference catalog.

    See `BaseCatalog`.
    """

    __slots__ = ()

    kind: ClassVar[str] = "SIMPLE"
    _table_type: type[BaseTable[_Record]] = SimpleTable  # type: ignore[assignment]  # by default

    @property
    def coord(self) -> SkyCoord:
        """Positions on the sky, ICRS."""
        from astropy.coordinates import SkyCoord

        return SkyCoord(self.values("coord_ra"), self.values("coord_dec"), unit="rad")


class SourceCatalog(
    SourceCatalogNames,
    SlotValues["NDArray[np.float64]", "NDArray[np.bool_]"],
    SimpleCatalog[SourceRecord],
):
    """The sources of an image: what was measured of each, and its footprint.

    See `BaseCatalog`.
    """

    __slots__ = ()

    kind: ClassVar[str] = "SOURCE"
    _table_type: type[BaseTable[SourceRecord]] = SourceTable

    def _slot_value(self, name: str) -> FieldValue:
        return self.get(name)

    def update_coords(self, wcs: SkyProjection) -> None:
        """Set the positions on the sky to those of the centroids.

        Parameters
        ----------
        wcs
            Of the image in which the centroids were measured.
        """
        ra, dec = wcs.pixel_to_sky(self.values("slot_Centroid_x"), self.values("slot_Centroid_y"))
        self["coord_ra"], self["coord_dec"] = np.radians(ra), np.radians(dec)

    @overload
    def get_children(self, parent: int) -> Self: ...
    @overload
    def get_children(
        self, parent: int, *others: Sequence[object] | NDArray[np.generic]
    ) -> tuple[Self | Sequence[object] | NDArray[np.generic], ...]: ...
    @overload
    def get_children(
        self,
        parent: Iterable[int | SourceRecord],
        *others: Sequence[object] | NDArray[np.generic],
    ) -> Iterator[Self | tuple[Self | Sequence[object] | NDArray[np.generic], ...]]: ...
    def get_children(
        self,
        parent: int | SourceRecord | Iterable[int | SourceRecord],
        *others: Sequence[object] | NDArray[np.generic],
    ) -> (
        Self
        | tuple[Self | Sequence[object] | NDArray[np.generic], ...]
        | Iterator[Self | tuple[Self | Sequence[object] | NDArray[np.generic], ...]]
    ):
        """Return the records that are parts of another.

        Parameters
        ----------
        parent
            Identifier of the whole, 0 for records that are no parts; or its
            record; or several of them.
        *others
            Lists or arrays as long as the catalog, of which the same part is
            returned.

        Returns
        -------
        SourceCatalog
            The parts, in their order here, which need not be that of parents.
            With ``others`` a tuple; for several parents an iterator.

        Raises
        ------
        ParameterValueError
            If a list is not as long as the catalog.
        """
        for other in others:
            if len(other) != len(self):
                message = f"There are {len(other)} values for {len(self)} records."
                raise ParameterValueError(message)
        if isinstance(parent, Iterable):
            return self._children_of_all(parent, others)
        places = np.flatnonzero(self.values("parent") == _identifier(parent))
        return self._children(places, others)

    def _children_of_all(
        self,
        parents: Iterable[int | SourceRecord],
        others: tuple[Sequence[object] | NDArray[np.generic], ...],
    ) -> Iterator[Self | tuple[Self | Sequence[object] | NDArray[np.generic], ...]]:
        column = self.values("parent")
        order = np.argsort(column, kind="stable")
        ordered = column[order]
        for parent in parents:
            identifier = _identifier(parent)
            first = int(np.searchsorted(ordered, identifier))
            last = int(np.searchsorted(ordered, identifier, "right"))
            yield self._children(order[first:last], others)

    def _children(
        self, places: NDArray[np.int64], others: tuple[Sequence[object] | NDArray[np.generic], ...]
    ) -> Self | tuple[Self | Sequence[object] | NDArray[np.generic], ...]:
        children = self.subset(places)
        if not others:
            return children
        parts = (
            other[places] if isinstance(other, np.ndarray) else [other[n] for n in places.tolist()]
            for other in others
        )
        return (children, *parts)


def _identifier(parent: int | SourceRecord) -> int:
    return parent.id if isinstance(parent, SourceRecord) else parent


def read_catalog(
    path: str,
    *,
    columns: Sequence[str] | None = None,
    hdu: int | str | None = None,
    footprints: bool = True,
) -> SourceCatalog | SimpleCatalog[SimpleRecord] | BaseCatalog[BaseRecord]:
    """Read a catalog of the class that its file names.

    Parameters
    ----------
    path
        One that this package or the LSST stack wrote, or any with a binary table.
    columns
        Names or aliases of the fields to read; by default all.
    hdu
        Number or EXTNAME; by default the first table.
    footprints
        Whether records have their footprints.

    Raises
    ------
    ColumnNotFoundError
        If there is no such field.
    FitsFileError
        If the file cannot be read.
    """
    kind = read_kind(path, hdu=hdu)
    if kind == SourceCatalog.kind:
        return SourceCatalog.read_fits(path, columns=columns, hdu=hdu, footprints=footprints)
    if kind == SimpleCatalog.kind:
        return SimpleCatalog.read_fits(path, columns=columns, hdu=hdu, footprints=footprints)
    return BaseCatalog.read_fits(path, columns=columns, hdu=hdu, footprints=footprints)
