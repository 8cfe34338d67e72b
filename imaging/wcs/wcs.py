"""World coordinate systems of the FITS standard."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import ParameterTypeError, WcsError
from imaging.geometry.points import Point2D, Point2I
from imaging.sky.angle import Angle
from imaging.sky.sphere_point import SpherePoint
from imaging.wcs.header import has_sky, read_parameters, wcs_cards
from imaging.wcs.parameters import WcsParameters
from imaging.wcs.projection import SkyProjection
from imaging.wcs.rows import parameters_from_rows, rows_of_parameters
from imaging.wcs.solver import AstropySolver, Solver, TanSipSolver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from astropy.coordinates import SkyCoord
    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.cards import CardValue
    from imaging.fits.metadata import Metadata
    from imaging.fits.rows import Rows

__all__ = ["Wcs", "make_cd_matrix", "make_tan_wcs", "tangent_wcs"]


class Wcs(SkyProjection):
    """A world coordinate system of the FITS standard, for parent pixels counted from 0.

    Parameters
    ----------
    parameters
        Its numbers. Most users have `from_metadata` or `make_tan_wcs` find them.

    Notes
    -----
    Gnomonic projections, with or without SIP, are computed here, all others by
    astropy. The way back through SIP polynomials is iterated until it is exact
    to 1e-8 pixels; AP and BP are kept, but not used.
    """

    __slots__ = ("_lazy_solver", "parameters")

    parameters: WcsParameters

    def __init__(self, parameters: WcsParameters) -> None:
        if not isinstance(parameters, WcsParameters):
            message = (
                f"A Wcs is made of WcsParameters, not of {parameters!r}. "
                "Most are made by Wcs.from_metadata(header) or make_tan_wcs."
            )
            raise ParameterTypeError(message)
        self.parameters = parameters
        self._lazy_solver: Solver | None = None

    @classmethod
    def from_metadata(
        cls, header: Mapping[str, CardValue], origin: Point2I | tuple[int, int] = (0, 0)
    ) -> Wcs:
        """Return the WCS of a header.

        Parameters
        ----------
        header
            That of the HDU with the pixels.
        origin
            Parent coordinates of the first pixel of the array.

        Raises
        ------
        WcsError
            If it has none with right ascension and declination, or one that
            cannot be used; the message says why.
        """
        return cls(read_parameters(header, origin))

    @classmethod
    def find_in(
        cls, header: Mapping[str, CardValue], origin: Point2I | tuple[int, int] = (0, 0)
    ) -> Wcs | None:
        """Return the WCS of a header, or None if it does not speak of the sky.

        Raises
        ------
        WcsError
            If it does, and cannot be used.
        """
        return cls.from_metadata(header, origin) if has_sky(header) else None

    def to_metadata(self, origin: Point2I | tuple[int, int] = (0, 0)) -> Metadata:
        """Return FITS cards, for an array whose first pixel has these parent coordinates."""
        return wcs_cards(self.parameters, origin)

    @classmethod
    def from_rows(cls, rows: Rows) -> Wcs:
        """Return what `to_rows` has made a table of."""
        return cls(parameters_from_rows(rows))

    def to_rows(self) -> Rows:
        """Return the WCS as a table of one row."""
        return rows_of_parameters(self.parameters)

    @property
    def _solver(self) -> Solver:
        if self._lazy_solver is None:
            plain = self.parameters.is_plain_tan
            self._lazy_solver = (
                TanSipSolver(self.parameters) if plain else AstropySolver(self.to_metadata())
            )
        return self._lazy_solver

    def to_sky(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the positions on the sky of an array of pixels; see `pixel_to_sky`."""
        return self._solver.to_sky(x, y)

    def to_pixels(
        self, ra: NDArray[np.float64], dec: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the pixels of an array of positions on the sky; see `sky_to_pixel`."""
        return self._solver.to_pixels(ra, dec)

    @property
    def radesys(self) -> str:
        """ICRS, FK5 or FK4, or what else the header says."""
        return self.parameters.radesys

    @property
    def equinox(self) -> float | None:
        """Year of the equinox, for FK5 and FK4."""
        return self.parameters.equinox

    @property
    def pixel_origin(self) -> Point2D:
        """The reference position (CRPIX), in parent pixels counted from 0."""
        return Point2D(*self.parameters.crpix)

    @property
    def sky_origin(self) -> tuple[float, float]:
        """Right ascension and declination of the reference position (CRVAL), in degrees."""
        return self.parameters.crval

    @property
    def cd_matrix(self) -> NDArray[np.float64]:
        """CD as a new array: rows are right ascension and declination, columns x and y."""
        return np.array(self.parameters.cd).reshape(2, 2)

    @property
    def is_fits(self) -> bool:
        """True."""
        return True

    @property
    def has_distortion(self) -> bool:
        """Whether there are SIP polynomials."""
        return self.parameters.sip is not None

    def shifted(self, dx: float, dy: float) -> Wcs:
        """Return the WCS of an image whose pixel numbers are larger by an offset."""
        x, y = self.parameters.crpix
        return Wcs(replace(self.parameters, crpix=(x + float(dx), y + float(dy))))

    def linearized_at(self, position: Point2D | Point2I) -> Wcs:
        """Return the gnomonic WCS with the same value and derivative at a position."""
        return tangent_wcs(self, position)

    def __repr__(self) -> str:
        (ra, dec), (x, y) = self.sky_origin, self.pixel_origin
        sip = "-SIP" if self.has_distortion else ""
        return (
            f"<Wcs: {self.parameters.projection}{sip}, {self.radesys} ({ra:.6f}, {dec:+.6f}) deg "
            f"at pixel ({x:.2f}, {y:.2f}), {self.pixel_scale():.4g} arcsec/pixel>"
        )


def tangent_wcs(projection: SkyProjection, position: Point2D | Point2I) -> Wcs:
    """Return the gnomonic WCS that touches a projection at a position.

    Parameters
    ----------
    projection
        Any map to the sky.
    position
        Where value and derivative are the same.
    """
    matrix = projection.local_cd_matrix(position)
    return make_tan_wcs(
        projection.pixel_to_sky(float(position.x), float(position.y)),
        position,
        matrix,
        radesys=projection.radesys,
        equinox=projection.equinox,
    )


def make_tan_wcs(
    sky_origin: tuple[float, float] | SkyCoord | SpherePoint,
    pixel_origin: Point2D | Point2I | tuple[float, float],
    cd_matrix: ArrayLike,
    *,
    radesys: str = "ICRS",
    equinox: float | None = None,
) -> Wcs:
    """Return a gnomonic WCS.

    Parameters
    ----------
    sky_origin
        Right ascension and declination of the reference position in degrees,
        or a SpherePoint or astropy's SkyCoord, which is taken in the ICRS.
    pixel_origin
        The same in parent pixels, counted from 0.
    cd_matrix
        Shape (2, 2), in degrees per pixel; see `make_cd_matrix`.
    radesys, equinox
        System of the coordinates.

    Raises
    ------
    WcsError
        If a number is not finite, the declination is beyond a pole, or the
        matrix has no inverse.
    """
    if not isinstance(sky_origin, tuple) or isinstance(sky_origin[0], Angle):
        ra_angle, dec_angle = SpherePoint(sky_origin)
        sky_origin = (ra_angle.degrees, dec_angle.degrees)
    try:
        ra, dec, x, y = (float(number) for number in (*sky_origin, *pixel_origin))
        matrix = np.asarray(cd_matrix, float)
    except (TypeError, ValueError):
        message = f"A WCS is made of numbers, not of {sky_origin}, {pixel_origin}, {cd_matrix!r}."
        raise ParameterTypeError(message) from None
    if matrix.shape != (2, 2) or not abs(np.linalg.det(matrix)) > 0:
        raise WcsError(f"A WCS needs a 2 x 2 matrix with an inverse, not {matrix.tolist()}.")
    xx, xy, yx, yy = matrix.ravel().tolist()
    if not all(map(math.isfinite, (ra, dec, x, y, xx, xy, yx, yy))):
        raise WcsError(f"A WCS is made of finite numbers: {(ra, dec)}, {(x, y)} are not.")
    if abs(dec) > 90.0:  # noqa: PLR2004 - degrees, at the poles
        raise WcsError(f"{(ra, dec)}: declinations are from -90 to 90 degrees.")
    return Wcs(
        WcsParameters(
            (ra % 360.0, dec),
            (x, y),
            (xx, xy, yx, yy),
            lonpole=180.0,
            radesys=radesys,
            equinox=equinox,
        )
    )


def make_cd_matrix(
    scale: float | Angle, orientation: float | Angle = 0.0, *, flip_x: bool = False
) -> NDArray[np.float64]:
    """Return the matrix of square pixels.

    Parameters
    ----------
    scale
        Arcseconds per pixel, or an `imaging.sky.angle.Angle`.
    orientation
        Position angle of the y axis, in degrees (or an Angle) from north through east. At
        0, y points north and x west; at 90, y points east and x north.
    flip_x
        Let x point the other way.

    Returns
    -------
    numpy.ndarray
        Shape (2, 2), in degrees per pixel: CD1_1 and CD1_2 in the first row.

    Raises
    ------
    WcsError
        If the scale is not positive, or a number not finite.
    """
    try:
        size = scale.degrees if isinstance(scale, Angle) else scale / 3600.0
        angle = orientation if isinstance(orientation, Angle) else math.radians(orientation)
    except TypeError:
        message = f"Scale and orientation are numbers or Angles, not {scale!r}, {orientation!r}."
        raise ParameterTypeError(message) from None
    if not (0 < size < math.inf and math.isfinite(angle)):
        message = f"Pixels of {scale!r} arcseconds, turned by {orientation!r}, see no sky."
        raise WcsError(message)
    cos, sin, sign = math.cos(angle), math.sin(angle), 1.0 if flip_x else -1.0
    return size * np.array([[sign * cos, sin], [-sign * sin, cos]])
