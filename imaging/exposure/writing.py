"""Exposures into files.

======== =====================================================================
HDU      what it holds
======== =====================================================================
primary  ``SBFORMAT = 'Exposure'``, version, tables; identifier and filter; the
         user's cards; repetitions for other programs (`derived_cards`)
1 to 3   IMAGE, MASK (planes as MP_ cards) and VARIANCE, each with its origin
         and, as repetition, the cards of the WCS
others   binary tables WCS, PSF, DETECTOR, APCORR, PHOTOCALIB, VISITINFO and
         VALIDPOLYGON, each only if the exposure has it
======== =====================================================================
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from imaging.errors import WcsError
from imaging.exposure.contents import FORMAT, FORMAT_CARD, PARTS_CARD, VERSION, VERSION_CARD
from imaging.exposure.derived_cards import COUNT_CARD, with_derived, without_wcs
from imaging.exposure.part_cards import OWN_CARDS, part_cards
from imaging.exposure.polygons import polygon_to_rows
from imaging.fits.cards import Card
from imaging.fits.header import without_layout
from imaging.fits.metadata import Metadata
from imaging.fits.writer import PlanePart, RowsPart, write_parts

if TYPE_CHECKING:
    from imaging.exposure.info import ExposureInfo
    from imaging.fits.tiles import Compression
    from imaging.image.masked_image import MaskedImage

__all__ = ["write_exposure"]

logger = logging.getLogger(__name__)


def write_exposure(
    pixels: MaskedImage, info: ExposureInfo, path: str, compression: Compression | None = None
) -> None:
    """Write an exposure; see `imaging.exposure.exposure.Exposure.write_fits`.

    Parameters
    ----------
    pixels
        Its pixels.
    info
        Its other parts.
    path
        The file; one that exists is replaced by the whole of it, or not at all.
    compression
        As for `imaging.fits.planes.write_plane`; masks are kept exactly.
    """
    tables = _tables(info)
    if info.undecoded:
        logger.warning(
            "%s: not written, because it could not be decoded: %s", path, ", ".join(info.undecoded)
        )
    primary = _primary(info, " ".join(table.name for table in tables))
    try:
        sky = () if info.wcs is None else info.wcs.to_metadata(pixels.xy0).cards
    except WcsError as error:
        logger.debug("%s: no cards of the WCS for other programs: %s", path, error)
        sky = ()
    planes = [_with_sky(part, sky) for part in pixels.to_parts(compression)]
    write_parts(path, primary, [*planes, *tables])


def _tables(info: ExposureInfo) -> list[RowsPart]:
    parts = (
        ("WCS", info.wcs),
        ("PSF", info.psf),
        ("DETECTOR", info.detector),
        ("APCORR", info.aperture_corrections),
        ("PHOTOCALIB", info.photo_calib),
        ("VISITINFO", info.visit_info),
    )
    tables = [RowsPart(part.to_rows(), name) for name, part in parts if part is not None]
    if info.valid_polygon is not None:
        tables.append(RowsPart(polygon_to_rows(info.valid_polygon), "VALIDPOLYGON"))
    return tables


def _primary(info: ExposureInfo, names: str) -> Metadata:
    metadata = without_layout(info.metadata).without({*OWN_CARDS, COUNT_CARD})
    derived = [] if info.visit_info is None else list(info.visit_info.to_metadata().cards)
    if info.filter is not None:
        derived.append(Card("FILTER", info.filter.name, "name of the filter"))
    own = [
        Card(FORMAT_CARD, FORMAT, "what this file holds"),
        Card(VERSION_CARD, VERSION, "version of its format"),
        Card(PARTS_CARD, names, "its tables"),
        *part_cards(info),
    ]
    return Metadata([*own, *with_derived(metadata, derived).cards])


def _with_sky(part: PlanePart, sky: tuple[Card, ...]) -> PlanePart:
    """Put the cards of the WCS behind those of a plane, whose own ones they replace."""
    header = without_wcs(part.plane.header) if sky else part.plane.header
    return replace(part, plane=replace(part.plane, header=with_derived(header, sky)))
