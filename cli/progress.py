"""How far something is, on a terminal alone."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.reporting import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["estimating", "progress"]

_NOTE_EVERY_S = 30.0
_MINUTE_S = 60
_HOUR_S = 3600


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr if that is a terminal.

    Parameters
    ----------
    title
        What is done.
    total
        How many there are at least; more may come.

    Yields
    ------
    callable
        To be told of progress.
    """
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:.0f} of {task.total:.0f}" if total else "{task.completed:.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.update(task, completed=done, total=None if total is None else max(total, done))

        yield advance


@contextmanager
def estimating(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far something is and how long it will take: a bar, or a line now and then.

    Parameters
    ----------
    title
        What is done.

    Yields
    ------
    callable
        To be told how many are done, and of how many.
    """
    if not sys.stderr.isatty():
        yield _Lines(title)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    """Writes a line every half minute, for logs of batch systems."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._began = self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done in {0, total} or now - self._last < _NOTE_EVERY_S:
            return
        self._last = now
        left = _in_words((now - self._began) / done * (total - done))
        note(f"{self._title}: {done} of {total}, {left} left")


def _in_words(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds < 1.5 * _MINUTE_S:
        return f"about {max(round(seconds, -1), 10):.0f} s"
    if seconds < 1.5 * _HOUR_S:
        return f"about {seconds / _MINUTE_S:.0f} min"
    return f"about {seconds / _HOUR_S:.1f} h"
