"""How far the stars of a catalog can have moved, and moving them, errors and all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from imaging.reference.epochs import DAYS_PER_YEAR, mjd_of_julian_year
from imaging.reference.motion import Motion, earth_position, moved, seen_from
from imaging.table.columns import FLAGS, flag_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.metadata import Metadata
    from imaging.table.content import TableContent

__all__ = ["FastestStars", "StarMotion"]

_FASTEST: Final = math.radians(10.5 / 3600)  # a year; Barnard's star, the fastest, has 10.39 arcsec
_NEAREST: Final = math.radians(1 / 3600)  # Proxima Centauri, the nearest, has 0.77 arcsec
_EARLIEST, _LATEST = mjd_of_julian_year(1970.0), mjd_of_julian_year(2035.0)
_EARTH_AU = 1.02  # the farthest that the Earth gets from the barycentre


@dataclass(frozen=True, slots=True)
class FastestStars:
    """What bounds the motion of all stars of a catalog.

    Parameters
    ----------
    motion
        The largest proper motion, in radians a year.
    parallax
        The largest parallax in absolute value, in radians.
    earliest, latest
        Of the epochs of their positions, MJD in TAI.

    Notes
    -----
    Where a catalog does not say it, nothing faster than Barnard's star, nearer
    than Proxima Centauri, earlier than 1970 or later than 2035 is expected.
    """

    motion: float = _FASTEST
    parallax: float = _NEAREST
    earliest: float = _EARLIEST
    latest: float = _LATEST

    @classmethod
    def from_metadata(cls, metadata: Metadata) -> Self:
        """Return what the cards of a catalog say."""
        usual = cls()
        return cls(
            *(_number(metadata.get(card), getattr(usual, name)) for name, card in _CARDS.items())
        )

    def to_cards(self) -> dict[str, float]:
        """Return the cards that say it."""
        unknown = {"earliest", "latest"} if self.earliest > self.latest else set()
        return {
            card: float(getattr(self, name)) for name, card in _CARDS.items() if name not in unknown
        }

    def joined(self, other: FastestStars) -> FastestStars:
        """Return what bounds both."""
        return FastestStars(
            max(self.motion, other.motion),
            max(self.parallax, other.parallax),
            min(self.earliest, other.earliest),
            max(self.latest, other.latest),
        )


_CARDS: Final = {
    "motion": "REFCAT_PM_MAX",
    "parallax": "REFCAT_PARALLAX_MAX",
    "earliest": "REFCAT_EPOCH_MIN",
    "latest": "REFCAT_EPOCH_MAX",
}


def _number(value: object, otherwise: float) -> float:
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_number else otherwise  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class StarMotion:
    """Moves the rows of one catalog.

    Parameters
    ----------
    can_move
        Whether it has proper motions, in radians a year, and epochs.
    can_shift
        Whether it has parallaxes, in radians.
    bad_motion
        Which bit of the flags says that a motion is not good, None for none.
    fastest
        What bounds them.
    """

    can_move: bool
    can_shift: bool
    bad_motion: int | None
    fastest: FastestStars

    @classmethod
    def of_content(cls, content: TableContent) -> Self:
        """Return what the columns of a catalog allow.

        Parameters
        ----------
        content
            Of any of its files.

        Notes
        -----
        Motions count that are angles, as the LSST stack has it: old catalogs
        have milliarcseconds or what not in columns of plain numbers, and
        epochs in seconds, of which nothing can be made.
        """
        kinds = {entry.field.name: entry.field for entry in content.schema}

        def is_angle(name: str) -> bool:
            return name in kinds and (kinds[name].type == "Angle" or "rad" in kinds[name].units)

        has_epoch = "epoch" in kinds and kinds["epoch"].type == "D"
        return cls(
            can_move=has_epoch and is_angle("pm_ra") and is_angle("pm_dec"),
            can_shift=is_angle("parallax"),
            bad_motion=content.bits.get("pm_flag"),
            fastest=FastestStars.from_metadata(content.metadata),
        )

    def reach(self, mjd: float | None, *, parallax: bool) -> float:
        """Return how far from their place in the catalog stars can be, in radians.

        Parameters
        ----------
        mjd
            The epoch, None for that of the catalog.
        parallax
            Whether they are shifted by it.
        """
        reach = 0.0
        fastest = self.fastest
        if mjd is not None and self.can_move:
            days = max(abs(mjd - fastest.earliest), abs(mjd - fastest.latest))
            reach += fastest.motion * days / DAYS_PER_YEAR
        if parallax and self.can_shift:
            reach += _EARTH_AU * fastest.parallax
        return reach

    def move(self, rows: NDArray[np.void], mjd: float, *, parallax: bool) -> None:
        """Move stars to an epoch, in place.

        Parameters
        ----------
        rows
            Of the catalog: position, motion and epoch become those of the
            epoch, and errors of positions grow by those of motions. A star
            whose motion is not known stays, with the epoch that it had.
        mjd
            The epoch, in TAI.
        parallax
            Whether stars are then shifted to where the Earth sees them.
        """
        if self.can_move:
            self._move(rows, mjd)
        if parallax and self.can_shift:
            place = seen_from(
                earth_position(mjd), rows["coord_ra"], rows["coord_dec"], rows["parallax"]
            )
            rows["coord_ra"], rows["coord_dec"] = place

    def _move(self, rows: NDArray[np.void], mjd: float) -> None:
        names = ("coord_ra", "coord_dec", "pm_ra", "pm_dec")
        years = (mjd - rows["epoch"]) / DAYS_PER_YEAR
        is_known = np.isfinite(years) & np.isfinite(rows["pm_ra"]) & np.isfinite(rows["pm_dec"])
        if self.bad_motion is not None:
            is_known &= ~flag_values(rows[FLAGS], self.bad_motion).astype(bool)
        years = np.where(is_known, years, np.nan)
        stars = moved(Motion(*(rows[name] for name in names)), years)
        for name, column in zip(names, stars, strict=True):
            rows[name] = column
        stored = rows.dtype.names or ()
        for error, of_motion in (("coord_raErr", "pm_raErr"), ("coord_decErr", "pm_decErr")):
            if error in stored and of_motion in stored:
                grown = np.hypot(rows[error], years * rows[of_motion])
                rows[error] = np.where(is_known, grown, rows[error])
        rows["epoch"] = np.where(is_known, mjd, rows["epoch"])
