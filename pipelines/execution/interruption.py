"""Ctrl-C and requests to end: not in the middle of what must be whole."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType
    from typing import NoReturn

__all__ = ["ending_as_interruption", "uninterrupted"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the end of the context."""
    if current_thread() is not main_thread():  # no other thread is ever interrupted
        yield
        return
    caught: list[int] = []

    def remember(number: int, _stack: FrameType | None) -> None:
        caught.append(number)

    before = {one: signal.signal(one, remember) for one in _SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler or signal.SIG_DFL)
    if caught:
        signal.raise_signal(caught[0])


@contextmanager
def ending_as_interruption() -> Iterator[None]:
    """Let SIGTERM, as batch systems send it, do what Ctrl-C does."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _interrupt(_number: int, _stack: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
