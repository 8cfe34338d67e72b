"""From what the user names to the files that are read."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from butler.ingest.report import FileReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike

__all__ = ["FoundFiles", "SourceFile", "find_files"]

_ENDINGS = tuple(
    f"{ending}{packed}" for ending in (".fits", ".fit", ".fts") for packed in ("", ".gz", ".fz")
)


class SourceFile(NamedTuple):
    """A file that may be ingested: as the user named it, and its absolute path."""

    path: str
    absolute: str


@dataclass(slots=True)
class FoundFiles:
    """What was found.

    Attributes
    ----------
    sources
        Files to be read, each once, in order.
    reports
        What is settled already: names that lead nowhere, and what is left out.
    order
        Every path in the order in which it was met.
    """

    sources: list[SourceFile] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    order: dict[str, int] = field(default_factory=dict)


def find_files(names: Iterable[str | PathLike[str]], bad_files: Sequence[str] = ()) -> FoundFiles:
    """Expand directories and patterns.

    Parameters
    ----------
    names
        Files; directories, of which everything is taken that is called like a
        FITS file; patterns such as ``raw/*.fits``, where no file is called so
        literally.
    bad_files
        Patterns of names, without directories, that are left out.

    Returns
    -------
    FoundFiles
        A file that is named twice is found once. What a path leads to is not
        looked at: that is for the gate to judge.
    """
    return _Search(bad_files).run(names)


class _Search:
    def __init__(self, bad_files: Sequence[str]) -> None:
        self.bad_files = tuple(bad_files)
        self.found = FoundFiles()
        self._places: dict[str, tuple[str, str]] = {}
        self._seen: set[tuple[str, str]] = set()

    def run(self, names: Iterable[str | PathLike[str]]) -> FoundFiles:
        for name in names:
            path = os.fspath(name)
            for literal in self._literal(path):
                if os.path.isdir(literal):
                    self._walk(literal)
                else:
                    self._add(literal)
        return self.found

    def _literal(self, path: str) -> Iterator[str]:
        if "\0" in path or not glob.has_magic(path) or os.path.lexists(path):
            yield path
            return
        matches = sorted(glob.glob(path))
        yield from matches
        if not matches:
            self._settle(FileReport(path, "rejected", "no file matches this pattern"))

    def _settle(self, report: FileReport) -> None:
        if report.path not in self.found.order:
            self.found.order[report.path] = len(self.found.order)
            self.found.reports.append(report)

    def _walk(self, directory: str) -> None:
        """Add what a directory holds, sorted, files before directories."""
        directories = []
        try:
            with os.scandir(directory) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
            for entry in ordered:
                if entry.is_dir(follow_symlinks=False):
                    directories.append(entry.path)
                elif entry.name.startswith("."):
                    self._settle(FileReport(entry.path, "skipped", "a hidden file"))
                elif not entry.name.lower().endswith(_ENDINGS):
                    self._settle(_not_fits(entry.path))
                elif entry.is_symlink() and os.path.isdir(entry.path):
                    reason = "a link to a directory; name it itself to have it walked"
                    self._settle(FileReport(entry.path, "skipped", reason))
                else:
                    self._add(entry.path)
        except OSError as error:
            reason = f"the directory cannot be read ({error.strerror})"
            self._settle(FileReport(directory, "rejected", reason))
        for below in directories:
            self._walk(below)

    def _add(self, path: str) -> None:
        directory, name = os.path.split(path)
        for pattern in self.bad_files:
            if fnmatchcase(name, pattern):
                reason = f"its name matches {pattern!r}, which is to be left out"
                self._settle(FileReport(path, "skipped", reason))
                return
        absolute, real = self._place(directory)
        if (real, name) not in self._seen:
            self._seen.add((real, name))
            self.found.order[path] = len(self.found.order)
            self.found.sources.append(SourceFile(path, os.path.join(absolute, name)))

    def _place(self, directory: str) -> tuple[str, str]:
        """Return the absolute path of a directory, and that with all links followed."""
        place = self._places.get(directory)
        if place is None:
            try:
                real = os.path.realpath(directory)
            except ValueError:  # no name that a file can have; the gate says so
                real = directory
            # ".." after a link does not lead where the text says
            absolute = real if ".." in directory.split("/") else os.path.abspath(directory)
            place = self._places[directory] = (absolute, real)
        return place


def _not_fits(path: str) -> FileReport:
    reason = f"not called like a FITS file ({', '.join(_ENDINGS[::3])}, .gz, .fz); name it itself"
    return FileReport(path, "skipped", reason)
