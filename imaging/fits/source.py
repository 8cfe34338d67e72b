"""The bytes of a FITS file, plain or gzipped, read forwards.

The checksum at the end of a gzipped file is compared when the file is read
to its end (`FitsSource.finish`), which every reader of pixels and tables does:
a damaged file raises an error and never gives damaged data.
"""

from __future__ import annotations

import gzip
import os
import zlib
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from imaging.errors import FitsFileError, ImagingError
from imaging.fits.regular_file import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["FitsSource", "open_source"]

_Opened = TypeVar("_Opened")

_GZIP_MAGIC = b"\x1f\x8b"
_DEFLATE_LIMIT = 1032  # the largest ratio that deflate reaches (zlib's technical details)
_CHUNK = 1 << 20
_BUFFER = 10 * 2880  # a header in one or two reads


class FitsSource:
    """A file that is read forwards.

    Parameters
    ----------
    path
        For messages.
    stream
        What is read.
    capacity
        How many bytes it can give at the very most.
    is_gzipped
        Whether ``stream`` inflates what it reads.
    descriptor
        The file if bytes anywhere in it can be read with this, or None.
    """

    def __init__(
        self,
        path: str,
        stream: BinaryIO,
        capacity: int,
        *,
        is_gzipped: bool = False,
        descriptor: int | None = None,
    ) -> None:
        self.path, self.capacity, self.is_gzipped = path, capacity, is_gzipped
        self._descriptor = descriptor
        self._stream = stream
        self.position = 0
        self._others: dict[object, object] = {}
        self._open_others = ExitStack()

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end of the file."""
        content = self._stream.read(size)
        self.position += len(content)
        return content

    def read_into(self, buffer: memoryview) -> None:
        """Fill a buffer of bytes.

        Raises
        ------
        FitsFileError
            If the file ends before the buffer is full.
        """
        filled = 0
        while filled < len(buffer):
            count = self._stream.readinto(buffer[filled:])  # type: ignore[attr-defined]
            if not count:
                raise self._ends_at(self.position + filled)
            filled += count
        self.position += filled

    def read_at(self, position: int, buffer: memoryview) -> None:
        """Fill a buffer with the bytes from a place on.

        Parameters
        ----------
        position
            The first byte; where there is no random access, not before the
            place where the file stands, which is then moved.
        buffer
            To be filled.

        Raises
        ------
        FitsFileError
            If the file ends before the buffer is full.
        """
        if self._descriptor is None:
            self.skip_to(position)
            self.read_into(buffer)
            return
        filled = 0
        while filled < len(buffer):
            count = os.preadv(self._descriptor, [buffer[filled:]], position + filled)
            if not count:
                raise self._ends_at(position + filled)
            filled += count

    def _ends_at(self, position: int) -> FitsFileError:
        reason = f"it ends at byte {position}, within its data: copy it again"
        return FitsFileError(self.path, reason)

    def skip_to(self, position: int) -> None:
        """Go forward to a byte, at most to the end of the file."""
        if self.is_gzipped:
            while self.position < position and self.read(min(_CHUNK, position - self.position)):
                pass
        elif position > self.position:  # the system refuses places that no file can have
            self.position = self._stream.seek(min(position, self.capacity))

    def require(self, size: int, purpose: str) -> None:
        """Check that the file can hold as many bytes from here on, before memory is taken.

        Raises
        ------
        FitsFileError
            If it cannot.
        """
        if self.position + size > self.capacity:
            reason = (
                f"its header promises {size:,} bytes of {purpose}, more than the file can hold: "
                "the header is wrong, or the file is not complete"
            )
            raise FitsFileError(self.path, reason)

    def opened_by(self, opener: Callable[[str], AbstractContextManager[_Opened]]) -> _Opened:
        """Return what another library makes of the same file, opened once and closed with it.

        Parameters
        ----------
        opener
            Called with the path when it is first given.
        """
        if opener not in self._others:
            self._others[opener] = self._open_others.enter_context(opener(self.path))
        return cast("_Opened", self._others[opener])

    def close_others(self) -> None:
        """Close what `opened_by` opened."""
        self._others.clear()
        self._open_others.close()

    def finish(self) -> None:
        """Read a gzipped file to its end, where its checksum is."""
        if self.is_gzipped:
            while self.read(_CHUNK):
                pass


@contextmanager
def open_source(path: str) -> Iterator[FitsSource]:
    """Open a FITS file, whatever characters its name has; nothing stays open afterwards.

    Parameters
    ----------
    path
        A regular file.

    Raises
    ------
    FitsFileError
        If it cannot be opened or read, then or within the context.
    """
    try:
        with os.fdopen(open_regular(path), "rb", _BUFFER) as file:
            size = os.fstat(file.fileno()).st_size
            magic = file.read(2)
            file.seek(0)
            if magic == _GZIP_MAGIC:
                with gzip.GzipFile(fileobj=file) as inflated:
                    stream = cast("BinaryIO", inflated)
                    yield FitsSource(path, stream, size * _DEFLATE_LIMIT, is_gzipped=True)
            else:
                source = FitsSource(path, file, size, descriptor=file.fileno())
                try:
                    yield source
                finally:
                    source.close_others()
    except ImagingError:
        raise
    except (EOFError, zlib.error) as error:
        raise FitsFileError(
            path, f"the gzipped file is damaged ({error}): copy it again"
        ) from error
    except OSError as error:
        raise FitsFileError(path, error.strerror or f"it cannot be read ({error})") from error
