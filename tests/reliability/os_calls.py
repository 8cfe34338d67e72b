"""Calls to the operating system that fail, one of them, once, as a full disk or a bad one would."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ERRORS", "CallLog", "one_call_fails"]

ERRORS: Final = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EMFILE)
_CALLS: Final = (
    *("open", "write", "read", "fsync", "close", "link", "symlink", "unlink", "rename"),
    *("mkdir", "rmdir", "scandir", "listdir", "fstat", "utime", "replace"),
)


class CallLog(list[str]):
    """The calls that were made, in order."""


@contextmanager
def one_call_fails(
    number: int | None, error: int, act: Callable[[], None] | None = None
) -> Iterator[CallLog]:
    """Let the call of that number fail, or ``act`` happen instead; None only counts."""
    log = CallLog()
    real = {name: getattr(os, name) for name in _CALLS}

    def through(name: str) -> Callable[..., object]:
        def call(*arguments: object, **keywords: object) -> object:
            log.append(name)
            if number is None or len(log) != number + 1:
                return real[name](*arguments, **keywords)
            if act is not None:
                act()
            if name == "close":  # the descriptor is gone whatever the answer
                real[name](*arguments, **keywords)
            raise OSError(error, os.strerror(error), *_paths(name, arguments))

        return call

    for name in _CALLS:
        setattr(os, name, through(name))
    try:
        yield log
    finally:
        for name, function in real.items():
            setattr(os, name, function)


def _paths(name: str, arguments: tuple[object, ...]) -> tuple[object, ...]:
    takes_descriptor = name in {"write", "read", "fsync", "close", "fstat"}
    return () if takes_descriptor else arguments[:1]
