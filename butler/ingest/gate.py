"""The gate that every file passes before ingest believes a word of it.

Only headers are read, within fixed bounds, and in pure Python: the usual
readers loop for ever, or end the process, on some of the files that an
archive download leaves behind. What passes has whole headers, sizes that make
sense, and as much data as its headers say.

How ingest uses it, in every link mode:

1. `scan` each file. For a file that is not compressed this is all: the size of
   the file proves that nothing is missing.
2. `verify_gzip` each file whose ``is_gzip`` is set. A gzip file that was cut
   off has a perfect header, and neither its size nor a reader of headers shows
   what is missing, so the whole stream is decompressed once, its CRC checked,
   and its length compared with what the headers say. It stops one block after
   that length, so that a bomb costs no more than an honest file.

Compressed images (``.fz``) are ordinary FITS files with tables in them.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from butler.errors import IngestError
from butler.ingest.cards import CARD_SIZE
from butler.ingest.header import Header
from butler.ingest.sources import GZIP_MAGIC, GzipSource, PlainSource, StreamLimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.ingest.sources import Source

__all__ = ["HduInfo", "ScannedFile", "scan", "verify_gzip"]

_BLOCK_SIZE = 2880
_MAX_HDUS = 2000
_MAX_HEADER_BLOCKS = 2000
# All headers of one file: 20 times the largest camera's, and no strain on memory.
_MAX_HEADER_BYTES = 64 << 20
_MAX_STREAMED_BYTES = 64 << 20

# The first read of a header covers the 155 cards of a raw HSC file twice over.
_FIRST_READ = 10 * _BLOCK_SIZE
_END = b"END     "
_LARGEST_AXIS = 1 << 40
_LARGEST_DATA = 1 << 62
_BITPIX = (8, 16, 32, 64, -32, -64)
_TABLES = ("BINTABLE", "TABLE", "A3DTABLE")
_OTHER_FORMATS = {
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ\x00": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstandard",
    b"\x1f\x9d": "compressed with compress",
    b"PK\x03\x04": "a zip archive",
    b"\x89PNG": "a PNG image",
    b"\x89HDF": "an HDF5 file",
}
_FILE_TYPES = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class HduInfo:
    """One header and data unit, the data unread.

    Parameters
    ----------
    index
        Position in the file, 0 for the primary HDU.
    name
        ``EXTNAME``, or an empty string.
    kind
        ``PRIMARY``; else ``XTENSION``, mostly ``IMAGE``, ``BINTABLE`` or
        ``TABLE``; ``COMPRESSED_IMAGE`` for an image that is tile-compressed
        into a binary table.
    header
        The cards.
    data_offset
        Where the data begin, in bytes; in a gzip file after decompression.
    data_size
        Bytes of data, without what fills the last block.
    shape
        Lengths of the axes, slowest first as in NumPy; that of the image if
        it is compressed; empty without data.
    """

    index: int
    name: str
    kind: str
    header: Header
    data_offset: int
    data_size: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file that passed the gate.

    Parameters
    ----------
    path
        As given.
    size, mtime_ns, inode
        Of the file that was read, links followed.
    is_gzip
        Whether the whole file is gzip-compressed: see `verify_gzip`.
    hdus
        All HDUs; of a gzip file the first one only, unless all were asked for.
    warnings
        What is odd about the file without making it useless.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    is_gzip: bool
    hdus: tuple[HduInfo, ...]
    warnings: tuple[str, ...]


def scan(
    path: str,
    *,
    max_hdus: int = _MAX_HDUS,
    all_hdus: bool = False,
    max_streamed_bytes: int = _MAX_STREAMED_BYTES,
) -> ScannedFile:
    """Read all headers of a file and check that its data are there.

    Parameters
    ----------
    path
        Any path. It is opened as it is: brackets and the like mean nothing.
    max_hdus
        A file with more HDUs is rejected.
    all_hdus
        Whether to decompress a gzip file beyond its first header. Files that
        are not compressed are always walked to their end, which costs one
        read for each HDU.
    max_streamed_bytes
        How much of a gzip file is decompressed for ``all_hdus``. Beyond that
        the HDUs found so far are returned, with a warning.

    Returns
    -------
    ScannedFile
        Never holds a file open.

    Raises
    ------
    IngestError
        With a short reason, if this is not a whole FITS file.
    """
    warnings: list[str] = []
    with _open_regular(path) as (descriptor, status):
        magic = _check_magic(os.pread(descriptor, len(b"SIMPLE  ="), 0))
        is_gzip = magic == GZIP_MAGIC
        source: Source = PlainSource(descriptor, status.st_size)
        if is_gzip:
            source = GzipSource(descriptor, status.st_size, max_streamed_bytes)
        walk = _walk(source, max_hdus, warnings)
        hdus = []
        try:
            for hdu in walk:
                hdus.append(hdu)
                if is_gzip and not all_hdus:
                    break
        except StreamLimitError as error:
            if not hdus:
                raise
            warnings.append(
                f"{error}, nothing was checked beyond the header of HDU {len(hdus) - 1}"
            )
    return ScannedFile(
        path=path,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
        is_gzip=is_gzip,
        hdus=tuple(hdus),
        warnings=tuple(warnings),
    )


def verify_gzip(path: str) -> int:
    """Decompress a whole gzip-compressed FITS file and check it, keeping nothing.

    Parameters
    ----------
    path
        A file whose name may be anything.

    Returns
    -------
    int
        Size after decompression, in bytes.

    Raises
    ------
    IngestError
        If the stream breaks off or is damaged, if a CRC or length is wrong,
        if there are fewer bytes than the headers say, or more than one block
        more: then decompression stops at once.

    Notes
    -----
    Memory stays within one header and some 300 kB. Time grows with what the
    headers say, which `scan` has limited to 1032 times the size of the file,
    the most that gzip can compress.
    """
    with _open_regular(path) as (descriptor, status):
        if os.pread(descriptor, len(GZIP_MAGIC), 0) != GZIP_MAGIC:
            reason = "not a gzip file"
            raise IngestError(reason)
        source = GzipSource(descriptor, status.st_size)
        end = 0
        for hdu in _walk(source, _MAX_HDUS, []):
            end = hdu.data_offset + hdu.data_size
        # The walk has seen the end of the stream, at most two blocks further.
        return source.reach(end + 2 * _BLOCK_SIZE)


@contextmanager
def _open_regular(path: str) -> Iterator[tuple[int, os.stat_result]]:
    """Open a file for reading, without ever waiting for one that is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise IngestError(_explain(path, error)) from error
    except ValueError as error:
        reason = f"not a file name ({error})"
        raise IngestError(reason) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            file_type = _FILE_TYPES.get(stat.S_IFMT(status.st_mode), "not a regular file")
            reason = f"{file_type}, not a file"
            raise IngestError(reason)
        yield descriptor, status
    except OSError as error:
        reason = f"cannot be read ({error.strerror})"
        raise IngestError(reason) from error
    finally:
        os.close(descriptor)


