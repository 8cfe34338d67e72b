"""Choose datasets of one repository and remove them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError, RepositoryError
from butler.queries.own_datasets import own_datasets
from butler.repository.dependents import Dependent, find_dependents
from butler.repository.locations import absolute_location
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool
from butler.repository.removal import remove_datasets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

    from butler.data_id import DataId
    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.repository.base import StoredDataset

__all__ = ["ChosenDatasets", "datasets_to_remove", "refuse_needed", "refuse_read", "remove_found"]

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ChosenDatasets:
    """Datasets of one repository.

    Parameters
    ----------
    repository
        Which holds them.
    kind
        Their dataset type.
    datasets
        In order.
    """

    repository: NativeRepository
    kind: DatasetType
    datasets: tuple[StoredDataset, ...]

    def dependents(self) -> list[Dependent]:
        """Return which known reruns need some of them; see `find_dependents`."""
        return find_dependents(self.repository, self.kind, self.datasets)


@contextmanager
def datasets_to_remove(
    root: str | PathLike[str], dataset_type: str, condition: Condition
) -> Iterator[ChosenDatasets]:
    """Find the datasets of a repository itself, not of its parents, that match.

    Parameters
    ----------
    root
        The repository, which is open inside the context.
    dataset_type
        Its name.
    condition
        Literals not typed yet.

    Raises
    ------
    ReadOnlyError
        If the repository may not be written, or what matches lies in a
        parent.
    DatasetNotFoundError
        If nothing matches.
    """
    pool = RepositoryPool()
    try:
        location = absolute_location(root)
        repository = pool.open(location)
        if not isinstance(repository, NativeRepository):
            raise ReadOnlyError(f"{location} is a Gen2 repository, which is only read.")
        repository.require_writable()
        chain = pool.chain([(location, frozenset())])
        lookup = chain.lookup(dataset_type)
        found = own_datasets(repository, lookup, condition, verb="rm")
        yield ChosenDatasets(repository, lookup.dataset_type, tuple(found))
    finally:
        pool.close()


def remove_found(chosen: ChosenDatasets, *, force: bool = False) -> list[str]:
    """Remove the chosen datasets; see `remove_datasets`.

    Parameters
    ----------
    chosen
        From `datasets_to_remove`.
    force
        Also what known reruns need.

    Raises
    ------
    RepositoryError
        If a known rerun needs one of them. Nothing is removed then.
    """
    if not force:
        refuse_needed(chosen.dependents())
    return remove_datasets(chosen.repository, chosen.datasets)


def refuse_read(
    repositories: Sequence[NativeRepository], kind: DatasetType, data_id: DataId
) -> None:
    """Refuse to take a dataset away from repositories if known reruns need it.

    Parameters
    ----------
    repositories
        Those that lack it are not asked.
    kind, data_id
        Which one; every key of the type.

    Raises
    ------
    RepositoryError
        As for `refuse_needed`.
    """
    for one in repositories:
        found = one.find(kind, data_id)
        if found is not None and found.id is not None:
            refuse_needed(find_dependents(one, kind, [found]))


def refuse_needed(dependents: Sequence[Dependent]) -> None:
    """Refuse to take away what known reruns need.

    Raises
    ------
    RepositoryError
        If there is one; reruns and datasets are named.
    """
    if not dependents:
        return
    lines = [f"  {one}" for one in dependents[:_SHOWN]]
    if len(dependents) > len(lines):
        lines.append(f"  and {len(dependents) - len(lines)} more")
    shown = "\n".join(lines)
    raise RepositoryError(
        f"Nothing is taken away, because known reruns need it:\n{shown}\nRemove these reruns "
        f"first, let them import what they need, or give --force (force=True)."
    )
