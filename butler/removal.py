"""Choose datasets of one repository and remove them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.errors import ReadOnlyError
from butler.own_datasets import own_datasets
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
        found = own_datasets(repository, chain.lookup(dataset_type), condition, verb="rm")
        yield ChosenDatasets(repository, tuple(found))
    finally:
        pool.close()


def remove_found(chosen: ChosenDatasets) -> list[str]:
    """Remove the chosen datasets; see `remove_datasets`."""
    return remove_datasets(chosen.repository, chosen.datasets)
