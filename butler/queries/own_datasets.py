"""The datasets that a repository itself has registered, as opposed to its parents'."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from butler.errors import DatasetNotFoundError, ReadOnlyError
from butler.queries.questions import query_from_condition

if TYPE_CHECKING:
    from butler.registry.condition import Condition
    from butler.repository.base import Repository, StoredDataset
    from butler.repository.chain import Lookup
    from butler.repository.native import NativeRepository

__all__ = ["own_datasets"]


def own_datasets(
    place: NativeRepository,
    lookup: Lookup,
    condition: Condition,
    *,
    verb: str,
    if_unregistered: str = "Such files are read and never changed.",
) -> list[StoredDataset]:
    """Return the datasets of one type that a repository has registered and that match.

    Parameters
    ----------
    place
        The repository.
    lookup
        Where the dataset type is looked for, parents included.
    condition
        Literals not typed yet.
    verb
        The command that is wanted, and what stands behind its repository, for
        the message.
    if_unregistered
        What to say of files that only lie there.

    Raises
    ------
    ReadOnlyError
        If what matches lies in a parent, or is not registered.
    DatasetNotFoundError
        If nothing matches.
    """
    name = lookup.dataset_type.name
    query = query_from_condition(_only(lookup, place), condition)
    found = [row.stored for row in query]
    if found:
        return found
    behind = None if place.unregistered is None else _only(lookup, place.unregistered)
    if behind is not None and behind.places:
        lying = query_from_condition(behind, condition).first()
        if lying is not None:
            raise ReadOnlyError(
                f"{lying.uri} is not registered in {place.root}, it only lies there. "
                f"{if_unregistered}"
            )
    everywhere = query_from_condition(lookup, condition)
    there = everywhere.first()
    if there is None:
        raise DatasetNotFoundError(name, "what was asked for", [], everywhere.explain())
    word, _, more = verb.partition(" ")
    command = " ".join(filter(None, ("butler", word, there.repository.root, more, name)))
    raise ReadOnlyError(
        f"{name!r} for {there.data_id} lies in {there.repository.root}, and only {place.root} is "
        f"written. There it goes: {command} ..."
    )


def _only(lookup: Lookup, place: Repository) -> Lookup:
    return replace(lookup, places=tuple(one for one in lookup.places if one[0] is place))
