"""Stars of a reference catalog around a place, at the epoch that is asked for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from imaging.errors import ColumnNotFoundError, FitsFileError, ParameterTypeError
from imaging.fits.metadata import Metadata
from imaging.reference.epochs import mjd_of_epoch
from imaging.reference.regions import (
    CircleRegion,
    PixelRegion,
    SkyBoxRegion,
    angle_argument,
    as_sphere_point,
)
from imaging.reference.shard_rows import FORMAT_CARD, flux_names, read_shard
from imaging.reference.star_motion import StarMotion
from imaging.table.content import TableContent
from imaging.table.source_catalog import SimpleCatalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from astropy.coordinates import SkyCoord
    from lsst.sphgeom import Region as SphereRegion

    from imaging.exposure.exposure import Exposure
    from imaging.exposure.filter_label import FilterLabel
    from imaging.reference.epochs import Epoch
    from imaging.reference.regions import Region
    from imaging.sky.angle import Angle
    from imaging.sky.sphere_point import SpherePoint
    from imaging.table.record import SimpleRecord
    from imaging.table.schemas.schema import Schema

    Centre: TypeAlias = SpherePoint | SkyCoord | tuple[float, float]

__all__ = ["CatalogShards", "ReferenceCatalog"]

logger = logging.getLogger(__name__)

_EPOCH_CARD = "REFCAT_EPOCH"
_OWN_EPOCH = "exposure"


class CatalogShards(Protocol):
    """Where the pieces of one reference catalog are."""

    @property
    def name(self) -> str:
        """Name of the catalog."""

    @property
    def place(self) -> str:
        """Where it lies, for messages."""

    @property
    def format_version(self) -> int | None:
        """What its configuration says about units, None if nothing."""

    def samples(self) -> Iterator[str]:
        """Yield files that tell what its columns are: that of its schema first, if there is one."""

    def covering(self, region: SphereRegion) -> Iterator[str]:
        """Yield the files whose pixels meet a region, each there until the next is asked for."""


class ReferenceCatalog:
    """A reference catalog.

    Parameters
    ----------
    shards
        Where its pieces are.

    Raises
    ------
    FitsFileError
        If a file cannot be read.

    Notes
    -----
    What is returned is a catalog of its own, positions in radians (ICRS) and
    fluxes in nJy, whatever the files have. Positions are compared after stars
    have been moved to the epoch: pieces from further out are read too, as far
    as the fastest star can have come from.
    """

    def __init__(self, shards: CatalogShards) -> None:
        self._shards = shards
        path = next(shards.samples(), None)
        if path is None:
            raise FitsFileError(shards.place, "the reference catalog has no files")
        sample = read_shard(path, shards.format_version)
        self._empty = sample.array[:0].copy()
        self._schema, self._bits = sample.schema, sample.bits
        self._motion = StarMotion.of_content(sample)
        self._has_warned = False

    @property
    def name(self) -> str:
        """Its name."""
        return self._shards.name

    @property
    def schema(self) -> Schema:
        """Its fields."""
        return self._schema

    @property
    def filters(self) -> tuple[str, ...]:
        """What it has fluxes in, such as ``r``, in the order of its columns."""
        return tuple(flux_names(self._schema))

    @property
    def has_proper_motion(self) -> bool:
        """Whether its stars can be moved to another epoch."""
        return self._motion.can_move

    def load_circle(
        self,
        centre: Centre,
        radius: float | Angle,
        *,
        epoch: Epoch | None = None,
        filter: str | FilterLabel | None = None,  # noqa: A002 - the word that users know
        parallax: bool = False,
    ) -> SimpleCatalog[SimpleRecord]:
        """Return the stars at most so far from a position.

        Parameters
        ----------
        centre
            ``(ra, dec)`` in degrees, astropy's SkyCoord or a `SpherePoint`.
        radius
            In degrees, or an `Angle`, or a quantity.
        epoch
            When: a time of astropy, a date in ISO form (UTC), ``J2016.0``, or
            an MJD (TAI). Positions, motions and their errors are those of
            that time then. None leaves all as the catalog has it. Stars
            without a known motion stay where they are.
        filter
            ``r``, or the filter of an exposure: its flux can be read as
            ``camFlux``, its error as ``camFluxErr``.
        parallax
            Also shift stars as the Earth at ``epoch`` sees them.

        Returns
        -------
        SimpleCatalog
            Without any order that one may rely on; it may be empty.

        Raises
        ------
        ColumnNotFoundError
            If there is no flux for the filter.
        FitsFileError
            If a file cannot be read, or its columns are not those of the others.
        ParameterTypeError, ParameterValueError
            If an argument cannot be understood.
        """
        region = CircleRegion(as_sphere_point(centre), float(angle_argument(radius, "radius")))
        return self._load(region, epoch, filter, parallax=parallax)

    def load_box(
        self,
        lower: Centre,
        upper: Centre,
        *,
        epoch: Epoch | None = None,
        filter: str | FilterLabel | None = None,  # noqa: A002
        parallax: bool = False,
    ) -> SimpleCatalog[SimpleRecord]:
        """Return the stars in a range of right ascension and declination.

        Parameters
        ----------
        lower, upper
            The corners in the south west and in the north east, each as
            ``centre`` of `load_circle`. Where the second has the smaller right
            ascension the box crosses 0. ``(0, 80)`` and ``(360, 90)`` are all
            around a pole.
        epoch, filter, parallax
            As for `load_circle`, which see also for errors.
        """
        return self._load(SkyBoxRegion.between(lower, upper), epoch, filter, parallax=parallax)

    def load_exposure(
        self,
        exposure: Exposure,
        padding: float = 0,
        *,
        epoch: Epoch | None = _OWN_EPOCH,
        filter: str | FilterLabel | None = None,  # noqa: A002
        parallax: bool = False,
    ) -> SimpleCatalog[SimpleRecord]:
        """Return the stars on the pixels of an exposure.

        Parameters
        ----------
        exposure
            With a WCS.
        padding
            So many pixels more on every side.
        epoch
            By default that of the exposure, if its visit info knows it;
            otherwise as for `load_circle`.
        filter, parallax
            As for `load_circle`, which see also for errors.
        """
        if exposure.wcs is None:
            raise ParameterTypeError("The exposure has no WCS, so it is nowhere on the sky.")
        when = epoch
        if when == _OWN_EPOCH:
            info = exposure.visit_info
            when = None if info is None else info.date_avg
        region = PixelRegion(exposure.bbox, exposure.wcs, float(padding))
        return self._load(region, when, filter, parallax=parallax)

    def _load(
        self,
        region: Region,
        epoch: Epoch | None,
        wanted: str | FilterLabel | None,
        *,
        parallax: bool,
    ) -> SimpleCatalog[SimpleRecord]:
        mjd = None if epoch is None else mjd_of_epoch(epoch)
        if parallax and mjd is None:
            raise ParameterTypeError("parallax=True needs epoch=: where is the Earth?")
        flux = None if wanted is None else self._flux_name(wanted)
        motion = self._motion
        if mjd is not None and not motion.can_move and not self._has_warned:
            self._has_warned = True
            logger.warning("%s has no proper motions: its stars stay where they are.", self.name)
        parts = [self._empty]
        for path in self._shards.covering(region.padded(motion.reach(mjd, parallax=parallax))):
            rows = self._rows(path)
            if mjd is not None:
                motion.move(rows, mjd, parallax=parallax)
            parts.append(rows[region.holds(rows["coord_ra"], rows["coord_dec"])])
        return self._catalog(np.concatenate(parts), mjd, flux)

    def _rows(self, path: str) -> np.ndarray[tuple[int, ...], np.dtype[np.void]]:
        content = read_shard(path, self._shards.format_version)
        if content.array.dtype != self._empty.dtype or content.bits != self._bits:
            raise FitsFileError(
                path, f"its columns are not those of the other files of {self.name!r}"
            )
        return content.array

    def _catalog(
        self,
        rows: np.ndarray[tuple[int, ...], np.dtype[np.void]],
        mjd: float | None,
        flux: str | None,
    ) -> SimpleCatalog[SimpleRecord]:
        cards: dict[str, str | float] = {"REFCAT_NAME": self.name, FORMAT_CARD: 1}
        if mjd is not None and self._motion.can_move:
            cards[_EPOCH_CARD] = mjd
        catalog: SimpleCatalog[SimpleRecord] = SimpleCatalog.of_content(
            TableContent(self._schema, rows, self._bits, Metadata(cards))
        )
        if flux is not None:
            catalog.aliases["camFlux"] = f"{flux}_flux"
            if f"{flux}_fluxErr" in self._schema.names:
                catalog.aliases["camFluxErr"] = f"{flux}_fluxErr"
        return catalog

    def _flux_name(self, wanted: str | FilterLabel) -> str:
        """Return what the catalog calls a filter."""
        known = self.filters
        asked = [wanted] if isinstance(wanted, str) else [wanted.physical, wanted.band]
        for name in filter(None, asked):
            for spelling in (name, name.removesuffix("_flux"), name.lower()):
                if spelling in known:
                    return spelling
        raise ColumnNotFoundError([str(name) for name in asked if name], known, self._shards.place)

    def __repr__(self) -> str:
        return f"<ReferenceCatalog {self.name!r} in {self._shards.place}>"
