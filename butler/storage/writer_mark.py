"""The mark that writers leave in the names of their temporary files: who they are."""

from __future__ import annotations

import os
import re
import socket
import time
from functools import cache
from typing import NamedTuple, Self
from uuid import uuid4

__all__ = ["LONGEST_WRITE_S", "Publisher", "WriterMark", "is_temporary_name", "process_is_dead"]

LONGEST_WRITE_S = 24 * 3600.0
"""No write takes so long: what is older, of a process that cannot be seen, was left behind."""

_TEMPORARY = re.compile(r"\.tmp-(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{12}(\..*)?\Z")
_START_TIME = 19  # which word of /proc/PID/stat it is, counted after the name of the program


class WriterMark(NamedTuple):
    """Who wrote a file, or set out to.

    ``host`` is as `socket.gethostname` gave it to that process, or as a
    temporary name spells it; ``pid`` is its process number.
    """

    host: str
    pid: int

    @classmethod
    def mine(cls) -> Self:
        """Return the mark of this process."""
        return cls(_host(), os.getpid())

    @classmethod
    def of(cls, name: str) -> Self | None:
        """Return whose temporary file has this name, None if it is no temporary name."""
        match = _TEMPORARY.match(name)
        return None if match is None else cls(match["host"], int(match["pid"]))

    def temporary_name(self, extension: str = "", token: str = "") -> str:
        """Return a new name for a temporary file.

        Parameters
        ----------
        extension
            What it ends with, as ``.fits``.
        token
            Up to six hexadecimal digits, of a `Publisher`.
        """
        unique = token + uuid4().hex[: 12 - len(token)]
        return f".tmp-{self.host}-{self.pid}-{unique}{extension}"

    def is_dead(self, seen_s: float, longest_s: float = LONGEST_WRITE_S) -> bool:
        """Tell whether the writer is gone, so that nobody goes on with its work.

        Parameters
        ----------
        seen_s
            When it last gave a sign, in seconds since the epoch: the change
            time of its file, or the time that its intent names.
        longest_s
            A writer of another host counts as gone so long after that.

        Notes
        -----
        A process number that is in use belongs to another process if that one
        began long after the sign. The clock of a computer may be set
        meanwhile, therefore long.
        """
        if self.host not in (_host(), socket.gethostname()):
            return time.time() - seen_s > longest_s
        if process_is_dead(self.host, self.pid):
            return True
        started = _process_start(self.pid)
        return started is not None and started - seen_s > longest_s


class Publisher(NamedTuple):
    """Who will publish the temporary files that another process writes.

    ``mark`` is that of the publisher: while it lives, nobody takes the files
    for abandoned. ``token``, six hexadecimal digits, is in the names of all
    that belong together, so that they can be found when their writer has died.
    """

    mark: WriterMark
    token: str


def is_temporary_name(name: str) -> bool:
    """Tell whether a file name is one that a writer uses before it publishes."""
    return _TEMPORARY.match(name) is not None


def process_is_dead(host: str, pid: int) -> bool:
    """Tell whether a process of this host is gone; False when it cannot be known.

    Parameters
    ----------
    host
        As `socket.gethostname` gave it to that process, or as a temporary
        name has it.
    pid
        Its process number.
    """
    if host not in (_host(), socket.gethostname()):
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    words = _process_words(pid)
    return bool(words) and words[0] in {"Z", "X"}  # killed, and its parent has not looked yet


def _process_words(pid: int) -> list[str]:
    """Return what Linux says of a process, from its state on; nothing elsewhere."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _process_start(pid: int) -> float | None:
    """Return when a process began, in seconds since the epoch, None where it is not known."""
    words = _process_words(pid)
    boot = _boot_time()
    if len(words) <= _START_TIME or boot is None:
        return None
    return boot + int(words[_START_TIME]) / os.sysconf("SC_CLK_TCK")


def _boot_time() -> float | None:
    try:
        with open("/proc/stat", encoding="utf-8") as file:
            return next((float(line.split()[1]) for line in file if line[:6] == "btime "), None)
    except OSError:
        return None


@cache
def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())[:64] or "localhost"
