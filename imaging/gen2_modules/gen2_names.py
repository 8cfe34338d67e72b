"""The functions that users of the LSST stack's second generation know."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING

from imaging.errors import ParameterTypeError
from imaging.exposure.derived_cards import without_wcs
from imaging.exposure.photo_calib import PhotoCalib
from imaging.fits.header import read_metadata
from imaging.fits.metadata import Metadata
from imaging.fits.reference_pixel import read_origin
from imaging.footprint.heavy import HeavyFootprint
from imaging.geometry.points import Point2D, Point2I
from imaging.sky.angle import Angle, degrees
from imaging.sky.sphere_point import SkyPosition, SpherePoint, average_sphere_point
from imaging.table.source_catalog import SourceCatalog
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from imaging.fits.cards import CardValue
    from imaging.footprint.footprint import Footprint
    from imaging.footprint.heavy import MaskedPixels
    from imaging.table.record import SourceRecord
    from imaging.wcs.projection import SkyProjection

__all__ = [
    "arcsecToRad",
    "averageSpherePoint",
    "degToRad",
    "isAngle",
    "makeCdMatrix",
    "makeHeavyFootprint",
    "makePhotoCalibFromCalibZeroPoint",
    "makePhotoCalibFromMetadata",
    "makeSkyWcs",
    "radToArcsec",
    "radToDeg",
    "readMetadata",
    "updateSourceCoords",
]

_NOTHING = Angle()


def makeCdMatrix(
    scale: Angle, orientation: Angle = _NOTHING, flipX: bool = False  # noqa: FBT001, FBT002
) -> NDArray[np.float64]:  # fmt: skip
    """Call `make_cd_matrix`; numbers that are no angles are refused."""
    return make_cd_matrix(_NOTHING + scale, _NOTHING + orientation, flip_x=flipX)


def makeSkyWcs(
    crpix: Point2D | Point2I | Mapping[str, CardValue] | None = None,
    crval: SkyPosition | None = None,
    cdMatrix: ArrayLike | None = None,
    projection: str = "TAN",
    *,
    metadata: Mapping[str, CardValue] | None = None,
    strip: bool = False,
) -> Wcs:
    """Call `make_tan_wcs`, or `Wcs.from_metadata` with a header as the one argument.

    Parameters
    ----------
    crpix
        Reference position, in pixels counted from 0; or the header.
    crval
        The same on the sky: a SpherePoint or SkyCoord.
    cdMatrix
        In degrees per pixel.
    projection
        Three letters.
    metadata
        A header, whose own origin counts.
    strip
        Remove the cards of the WCS from the header.

    Raises
    ------
    ParameterTypeError
        If these are something else; a pair of numbers may be pixels or
        degrees, and is neither.
    WcsError
        If no WCS can be made.
    """
    header = crpix if isinstance(crpix, Mapping) else metadata
    if header is not None and crval is None and cdMatrix is None:
        return _from_header(header, strip=strip)
    if not isinstance(crpix, Point2D | Point2I) or crval is None or cdMatrix is None:
        raise ParameterTypeError(
            "A WCS is made of a header, or of crpix (a Point2D), crval (a SpherePoint) and "
            f"cdMatrix, not of {crpix!r}."
        )
    wcs = make_tan_wcs(SpherePoint(crval), crpix, cdMatrix)
    return Wcs(replace(wcs.parameters, projection=projection)) if projection != "TAN" else wcs


def _from_header(header: Mapping[str, CardValue], *, strip: bool) -> Wcs:
    cards = header if isinstance(header, Metadata) else Metadata(header)
    wcs = Wcs.from_metadata(cards, read_origin(cards))
    if strip and isinstance(header, MutableMapping):
        for name in set(cards) - set(without_wcs(cards)):
            del header[name]
    return wcs


def makeHeavyFootprint(footprint: Footprint, maskedImage: MaskedPixels) -> HeavyFootprint:
    """Return a `HeavyFootprint`."""
    return HeavyFootprint(footprint, maskedImage)


def makePhotoCalibFromCalibZeroPoint(
    instFluxMag0: float, instFluxMag0Err: float = 0.0
) -> PhotoCalib:
    """Call `PhotoCalib.from_flux_at_zero_magnitude`."""
    return PhotoCalib.from_flux_at_zero_magnitude(instFluxMag0, instFluxMag0Err)


def makePhotoCalibFromMetadata(metadata: Metadata) -> PhotoCalib | None:
    """Call `PhotoCalib.from_metadata`."""
    return PhotoCalib.from_metadata(metadata)


def updateSourceCoords(
    wcs: SkyProjection, sourceList: SourceCatalog | Iterable[SourceRecord]
) -> None:
    """Call ``update_coords`` of a catalog, or ``update_coord`` of each record."""
    if isinstance(sourceList, SourceCatalog):
        sourceList.update_coords(wcs)
        return
    for record in sourceList:
        record.update_coord(wcs)


def readMetadata(fileName: str, hdu: int | str | None = None, strip: bool = False) -> Metadata:  # noqa: ARG001, FBT001, FBT002
    """Call `read_metadata`; cards of the layout of the file are never among them."""
    return read_metadata(fileName, hdu)


def averageSpherePoint(coords: Iterable[SpherePoint]) -> SpherePoint:
    """Call `average_sphere_point`."""
    return average_sphere_point(coords)


def isAngle(x: object) -> bool:
    """Return whether something is an `Angle`."""
    return isinstance(x, Angle)


def degToRad(x: float) -> float:
    """Return degrees in radians."""
    return x * degrees.in_radians


def radToDeg(x: float) -> float:
    """Return radians in degrees."""
    return x / degrees.in_radians


def arcsecToRad(x: float) -> float:
    """Return arcseconds in radians."""
    return degToRad(x / 3600)


def radToArcsec(x: float) -> float:
    """Return radians in arcseconds."""
    return radToDeg(x) * 3600
