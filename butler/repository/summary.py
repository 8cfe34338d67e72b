"""What a repository is and holds, in a few figures."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.registry.connect import file_of
from butler.repository.gen2.layout import REGISTRY_NAME
from butler.repository.native import NativeRepository, registry_place

if TYPE_CHECKING:
    from butler.repository.base import Repository
    from butler.repository.gen2.gen2_repository import Gen2Repository

__all__ = ["RepositorySummary", "TypeSummary", "summarise"]

_WAL = 2  # in byte 18 of a SQLite file, its "write version"


@dataclass(frozen=True, slots=True)
class TypeSummary:
    """The datasets of one type in one repository.

    Parameters
    ----------
    name
        The dataset type.
    datasets
        How many there are.
    size
        The sum of their sizes in bytes, None where no registry knows it.
    """

    name: str
    datasets: int
    size: int | None


@dataclass(frozen=True, slots=True)
class RepositorySummary:
    """What one repository is and holds.

    Parameters
    ----------
    root
        Absolute location.
    kind
        ``native`` or ``gen2``.
    camera
        Short name.
    uuid
        Its identity, None for Gen2.
    is_writable
        Whether this user may write to it.
    parents
        Absolute locations, in the order of search.
    registry
        Where its registry is, without a password; empty where there is none.
    registry_version
        Version of the registry's tables, empty where there are none of ours.
    journal
        ``wal`` or ``rollback`` for a SQLite file, else empty.
    types
        What it holds, sorted by name.
    embedded
        A line for each source that is read where it lies, without being
        registered.
    """

    root: str
    kind: str
    camera: str
    uuid: str | None
    is_writable: bool
    parents: tuple[str, ...]
    registry: str
    registry_version: str
    journal: str
    types: tuple[TypeSummary, ...]
    embedded: tuple[str, ...]


def summarise(repository: Repository) -> RepositorySummary:
    """Return what a repository is and holds.

    Parameters
    ----------
    repository
        Of either kind. In a Gen2 repository the files are counted, which
        takes as long as listing them.
    """
    registry, version = "", ""
    embedded: tuple[str, ...] = ()
    if isinstance(repository, NativeRepository):
        place = registry_place(repository.root, repository.config)
        registry = file_of(place) or repository.config.registry
        version = repository.registry.version
        counts = repository.registry.counts_by_type()
        types = [TypeSummary(one.dataset_type, one.datasets, one.size or 0) for one in counts]
        unregistered = repository.unregistered
        embedded = () if unregistered is None else unregistered.describe()
    else:
        gen2: Gen2Repository = repository  # type: ignore[assignment]
        own = os.path.join(gen2.root, REGISTRY_NAME)
        registry = own if os.path.isfile(own) else ""
        counted = repository.dataset_types()
        types = [TypeSummary(name, number, None) for name, number in counted.items()]
        embedded = gen2.embedded.describe()
    return RepositorySummary(
        root=repository.root,
        kind=repository.kind,
        camera=repository.mapper.name,
        uuid=repository.uuid,
        is_writable=repository.is_writable,
        parents=repository.parents,
        registry=registry,
        registry_version=version,
        journal=_journal(registry),
        types=tuple(sorted(types, key=lambda one: one.name)),
        embedded=embedded,
    )


def _journal(path: str) -> str:
    """Return how a SQLite file keeps its journal, from its first bytes."""
    if not os.path.isfile(path):
        return ""
    with open(path, "rb") as file:
        head = file.read(20)
    if not head.startswith(b"SQLite format 3\0"):
        return ""
    return "wal" if head[18] == _WAL else "rollback"
