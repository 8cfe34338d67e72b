"""A whole new file, or none: what was there stays until it can be replaced.

A file that did not exist is written under its own name, as fast as can be;
if that fails, it is removed. One that exists is replaced in one step by
another, written beside it: whoever has it open reads on in the old one, and
neither an error nor a crash leaves half of it.
"""

from __future__ import annotations

import gzip
import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import uuid4

from imaging.errors import DataFileError, FitsFileError, ImagingError
from imaging.fits.regular_file import checked_path, describe_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_gzip_name", "open_new_file"]

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_LEVEL = 5  # of gzip's nine: half of the time of the usual 6, and 1 % more bytes


def is_gzip_name(path: str) -> bool:
    """Whether a file of this name is gzipped."""
    return path.lower().endswith(".gz")


@contextmanager
def open_new_file(
    path: str,
    error: type[DataFileError] = FitsFileError,
    *,
    may_gzip: bool = True,
    may_replace: bool = True,
) -> Iterator[BinaryIO]:
    """Open a file to be written from its beginning to its end.

    Parameters
    ----------
    path
        The file. One that exists is replaced, with its permissions, when the
        context ends without an error; of a link, what it points to.
    error
        What is raised if it cannot be written.
    may_gzip
        Whether what is written is gzipped if the name ends with ``.gz``.
    may_replace
        Whether to replace a file that exists. If not, it is an error, whose
        cause is a `FileExistsError`.

    Raises
    ------
    DataFileError
        Of the given class.
    """
    name = checked_path(path)
    try:
        with _opened(name, error, may_replace=may_replace) as file:
            if may_gzip and is_gzip_name(name):
                with gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as gzipped:
                    yield cast("BinaryIO", gzipped)
            else:
                yield file
    except ImagingError:
        raise
    except OSError as failure:
        reason = failure.strerror or failure
        raise error(name, f"it cannot be written: {reason}") from failure


@contextmanager
def _opened(path: str, error: type[DataFileError], *, may_replace: bool) -> Iterator[BinaryIO]:
    try:
        descriptor = os.open(path, _FLAGS, 0o666)
    except FileExistsError:
        if not may_replace:
            raise
        with _replacement(os.path.realpath(path), path, error) as file:
            yield file
    else:
        with _written(descriptor, path) as file:
            yield file


@contextmanager
def _replacement(target: str, path: str, error: type[DataFileError]) -> Iterator[BinaryIO]:
    """Write beside a file, and take its place at the end."""
    if not os.path.lexists(target):  # a link to nothing
        with _written(os.open(target, _FLAGS, 0o666), target) as file:
            yield file
        return
    mode = os.stat(target).st_mode
    if not stat.S_ISREG(mode):
        raise error(path, f"there is {describe_kind(mode)}, which is not written over")
    if not os.access(target, os.W_OK):
        raise error(path, "it may not be written over: see its permissions")
    beside = os.path.join(os.path.dirname(target), f".{uuid4().hex}.tmp")
    with _written(os.open(beside, _FLAGS, 0o600), beside) as file:
        yield file
        if not file.closed:  # Arrow closes what it has written to
            file.flush()
        os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, target)


@contextmanager
def _written(descriptor: int, path: str) -> Iterator[BinaryIO]:
    """Give the file of a descriptor; remove what it is called if anything fails."""
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise
