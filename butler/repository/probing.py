"""Ask the registries of a chain quickly which of them may hold a dataset.

Most of a long chain does not hold what is looked for. A prepared statement
that says only yes or no costs half as much as one that brings the row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.repository.base import Repository

__all__ = ["Probe", "probes_of"]

_FEW = 3  # so many places are asked for the row at once


class Probe:
    """Tells whether one repository may hold a dataset of one type.

    Parameters
    ----------
    repository
        Where.
    dataset_type
        As that repository defines it.
    given
        The keys of the data IDs that will be asked for.
    """

    __slots__ = ("_given", "_holds", "dataset_type", "repository")

    def __init__(
        self, repository: Repository, dataset_type: DatasetType, given: frozenset[str]
    ) -> None:
        self.repository = repository
        self.dataset_type = dataset_type
        self._given = given
        self._holds: Callable[[Mapping[str, KeyValue]], bool] | None = None

    def may_hold(self, question: Mapping[str, KeyValue]) -> bool:
        """Tell whether the repository must be asked for the row."""
        if self._holds is None:
            if not isinstance(self.repository, NativeRepository):
                return True
            self._holds = self.repository.registry.prepare_test(
                self.dataset_type.name, self.dataset_type.keys, self._given
            )
            if self._holds is None:
                return True
        return self._holds(question)


def probes_of(
    places: Sequence[tuple[Repository, DatasetType]], given: frozenset[str]
) -> tuple[Probe, ...]:
    """Return the tests of the places of a dataset type; none where they do not pay.

    They are left out where there are few places, and where the places do not
    agree about the keys of the dataset type.

    Parameters
    ----------
    places
        Each repository with its own definition of the dataset type.
    given
        The keys of the data IDs that will be asked for.
    """
    if len(places) <= _FEW or len({kind.keys for _, kind in places}) > 1:
        return ()
    return tuple(Probe(place, kind, given) for place, kind in places)
