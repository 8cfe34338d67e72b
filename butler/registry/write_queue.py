"""The queue in which writers of one SQLite file stand.

SQLite's busy handler sleeps and retries, so that one writer may starve while
another commits hundreds of times. A lock on a side file puts writers in a row.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_UN, flock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stand_in_queue"]


@contextmanager
def stand_in_queue(path: str | None) -> Iterator[None]:
    """Hold a file's lock; go on without it where the file system has none.

    Parameters
    ----------
    path
        The side file, made if need be. None for no queue.

    Notes
    -----
    The database's own lock is what keeps data right; the queue is for
    fairness alone, so that every failure here is ignored.
    """
    descriptor = _locked(path) if path is not None else -1
    try:
        yield
    finally:
        if descriptor >= 0:
            with suppress(OSError):
                flock(descriptor, LOCK_UN)  # closing is not enough: a forked child has it too
            with suppress(OSError):
                os.close(descriptor)


def _locked(path: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError:
        return -1
    try:
        flock(descriptor, LOCK_EX)
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor
