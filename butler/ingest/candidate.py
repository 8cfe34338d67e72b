"""One file read: what ingest needs to know of it, and no more."""

from __future__ import annotations

import logging
from collections import ChainMap
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from butler.errors import ButlerError, IngestError
from butler.ingest.gate import scan, verify_gzip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.ingest.gate import ScannedFile
    from butler.mapper import Mapper, Observation

__all__ = [
    "Candidate",
    "Rejection",
    "Translate",
    "Translated",
    "choose_header",
    "read_candidate",
    "translate_raw",
]

logger = logging.getLogger(__name__)


class Translated(NamedTuple):
    """What a header tells: values of keys and columns, and which type, if there are several."""

    values: Observation
    dataset_type: str = ""


Translate: TypeAlias = Callable[["Mapper", "ScannedFile"], Translated]
"""Translates the headers of a file; other processes get it pickled."""


class Candidate(NamedTuple):
    """A whole file of the right camera.

    Light, because a hundred thousand of them travel between processes: the
    values of the header that are needed, not the header.

    ``source`` is an absolute path; ``size``, ``mtime_ns`` and ``inode`` are
    those of the file that was read, links followed; ``observation`` holds the
    registry columns of the camera, or the keys of a calibration, whose type
    is ``dataset_type`` then.
    """

    source: str
    size: int
    mtime_ns: int
    inode: int
    observation: Observation
    warnings: tuple[str, ...] = ()
    dataset_type: str = ""


class Rejection(NamedTuple):
    """A file that is not ingested, and why."""

    source: str
    reason: str


def translate_raw(mapper: Mapper, scanned: ScannedFile) -> Translated:
    """Return the registry columns of a raw file.

    Parameters
    ----------
    mapper
        The camera.
    scanned
        From the gate.
    """
    return Translated(mapper.translate(choose_header(scanned)))


def read_candidate(
    path: str, mapper: Mapper, translate: Translate = translate_raw
) -> Candidate | Rejection:
    """Read the headers of one file and translate them.

    Parameters
    ----------
    path
        Absolute path of the file, which may be anything.
    mapper
        The camera that it should be of.
    translate
        How its headers are translated.

    Returns
    -------
    Candidate or Rejection
        Whatever is wrong with the file is a rejection: one bad file must not
        stop a thousand good ones.
    """
    try:
        scanned = scan(path)
        if scanned.is_gzip:
            verify_gzip(path)
        translated = translate(mapper, scanned)
    except ButlerError as error:
        return Rejection(path, str(error))
    except MemoryError:
        return Rejection(path, "reading it takes more memory than there is")
    except Exception as error:  # a fault of the camera's code must not stop the other files
        logger.warning("Reading %s failed", path, exc_info=True)
        return Rejection(path, f"reading it failed ({type(error).__name__}: {error})")
    return Candidate(
        path,
        scanned.size,
        scanned.mtime_ns,
        scanned.inode,
        dict(translated.values),
        scanned.warnings,
        translated.dataset_type,
    )


def choose_header(scanned: ScannedFile) -> Mapping[str, object]:
    """Return the header that describes the observation.

    Parameters
    ----------
    scanned
        From the gate.

    Returns
    -------
    Mapping
        That of the primary HDU; of a file whose primary HDU is empty and
        whose image is compressed, the cards of the image in front of it, for
        that is where compressing programs move them.

    Raises
    ------
    IngestError
        If there are no HDUs.
    """
    if not scanned.hdus:
        raise IngestError("it has no header")
    primary = scanned.hdus[0]
    if not primary.shape:
        for hdu in scanned.hdus[1:]:
            if hdu.kind == "COMPRESSED_IMAGE":
                return ChainMap(hdu.header, primary.header)  # type: ignore[arg-type]  # only read
    return primary.header
