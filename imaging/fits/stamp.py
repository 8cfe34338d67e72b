"""Whether a file is still the one that was opened before."""

from __future__ import annotations

import os
from typing import TypeAlias

from imaging.errors import FitsFileError

__all__ = ["FileStamp", "file_stamp"]

FileStamp: TypeAlias = tuple[int, int, int]
"""Inode, size and time of the last change; another file under the name has another stamp."""


def file_stamp(path: str) -> FileStamp:
    """Return what changes if a file is replaced or written to.

    Raises
    ------
    FitsFileError
        If there is no file.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise FitsFileError(path, error.strerror or f"it cannot be read ({error})") from error
    return status.st_ino, status.st_size, status.st_mtime_ns
