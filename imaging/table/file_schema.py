"""The schema of a catalog in the header of its table, in the manner of the LSST stack.

All flags are the bits of one column, whose number stands on FLAGCOL; the name
of bit n is on TFLAGn, its description on TFDOCn. TCCLSn says what kind of
field a column is, ALIAS cards hold ``alias:target``. The order of flags among
the columns, which the stack forgets, stands on SBORDER: how many columns, how
many flags, how many columns, and so on.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING

import numpy as np

from imaging.errors import FitsFileError, SchemaError
from imaging.fits.fields import read_fields, split_header
from imaging.fits.metadata import Metadata
from imaging.fits.persisted import TYPE_CARD
from imaging.table.columns import FLAGS
from imaging.table.content import field_of_array
from imaging.table.schemas.aliases import old_spellings
from imaging.table.schemas.fields import Field, header_text
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imaging.fits.cards import CardValue
    from imaging.fits.fields import Field as FileField
    from imaging.fits.hdus import Hdu

__all__ = ["FileSchema", "read_file_schema", "schema_cards"]

logger = logging.getLogger(__name__)

_OWN = re.compile(
    r"FLAGCOL|TFLAG\d+|TFDOC\d+|ALIAS|AFW_TABLE_VERSION|AFW_TYPE|AR_HDU|SBTYPE|SBVERS|SBORDER"
    r"|SBPARTS|EXTNAME|EXTVER"
)
_STACK_VERSION = 3  # of the LSST stack's tables: since 2018
_FOOTPRINT = "footprint"
_ORDER = "SBORDER"
_PARTS = "SBPARTS"


@dataclass(frozen=True, slots=True)
class FileSchema:
    """What the header of a catalog says.

    Parameters
    ----------
    schema
        The fields.
    sources
        Name of the column of the file that holds each field.
    bits
        Place of each flag in the column of flags.
    metadata
        The other cards.
    archive
        Number of the HDU with the footprints of the LSST stack, from 0, or None.
    footprint
        The column with their numbers, or None.
    promised
        The tables that this package wrote behind the catalog.
    is_stacks
        Whether it has the layout of the LSST stack, ours included.
    """

    schema: Schema
    sources: Mapping[str, str]
    bits: Mapping[str, int]
    metadata: Metadata
    archive: int | None
    footprint: str | None
    promised: tuple[str, ...]
    is_stacks: bool


def schema_cards(
    schema: Schema, metadata: Metadata, kind: str, promised: Sequence[str]
) -> Metadata:
    """Return the header of a catalog.

    Parameters
    ----------
    schema
        The fields; flags come last in the file.
    metadata
        Other cards; those that describe a catalog are left out.
    kind
        What the LSST stack calls such a catalog.
    promised
        EXTNAMEs of the tables that follow in the file.
    """
    cards = Metadata(card for card in metadata.cards if not _OWN.fullmatch(card.name))
    flags = schema.flag_names
    if flags:
        cards.add("FLAGCOL", len(schema) - len(flags) + 1, "number of the column of flags")
    for number, name in enumerate(flags, 1):
        cards.add(f"TFLAG{number}", name)
        doc = schema.find(name).field.doc
        if doc:
            cards.add(f"TFDOC{number}", doc)
    for alias, target in schema.aliases.items():
        cards.add("ALIAS", f"{alias}:{target}")
    kinds = [entry.key.type == "Flag" for entry in schema]
    if kinds != sorted(kinds):
        cards.add(_ORDER, _runs(kinds), "fields in turn: columns, flags, columns, ...")
    cards.add("AFW_TABLE_VERSION", _STACK_VERSION, "layout of the LSST stack")
    cards.add("AFW_TYPE", kind)
    cards.add(_PARTS, " ".join(promised))
    return cards


def _runs(kinds: list[bool]) -> str:
    counts = [len(list(group)) for _, group in groupby(kinds)]
    return " ".join(map(str, [0, *counts] if kinds[0] else counts))


def read_file_schema(hdu: Hdu) -> FileSchema:
    """Return what the header of a table says about a catalog.

    Parameters
    ----------
    hdu
        A table that the LSST stack, this package or any other program wrote.

    Raises
    ------
    FitsFileError
        If it contradicts itself.
    """
    others, by_field = split_header(hdu)
    header = Metadata(others)
    version = header.get("AFW_TABLE_VERSION")
    is_stacks = version is not None or any("TCCLS" in cards for cards in by_field.values())
    columns = read_fields(hdu, by_field)
    flag_column = _flag_column(hdu, header, columns)
    bits = {} if flag_column is None else _flag_bits(hdu, header, flag_column.bits)
    dotless = is_stacks and version in {None, 0}
    footprint = _footprint_column(columns, header) if is_stacks else None
    fields, sources = [], {}
    for number, column in enumerate(columns, 1):
        if column is flag_column or column.name == footprint:
            continue
        found = _field(column, by_field.get(number, {}), dotless=dotless)
        if found is None:
            what = column.name, column.dtype
            logger.warning("%s: column %r (%s) fits no field and is left out", hdu.path, *what)
        else:
            fields.append(found)
            sources[found.name] = column.name
    flags = [
        Field(_plain(name, dotless=dotless), "Flag", _text(header.get(f"TFDOC{bit + 1}")))
        for name, bit in bits.items()
    ]
    return FileSchema(
        schema=_schema(hdu, header, fields, flags),
        sources=sources
        | {flag.name: FLAGS if flag_column is None else flag_column.name for flag in flags},
        bits={_plain(name, dotless=dotless): bit for name, bit in bits.items()},
        metadata=_rest(hdu, header),
        archive=_archive(hdu, header),
        footprint=footprint,
        promised=_promised(hdu, header),
        is_stacks=is_stacks,
    )


def _footprint_column(columns: Sequence[FileField], header: Metadata) -> str | None:
    """Return the column with the numbers of footprints, which files of this package do not have."""
    is_ours = TYPE_CARD in header
    return next((c.name for c in columns if c.name == _FOOTPRINT and not is_ours), None)


def _plain(name: str, *, dotless: bool) -> str:
    plain = header_text(name).strip()
    return plain.replace(".", "_") if dotless else plain


def _text(value: CardValue) -> str:
    return header_text(str(value or ""))


def _archive(hdu: Hdu, header: Metadata) -> int | None:
    number = header.get("AR_HDU")
    if number is None:
        return None
    if not isinstance(number, int) or number < 2:  # noqa: PLR2004 - counted from 1, a table
        raise FitsFileError(hdu.path, f"HDU {hdu.index}: AR_HDU = {number!r} is not possible")
    return number - 1


def _promised(hdu: Hdu, header: Metadata) -> tuple[str, ...]:
    if TYPE_CARD not in header:
        return ()
    names = header.get(_PARTS)
    if not isinstance(names, str):
        reason = f"HDU {hdu.index}: {_PARTS} = {names!r} does not name the tables of footprints"
        raise FitsFileError(hdu.path, reason)
    return tuple(names.split())


def _rest(hdu: Hdu, header: Metadata) -> Metadata:
    from imaging.fits.header import without_layout

    del hdu
    return without_layout(
        Metadata(card for card in header.cards if not _OWN.fullmatch(card.name))
    ).without({"TFIELDS", "THEAP"})


def _flag_column(hdu: Hdu, header: Metadata, columns: list[FileField]) -> FileField | None:
    number = header.get("FLAGCOL")
    if number is None:
        return None
    if not isinstance(number, int) or not 1 <= number <= len(columns):
        raise FitsFileError(hdu.path, f"HDU {hdu.index}: FLAGCOL = {number!r} is not possible")
    column = columns[number - 1]
    if column.letter != "X":
        reason = f"HDU {hdu.index}: column {column.name!r} is said to hold flags, but has no bits"
        raise FitsFileError(hdu.path, reason)
    return column


def _flag_bits(hdu: Hdu, header: Metadata, count: int) -> dict[str, int]:
    bits = {}
    for bit in range(count):
        name = header.get(f"TFLAG{bit + 1}")
        if name is None:
            continue
        if str(name) in bits:
            raise FitsFileError(hdu.path, f"HDU {hdu.index}: two flags are called {name!r}")
        bits[str(name)] = bit
    return bits


def _field(column: FileField, cards: Mapping[str, CardValue], *, dotless: bool) -> Field | None:
    """Return the field that a column can be, None if there is none."""
    if column.descriptor is not None or column.letter == "X":
        return None
    name = _plain(column.name, dotless=dotless)
    doc = _text(cards.get("TDOC") or cards.get("TCOMM"))
    units = _text(cards.get("TUNIT")).strip()
    kind = cards.get("TCCLS")
    if column.dtype.kind == "S":
        size = column.dtype.itemsize
        return Field(name, "String", doc, units, size) if size and not column.shape else None
    shape = column.shape
    if kind == "Array" and not shape:
        shape = (1,)
    try:
        found = field_of_array(name, np.empty((0, *shape), column.dtype), doc, units)
    except SchemaError:
        return None
    is_angle = kind == "Angle" or (kind is None and found.type == "Angle")
    if found.type in {"D", "Angle"}:
        return Field(name, "Angle" if is_angle else "D", doc, units)
    return found


def _schema(hdu: Hdu, header: Metadata, fields: list[Field], flags: list[Field]) -> Schema:
    ordered = _in_order(fields, flags, str(header.get(_ORDER, "")))
    try:
        schema = Schema(ordered)
    except SchemaError as error:
        raise FitsFileError(hdu.path, f"HDU {hdu.index}: {error}") from error
    version = header.get("AFW_TABLE_VERSION")
    if isinstance(version, int) and version < _STACK_VERSION and header.get("AFW_TYPE") == "SOURCE":
        schema.aliases.update(old_spellings(schema.names))
    for text in map(str, header.get_all("ALIAS")):
        alias, colon, target = text.partition(":")
        if not (alias and colon and target):
            raise FitsFileError(hdu.path, f"HDU {hdu.index}: ALIAS = {text!r} is not possible")
        try:
            schema.aliases[alias] = target
        except SchemaError as error:
            raise FitsFileError(hdu.path, f"HDU {hdu.index}: {error}") from error
        if alias == "slot_InstFlux":  # until 2016
            schema.aliases.setdefault("slot_GaussianFlux", target)
    return schema


def _in_order(fields: list[Field], flags: list[Field], order: str) -> list[Field]:
    counts = [int(word) for word in order.split() if word.isdecimal()]
    if sum(counts[::2]) != len(fields) or sum(counts[1::2]) != len(flags):
        return [*fields, *flags]
    groups = [iter(fields), iter(flags)]
    places = chain.from_iterable([index % 2] * count for index, count in enumerate(counts))
    return [next(groups[place]) for place in places]
