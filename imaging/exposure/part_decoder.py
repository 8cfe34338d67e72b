"""The parts of exposures, from tables of our own, archives of the LSST stack, and headers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from imaging.detector.detector import detector_from_rows
from imaging.errors import FormatVersionError, UndecodableError, WcsError
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.archived import (
    aperture_corrections_from_archive,
    filter_from_archive,
    photo_calib_from_archive,
    polygon_from_archive,
)
from imaging.exposure.derived_cards import without_derived, without_wcs
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.info import ExposureInfo
from imaging.exposure.part_cards import OWN_CARDS, filter_from_cards, id_from_cards
from imaging.exposure.photo_calib import PhotoCalib
from imaging.exposure.polygons import polygon_from_rows
from imaging.exposure.visit_info import VisitInfo
from imaging.fits.archive import read_archive
from imaging.fits.header import without_layout
from imaging.fits.metadata import Metadata
from imaging.fits.reference_pixel import without_origin
from imaging.geometry.points import Point2I
from imaging.image.mask_planes import MaskPlanes
from imaging.psf.archived import psf_from_archive
from imaging.psf.persisted import psf_from_rows
from imaging.wcs.archived import wcs_from_archive
from imaging.wcs.persisted import wcs_from_rows
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imaging.exposure.contents import Contents
    from imaging.fits.archive import Archive
    from imaging.fits.rows import Rows

__all__ = ["PART_TABLES", "PartDecoder"]

PART_TABLES: Mapping[str, str] = {
    "wcs": "WCS",
    "psf": "PSF",
    "detector": "DETECTOR",
    "aperture_corrections": "APCORR",
    "photo_calib": "PHOTOCALIB",
    "visit_info": "VISITINFO",
    "valid_polygon": "VALIDPOLYGON",
}
"""Names of parts, and of the HDUs that hold them in files of our own."""

_FROM_ROWS: Mapping[str, Callable[[Rows, str], object]] = {
    "wcs": wcs_from_rows,
    "psf": psf_from_rows,
    "detector": detector_from_rows,
    "aperture_corrections": ApertureCorrections.from_rows,
    "photo_calib": PhotoCalib.from_rows,
    "visit_info": VisitInfo.from_rows,
    "valid_polygon": polygon_from_rows,
}


def _not_read(archive: Archive, id: int) -> object:  # noqa: A002 - its name in archives
    entry = archive.require(id)
    reason = f"object {id} of its archive is a {entry.name} of {entry.module or 'no module'}"
    raise UndecodableError(archive.path, f"{reason}, which is not read here")


_FROM_ARCHIVE: Mapping[str, tuple[tuple[str, ...], Callable[[Archive, int], object]]] = {
    "wcs": (("SKYWCS_ID", "WCS_ID"), wcs_from_archive),
    "psf": (("PSF_ID",), psf_from_archive),
    "detector": (("DETECTOR_ID",), _not_read),
    "aperture_corrections": (("AP_CORR_MAP_ID",), aperture_corrections_from_archive),
    "photo_calib": (("PHOTOCALIB_ID",), photo_calib_from_archive),
    "valid_polygon": (("VALID_POLYGON_ID",), polygon_from_archive),
    "filter": (("FILTER_ID",), filter_from_archive),
    "coadd_inputs": (("COADD_INPUTS_ID",), _not_read),
    "transmission_curve": (("TRANSMISSION_CURVE_ID",), _not_read),
    "summary_stats": (("SUMMARY_STATS_ID",), _not_read),
}
_UNREAD = ("coadd_inputs", "transmission_curve", "summary_stats")
_POINTERS = frozenset(
    ["AR_HDU", "EXPINFO_V", *(card for cards, _ in _FROM_ARCHIVE.values() for card in cards)]
)
_PREFIX = "ARCHIVE_ID_"
_OLD_CALIBRATION = ("FLUXMAG0", "FLUXMAG0ERR")


def _newer_card(card: str) -> str:
    """Return how later files call a card: PSF_ID is ARCHIVE_ID_PSF in them, beside or alone."""
    return f"{_PREFIX}{card.removesuffix('_ID')}"


class PartDecoder:
    """The parts of one exposure, each decoded when it is asked for.

    Parameters
    ----------
    contents
        What was read of the file: for parts in tables those tables, and
        otherwise the headers of the planes.
    """

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self.undecoded: dict[str, str] = {}
        """Parts that could not be decoded, or only approximately, with the reasons."""

    @cached_property
    def _cards(self) -> Metadata:
        """The cards about the exposure."""
        contents = self._contents
        image = contents.headers.get("IMAGE", Metadata())
        if contents.layout == "lsst":
            return without_layout(contents.primary) if contents.inherits else image
        primary = without_layout(contents.primary)
        if contents.layout == "own":
            return primary
        if not contents.inherits:
            return image
        primary = without_origin(primary)
        inherited = (card for card in primary.cards if not card.name or card.name not in image)
        return Metadata([*inherited, *image.cards])

    @cached_property
    def _archive(self) -> Archive | None:
        hdu = self._cards.get("AR_HDU")
        if self._contents.layout != "lsst" or not isinstance(hdu, int) or hdu < 1:
            return None
        return read_archive(self._contents.path, hdu - 1)

    def find(self, name: str) -> object | None:
        """Return a part, or None if the file does not have it.

        Parameters
        ----------
        name
            That of an attribute of `imaging.exposure.info.ExposureInfo`.

        Raises
        ------
        FitsFileError
            If it is damaged.
        UndecodableError
            If it is of a kind that is not known here.
        """
        if name == "metadata":
            return self._metadata()
        if self._contents.layout == "own":
            return self._find_own(name)
        try:
            found = self._find_archived(name)
        except UndecodableError as error:
            if name != "wcs" or self._header_wcs() is None:
                raise
            found = None
            self.undecoded[name] = f"{error.reason}; that of the header is used"
        return self._find_in_header(name) if found is None else found

    def _find_own(self, name: str) -> object | None:
        if name == "id":
            return id_from_cards(self._cards)
        if name == "filter":
            return filter_from_cards(self._cards)
        rows = self._contents.tables.get(PART_TABLES.get(name, ""))
        return None if rows is None else _FROM_ROWS[name](rows, self._contents.path)

    def _find_archived(self, name: str) -> object | None:
        if self._archive is None or name not in _FROM_ARCHIVE:
            return None
        cards, decode = _FROM_ARCHIVE[name]
        for card in (*cards, *map(_newer_card, cards)):
            number = self._cards.get(card)
            if isinstance(number, int) and number > 0:
                return decode(self._archive, number)
        return None

    def _find_in_header(self, name: str) -> object | None:
        cards = self._cards
        if name == "wcs":
            return self._header_wcs()
        if name == "id":
            return VisitInfo.from_metadata(cards).exposure_id
        if name == "visit_info":
            info = VisitInfo.from_metadata(cards)
            return None if info == VisitInfo() else info
        if name == "filter":
            return FilterLabel.from_metadata(cards)
        return PhotoCalib.from_metadata(cards) if name == "photo_calib" else None

    def header_wcs(self) -> Wcs | None:
        """Return the WCS of the header of the image, None if it has none.

        Raises
        ------
        WcsError
            If it cannot be used.
        """
        image = self._contents.headers.get("IMAGE", Metadata())
        origin = Point2I() if self._contents.bbox is None else self._contents.bbox.min
        found = Wcs.find_in(image, origin)
        if found is None and self._contents.layout != "own":
            found = Wcs.find_in(self._contents.primary, origin)
        return found

    def _header_wcs(self) -> Wcs | None:
        try:
            return self.header_wcs()
        except WcsError as error:
            raise UndecodableError(
                self._contents.path, f"its WCS cannot be used: {error}"
            ) from error

    def _metadata(self) -> Metadata:
        """Return the user's cards: not those that stand for something else."""
        cards = self._cards
        if self._contents.layout == "own":
            return without_derived(cards).without(OWN_CARDS)
        kept = Metadata(card for card in cards.cards if not card.name.startswith(_PREFIX))
        if self._contents.layout == "lsst":
            kept = MaskPlanes.without_cards(kept.without(_POINTERS | {"EXTTYPE", "EXTNAME"}))
            if PhotoCalib.from_metadata(kept) is not None:
                kept = kept.without(_OLD_CALIBRATION)
        try:
            return kept if self.header_wcs() is None else without_wcs(kept)
        except WcsError:
            return kept

    def decode(self) -> ExposureInfo:
        """Return all parts; what cannot be decoded is named in ``undecoded``.

        Raises
        ------
        FitsFileError
            If a part is damaged.
        """
        values: dict[str, object] = {}
        for name in ("metadata", "id", "filter", *PART_TABLES):
            try:
                values[name] = self.find(name)
            except (UndecodableError, FormatVersionError) as error:
                self.undecoded[name] = error.reason
        for name in _UNREAD:
            try:
                self._find_archived(name)
            except UndecodableError as error:
                self.undecoded[name] = error.reason
        return ExposureInfo(**values, undecoded=self.undecoded)  # type: ignore[arg-type]  # by name
