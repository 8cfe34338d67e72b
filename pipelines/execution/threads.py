"""How many threads the libraries of linear algebra may use: one, for data IDs run side by side."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

__all__ = ["one_thread", "one_thread_for_children"]

_COUNTS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_ALLOWED: Final = "LSST_ALLOW_IMPLICIT_THREADS"  # as the LSST stack spells it


def one_thread() -> AbstractContextManager[object]:
    """Return a context in which libraries that are imported already use one thread.

    Their matrices are small here: more threads would only wait for each other,
    and burn processor time while they do.

    Notes
    -----
    Does nothing where ``LSST_ALLOW_IMPLICIT_THREADS`` is set, or one of the
    variables that such libraries obey, such as ``OMP_NUM_THREADS``.
    """
    if _ALLOWED in os.environ or any(name in os.environ for name in _COUNTS):
        return nullcontext()
    return threadpool_limits(1)  # type: ignore[no-any-return]  # it has no types


@contextmanager
def one_thread_for_children() -> Iterator[None]:
    """Have processes started inside use one thread, unless the environment says otherwise."""
    added = [name for name in _COUNTS if _ALLOWED not in os.environ and name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
