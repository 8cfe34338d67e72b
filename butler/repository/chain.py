"""Chains: repositories searched one after the other, the first that holds a dataset wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.errors import (
    AmbiguousDataIdError,
    DataIdError,
    DatasetNotFoundError,
    UnknownDatasetTypeError,
)
from butler.registry.condition import from_keywords
from butler.repository.base import Found, RepositoryQuery
from butler.repository.probing import probes_of

if TYPE_CHECKING:
    from collections.abc import KeysView, Mapping, Sequence

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import ObservationTable, Policy
    from butler.repository.base import Repository
    from butler.repository.probing import Probe
    from butler.repository.user_files import UserFiles

__all__ = ["MOST_CANDIDATES", "Chain", "Lookup"]

MOST_CANDIDATES = 10
"""So many candidates are listed where a data ID is ambiguous."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where one dataset type is looked for, worked out once.

    Parameters
    ----------
    dataset_type
        As the first repository that knows it defines it.
    policy
        The policy of that repository.
    places
        Each repository that may hold it, with its own definition; one of the
        same camera that has none goes by the first one, so that a rerun holds
        what its parents define.
    required
        Keys without which a data ID is completed first.
    """

    dataset_type: DatasetType
    policy: Policy
    places: tuple[tuple[Repository, DatasetType], ...]
    required: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Search:
    """How data IDs with the same keys are looked up, worked out once."""

    lookup: Lookup
    is_ready: bool  # nothing has to be completed
    is_whole: bool  # every key is given
    probes: tuple[Probe, ...]


class Chain:
    """Repositories in the order in which they are searched.

    Parameters
    ----------
    repositories
        Outputs first, then inputs, each followed by its parents, every
        repository once.
    tags
        For each repository the words by which a search can be narrowed.
    user_files
        Files that come before all that the repositories have.
    """

    def __init__(
        self,
        repositories: Sequence[Repository],
        tags: Sequence[frozenset[str]] = (),
        user_files: UserFiles | None = None,
    ) -> None:
        self.repositories = tuple(repositories)
        self.user_files = user_files
        self.tags = tuple(tags) or (frozenset[str](),) * len(self.repositories)
        self._lookups: dict[str, Lookup] = {}
        self._searches: dict[tuple[str, ...], _Search] = {}

    def tagged(self, tag: object) -> Chain:
        """Return the chain of those repositories that carry one of the tags.

        Parameters
        ----------
        tag
            A word, or several.
        """
        words = tag if isinstance(tag, Iterable) and not isinstance(tag, str) else [tag]
        wanted = {str(word) for word in words}
        kept = [n for n, tags in enumerate(self.tags) if tags & wanted]
        repositories = [self.repositories[n] for n in kept]
        return Chain(repositories, [self.tags[n] for n in kept], self.user_files)

    def dataset_type_names(self) -> list[str]:
        """Return the dataset types that some repository defines, sorted."""
        return sorted({name for place in self.repositories for name in place.policy.dataset_types})

    def knows(self, name: str) -> bool:
        """Tell whether some repository defines a dataset type."""
        return any(name in place.policy.dataset_types for place in self.repositories)

    def lookup(self, name: str) -> Lookup:
        """Return where a dataset type is looked for.

        Raises
        ------
        UnknownDatasetTypeError
            If no repository defines it.
        """
        found = self._lookups.get(name)
        if found is None:
            owners = [place for place in self.repositories if name in place.policy.dataset_types]
            if not owners:
                roots = ", ".join(place.root for place in self.repositories)
                raise UnknownDatasetTypeError(name, self.dataset_type_names(), f"the chain {roots}")
            first = owners[0]
            dataset_type = first.policy.dataset_types[name]
            places = [
                (place, place.policy.dataset_types.get(name, dataset_type))
                for place in self.repositories
                if name in place.policy.dataset_types or place.mapper.name == first.mapper.name
            ]
            if dataset_type.embedded is not None:
                places = [pair for place, kind in places for pair in _with_embedded(place, kind)]
            if self.user_files is not None and name in self.user_files.files:
                places.insert(0, (self.user_files, dataset_type))
            found = self._lookups[name] = Lookup(
                dataset_type,
                first.policy,
                tuple(places),
                first.policy.required_keys(dataset_type),
            )
        return found

    def find(self, name: str, data_id: DataId) -> Found | None:
        """Return the dataset and the repository that holds it, or None.

        Parameters
        ----------
        name
            Dataset type.
        data_id
            Typed; what is missing is completed.

        Raises
        ------
        AmbiguousDataIdError
            If several observations or datasets match.
        """
        search = self._search(name, data_id)
        if not search.is_ready:
            data_id = self.ready(search.lookup, data_id)
            search = self._search(name, data_id)
        if search.probes:
            return self._find_by_probes(search, data_id)
        for repository, dataset_type in search.lookup.places:
            stored = repository.find(dataset_type, data_id)
            if stored is not None:
                return Found(repository, stored)
        return None

    def _search(self, name: str, data_id: DataId) -> _Search:
        key = (name, *data_id)
        found = self._searches.get(key)
        if found is None:
            lookup = self.lookup(name)
            given, keys = frozenset(data_id), lookup.dataset_type.key_set
            found = self._searches[key] = _Search(
                lookup,
                lookup.required <= given <= keys,
                given >= keys,
                probes_of(lookup.places, given),
            )
        return found

    def _find_by_probes(self, search: _Search, data_id: DataId) -> Found | None:
        question = data_id.to_dict()
        if search.is_whole:
            question["data_id"] = data_id.canonical(search.lookup.dataset_type.keys)
        for probe in search.probes:
            if probe.may_hold(question):
                stored = probe.repository.find(probe.dataset_type, data_id)
                if stored is not None:
                    return Found(probe.repository, stored)
        return None

    def ready(self, lookup: Lookup, data_id: DataId) -> DataId:
        """Return a data ID that says enough for `Repository.find`.

        Raises
        ------
        AmbiguousDataIdError
            If it could be several.
        DatasetNotFoundError
            If nothing matches.
        """
        given = data_id.keys()
        dataset_type = lookup.dataset_type
        if lookup.required <= given <= dataset_type.key_set:
            return data_id
        if dataset_type.category == "calibration":
            return self._with_observation(lookup, data_id)
        return self.complete(lookup, data_id)

    def complete(
        self, lookup: Lookup, data_id: DataId, keys: Sequence[str] | None = None
    ) -> DataId:
        """Return the data ID with every key of the dataset type's template.

        Keys that the observation fixes come from the registries of the chain,
        the others from the datasets of this type that exist.

        Parameters
        ----------
        lookup
            Where to look.
        data_id
            Typed.
        keys
            Complete only these keys of the template, None for all.

        Raises
        ------
        AmbiguousDataIdError
            If several observations or datasets match; ten of them are listed.
        DatasetNotFoundError
            If none does.
        DataIdError
            If a key is missing that is never guessed.
        """
        dataset_type, table = lookup.dataset_type, lookup.policy.observation
        wanted_keys = dataset_type.keys if keys is None else keys
        missing = [key for key in wanted_keys if key not in data_id]
        never = [key for key in missing if key in table.never_completed]
        if never:
            raise DataIdError(
                f"{dataset_type.name!r} needs {' and '.join(never)}, which "
                f"{'is' if len(never) == 1 else 'are'} never guessed: give "
                f"{' '.join(f'{key}=...' for key in never)}."
            )
        extra = [key for key in data_id if key not in dataset_type.key_set]
        wanted = [key for key in missing if key in table.columns]
        if wanted or extra:
            data_id = self._from_observations(lookup, data_id, wanted)
        if any(key not in data_id for key in missing):
            data_id = self._from_datasets(lookup, data_id, missing)
        return data_id.subset(dataset_type.keys) if extra else data_id

    def _from_observations(self, lookup: Lookup, data_id: DataId, wanted: list[str]) -> DataId:
        table = lookup.policy.observation
        given = {key: value for key, value in data_id.items() if key in table.columns}
        columns = wanted or [key for key in table.unique if key in table.columns]
        named = {key: value for key, value in given.items() if key in lookup.dataset_type.key_set}
        if not wanted and not named:
            return data_id  # nothing of it could contradict the rest
        rows = self.observations(table, columns, given, MOST_CANDIDATES + 1)
        if not rows:
            is_known = len(named) < len(given) and self.observations(table, columns, named, 1)
            if is_known or (wanted and not self._has_datasets(lookup, data_id)):
                raise self._no_observation(lookup, data_id, given)
            return data_id
        if not wanted:
            return data_id
        if len(rows) > 1:
            raise _ambiguous(lookup.dataset_type.name, data_id, wanted, rows)
        values = dict(zip(wanted, rows[0], strict=True))
        return data_id.updated({key: v for key, v in values.items() if v is not None})

    def _has_datasets(self, lookup: Lookup, data_id: DataId) -> bool:
        return next(iter(self._matching(lookup, data_id, 1)), None) is not None

    def _from_datasets(self, lookup: Lookup, data_id: DataId, missing: Sequence[str]) -> DataId:
        """Complete a data ID from the datasets that exist."""
        names = [key for key in missing if key not in data_id]
        rows = list(
            dict.fromkeys(
                row.subset(names) for row in self._matching(lookup, data_id, MOST_CANDIDATES + 1)
            )
        )
        if not rows:
            raise DatasetNotFoundError(
                lookup.dataset_type.name,
                str(data_id),
                self.describe_places(lookup, data_id),
                f"Its data ID also needs: {', '.join(names)}.",
            )
        if len(rows) > 1:
            tuples = [tuple(row[key] for key in names) for row in rows]
            raise _ambiguous(lookup.dataset_type.name, data_id, names, tuples)
        return data_id.updated(rows[0])

    def _matching(self, lookup: Lookup, data_id: DataId, limit: int) -> Iterable[DataId]:
        condition = from_keywords(data_id.subset(lookup.dataset_type.keys))
        for repository, dataset_type in lookup.places:
            if dataset_type.template is None:
                continue
            query = RepositoryQuery(dataset_type, condition, limit=limit)
            for stored, _ in repository.query(query):
                yield stored.data_id

    def _with_observation(self, lookup: Lookup, data_id: DataId) -> DataId:
        """Return the data ID with what a calibration is chosen by."""
        rule, table = lookup.dataset_type.calibration, lookup.policy.observation
        if rule is None or lookup.dataset_type.key_set <= data_id.keys():
            return data_id
        columns = [*rule.observation_columns, *rule.match]
        wanted = [
            key for key in dict.fromkeys(columns) if key not in data_id and key in table.columns
        ]
        if rule.table is None:  # valid for ever: only the template's own keys matter
            wanted = [key for key in wanted if key in lookup.dataset_type.key_set]
        return self._from_observations(lookup, data_id, wanted) if wanted else data_id

    def observations(
        self,
        table: ObservationTable,
        columns: Sequence[str],
        given: Mapping[str, KeyValue],
        limit: int,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of columns over the observations of the chain.

        Parameters
        ----------
        table
            The camera's observation table.
        columns
            What is wanted.
        given
            What the observations must have.
        limit
            At most so many rows. Where ``given`` fixes the answer, the first
            repository that knows the observation gives it.
        """
        is_fixed = _is_fixed(table, columns, given.keys())
        rows: dict[tuple[KeyValue | None, ...], None] = {}
        for repository in self.repositories:
            known = repository.policy.observation.columns
            if any(name not in known for name in (*columns, *given)):
                continue
            rows.update(dict.fromkeys(repository.observations(columns, given, limit)))
            if (is_fixed and rows) or len(rows) >= limit:
                break
        return list(rows)[:limit]

    def _no_observation(
        self, lookup: Lookup, data_id: DataId, given: Mapping[str, KeyValue]
    ) -> DatasetNotFoundError:
        table = lookup.policy.observation
        hint = f"No observation of {lookup.policy.name} has {data_id}."
        for key in given:
            rest = {name: value for name, value in given.items() if name != key}
            rows = self.observations(table, [key], rest, MOST_CANDIDATES)
            if rows and rest:
                values = ", ".join(str(row[0]) for row in sorted(rows, key=str))
                others = " ".join(f"{name}={value}" for name, value in rest.items())
                hint += f"\nWith {others} there is {key}={values}."
        places = [f"{place.root} (registry of observations)" for place in self.repositories]
        return DatasetNotFoundError(lookup.dataset_type.name, str(data_id), places, hint)

    def describe_places(self, lookup: Lookup, data_id: DataId) -> list[str]:
        """Return a line for each repository that says what was looked at."""
        lines = [place.describe_place(kind, data_id) for place, kind in lookup.places]
        return [line for line in lines if line]


