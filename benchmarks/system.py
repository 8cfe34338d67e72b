"""The verbs of a butler, so that the same cases can be put to several."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["SYSTEMS", "DataKey", "Json", "Row", "Session", "System", "load_system"]

Json = dict[str, object]
DataKey = tuple[int, int]  # visit, ccd
Row = tuple[int, int, int]  # visit, ccd, level of the chain that holds it

SYSTEMS = {"peer": "benchmarks.peer_daf_butler", "ours": "benchmarks.ours"}


class Session(Protocol):
    """An open repository, or a chain of them.

    What `one_visit` and `all_rows` return is the system's own; `row` turns
    one of them into something that can be compared, outside the timed part.
    """

    def put(self, value: Json, visit: int, ccd: int) -> None:
        """Store a small dict as the dataset ``stats``."""

    def get(self, visit: int, ccd: int) -> Json:
        """Read such a dict."""

    def batch(self) -> AbstractContextManager[object]:
        """Publish many puts together."""

    def find(self, visit: int, ccd: int) -> int:
        """Say which level of a chain holds the ``calexp``."""

    def one_visit(self, visit: int) -> Sequence[object]:
        """Every ``calexp`` of a visit, the nearest level winning."""

    def all_rows(self) -> Sequence[object]:
        """Every ``calexp``, the nearest level winning."""

    def row(self, found: object) -> Row:
        """Turn one result of a query into plain numbers."""

    def register(self, files: Sequence[tuple[Path, DataKey]]) -> None:
        """Record files where they lie as ``stats``; their data IDs are known."""

    def ingest_raws(self, files: Sequence[Path]) -> None:
        """Read the headers of raw files and link them into the repository."""

    def stored(self) -> list[DataKey]:
        """The data IDs of all ``stats``."""

    def raws(self) -> list[tuple[int, int, float, str]]:
        """Visit, ccd, exposure time in s and filter of all raw files."""


class System(Protocol):
    """A butler that can be measured."""

    name: str  # its key in SYSTEMS
    title: str

    def versions(self) -> Mapping[str, str]:
        """Names and versions of what matters."""

    def help_command(self) -> list[str]:
        """The command that shows the command line's help."""

    def get_command(self, root: Path, visit: int, ccd: int) -> list[str]:
        """A command that opens a repository, gets one ``stats`` and prints it as JSON."""

    def create(self, root: Path, visits: Sequence[int], *, shared: bool = False) -> None:
        """Make a repository in which these visits are known, each with 112 ccds.

        If `shared`, its registry has a rollback journal (DELETE, synchronous FULL).
        """

    def create_chain(self, root: Path, levels: Sequence[Sequence[DataKey]]) -> None:
        """Make a chain whose levels hold these ``calexp``; the last level is the nearest."""

    def create_for_raws(self, root: Path) -> None:
        """Make an empty repository for HSC raw files."""

    def open(self, root: Path) -> Session:
        """Open a repository for reading and writing."""

    def open_chain(self, root: Path, depth: int) -> Session:
        """Open a chain for reading."""

    def registry_bytes(self, root: Path) -> int:
        """Size of the registry's files."""


def load_system(name: str) -> System:
    """Import the adapter of one of `SYSTEMS`; only its own interpreter can."""
    return cast("System", importlib.import_module(SYSTEMS[name]).SYSTEM)
