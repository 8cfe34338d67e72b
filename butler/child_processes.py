"""Other processes of this program: how they are started, and how they end."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from multiprocessing import parent_process
from threading import RLock, Thread
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import ForkServerContext

__all__ = ["child_context", "end_with_parent", "without_main_script"]

_MAIN_SCRIPT: Final = RLock()


def child_context(imports: Sequence[str] = ()) -> ForkServerContext:
    """Return what starts processes that inherit neither connections, threads, nor Ctrl-C.

    Parameters
    ----------
    imports
        Modules that all processes need. The server imports them once for all
        processes, if it is not running yet; otherwise each does so itself.
    """
    from multiprocessing import get_context, resource_tracker
    from multiprocessing.forkserver import ensure_running

    context = get_context("forkserver")
    context.set_forkserver_preload(list(imports))
    # All that the server starts inherits that Ctrl-C is blocked; also while it still imports.
    resource_tracker.ensure_running()  # the server starts it too, which would unblock it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # A forked process would inherit connections and threads; a fork server has none.
    return context


@contextmanager
def without_main_script() -> Iterator[None]:
    """Let processes that are started inside not run the program's main script again.

    A new process does that, to have what is defined there. Ours needs nothing
    of it, and in a script that starts us at its top level, each process would
    begin to work in its turn.
    """
    with _MAIN_SCRIPT:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def end_with_parent() -> None:
    """Let this process end when the one that started it is gone; nobody else would end it."""
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # they are for the work
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
