"""Every error that the imaging package raises, as one tree.

::

    ImagingError
    ├── BoxError(ValueError)                a box that is empty, malformed or outside an image
    ├── ParameterTypeError(TypeError)       an argument of the wrong type
    ├── ParameterValueError(ValueError)     an argument of the right type that cannot be used
    ├── MetadataError(ValueError)           a card that a FITS header cannot hold
    │   └── CardNotFoundError(KeyError)     a card that is not in the header
    ├── DataFileError(OSError)              a file that cannot be read or written
    │   ├── FormatVersionError              the file was written by a newer version
    │   ├── UndecodableError                a part that cannot be decoded, by its name
    │   └── FitsFileError                   a FITS file
    │       └── HduNotFoundError(LookupError)   it has no such extension
    ├── ColumnNotFoundError(LookupError)    a table has no such column
    ├── MaskPlaneError(LookupError)         mask planes that do not exist, or do not match
    ├── WcsError(ValueError)                a WCS that cannot be made or evaluated
    ├── PsfError(ValueError)                a PSF that cannot be made or evaluated
    ├── CameraError(ValueError)             the description of a camera is wrong
    ├── SchemaError(ValueError)             fields that cannot be together in one schema
    ├── FieldNotFoundError(KeyError)        a schema has no such field
    ├── NotContiguousError(ValueError)      columns of a catalog that is scattered in memory
    ├── FootprintError(ValueError)          spans that overlap or do not fit
    ├── ReferenceCatalogError(ValueError)   columns of which no reference catalog can be made
    ├── DisplayError(OSError)               a viewer that cannot be reached
    └── MissingLibraryError(ImportError)    an optional library is not installed

Each class has a ``code`` that stays the same between releases.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BoxError",
    "CameraError",
    "CardNotFoundError",
    "ColumnNotFoundError",
    "DataFileError",
    "DisplayError",
    "FieldNotFoundError",
    "FitsFileError",
    "FootprintError",
    "FormatVersionError",
    "HduNotFoundError",
    "ImagingError",
    "MaskPlaneError",
    "MetadataError",
    "MissingLibraryError",
    "NotContiguousError",
    "ParameterTypeError",
    "ParameterValueError",
    "PsfError",
    "ReferenceCatalogError",
    "SchemaError",
    "UndecodableError",
    "WcsError",
    "closest_words",
]


def closest_words(word: str, known: Iterable[str]) -> str:
    """Return a sentence that names the known words closest to ``word``, or nothing.

    Parameters
    ----------
    word
        What was asked for.
    known
        The words that would have been right. Case is ignored.

    Returns
    -------
    str
        `` Did you mean 'x' or 'y'?`` with a leading blank, or an empty string.
    """
    by_folded = {name.casefold(): name for name in sorted(known)}
    close = [by_folded[match] for match in get_close_matches(word.casefold(), by_folded, n=3)]
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


class ImagingError(Exception):
    """The root of every error of this package.

    Parameters
    ----------
    message
        What failed and what to do.
    """

    code = "imaging"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return self.message


class BoxError(ImagingError, ValueError):
    """A box that is malformed, or that lies outside of the pixels it should select."""

    code = "box"


class ParameterTypeError(ImagingError, TypeError):
    """An argument of a type that cannot be used."""

    code = "parameter_type"


class ParameterValueError(ImagingError, ValueError):
    """An argument of the right type whose value cannot be used."""

    code = "parameter_value"


class MetadataError(ImagingError, ValueError):
    """A name, value or comment that a FITS header cannot hold."""

    code = "metadata"


class CardNotFoundError(MetadataError, KeyError):
    """A card that is not in the header.

    Parameters
    ----------
    name
        The keyword as given.
    known
        The keywords that are there.
    """

    code = "card_not_found"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, tuple(known)
        super().__init__(f"The header has no card {name!r} among its {len(self.known)} keywords.")

    def __str__(self) -> str:
        return self.message + closest_words(self.name, self.known)  # too slow for every get()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.known)


class DataFileError(ImagingError, OSError):
    """A file that cannot be read or written.

    Parameters
    ----------
    path
        The file.
    reason
        What is wrong with it and what to do, without a capital and a full stop.
    """

    code = "data_file"

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}.")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.path, self.reason)


class FitsFileError(DataFileError):
    """A FITS file that cannot be read or written."""

    code = "fits_file"


class HduNotFoundError(FitsFileError, LookupError):
    """The file has no extension of that number, name or kind."""

    code = "hdu_not_found"


class FormatVersionError(DataFileError):
    """A part of the file was written in a format that is newer than this version."""

    code = "format_version"


class UndecodableError(DataFileError):
    """A part of the file is of a kind that is not known here; ``reason`` names it."""

    code = "undecodable"


class MaskPlaneError(ImagingError, LookupError):
    """A mask plane that does not exist, or planes of two masks that do not match."""

    code = "mask_plane"


class WcsError(ImagingError, ValueError):
    """A WCS that cannot be made or evaluated."""

    code = "wcs"


class PsfError(ImagingError, ValueError):
    """A point-spread function that cannot be made or evaluated."""

    code = "psf"


class CameraError(ImagingError, ValueError):
    """The description of a camera is wrong, or lacks what was asked for."""

    code = "camera"


class SchemaError(ImagingError, ValueError):
    """Fields, aliases or slots that cannot be together in one schema."""

    code = "schema"


class FieldNotFoundError(ImagingError, KeyError):
    """A schema has no such field.

    Parameters
    ----------
    name
        The field or alias as given.
    known
        The fields and aliases that are there.
    advice
        What to do about it, a sentence.
    """

    code = "field_not_found"

    def __init__(self, name: str, known: Iterable[str], advice: str = "") -> None:
        self.name, self.known, self.advice = name, tuple(known), advice
        super().__init__(f"The schema has no field {name!r} among its {len(self.known)}.")

    def __str__(self) -> str:
        hint = closest_words(self.name, self.known)  # too slow for every get()
        return f"{self.message}{hint} {self.advice}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.known, self.advice)


class NotContiguousError(ImagingError, ValueError):
    """Columns were asked for of a catalog whose rows are scattered in memory."""

    code = "not_contiguous"


class FootprintError(ImagingError, ValueError):
    """Spans that overlap, or that do not fit what they are used with."""

    code = "footprint"


class ReferenceCatalogError(ImagingError, ValueError):
    """Columns or values of which no reference catalog can be made."""

    code = "reference_catalog"


class DisplayError(ImagingError, OSError):
    """A viewer that cannot be reached, or that refuses."""

    code = "display"


class MissingLibraryError(ImagingError, ImportError):
    """An optional library is not installed.

    Parameters
    ----------
    library
        What would be imported.
    extra
        The extra of this distribution that brings it.
    """

    code = "missing_library"

    def __init__(self, library: str, extra: str) -> None:
        self.library, self.extra = library, extra
        super().__init__(f"This needs {library}: pip install 'skybutler[{extra}]'.")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.library, self.extra)


class ColumnNotFoundError(ImagingError, LookupError):
    """A table has no column of that name.

    Parameters
    ----------
    missing
        The columns that were asked for in vain, all of them.
    known
        The columns of the table.
    path
        The file.
    """

    code = "column_not_found"

    def __init__(self, missing: Iterable[str], known: Iterable[str], path: str) -> None:
        self.missing, self.known, self.path = tuple(missing), tuple(known), path
        hints = "".join(closest_words(name, self.known) for name in self.missing)
        shown = ", ".join(self.known[:20])
        more = f" and {len(self.known) - 20} more" if len(self.known) > 20 else ""  # noqa: PLR2004 - a line of text
        super().__init__(
            f"{path} has no column {', '.join(map(repr, self.missing))}.{hints} "
            f"Its columns are: {shown}{more}."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.missing, self.known, self.path)
