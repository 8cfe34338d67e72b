"""Bytes of a plain or a gzip-compressed file, by offset, in bounded memory."""

from __future__ import annotations

import os
import zlib
from typing import Protocol

from butler.errors import IngestError

__all__ = ["GZIP_MAGIC", "GzipSource", "PlainSource", "Source", "StreamLimitError"]

GZIP_MAGIC = b"\x1f\x8b"

_COMPRESSED_CHUNK = 1 << 16
_OUTPUT_CHUNK = 1 << 18
# DEFLATE cannot expand more than 1032 times (RFC 1951: 258 bytes from 2 bits).
_LARGEST_EXPANSION = 1032
# A member without content costs time and gives nothing; a file made of them is an attack.
_MOST_EMPTY_MEMBERS = 1000


class StreamLimitError(IngestError):
    """More bytes would have to be decompressed than the caller allowed."""


class Source(Protocol):
    """Bytes by offset. Offsets of successive calls never decrease."""

    @property
    def capacity(self) -> int:
        """Upper limit of the number of bytes there are."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer only at the end."""

    def reach(self, offset: int) -> int:
        """Return ``offset``, or the number of bytes there are if that is less."""

    def count_beyond(self, offset: int, most: int) -> int:
        """Return how many bytes there are from ``offset``; counting may stop at ``most``."""


class PlainSource:
    """A file as it is.

    Parameters
    ----------
    descriptor
        An open file. Not closed here.
    size
        Its size in bytes.
    """

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.capacity = size

    def read_at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer only at the end."""
        return os.pread(self._descriptor, size, offset)

    def reach(self, offset: int) -> int:
        """Return ``offset``, or the size of the file if that is less."""
        return min(offset, self.capacity)

    def count_beyond(self, offset: int, most: int) -> int:
        """Return how many bytes there are from ``offset``, even beyond ``most``."""
        del most
        return max(0, self.capacity - offset)


class GzipSource:
    """The content of a gzip file, which may have several members.

    Parameters
    ----------
    descriptor
        An open file. Not closed here.
    size
        Its size in bytes, as it is.
    limit
        Bytes that may be decompressed in all, None for any number.

    Notes
    -----
    Nothing is kept but the bytes last asked for. zlib checks the CRC and the
    length of each member when its end is reached. Zero bytes and other
    matter after the last member are ignored, as gzip itself does.
    """

    def __init__(self, descriptor: int, size: int, limit: int | None = None) -> None:
        self._descriptor = descriptor
        self._limit = limit
        self._inflater = zlib.decompressobj(wbits=31)
        self._position = 0
        self._pending = b""
        self._window = bytearray()
        self._window_start = 0
        self._member_size = 0
        self._n_empty_members = 0
        self._is_done = False
        self.capacity = size * _LARGEST_EXPANSION

    def read_at(self, offset: int, size: int) -> bytes:
        """Return ``size`` bytes from ``offset``, fewer only at the end."""
        self.reach(offset)
        while len(self._window) < size:
            output = self._inflate(size - len(self._window))
            if not output:
                break
            self._window += output
        return bytes(self._window[:size])

    def reach(self, offset: int) -> int:
        """Return ``offset``, or the number of bytes there are if that is less."""
        while self._window_start + len(self._window) < offset:
            self._window_start += len(self._window)
            self._window.clear()
            output = self._inflate(min(_OUTPUT_CHUNK, offset - self._window_start))
            if not output:
                return self._window_start
            self._window += output
        del self._window[: max(0, offset - self._window_start)]
        self._window_start = max(offset, self._window_start)
        return offset

    def count_beyond(self, offset: int, most: int) -> int:
        """Return how many bytes there are from ``offset``; counting stops at ``most``."""
        return len(self.read_at(offset, most))

    def _inflate(self, most: int) -> bytes:
        """Return up to ``most`` of the next bytes, none only at the end."""
        if self._limit is not None:
            most = min(most, self._limit - self._window_start - len(self._window))
            if most <= 0:
                reason = f"more than {self._limit} bytes decompressed"
                raise StreamLimitError(reason)
        while True:
            if self._is_done or (self._inflater.eof and not self._open_next_member()):
                return b""
            if not self._pending and not self._read():
                reason = "truncated: the gzip stream breaks off"
                raise IngestError(reason)
            try:
                output = self._inflater.decompress(self._pending, most)
            except zlib.error as error:
                reason = f"damaged gzip stream ({error})"
                raise IngestError(reason) from error
            self._pending = self._inflater.unconsumed_tail or self._inflater.unused_data
            self._member_size += len(output)
            if output:
                return output

    def _open_next_member(self) -> bool:
        """Begin the next member; False if there is none."""
        self._n_empty_members += self._member_size == 0
        if self._n_empty_members > _MOST_EMPTY_MEMBERS:
            reason = f"more than {_MOST_EMPTY_MEMBERS} gzip members without content"
            raise IngestError(reason)
        self._pending = self._pending.lstrip(b"\0")
        while len(self._pending) < len(GZIP_MAGIC) and not self._is_done:
            self._is_done = not self._read()
            self._pending = self._pending.lstrip(b"\0")
        if self._is_done or not self._pending.startswith(GZIP_MAGIC):
            self._is_done = True
            return False
        self._inflater = zlib.decompressobj(wbits=31)
        self._member_size = 0
        return True

    def _read(self) -> bool:
        """Append the next compressed bytes; False at the end of the file."""
        read = os.pread(self._descriptor, _COMPRESSED_CHUNK, self._position)
        self._position += len(read)
        self._pending += read
        return bool(read)
