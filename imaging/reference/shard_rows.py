"""One piece of a reference catalog, read whatever wrote it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imaging.errors import FitsFileError
from imaging.table.content import TableContent
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SimpleCatalog

if TYPE_CHECKING:
    from imaging.table.schemas.fields import Field

__all__ = ["FORMAT_CARD", "flux_names", "read_shard"]

FORMAT_CARD = "REFCAT_FORMAT_VERSION"
"""The card that says in which unit fluxes are: 0 means Jy, from 1 on nJy."""

_FLUX = "_flux"
_NANO = 1e9
_OLD_ERROR, _ERROR = "_fluxSigma", "_fluxErr"


def flux_names(schema: Schema) -> list[str]:
    """Return what has a flux in a catalog, such as ``r``, in the order of its columns."""
    return [name.removesuffix(_FLUX) for name in schema.names if name.endswith(_FLUX)]


def read_shard(path: str, format_version: int | None = None) -> TableContent:
    """Read one piece of a reference catalog.

    Parameters
    ----------
    path
        A FITS file that this package or the LSST stack wrote.
    format_version
        What the configuration of the catalog says, for files that do not say it.

    Returns
    -------
    TableContent
        Rows that nobody else holds, fluxes in nJy, their errors called
        ``_fluxErr``.

    Raises
    ------
    FitsFileError
        If it cannot be read.

    Notes
    -----
    Catalogs of before 2019 have fluxes in Jy (version 0), and none of them
    says so on a card; a unit that a column states counts more.
    """
    content = SimpleCatalog.read_fits(path, footprints=False).content
    stated = content.metadata.get(FORMAT_CARD, format_version)
    if stated is not None and not isinstance(stated, int):
        raise FitsFileError(path, f"{FORMAT_CARD} = {stated!r} is no version of a format")
    return _modern(content, is_in_jansky=not stated)


def _modern(content: TableContent, *, is_in_jansky: bool) -> TableContent:
    """Return rows with fluxes in nJy, changed in place."""
    old = [entry.field for entry in content.schema]
    fields = [_renewed(one) if _is_flux(one) else one for one in old]
    for one in filter(_is_flux, old):
        if one.units == "Jy" or (is_in_jansky and one.units != "nJy"):
            content.array[one.name] *= _NANO
    renamed = {one.name: new.name for one, new in zip(old, fields, strict=True)}
    stored = content.array.dtype.names or ()
    content.array.dtype.names = tuple(renamed.get(name, name) for name in stored)
    schema = Schema(fields, content.schema.aliases)
    return TableContent(schema, content.array, content.bits, content.metadata)


def _is_flux(field: Field) -> bool:
    return field.name.endswith((_FLUX, _ERROR, _OLD_ERROR))


def _renewed(field: Field) -> Field:
    name = field.name
    if name.endswith(_OLD_ERROR):
        name = name.removesuffix(_OLD_ERROR) + _ERROR
    return replace(field, name=name, units="nJy")
