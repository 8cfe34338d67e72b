"""The astrometric solutions of the Sloan Digital Sky Survey (asTrans files)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import UndecodableError, WcsError
from imaging.fits.header import read_metadata
from imaging.fits.persisted import describe, single_row
from imaging.fits.rows import Rows, read_rows_of
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2D, Point2I
from imaging.wcs.approximation import fit_tan_sip
from imaging.wcs.projection import SkyProjection
from imaging.wcs.wcs import Wcs, tangent_wcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.fits.metadata import Metadata

__all__ = ["KIND", "VERSION", "AsTransParameters", "AsTransWcs", "read_astrans"]

KIND = "AsTransWcs"
VERSION = 1

_WIDTH, _HEIGHT = 2048, 1489  # pixels of a field as the survey distributes it
_CORNER = 0.5  # pixels: the survey counts from the corner of the first pixel, not from its centre
_ORDER = 3  # of the TAN-SIP approximation; the survey's polynomials are cubic
_EQUINOX = 2000.0
_MAX_STEPS = 30
_LAST_STEP = 1e-6  # pixels; Newton's method squares it


@dataclass(frozen=True, slots=True)
class AsTransParameters:
    """One row of an asTrans file, for sources of colour 0.

    Parameters
    ----------
    a, b, c, d, e, f
        Great circle longitude ``mu = a + b row + c column`` and latitude
        ``nu = d + e row + f column``, in degrees.
    row0, row1, row2, row3, column0, column1, column2, column3
        What is added to row and column before, by powers of the column.
    node, inclination
        Of the great circle, in degrees.
    x0, y0
        Parent coordinates of the first pixel of the field.
    """

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    row0: float
    row1: float
    row2: float
    row3: float
    column0: float
    column1: float
    column2: float
    column3: float
    node: float
    inclination: float
    x0: float = 0.0
    y0: float = 0.0


_COLUMNS = {
    **{name: name for name in "abcdef"},
    **{f"row{power}": f"dRow{power}" for power in range(4)},
    **{f"column{power}": f"dCol{power}" for power in range(4)},
}


class AsTransWcs(SkyProjection):
    """The astrometric solution of one field of the survey.

    Parameters
    ----------
    parameters
        Its numbers; `read_astrans` finds them.

    Notes
    -----
    Differential refraction by colour (csRow, ccRow, ...) is left out, as for
    a source of colour 0. See the survey's description of the files,
    https://classic.sdss.org/dr7/dm/flatFiles/asTrans.php.
    """

    __slots__ = ("parameters",)

    parameters: AsTransParameters

    def __init__(self, parameters: AsTransParameters) -> None:
        self.parameters = parameters

    @property
    def radesys(self) -> str:
        """ICRS: the survey is calibrated against UCAC, which is in that system."""
        return "ICRS"

    @property
    def equinox(self) -> float | None:
        """None."""
        return None

    @property
    def pixel_origin(self) -> Point2D:
        """The middle of the field."""
        return self._field().center

    def _field(self) -> Box:
        corner = Point2I(round(self.parameters.x0), round(self.parameters.y0))
        return Box(corner, Extent2I(_WIDTH, _HEIGHT))

    def to_sky(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions on the sky of an array of pixels; see `pixel_to_sky`."""
        own = self.parameters
        column, row = x - own.x0 + _CORNER, y - own.y0 + _CORNER
        row = row + _cubic(column, own.row0, own.row1, own.row2, own.row3)
        column = column + _cubic(column, own.column0, own.column1, own.column2, own.column3)
        mu = np.radians(own.a + own.b * row + own.c * column - own.node)
        nu = np.radians(own.d + own.e * row + own.f * column)
        tilt = np.radians(own.inclination)
        east, north = np.sin(mu) * np.cos(nu), np.sin(nu)
        ahead = np.cos(mu) * np.cos(nu)
        east, north = (
            east * np.cos(tilt) - north * np.sin(tilt),
            east * np.sin(tilt) + north * np.cos(tilt),
        )
        ra = np.degrees(np.arctan2(east, ahead)) + own.node
        return ra % 360.0, np.degrees(np.arctan2(north, np.hypot(east, ahead)))

    def to_pixels(
        self, ra: NDArray[np.float64], dec: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the pixels of an array of positions on the sky; see `sky_to_pixel`."""
        own = self.parameters
        angle, height, tilt = (
            np.radians(ra - own.node),
            np.radians(dec),
            np.radians(own.inclination),
        )
        east, north = np.sin(angle) * np.cos(height), np.sin(height)
        ahead = np.cos(angle) * np.cos(height)
        east, north = (
            east * np.cos(tilt) + north * np.sin(tilt),
            north * np.cos(tilt) - east * np.sin(tilt),
        )
        mu = np.degrees(np.arctan2(east, ahead)) + own.node - own.a
        mu = (mu + 180.0) % 360.0 - 180.0  # the field is near its own longitude, not a turn away
        nu = np.degrees(np.arctan2(north, np.hypot(east, ahead))) - own.d
        determinant = own.b * own.f - own.c * own.e
        row = (own.f * mu - own.c * nu) / determinant
        column = _solved((own.b * nu - own.e * mu) / determinant, own)
        row = row - _cubic(column, own.row0, own.row1, own.row2, own.row3)
        return column - _CORNER + own.x0, np.where(np.isnan(column), np.nan, row - _CORNER + own.y0)

    def shifted(self, dx: float, dy: float) -> AsTransWcs:
        """Return the solution of an image whose pixel numbers are larger by an offset."""
        own = self.parameters
        return AsTransWcs(replace(own, x0=own.x0 + float(dx), y0=own.y0 + float(dy)))

    def linearized_at(self, position: Point2D | Point2I) -> Wcs:
        """Return the gnomonic WCS with the same value and derivative at a position."""
        return tangent_wcs(self, position)

    def to_metadata(self, origin: Point2I | tuple[int, int] = (0, 0)) -> Metadata:
        """Return the cards of a TAN-SIP approximation over the field, for other programs."""
        return fit_tan_sip(self, self._field(), _ORDER).to_metadata(origin)

    def to_rows(self) -> Rows:
        """Return the solution as a table of one row."""
        values = {name: np.array(value) for name, value in asdict(self.parameters).items()}
        return describe(Rows(single_row(values)), KIND, VERSION)

    @classmethod
    def from_rows(cls, rows: Rows) -> AsTransWcs:
        """Return what `to_rows` has made a table of."""
        names = [field.name for field in fields(AsTransParameters)]
        missing = [name for name in names if name not in rows.names]
        if len(rows) != 1 or missing:
            raise WcsError(
                f"An asTrans solution is one row; this table has {len(rows)} "
                f"and lacks {missing or 'nothing'}."
            )
        return cls(AsTransParameters(*(float(rows.array[name][0]) for name in names)))

    def __repr__(self) -> str:
        ra, dec = self.sky_origin
        return (
            f"<AsTransWcs: about ({ra:.6f}, {dec:+.6f}) deg, {self.pixel_scale():.4g} arcsec/pixel>"
        )


def _cubic(
    x: NDArray[np.float64], zero: float, one: float, two: float, three: float
) -> NDArray[np.float64]:
    return zero + x * (one + x * (two + x * three))


def _solved(goal: NDArray[np.float64], own: AsTransParameters) -> NDArray[np.float64]:
    """Return the columns that the distortion moves to a goal, NaN where it has no inverse."""
    column = goal
    with np.errstate(all="ignore"):  # what diverges becomes NaN
        for _ in range(_MAX_STEPS):
            slope = 1.0 + own.column1 + column * (2 * own.column2 + 3 * own.column3 * column)
            moved = column + _cubic(column, own.column0, own.column1, own.column2, own.column3)
            step = (moved - goal) / slope
            column = column - step
            if not np.any(np.abs(step) > _LAST_STEP):
                break
        return np.where(np.abs(step) <= _LAST_STEP, column, np.nan)


def read_astrans(path: str, camcol: int, filter: str, field: int) -> AsTransWcs:  # noqa: A002 - the data ID's key
    """Read the solution of one field from the file of a run.

    Parameters
    ----------
    path
        An asTrans file: one table per CCD, in the order of CAMCOLS and, faster,
        of FILTERS in its primary header. That is r i u z g, not u g r i z.
    camcol
        Column of the camera, 1 to 6.
    filter
        One letter.
    field
        Number of the field.

    Raises
    ------
    UndecodableError
        If the file does not have it.
    FitsFileError
        If the file cannot be read.
    """
    primary = read_metadata(path, 0)
    camcols = [int(text) for text in str(primary.get("CAMCOLS", "")).split()]
    filters = str(primary.get("FILTERS", "")).split()
    if camcol not in camcols or filter not in filters:
        reason = (
            f"it has camcols {camcols} and filters {filters}, not camcol {camcol} in {filter!r}"
        )
        raise UndecodableError(path, reason)
    hdu = 1 + camcols.index(camcol) * len(filters) + filters.index(filter)
    rows = read_rows_of(path, hdu, ["field", *_COLUMNS.values()])
    own = rows.header.get("CAMCOL"), str(rows.header.get("FILTER")).strip()
    if own != (camcol, filter):
        reason = f"HDU {hdu} should be camcol {camcol} in {filter!r}, and is {own[0]} in {own[1]!r}"
        raise UndecodableError(path, reason)
    chosen = rows.array[rows.array["field"] == field]
    if len(chosen) != 1:
        reason = f"HDU {hdu} has {len(chosen)} rows of field {field}"
        raise UndecodableError(path, reason)
    values = {name: float(chosen[column][0]) for name, column in _COLUMNS.items()}
    node, inclination, equinox = (
        _number(path, primary, name) for name in ("NODE", "INCL", "EQUINOX")
    )
    if equinox != _EQUINOX:
        raise UndecodableError(path, f"its equinox is {equinox}, and that of the survey {_EQUINOX}")
    return AsTransWcs(AsTransParameters(**values, node=node, inclination=inclination))


def _number(path: str, primary: Metadata, name: str) -> float:
    value = primary.get(name)
    if not isinstance(value, int | float):
        raise UndecodableError(
            path, f"its primary header has {name} = {value!r}, which is no number"
        )
    return float(value)
