"""Tags of datasets: given, taken and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.access.read_access import ReadAccess
from butler.queries.own_datasets import own_datasets
from butler.queries.questions import all_filters
from butler.registry.condition import Everything, all_of, from_keywords
from butler.registry.rows import TagRow
from butler.registry.tags import check_tag
from butler.registry.where import parse_where
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.registry.condition import Condition
    from butler.repository.base import StoredDataset

__all__ = ["TagAccess"]


class TagAccess(ReadAccess):
    """The part of the Butler that names datasets."""

    def tag(
        self,
        name: str,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        where: str | None = None,
        note: str | None = None,
        **keys: object,
    ) -> int:
        """Give datasets of the first output a tag, and return how many did not have it.

        Parameters
        ----------
        name
            Of the tag: letters, digits and ``_ . , : + -``. A dataset may have
            several.
        dataset_type
            Of the datasets.
        data_id, where, **keys
            Which ones, as for `query`: all that match.
        note
            What the tag means, for people.

        Raises
        ------
        DataIdError
            If the name cannot be one.
        DatasetNotFoundError
            If nothing matches.
        ReadOnlyError
            If what matches lies in a parent, or there is no output.
        """
        check_tag(name)
        condition = _condition(data_id, where, keys)
        found = self.tag_matching(name, dataset_type, condition, note=note)
        return found[0]

    def untag(
        self,
        name: str,
        dataset_type: str | None = None,
        data_id: Mapping[str, object] | None = None,
        *,
        where: str | None = None,
        **keys: object,
    ) -> int:
        """Take a tag from datasets of the first output, and return how many had it.

        Parameters
        ----------
        name
            Of the tag.
        dataset_type
            Of the datasets; None for all, and the tag itself goes too.
        data_id, where, **keys
            Which ones, as for `query`.

        Raises
        ------
        DatasetNotFoundError, ReadOnlyError
            As for `tag`.
        """
        check_tag(name)
        if dataset_type is None:
            place = self._first_output()
            place.require_writable()
            return place.registry.remove_tag(name)
        return self.tag_matching(name, dataset_type, _condition(data_id, where, keys), remove=True)[
            0
        ]

    def tag_matching(
        self,
        name: str,
        dataset_type: str,
        condition: Condition,
        *,
        note: str | None = None,
        remove: bool = False,
        dry_run: bool = False,
    ) -> tuple[int, list[StoredDataset]]:
        """Give a tag to the datasets that match a condition, or take it from them.

        Parameters
        ----------
        name, dataset_type, note
            As for `tag`.
        condition
            Literals not typed yet.
        remove
            Take it.
        dry_run
            Only find the datasets.

        Returns
        -------
        tuple
            How many were changed, and all that match.
        """
        place = self._first_output()
        place.require_writable()
        verb = f"tag {name}" if not remove else f"tag {name} --remove"
        found = own_datasets(place, self._lookup(dataset_type), condition, verb=verb)
        ids = [one.id for one in found if one.id is not None]
        if dry_run:
            has = place.registry.tags_of(ids)
            changed = sum((name in has.get(number, ())) == remove for number in ids)
        elif remove:
            changed = place.registry.remove_tag(name, ids)
        else:
            changed = place.registry.add_tag(name, ids, note)
        return changed, found

    def tags(self) -> list[TagRow]:
        """Return the tags of all repositories of the chain by name.

        Returns
        -------
        list of TagRow
            Name, note and number of datasets; one that several repositories
            have is listed once, with the sum and the nearest note.
        """
        merged: dict[str, TagRow] = {}
        for repository in self._chain.repositories:
            if isinstance(repository, NativeRepository):
                for name, note, number in repository.registry.tags():
                    known = merged.get(name, TagRow(name, None, 0))
                    both = known.note if known.note is not None else note
                    merged[name] = TagRow(name, both, known.datasets + number)
        return [merged[name] for name in sorted(merged)]


def _condition(
    data_id: Mapping[str, object] | None, where: str | None, keys: Mapping[str, object]
) -> Condition:
    filters = all_filters(data_id, keys)
    wanted = from_keywords(filters) if filters else Everything()
    return all_of(wanted, parse_where(where)) if where else wanted
