"""What tags mean where a chain is searched: each repository has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.queries.query_rows import QueryRow
from butler.registry.tags import TAGS_SINCE, asks_for_tags, without_tags
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from butler.queries.query_rows import RowSource
    from butler.registry.condition import Condition
    from butler.registry.database import Row
    from butler.repository.base import Repository

__all__ = ["condition_for", "tag_names", "without_hidden"]


def condition_for(repository: Repository, condition: Condition | None) -> Condition | None:
    """Return what a condition means in a repository, which may be one without tags.

    Parameters
    ----------
    repository
        Gen2's have none, nor has a registry of before there were any.
    condition
        What is asked for.
    """
    if condition is None or not asks_for_tags(condition):
        return condition
    if isinstance(repository, NativeRepository) and repository.registry.version >= TAGS_SINCE:
        return condition
    return without_tags(condition)


def tag_names(repositories: Iterable[Repository]) -> set[str]:
    """Return the names of the tags of some repositories."""
    return {
        tag.name
        for repository in repositories
        if isinstance(repository, NativeRepository)
        for tag in repository.registry.tags()
    }


def without_hidden(
    rows: Iterable[tuple[Row, RowSource]], sources: Sequence[RowSource]
) -> Iterator[tuple[Row, RowSource]]:
    """Yield the rows that no nearer repository hides, though what is there does not match.

    Parameters
    ----------
    rows
        Each with its source.
    sources
        Every source, the nearest first.
    """
    for row, source in rows:
        data_id = QueryRow(row, source).data_id
        nearer = sources[: sources.index(source)]
        if not any(one.repository.find(one.dataset_type, data_id) for one in nearer):
            yield row, source
