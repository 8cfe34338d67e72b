"""Datasets of a repository, or of a whole chain, on offer."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from butler.errors import DatasetNotFoundError, ReadOnlyError, RepositoryError, UnknownKeyError
from butler.moving.offer import Offer, OfferedRange
from butler.queries.questions import query_from_condition
from butler.registry.condition import Everything
from butler.repository.base import Found
from butler.repository.chain import Chain
from butler.repository.declaring import declarations_of
from butler.repository.dependents import find_dependents
from butler.repository.embedded import EmbeddedRepository
from butler.repository.gen2.gen2_repository import Gen2Repository
from butler.repository.locations import absolute_location, is_remote
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool
from butler.writes.removal import refuse_needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from butler.moving.report import DatasetReport
    from butler.policies.dataset_type import DatasetType
    from butler.queries.query import QueryRow
    from butler.registry.condition import Condition
    from butler.registry.registry import Registry
    from butler.repository.base import Repository

__all__ = ["RepositorySource"]

_CHUNK = 1000
_EVERYTHING = Everything()


class RepositorySource:
    """The datasets that a repository offers.

    Parameters
    ----------
    root
        The repository, ours or Gen2's.
    dataset_types
        Names of those that are wanted; none for all that are registered.
    condition
        Literals not typed yet.
    with_parents
        Whether what its parents hold is offered too, as far as nothing hides it.

    Raises
    ------
    RepositoryNotFoundError
        If there is no repository.
    UnknownDatasetTypeError
        If a type that was named is not known.
    RepositoryError
        If such datasets have no files.
    """

    def __init__(
        self,
        root: str | PathLike[str],
        dataset_types: Sequence[str] = (),
        condition: Condition = _EVERYTHING,
        *,
        with_parents: bool = False,
    ) -> None:
        self._pool = RepositoryPool()
        location = absolute_location(root)
        self.repository = self._pool.open(location)
        whole = self._pool.chain([(location, frozenset())])
        self.chain: Chain = whole
        self._searched = whole if with_parents else Chain([self.repository])
        self._condition = condition
        self._named = tuple(dict.fromkeys(dataset_types))
        self.left_out: list[str] = []
        self._types = self._named_types() if self._named else self._all_types()

    @property
    def camera(self) -> str:
        """Short name of the camera."""
        return self.repository.mapper.name

    @property
    def rejected(self) -> Sequence[DatasetReport]:
        """Nothing: what a registry holds can be offered."""
        return ()

    @property
    def root(self) -> str:
        """Absolute location of the repository."""
        return self.repository.root

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """The repositories whose datasets are offered."""
        return self._searched.repositories

    def declarations(self) -> Mapping[str, object]:
        """Return the dataset types that the repositories declare themselves."""
        declared: dict[str, object] = {}
        for repository in self._searched.repositories:
            declared = {**declarations_of(repository), **declared}
        return declared

    def dataset_types(self) -> Sequence[str]:
        """Return the names of the dataset types that are offered, raw files first."""
        return self._types

    def _named_types(self) -> list[str]:
        names: dict[str, None] = {}
        for name in self._named:
            kind = self._searched.lookup(name).dataset_type
            if kind.composite is not None:
                names.update(dict.fromkeys(kind.composite.values()))
            elif kind.template is None:
                raise RepositoryError(f"{name!r} is computed, there are no files to take.")
            else:
                names[name] = None
        return list(names)

    def _all_types(self) -> list[str]:
        names: dict[str, None] = {}
        for repository in self._searched.repositories:
            registered = repository.dataset_types()
            names.update(dict.fromkeys(registered))
            behind = repository.unregistered
            found = () if behind is None else behind.dataset_types()
            if lying := sorted(set(found).difference(registered)):
                self.left_out.append(
                    f"{repository.root} has linked in, without registering them: "
                    f"{', '.join(lying)}. They are taken if they are named."
                )
        kinds = [self._searched.lookup(name).dataset_type for name in sorted(names)]
        files = [kind for kind in kinds if kind.template is not None and kind.composite is None]
        return [kind.name for kind in sorted(files, key=lambda kind: kind.category != "raw")]

    def same_type(self, mine: DatasetType) -> str:
        """Return why its datasets of a type are none of ours, empty if they are."""
        theirs = self._searched.lookup(mine.name).dataset_type
        if theirs.keys != mine.keys:
            return (
                f"{mine.name!r} is identified by {', '.join(theirs.keys) or 'nothing'} in "
                f"{self.root}, and by {', '.join(mine.keys) or 'nothing'} here"
            )
        if theirs.storage_class != mine.storage_class:
            return (
                f"{mine.name!r} is stored as {theirs.storage_class} in {self.root}, and as "
                f"{mine.storage_class} here"
            )
        return ""

    def require_match(self) -> None:
        """Refuse a question that nothing answers, if one was asked.

        Raises
        ------
        DatasetNotFoundError
            With the reason.
        """
        if not self._named and isinstance(self._condition, Everything):
            return
        reasons = []
        for name in self._types:
            query = query_from_condition(self._searched.lookup(name), self._condition)
            try:
                if query.first() is not None:
                    return
                reasons.append(query.explain())
            except UnknownKeyError as error:
                reasons.append(str(error))
        what = ", ".join(self._named) or "any dataset"
        raise DatasetNotFoundError(what, "what was asked for", [self.root], "\n".join(reasons))

    def require_movable(self, *, force: bool = False) -> None:
        """Refuse to give datasets away for good.

        Parameters
        ----------
        force
            Also what known reruns need.

        Raises
        ------
        ReadOnlyError
            If the repository may not be written.
        RepositoryError
            If parents are offered too, or a known rerun needs a dataset.
        """
        if len(self._searched.repositories) > 1:
            raise RepositoryError(
                "Only what a repository itself holds is moved, not what its parents hold: leave "
                "--chain (with_parents) out."
            )
        if not isinstance(self.repository, NativeRepository):
            raise ReadOnlyError(
                f"{self.root} is a Gen2 repository, which is only read: choose another mode, "
                f"such as link or copy."
            )
        self.repository.require_writable()
        if force:
            return
        for name in self._types:
            lookup = self._searched.lookup(name)
            rows = query_from_condition(lookup, self._condition)
            found = [row.stored for row in rows if row.stored.id is not None]
            refuse_needed(find_dependents(self.repository, lookup.dataset_type, found))

    def offers(self, kind: DatasetType) -> Iterator[Offer]:
        """Yield the datasets of one type that match."""
        query = query_from_condition(self._searched.lookup(kind.name), self._condition)
        rows = iter(query)
        try:
            while some := list(islice(rows, _CHUNK)):
                yield from self._complete(some)
        except UnknownKeyError as error:
            if self._named:
                raise
            self.left_out.append(f"{kind.name}: {error}")

    def _complete(self, rows: Sequence[QueryRow]) -> Iterator[Offer]:
        """Add to datasets what the registries say of them."""
        ids: dict[int, list[int]] = {}
        registries: dict[int, Registry] = {}
        for row in rows:
            if isinstance(row.repository, NativeRepository) and row.stored.id is not None:
                registries[id(row.repository)] = row.repository.registry
                ids.setdefault(id(row.repository), []).append(row.stored.id)
        tags = {key: registries[key].tags_of(some) for key, some in ids.items()}
        ranges = {key: registries[key].valid_ranges(some) for key, some in ids.items()}
        for row in rows:
            place, number = id(row.repository), row.stored.id
            registry = registries.get(place) if number is not None else None
            if registry is None or number is None:
                yield _offer(row, ranges=_lying_ranges(row))
                continue
            yield _offer(
                row,
                provenance=registry.provenance(number),
                tags=tags[place].get(number, ()),
                ranges=tuple(OfferedRange(*one) for one in ranges[place].get(number, ())),
            )

    def close(self) -> None:
        """Close every repository."""
        self._pool.close()


def _offer(row: QueryRow, **known: object) -> Offer:
    stored, uri = row.stored, row.uri
    problem = "it lies in a remote store; copy it with butler get" if is_remote(uri) else ""
    return Offer(
        uri,
        uri if is_remote(uri) else os.path.realpath(uri),
        row.data_id,
        stored.hdu,
        stored.size,
        stored.mtime_ns,
        stored.sha256,
        origin=Found(row.repository, stored),
        problem=problem,
        **known,  # type: ignore[arg-type]
    )


def _lying_ranges(row: QueryRow) -> tuple[OfferedRange, ...]:
    """Return the validity that Gen2's registry of calibrations says."""
    repository = row.repository
    if isinstance(repository, Gen2Repository):
        sources = repository.embedded
    elif isinstance(repository, EmbeddedRepository):
        sources = repository.sources
    else:
        return ()
    kind = repository.policy.dataset_types[row.dataset_type]
    return tuple(OfferedRange(*one) for one in sources.ranges(kind, row.data_id))
