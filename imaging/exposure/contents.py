"""What the file of an exposure holds, HDU by HDU; nothing is interpreted here but names.

Three kinds of files are known:

``own``
    Written by this package: ``SBFORMAT = 'Exposure'`` in the primary header,
    ``SBPARTS`` names the tables behind IMAGE, MASK and VARIANCE.
``lsst``
    Written by the LSST stack: HDUs with EXTTYPE (or EXTNAME) IMAGE, MASK and
    VARIANCE, and an archive of binary tables.
``plain``
    Any other file with an image: the first HDU with two-dimensional pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from imaging.errors import FitsFileError, FormatVersionError, HduNotFoundError
from imaging.fits.metadata import Metadata
from imaging.fits.parts import open_parts
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin, local_begin
from imaging.geometry.points import Point2I

if TYPE_CHECKING:
    from collections.abc import Collection

    from imaging.fits.parts import FitsPart, FitsParts
    from imaging.fits.planes import Plane
    from imaging.fits.rows import Rows

__all__ = [
    "FORMAT",
    "FORMAT_CARD",
    "PARTS_CARD",
    "PLANES",
    "TABLES",
    "VERSION",
    "VERSION_CARD",
    "Contents",
    "Layout",
    "read_contents",
]

Layout: TypeAlias = Literal["own", "lsst", "plain"]

FORMAT, VERSION = "Exposure", 1
FORMAT_CARD, VERSION_CARD, PARTS_CARD = "SBFORMAT", "SBVERS", "SBPARTS"
PLANES = ("IMAGE", "MASK", "VARIANCE")
_ARCHIVE_CARD = "AR_HDU"
TABLES = ("WCS", "PSF", "DETECTOR", "APCORR", "PHOTOCALIB", "VISITINFO", "VALIDPOLYGON")


@dataclass(slots=True)
class Contents:
    """What was found in a file.

    Parameters
    ----------
    path
        The file.
    primary
        Cards of the primary header.
    layout
        What kind of file it is.
    parts
        Names of what an own file has.
    bbox
        The box of the whole image, None if no image was looked for.
    headers
        The planes that were looked for. For IMAGE the cards of its HDU without
        those of layout and origin, unless it is read whole from an own file.
    inherits
        Whether the primary header is about the planes, too.
    planes
        Those that were read.
    tables
        Those that were read.
    """

    path: str
    primary: Metadata
    layout: Layout = "plain"
    parts: tuple[str, ...] = ()
    bbox: Box | None = None
    headers: dict[str, Metadata] = field(default_factory=dict)
    inherits: bool = True
    planes: dict[str, Plane] = field(default_factory=dict)
    tables: dict[str, Rows] = field(default_factory=dict)


def read_contents(
    path: str,
    wanted: Collection[str],
    *,
    headers_only: bool = False,
    bbox: Box | None = None,
    origin: Origin = "parent",
) -> Contents:
    """Read some parts of a file in one pass, and nothing else.

    Parameters
    ----------
    path
        A FITS file.
    wanted
        Names of planes and tables; tables that the file does not have are
        left out.
    headers_only
        Whether to leave the pixels of the planes unread.
    bbox
        The part of the image; by default all of it.
    origin
        Whether ``bbox`` is in ``parent`` or in ``local`` coordinates.

    Raises
    ------
    BoxError
        If the box is not inside the image.
    FitsFileError
        If the file cannot be read, is not complete, or its planes differ in size.
    FormatVersionError
        If it was written by a newer version.
    HduNotFoundError
        If it has no image.
    """
    with open_parts(path) as parts:
        contents = Contents(path, parts.primary)
        if FORMAT_CARD in parts.primary:
            _check_format(contents)
        missing = _missing(contents, wanted)
        for part in parts.iter_hdus() if missing else ():
            name = _known_name(contents, part)
            if name in TABLES and name in missing:
                contents.tables[name] = part.rows()
            elif name in missing or (name == "IMAGE" and contents.layout != "own"):
                _note_plane(contents, name, part, headers_only=headers_only)
                if name in missing and not headers_only:
                    contents.planes[name] = _read_plane(contents, part, bbox, origin)
            if name in missing:
                missing.remove(name)
            if not missing or (contents.layout == "plain" and contents.headers):
                break
        _check_complete(contents, parts, missing)
    return contents


def _check_format(contents: Contents) -> None:
    primary, path = contents.primary, contents.path
    kind, version = primary.get(FORMAT_CARD), primary.get(VERSION_CARD)
    if kind != FORMAT or not isinstance(version, int) or isinstance(version, bool):
        reason = f"{FORMAT_CARD} = {kind!r}, {VERSION_CARD} = {version!r}: it is no exposure"
        raise FitsFileError(path, reason)
    if version > VERSION:
        reason = (
            f"it is an exposure of version {version}, newer than {VERSION}, the last that is "
            "read here: update skybutler"
        )
        raise FormatVersionError(path, reason)
    tables = primary.get(PARTS_CARD)
    if not isinstance(tables, str):
        raise FitsFileError(path, f"{PARTS_CARD} = {tables!r} does not name its tables")
    contents.layout, contents.parts = "own", (*PLANES, *tables.split())


def _missing(contents: Contents, wanted: Collection[str]) -> list[str]:
    if contents.layout == "own":
        return [name for name in contents.parts if name in wanted]
    return [name for name in PLANES if name in wanted]


def _known_name(contents: Contents, part: FitsPart) -> str:
    """Return the name of an HDU as this module has it, empty if it is of no use."""
    if contents.layout == "own":
        is_fitting = part.is_image if part.name in PLANES else part.is_table
        return part.name if is_fitting else ""
    if not part.is_image:
        return ""
    kind = str(part.hdu.header.get("EXTTYPE", "")).strip().upper()
    name = kind if kind in PLANES and part.name not in PLANES else part.name or kind
    if not contents.headers and name in PLANES:
        contents.layout = "lsst"
    return name if contents.layout == "lsst" else "IMAGE"


def _note_plane(contents: Contents, name: str, part: FitsPart, *, headers_only: bool) -> None:
    """Keep the header of a plane, and check that its box is that of the others."""
    whole = part.bbox
    if contents.bbox is None:
        contents.bbox = whole
    elif whole.shape != contents.bbox.shape or whole.min not in {contents.bbox.min, Point2I()}:
        reason = f"HDU {part.index} ({name}) is {whole}, not {contents.bbox} like those before it"
        raise FitsFileError(contents.path, reason)
    if not contents.headers and contents.layout == "lsst":
        contents.inherits = part.hdu.header.get("INHERIT") is True
    elif contents.layout == "plain":
        contents.inherits = part.index > 0
    is_used = name == "IMAGE" and (headers_only or contents.layout != "own")
    contents.headers[name] = part.header if is_used else Metadata()


def _read_plane(contents: Contents, part: FitsPart, bbox: Box | None, origin: Origin) -> Plane:
    """Read a plane in the coordinates of the first: some do not say where they begin."""
    whole = contents.bbox or Box()
    offset = Point2I() if bbox is None else local_begin(bbox, whole, origin)
    plane = part.plane(None if bbox is None else Box(offset, bbox.dimensions), "local")
    return replace(plane, origin=whole.min + (offset - Point2I()))


def _check_complete(contents: Contents, parts: FitsParts, missing: list[str]) -> None:
    """Raise an error if something lacks that the file should have."""
    if contents.layout == "own":
        if missing:
            reason = f"it lacks {', '.join(missing)}, which its header promises: copy it again"
            raise FitsFileError(contents.path, reason)
        return
    if missing and not contents.headers:
        raise HduNotFoundError(contents.path, "it has no image")
    if contents.layout == "plain" and contents.headers and _ARCHIVE_CARD in parts.primary:
        reason = (
            f"{_ARCHIVE_CARD} says that it is an exposure of the LSST stack, but its first "
            "image is not called IMAGE: its headers are damaged, copy it again"
        )
        raise FitsFileError(contents.path, reason)
    if missing and contents.layout == "lsst":
        is_partial = len(contents.headers) > 1 or "IMAGE" in missing
        if is_partial or _ARCHIVE_CARD in parts.primary:
            reason = f"it lacks {', '.join(missing)}: it is not complete, copy it again"
            raise FitsFileError(contents.path, reason)
