"""The suites of the test plan: their numbers, what they attack with, where they stand."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ELSEWHERE", "NOT_RUN", "SUITES", "Suite"]


class Suite(NamedTuple):
    """One attack; the first module breaks the product; ``is_long`` at night: it begins first."""

    title: str
    modules: str
    is_long: bool = False


SUITES: Final[dict[str, Suite]] = {
    "T1": Suite("kill -9 at every step and at any moment", "test_kill", is_long=True),
    "T2": Suite("many processes put one dataset", "test_race"),
    "T3": Suite("many writers, SQLite", "test_writers", is_long=True),
    "T4": Suite("many writers, PostgreSQL", "test_postgres_writers", is_long=True),
    "T5": Suite("each I/O call fails once; a full disk", "test_faults test_system_calls"),
    "T7": Suite("a parent that one may only read", "test_readers"),
    "T9": Suite("bad FITS files, through the gate and workers", "test_bad_fits"),
    "T10": Suite("readers of header cards agree", "test_header_agreement"),
    "T11": Suite("hostile names and data IDs", "test_hostile_names"),
    "T12": Suite("expressions of queries, made up and malicious", "test_where_fuzz"),
    "T14": Suite("a stateful model of the whole", "test_model", is_long=True),
    "T15": Suite("put and get all day", "test_soak", is_long=True),
    "T16": Suite("order of the system calls", "test_syscall_order"),
    "T17": Suite("migrations killed midway", "test_migrations_killed"),
    "T18": Suite("canaries: what would run code", "test_canaries"),
    "T20": Suite("one byte flipped in each of 100 files", "test_bit_rot"),
    "T21": Suite("backups while others write, restored", "test_restore"),
}

NOT_RUN: Final = {
    "T6": "power loss: needs a virtual machine or dm-log-writes",
    "T8": "NFS: needs a server in the kernel",
    "T13": "the HTTP service is not there yet",
}

ELSEWHERE: Final = {"T19": "coverage of the commit protocol: scripts/torture --coverage"}
