"""What is logged while a data ID is run, kept as text."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["RunLog", "capturing"]

_LARGEST = 1 << 20
_MOST_WARNINGS = 20
_CUT = "... (lines are missing here)\n"


class RunLog(logging.Handler):
    """Keeps what is logged, the first half of a megabyte and the last.

    Attributes
    ----------
    text
        What was logged so far, a line for each record.
    warnings
        The first twenty warnings and errors: logger, level and message.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._first: list[str] = []
        self._last: list[str] = []
        self._sizes = [0, 0]
        self.warnings: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        if record.levelno >= logging.WARNING and len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append((record.name, record.levelno, record.getMessage()))
        line = f"{self.format(record)}\n"
        if self._sizes[0] < _LARGEST // 2:
            self._first.append(line)
            self._sizes[0] += len(line)
            return
        self._last.append(line)
        self._sizes[1] += len(line)
        while self._sizes[1] > _LARGEST // 2 and len(self._last) > 1:
            self._sizes[1] -= len(self._last.pop(0))
            self._sizes[0] = _LARGEST  # from now on something is missing

    @property
    def text(self) -> str:
        """Return what was logged."""
        cut = [_CUT] if self._sizes[0] == _LARGEST else []
        return "".join([*self._first, *cut, *self._last])


@contextmanager
def capturing(levels: Mapping[str, int]) -> Iterator[RunLog]:
    """Keep what is logged inside, warnings of Python included.

    Parameters
    ----------
    levels
        Names of loggers and their levels; the empty name is the root's. What
        other handlers write does not become more by it.
    """
    log = RunLog()
    root = logging.getLogger()
    quiet = [one for one in root.handlers if one.level < root.level]
    before = {name: logging.getLogger(name).level for name in levels}
    handler_levels = [(one, one.level) for one in quiet]
    for one in quiet:
        one.setLevel(root.level)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.addHandler(log)
    logging.captureWarnings(capture=True)
    try:
        yield log
    finally:
        logging.captureWarnings(capture=False)
        root.removeHandler(log)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
        for one, level in handler_levels:
            one.setLevel(level)
