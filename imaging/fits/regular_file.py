"""Names of files, and files that are neither devices nor pipes."""

from __future__ import annotations

import os
import stat

from imaging.errors import DataFileError, FitsFileError, ParameterTypeError, ParameterValueError

__all__ = ["checked_path", "describe_kind", "open_regular"]

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def checked_path(path: object) -> str:
    """Return the name of a file.

    Parameters
    ----------
    path
        A text, or a path of `pathlib`. Numbers, which the system would take
        for files that are open, are refused.

    Raises
    ------
    ParameterTypeError
        If it is something else.
    ParameterValueError
        If no file can have this name.
    """
    name = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(name, str):
        message = f"The path of a file is a text, not {type(name).__name__} ({name!r})."
        raise ParameterTypeError(message)
    if "\0" in name or not name:
        message = f"{name!r} cannot be the path of a file."
        raise ParameterValueError(message)
    return name


def describe_kind(mode: int) -> str:
    """Return in words what a file is that is not a regular one."""
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "of an unknown kind")


def open_regular(path: str, error: type[DataFileError] = FitsFileError) -> int:
    """Return a descriptor of a regular file to read from; a pipe is not waited for.

    Parameters
    ----------
    path
        The file.
    error
        What is raised if it is not a regular one.

    Raises
    ------
    DataFileError
        Of the given class.
    OSError
        If it cannot be opened.
    """
    name = checked_path(path)
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise error(name, f"it is not a regular file but {describe_kind(mode)}")
    return descriptor
