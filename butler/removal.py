"""Choose datasets of one repository and remove them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.errors import DatasetNotFoundError, ReadOnlyError
from butler.questions import query_from_condition
from butler.repository.chain import Chain
from butler.repository.locations import absolute_location
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool
from butler.repository.removal import remove_datasets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from butler.registry.condition import Condition
    from butler.repository.base import StoredDataset

__all__ = ["ChosenDatasets", "datasets_to_remove", "remove_found"]


@dataclass(frozen=True, slots=True)
class ChosenDatasets:
    """Datasets of one repository.

    Parameters
    ----------
    repository
        Which holds them.
    datasets
        In order.
    """

    repository: NativeRepository
    datasets: tuple[StoredDataset, ...]


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
        own = Chain([repository]).lookup(dataset_type) if _knows(repository, dataset_type) else None
        rows = () if own is None else tuple(query_from_condition(own, condition))
        registered = tuple(row.stored for row in rows if row.stored.id is not None)
        if rows and not registered:
            raise ReadOnlyError(
                f"{rows[0].uri} is not registered in {location}, it only lies there. Such files "
                f"are read and never removed."
            )
        if not rows:
            query = query_from_condition(lookup, condition)
            there = query.first()
            if there is not None:
                raise ReadOnlyError(
                    f"{dataset_type!r} for {there.data_id} lies in {there.repository.root}, and "
                    f"only {location} is written. To remove it: butler rm {there.repository.root} "
                    f"{dataset_type} ..."
                )
            raise DatasetNotFoundError(dataset_type, "what was asked for", [], query.explain())
        yield ChosenDatasets(repository, registered)
    finally:
        pool.close()


def _knows(repository: NativeRepository, dataset_type: str) -> bool:
    return dataset_type in repository.policy.dataset_types


def remove_found(chosen: ChosenDatasets) -> list[str]:
    """Remove the chosen datasets; see `remove_datasets`."""
    return remove_datasets(chosen.repository, chosen.datasets)
