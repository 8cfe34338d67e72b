"""Maps to the sky from the tables of our own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import UndecodableError, WcsError
from imaging.fits.persisted import blaming_file, check_kind
from imaging.wcs import astrans
from imaging.wcs import rows as wcs_rows
from imaging.wcs.astrans import AsTransWcs
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imaging.fits.rows import Rows
    from imaging.wcs.projection import SkyProjection

__all__ = ["wcs_from_rows"]

_VERSIONS = {wcs_rows.KIND: wcs_rows.VERSION, astrans.KIND: astrans.VERSION}
_READERS: Mapping[str, Callable[[Rows], SkyProjection]] = {
    wcs_rows.KIND: Wcs.from_rows,
    astrans.KIND: AsTransWcs.from_rows,
}


def wcs_from_rows(rows: Rows, path: str) -> SkyProjection:
    """Return the map to the sky that a table holds.

    Parameters
    ----------
    rows
        What `to_rows` gave.
    path
        The file, for messages.

    Raises
    ------
    FitsFileError
        If its values cannot be understood.
    FormatVersionError
        If it is of a newer version.
    UndecodableError
        If it is of an unknown kind, or no map can be made of it.
    """
    kind, _ = check_kind(rows, _VERSIONS, path)
    with blaming_file(path, "its map to the sky is damaged"):
        try:
            return _READERS[kind](rows)
        except WcsError as error:
            raise UndecodableError(path, str(error).rstrip(".")) from error
