"""Validity ranges given and taken back by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.access.read_access import ReadAccess
from butler.errors import ParameterError
from butler.queries.own_datasets import own_datasets
from butler.queries.questions import all_filters
from butler.registry.condition import Everything, from_keywords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.repository.base import StoredDataset
    from butler.repository.native import NativeRepository

__all__ = ["Certification"]


class Certification(ReadAccess):
    """The part of the Butler that says when calibrations are valid."""

    def certify(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        begin: str | None = None,
        end: str | None = None,
        dry_run: bool = False,
        **keys: object,
    ) -> list[StoredDataset]:
        """Declare calibrations of the first output valid for a range of time, all or none.

        Parameters
        ----------
        dataset_type
            A type of calibration that is chosen by date.
        data_id, **keys
            Which ones: all that match. Lists and ranges are allowed, as for
            `query`.
        begin, end
            ISO times, as ``2013-05-07`` (its midnight) or
            ``2013-05-07T12:30:00``. The end does not belong to the range. None
            for an open side.
        dry_run
            Only find out whether it could be done.

        Returns
        -------
        list of StoredDataset
            The calibrations. One that has this very range already keeps it.

        Raises
        ------
        DatasetExistsError
            If another calibration serves the same observations in a part of
            the range; both ranges are named. Nothing has changed then.
        DatasetNotFoundError
            If nothing matches.
        ReadOnlyError
            If what matches lies in a parent, or there is no output.
        DataIdError
            If a time cannot be read, or the range is empty.
        ParameterError
            If such datasets are not chosen by date.
        """
        condition = _condition(data_id, keys)
        return self.certify_matching(dataset_type, condition, begin, end, dry_run=dry_run)

    def certify_matching(
        self,
        dataset_type: str,
        condition: Condition,
        begin: str | None,
        end: str | None,
        *,
        dry_run: bool = False,
    ) -> list[StoredDataset]:
        """Declare the calibrations that match a condition valid; see `certify`.

        Parameters
        ----------
        dataset_type, begin, end, dry_run
            As for `certify`.
        condition
            Literals not typed yet.
        """
        place, kind, found = self._registered(dataset_type, condition)
        rule = kind.calibration
        assert rule is not None  # noqa: S101 - it is chosen by date
        match = [key for key in rule.match if key in kind.key_set]
        ids = [one.id for one in found if one.id is not None]
        place.registry.certify_all(ids, begin, end, match=match, dry_run=dry_run)
        return found

    def decertify(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        dry_run: bool = False,
        **keys: object,
    ) -> list[StoredDataset]:
        """Take back every validity range of calibrations of the first output, all or none.

        The calibrations themselves stay, and are found by their own dates.

        Parameters
        ----------
        dataset_type, data_id, dry_run, **keys
            As for `certify`.

        Returns
        -------
        list of StoredDataset
            The calibrations that matched, with or without a range.

        Raises
        ------
        DatasetNotFoundError, ReadOnlyError, ParameterError
            As for `certify`.
        """
        condition = _condition(data_id, keys)
        return self.decertify_matching(dataset_type, condition, dry_run=dry_run)

    def decertify_matching(
        self, dataset_type: str, condition: Condition, *, dry_run: bool = False
    ) -> list[StoredDataset]:
        """Take back the ranges of the calibrations that match a condition; see `decertify`.

        Parameters
        ----------
        dataset_type, dry_run
            As for `decertify`.
        condition
            Literals not typed yet.
        """
        place, _, found = self._registered(dataset_type, condition)
        if not dry_run:
            place.registry.decertify_all([one.id for one in found if one.id is not None])
        return found

    def _registered(
        self, dataset_type: str, condition: Condition
    ) -> tuple[NativeRepository, DatasetType, list[StoredDataset]]:
        """Return the first output, and what it has registered that matches."""
        place = self._first_output()
        place.require_writable()
        lookup = self._lookup(dataset_type)
        kind = lookup.dataset_type
        if not kind.is_dated:
            what = "is valid for ever" if kind.calibration is not None else "is no calibration"
            raise ParameterError(
                f"{kind.name!r} {what}: only calibrations with a date of their own are certified. "
                f"They are: {', '.join(_dated(place)) or 'none'}."
            )
        found = own_datasets(
            place,
            lookup,
            condition,
            verb="certify",
            if_unregistered="It has a registry of its own, which is only read. To register it: "
            "butler ingest-calibs.",
        )
        return place, kind, found


def _dated(place: NativeRepository) -> list[str]:
    return [kind.name for kind in place.policy.dataset_types.values() if kind.is_dated]


def _condition(data_id: Mapping[str, object] | None, keys: Mapping[str, object]) -> Condition:
    filters = all_filters(data_id, keys)
    return from_keywords(filters) if filters else Everything()