def _explain(path: str, error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "a link to a file that is not there" if Path(path).is_symlink() else "no such file"
    if error.errno == errno.ELOOP:
        return "a link that leads back to itself"
    if error.errno == errno.ENXIO:
        return "a socket or a device, not a file"
    return f"cannot be opened ({error.strerror})"


def _check_magic(head: bytes) -> bytes:
    """Return the first two bytes of a file that may be FITS, plain or compressed."""
    if not head:
        reason = "the file is empty"
        raise IngestError(reason)
    for magic, description in _OTHER_FORMATS.items():
        if head.startswith(magic):
            advice = ", uncompress it first" if "compress" in description else ""
            reason = f"not FITS, but {description}{advice}"
            raise IngestError(reason)
    return head[: len(GZIP_MAGIC)]


def _walk(source: Source, max_hdus: int, warnings: list[str]) -> Iterator[HduInfo]:
    """Iterate over the HDUs; each is checked for its data when the next is asked for."""
    offset = header_bytes = 0
    for index in count():
        try:
            hdu = _read_hdu(source, offset, index)
        except StreamLimitError:
            raise
        except IngestError as error:
            reason = f"HDU {index}: {error}" if index else str(error)
            raise IngestError(reason) from error
        header_bytes += hdu.data_offset - offset
        if header_bytes > _MAX_HEADER_BYTES:
            reason = f"the headers are larger than {_MAX_HEADER_BYTES} bytes"
            raise IngestError(reason)
        yield hdu
        data_end = hdu.data_offset + hdu.data_size
        missing = data_end - source.reach(data_end)
        if missing and hdu.data_size:
            raise IngestError(_tell_missing(hdu, missing))
        offset = data_end + -data_end % _BLOCK_SIZE
        if source.reach(offset) < offset:
            warnings.append(f"HDU {index}: the last block is not filled up")
            return
        if not _has_extension(source, offset, warnings):
            return
        if index + 1 >= max_hdus:
            reason = f"more than {max_hdus} HDUs"
            raise IngestError(reason)


def _tell_missing(hdu: HduInfo, missing: int) -> str:
    if missing >= hdu.data_size:
        return f"HDU {hdu.index}: truncated, all {hdu.data_size} bytes of data are missing"
    return f"HDU {hdu.index}: truncated, {missing} of {hdu.data_size} bytes of data are missing"


def _has_extension(source: Source, offset: int, warnings: list[str]) -> bool:
    """Tell whether another HDU follows, and judge what follows otherwise."""
    following = source.read_at(offset, len(b"XTENSION"))
    if following == b"XTENSION":
        return True
    if following:
        n_bytes = source.count_beyond(offset, _BLOCK_SIZE + 1)
        if isinstance(source, GzipSource) and n_bytes > _BLOCK_SIZE:
            reason = f"decompresses to more than its header says ({offset} bytes)"
            raise IngestError(reason)
        warnings.append(f"{n_bytes} bytes after the last HDU do not belong to it")
    return False


def _read_hdu(source: Source, offset: int, index: int) -> HduInfo:
    cards = _read_cards(source, offset, index)
    header = Header(cards)
    data_offset = offset + len(cards) + CARD_SIZE
    data_offset += -data_offset % _BLOCK_SIZE
    kind = _read_text(header, "XTENSION").upper() if index else "PRIMARY"
    if not kind:
        reason = "no value of XTENSION"
        raise IngestError(reason)
    dims = _read_dims(header, "NAXIS", 0, 99)
    data_size = _compute_data_size(header, dims)
    if data_offset + data_size > source.capacity and isinstance(source, GzipSource):
        reason = f"truncated: {data_size} bytes of data cannot be in a gzip file of this size"
        raise IngestError(reason)
    shape = dims
    if kind in _TABLES:
        _check_table(header, dims)
        if any(keyword in header for keyword in ("ZIMAGE", "ZNAXIS", "ZCMPTYPE")):
            kind, shape = "COMPRESSED_IMAGE", _check_compressed_image(header)
    name = _read_text(header, "EXTNAME")
    return HduInfo(index, name, kind, header, data_offset, data_size, shape[::-1])


def _read_cards(source: Source, offset: int, index: int) -> bytes:
    """Read on in growing steps until ``END``; return what stands before it."""
    size = _FIRST_READ
    largest = _MAX_HEADER_BLOCKS * _BLOCK_SIZE
    while True:
        text = source.read_at(offset, size)
        if index == 0 and not text.startswith(b"SIMPLE  ="):
            reason = "not FITS, it does not begin with SIMPLE"
            raise IngestError(reason)
        end = text.find(_END)
        while end > 0 and end % CARD_SIZE:
            end = text.find(_END, end + 1)
        if end > 0:
            return text[:end]
        if len(text) < size:
            reason = "truncated, the file ends before the END of a header"
            raise IngestError(reason)
        if size == largest:
            reason = f"a header longer than {_MAX_HEADER_BLOCKS} blocks"
            raise IngestError(reason)
        size = min(4 * size, largest)


def _read_text(header: Header, keyword: str) -> str:
    """Return the string, or an empty one for a card that is absent or says something else."""
    try:
        value = header.get(keyword)
    except IngestError:
        return ""
    return value.strip() if isinstance(value, str) else ""


def _read_integer(
    header: Header, keyword: str, least: int, most: int, default: int | None = None
) -> int:
    value = header.get(keyword, default)
    if value is None:
        reason = f"no value of {keyword}"
        raise IngestError(reason)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        reason = f"{keyword} is {value!r}, not an integer from {least} to {most}"
        raise IngestError(reason)
    return value


def _read_dims(header: Header, keyword: str, least: int, most: int) -> tuple[int, ...]:
    n_axes = _read_integer(header, keyword, least, most)
    return tuple(
        [_read_integer(header, f"{keyword}{i}", 0, _LARGEST_AXIS) for i in range(1, n_axes + 1)]
    )


def _compute_data_size(header: Header, dims: tuple[int, ...]) -> int:
    bitpix = _read_integer(header, "BITPIX", -64, 64)
    if bitpix not in _BITPIX:
        reason = f"BITPIX is {bitpix}, not one of {_BITPIX}"
        raise IngestError(reason)
    n_parameters = _read_integer(header, "PCOUNT", 0, _LARGEST_AXIS, 0)
    n_groups = _read_integer(header, "GCOUNT", 1, _LARGEST_AXIS, 1)
    if not dims:
        return 0
    if dims[0] == 0 and "GROUPS" in header and header["GROUPS"] is True:
        dims = dims[1:]
    n_elements = 1
    for length in dims:
        n_elements *= length
    data_size = abs(bitpix) // 8 * n_groups * (n_parameters + n_elements)
    if data_size > _LARGEST_DATA:
        reason = "its header says more data than any file can hold"
        raise IngestError(reason)
    return data_size


def _check_table(header: Header, dims: tuple[int, ...]) -> None:
    """Refuse counts that send readers of tables into endless loops."""
    if len(dims) != 2 or _read_integer(header, "BITPIX", 8, 8) != 8:  # noqa: PLR2004
        reason = f"a table with NAXIS = {len(dims)}, not 2"
        raise IngestError(reason)
    _read_integer(header, "TFIELDS", 0, 999)
    _read_integer(header, "THEAP", 0, _LARGEST_AXIS, 0)


def _check_compressed_image(header: Header) -> tuple[int, ...]:
    """Refuse tile sizes that end the process of readers; return the lengths of the axes."""
    dims = _read_dims(header, "ZNAXIS", 1, 9)
    if _read_integer(header, "ZBITPIX", -64, 64) not in _BITPIX:
        reason = f"ZBITPIX is none of {_BITPIX}"
        raise IngestError(reason)
    for i, length in enumerate(dims, 1):
        _read_integer(header, f"ZNAXIS{i}", 1, _LARGEST_AXIS)
        _read_integer(header, f"ZTILE{i}", 1, _LARGEST_AXIS, max(1, length))
    return dims
