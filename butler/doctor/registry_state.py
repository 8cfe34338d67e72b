"""Whether the database of a registry is there, can be opened, and is sound."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

from butler.doctor.finding import Finding
from butler.errors import RegistryError, RegistryVersionError, RepositoryError
from butler.registry.connect import file_of
from butler.registry.schema import FIXED_COLUMNS, LATEST_VERSION
from butler.repository.create import renew_registry
from butler.repository.native import registry_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.doctor.examination import Examination
    from butler.registry.registry import Registry

__all__ = ["check_registry"]

_LINKS = "points to a row"
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")  # from SQLite's file format
_RESERVED_BYTE = 0x40000001
# In a process of its own: closing a database file lets go every lock of a process on it.
_ASK_FOR_LOCK = """
import fcntl, struct, sys
with open(sys.argv[1], "rb") as file:
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, int(sys.argv[2]), 1, 0)
    answer = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, asked))
sys.exit(0 if answer[0] == fcntl.F_UNLCK else 1)
"""


def check_registry(examination: Examination) -> bool:
    """Find damage of the database and of its tables.

    Parameters
    ----------
    examination
        Told of each.

    Returns
    -------
    bool
        Whether the registry can be believed, so that others may go on.
    """
    repository = examination.repository
    place = registry_place(repository.root, repository.config)
    path = file_of(place)
    if path is not None and not os.path.isfile(path):
        return _renew(examination, path)
    is_hot = path is not None and _is_hot(path)
    try:
        registry = repository.registry
    except RegistryVersionError:
        raise
    except (RegistryError, RepositoryError) as error:
        examination.tell(Finding("registry_unreadable", place, str(error)))
        return False
    if is_hot:
        _report_journal(examination, f"{path}-journal")
    return _check_contents(examination, registry)


def _renew(examination: Examination, path: str) -> bool:
    """Report that the registry is gone; make a new one if files are to be adopted."""
    repository = examination.repository

    def renew() -> str:
        renew_registry(repository.root, repository.config, repository.policy)
        return "an empty one was made, into which whole files are adopted"

    is_wanted = examination.treatment.repair == "adopt"
    examination.repair(Finding("registry_missing", path), renew if is_wanted else None)
    return os.path.isfile(path)


def _is_hot(path: str) -> bool:
    """Tell whether a journal lies beside a database that nobody is writing to."""
    try:
        with open(f"{path}-journal", "rb") as file:
            if file.read(len(_JOURNAL_MAGIC)) != _JOURNAL_MAGIC:
                return False
    except OSError:
        return False
    if struct.calcsize("q") != struct.calcsize("l"):
        return False  # the question below is spelt for computers of 64 bits
    command = [sys.executable, "-c", _ASK_FOR_LOCK, path, str(_RESERVED_BYTE)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def _report_journal(examination: Examination, journal: str) -> None:
    name = os.path.basename(journal)
    if os.path.exists(journal):
        examination.tell(Finding("journal_left", name))
    else:
        outcome = "rolled back when the registry was opened"
        examination.tell(Finding("journal_left", name, status="repaired", outcome=outcome))


def _check_contents(examination: Examination, registry: Registry) -> bool:
    where = registry.database.url
    is_sound = True
    try:
        faults = registry.check_integrity()
    except RegistryError as error:
        faults = [str(error)]
    for fault in faults:
        code = "registry_links_broken" if _LINKS in fault else "registry_corrupt"
        examination.tell(Finding(code, where, fault))
        is_sound = is_sound and code != "registry_corrupt"
    if not is_sound:
        return False
    if registry.version < LATEST_VERSION:
        detail = f"version {registry.version}, the newest is {LATEST_VERSION}"
        examination.tell(Finding("registry_old_version", where, detail))
        return True
    for fault in _column_faults(registry):
        examination.tell(Finding("registry_columns_differ", where, fault))
        is_sound = False
    return is_sound


def _column_faults(registry: Registry) -> Iterator[str]:
    tables = registry.tables
    for table in tables.metadata.sorted_tables:
        wanted = [column.name for column in table.columns]
        there = registry.database.column_names(table.name)
        if not there:
            yield f"there is no table {table.name}"
            continue
        if missing := sorted(set(wanted) - set(there)):
            yield f"the table {table.name} lacks {', '.join(missing)}"
        if table is tables.dataset and (more := sorted(set(there) - set(wanted))):
            yield f"the table {table.name} has columns that are no keys: {', '.join(more)}"
    if reserved := sorted(set(registry.keys) & set(FIXED_COLUMNS)):
        yield f"keys have names of other columns: {', '.join(reserved)}"