def _with_embedded(place: Repository, kind: DatasetType) -> list[tuple[Repository, DatasetType]]:
    """Return a repository, and behind it what lies there without being registered."""
    behind = place.unregistered
    return [(place, kind)] if behind is None else [(place, kind), (behind, kind)]


def _ambiguous(
    name: str,
    data_id: DataId,
    missing: Sequence[str],
    rows: Sequence[tuple[KeyValue | None, ...]],
) -> AmbiguousDataIdError:
    differing = [n for n in range(len(missing)) if len({row[n] for row in rows}) > 1]
    texts = sorted(" ".join(f"{missing[n]}={row[n]}" for n in differing) for row in rows)
    more = "more than " if len(rows) > MOST_CANDIDATES else ""
    return AmbiguousDataIdError(
        f"The data ID {str(data_id) or '(empty)'} does not name one {name!r}: "
        f"{more}{min(len(rows), MOST_CANDIDATES)} match. Add one of:",
        texts[:MOST_CANDIDATES],
    )


def _is_fixed(table: ObservationTable, columns: Sequence[str], given: KeysView[str]) -> bool:
    """Tell whether the given columns leave one value for each of the others."""
    if given >= set(table.unique):
        return True
    return any(
        given >= set(implication.by) and set(columns) <= {*implication.columns, *given}
        for implication in table.implied
    )
