"""Calibrations and reference catalogs that lie in a repository without being registered.

``CALIB`` with its ``calibRegistry.sqlite3``, and ``ref_cats``, are linked into
a repository by hand, into one of ours as into one of Gen2. They are read where
they are and never written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from butler.data_id import DataId
from butler.errors import AmbiguousDataIdError, TemplateError
from butler.repository.base import StoredDataset
from butler.repository.gen2.calib_registry import CalibRegistry
from butler.repository.gen2.template_scan import existing_path, scan_template
from butler.storage.local_store import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import CalibrationRule, DatasetType
    from butler.policies.policy import Policy
    from butler.policies.template import Template
    from butler.repository.gen2.calib_registry import ObservationLookup, Row
    from butler.repository.gen2.template_scan import Directories

__all__ = ["CALIB_NAME", "CALIB_REGISTRY_NAME", "EmbeddedSources"]

CALIB_NAME: Final = "CALIB"
CALIB_REGISTRY_NAME: Final = "calibRegistry.sqlite3"
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class _Completion:
    """The keys of a calibration's template, as far as they could be found."""

    data_id: DataId
    reason: str
    is_complete: bool


class EmbeddedSources:
    """What lies in a repository beside its registry, read only.

    Parameters
    ----------
    root
        Path of the repository. Nothing is found on a remote store.
    policy
        The camera's policy, with the dataset types of the repository.
    calib_root
        Where the calibrations lie if not in ``CALIB`` under ``root``.
    """

    def __init__(self, root: str, policy: Policy, *, calib_root: str | None = None) -> None:
        self.root = root
        self.policy = policy
        self.calib_root = f"{root}/{CALIB_NAME}" if calib_root is None else calib_root
        self._registry: CalibRegistry | None = None
        self._store = LocalStore(root)

    def find(
        self,
        dataset_type: DatasetType,
        data_id: DataId,
        observation_lookup: ObservationLookup,
    ) -> StoredDataset | None:
        """Return the dataset, or None.

        Parameters
        ----------
        dataset_type
            What is looked for.
        data_id
            Keys of the observation, or all keys of the template.
        observation_lookup
            Called with observation columns and the values that observations
            must have; returns the distinct rows. It may ask a whole chain.

        Raises
        ------
        AmbiguousDataIdError
            If several observations or several calibrations match.
        """
        return self.locate(dataset_type, data_id, observation_lookup)[0]

    def explain(
        self,
        dataset_type: DatasetType,
        data_id: DataId,
        observation_lookup: ObservationLookup,
    ) -> str:
        """Return what was asked, what there is to choose from, and what was chosen.

        Parameters
        ----------
        dataset_type, data_id, observation_lookup
            As for `find`.
        """
        rule, registry = dataset_type.calibration, self._calib_registry()
        try:
            reason = self.locate(dataset_type, data_id, observation_lookup)[1]
            if rule is None or rule.table is None or registry is None:
                return reason
            match, _date, _why = self._observed(rule, data_id, observation_lookup)
        except AmbiguousDataIdError as error:
            return str(error)
        return f"{reason}\n{registry.explain(rule, match)}"

    def describe_place(
        self,
        dataset_type: DatasetType,
        data_id: DataId,
        observation_lookup: ObservationLookup,
    ) -> str:
        """Return one line that says what was looked at, for error messages.

        Parameters
        ----------
        dataset_type, data_id, observation_lookup
            As for `find`.
        """
        try:
            return self.locate(dataset_type, data_id, observation_lookup)[1]
        except AmbiguousDataIdError as error:
            return error.head

    def describe(self) -> tuple[str, ...]:
        """Return one line for each embedded source that is there."""
        calibrations = [self.describe_calibrations()] if os.path.isdir(self.calib_root) else []
        return (*calibrations, *self.catalogs())

    def describe_calibrations(self) -> str:
        """Return the line for the folder of calibrations."""
        known = "with" if self.has_calib_registry() else "without"
        return f"{self._shown(self.calib_root)}: calibrations, {known} a registry"

    def has_calib_registry(self) -> bool:
        """Tell whether Gen2's registry lies with the calibrations."""
        return os.path.isfile(f"{self.calib_root}/{CALIB_REGISTRY_NAME}")

    def catalogs(self) -> tuple[str, ...]:
        """Return the folders of reference catalogs that are there, as they are shown."""
        lines = []
        for folder in sorted(self._folders()):
            try:
                names = sorted(os.listdir(f"{self.root}/{folder}"))
            except (FileNotFoundError, NotADirectoryError):
                continue
            lines += [
                self._shown(f"{self.root}/{folder}/{name}")
                for name in names
                if os.path.isdir(f"{self.root}/{folder}/{name}")
            ]
        return tuple(lines)

    def iter_datasets(
        self,
        dataset_type: DatasetType,
        fixed: Mapping[str, KeyValue] | None = None,
        directories: Directories | None = None,
    ) -> Iterator[StoredDataset]:
        """Iterate over the files of one type, in no particular order.

        Parameters
        ----------
        dataset_type
            What is looked for.
        fixed
            Values of the template's keys that are wanted.
        directories
            Keeps what was read, for several types.
        """
        template = dataset_type.template
        if template is None or template.hdu_key is not None or dataset_type.embedded is None:
            return
        place, prefix = self._place(dataset_type, template)
        for path, data_id in scan_template(
            place, template, fixed or {}, directories, prefix=prefix
        ):
            if not self.is_unfinished(f"{place}/{path}"):
                yield self._stored(dataset_type, data_id, f"{place}/{path}")

    def ranges(
        self, dataset_type: DatasetType, data_id: DataId
    ) -> list[tuple[str | None, str | None]]:
        """Return the half-open ranges of time in which a calibration is valid.

        Parameters
        ----------
        dataset_type
            Its dataset type.
        data_id
            Every key of the template.

        Returns
        -------
        list
            Begin and end, None for an open side; empty where no registry says.
        """
        rule, registry = dataset_type.calibration, self._calib_registry()
        if rule is None or rule.table is None or registry is None:
            return []
        match = {name: data_id[name] for name in rule.match if name in data_id}
        date = data_id.get(rule.date_key)
        return [] if date is None else registry.ranges(rule, match, str(date))

    def close(self) -> None:
        """Close the registry; it is opened again when needed."""
        if self._registry is not None:
            self._registry.close()

    def locate(
        self, dataset_type: DatasetType, data_id: DataId, lookup: ObservationLookup
    ) -> tuple[StoredDataset | None, str]:
        """Return the dataset, or None, and what was looked at.

        Parameters
        ----------
        dataset_type, data_id, lookup
            As for `find`.
        """
        template = dataset_type.template
        if template is None or dataset_type.embedded is None or "://" in self.root:
            return None, f"{self.root}: no embedded source holds {dataset_type.name!r}"
        completion = self._complete(dataset_type, template, data_id, lookup)
        if not completion.is_complete:
            return None, completion.reason
        place, prefix = self._place(dataset_type, template)
        try:
            path = template.format(completion.data_id, encode=False).removeprefix(prefix)
        except TemplateError as error:
            return None, f"{place}: {error}"
        found = existing_path(place, path)
        because = f" ({completion.reason})" if completion.reason else ""
        if found is None:
            return None, f"{place}/{path}, .gz, .fz: there is no such file{because}"
        if self.is_unfinished(f"{place}/{found}"):
            return None, f"{place}/{found}: it is being written, or its writer died"
        whole = completion.data_id.subset(dataset_type.keys).cast(self.policy.keys)
        stored = self._stored(dataset_type, whole, f"{place}/{found}")
        return stored, f"{place}/{found}{because}"

    def _place(self, dataset_type: DatasetType, template: Template) -> tuple[str, str]:
        """Return the folder, and the part of the template that names it."""
        place, embedded = self.folder_of(dataset_type), dataset_type.embedded or ""
        return place, f"{embedded}/" if template.text.startswith(f"{embedded}/") else ""

    def folder_of(self, dataset_type: DatasetType) -> str:
        """Return the folder in which datasets of a type are looked for."""
        embedded = dataset_type.embedded or ""
        return self.calib_root if embedded == CALIB_NAME else f"{self.root}/{embedded}"

    def _stored(self, dataset_type: DatasetType, data_id: DataId, path: str) -> StoredDataset:
        hdu = None if dataset_type.template is None else dataset_type.template.hdu_of(data_id)
        return StoredDataset(dataset_type.name, data_id, self._shown(path), hdu=hdu)

    def is_unfinished(self, path: str) -> bool:
        """Tell whether a file is one of ours whose row is not there yet, or never will be.

        Parameters
        ----------
        path
            Absolute, or relative to the root.
        """
        return self._store.is_claimed(path) or self._store.is_abandoned(path)

    def _shown(self, path: str) -> str:
        """Return the path relative to the root where it lies inside."""
        return path.removeprefix(f"{self.root.rstrip('/')}/")

    def _folders(self) -> frozenset[str]:
        types = self.policy.dataset_types.values()
        return frozenset(one.embedded for one in types if one.embedded) - {CALIB_NAME}

    def _calib_registry(self) -> CalibRegistry | None:
        """Return the registry of the calibrations as long as its file is there."""
        if not self.has_calib_registry():
            return None
        if self._registry is None:
            self._registry = CalibRegistry(f"{self.calib_root}/{CALIB_REGISTRY_NAME}")
        return self._registry

    def _complete(
        self,
        dataset_type: DatasetType,
        template: Template,
        data_id: DataId,
        lookup: ObservationLookup,
    ) -> _Completion:
        """Return all keys of the template: as given, of the chosen row, of the observation."""
        missing = [key for key in template.keys if key not in data_id]
        if not missing:
            return _Completion(data_id, "", is_complete=True)
        rule = dataset_type.calibration
        if rule is None:
            return _Completion(data_id, _lacking(dataset_type, missing), is_complete=False)
        reason = ""
        if rule.table is not None:
            choice = self._choose(rule, missing, data_id, lookup)
            if choice[0] is None:
                return _Completion(data_id, choice[1], is_complete=False)
            data_id, reason = data_id.updated(choice[0]), choice[1]
            missing = [key for key in missing if key not in data_id]
        if missing:
            values, why = self._from_observation(missing, data_id, lookup)
            data_id = data_id.updated(values)
            missing = [key for key in missing if key not in data_id]
            if missing:
                why = why or _lacking(dataset_type, missing)
                return _Completion(data_id, why, is_complete=False)
        return _Completion(data_id, reason, is_complete=True)

    def _choose(
        self,
        rule: CalibrationRule,
        missing: Sequence[str],
        data_id: DataId,
        lookup: ObservationLookup,
    ) -> tuple[Mapping[str, KeyValue] | None, str]:
        """Return the columns of the one valid row, and why, or why there is none."""
        registry = self._calib_registry()
        if registry is None:
            is_there = os.path.isdir(self.calib_root)
            return None, (
                f"{self.calib_root} has no {CALIB_REGISTRY_NAME}"
                if is_there
                else f"there is no {self.calib_root}"
            )
        match, date, why = self._observed(rule, data_id, lookup)
        if date is None:
            return None, why
        columns = registry.known_columns(rule.table or "")
        wanted = [key for key in missing if rule.column_of(key) in columns or key == rule.date_key]
        choice = registry.choose(rule, wanted or [rule.date_key], match, date)
        return choice.values, choice.reason

    def _observed(
        self, rule: CalibrationRule, data_id: DataId, lookup: ObservationLookup
    ) -> tuple[dict[str, KeyValue], str | None, str]:
        """Return what the rule compares, the date, and why there is no date."""
        names = list(dict.fromkeys([*rule.observation_columns, *rule.match]))
        missing = [name for name in names if name not in data_id]
        values, why = self._from_observation(missing, data_id, lookup)
        found = data_id.updated(values)
        date = found.get(rule.observation_columns[0])
        match = {name: found[name] for name in rule.match if name in found}
        if date is None and not why:
            why = f"{rule.observation_columns[0]} of the observation is not known"
        return match, None if date is None else str(date), why

    def _from_observation(
        self, names: Sequence[str], data_id: DataId, lookup: ObservationLookup
    ) -> tuple[dict[str, KeyValue], str]:
        """Return what the observation of a data ID tells, and why it tells nothing."""
        known = self.policy.observation.columns
        wanted = [name for name in names if name in known]
        given = {key: value for key, value in data_id.items() if key in known}
        if not wanted:
            return {}, ""
        if not given:
            return {}, f"no observation is named by {data_id or 'an empty data ID'}"
        rows = lookup(wanted, given)
        if not rows:
            return {}, f"there is no observation with {DataId(given)}"
        if len(rows) > 1:
            message = (
                f"{data_id} matches several observations; say which, for instance "
                f"{' '.join(f'{key}=...' for key in self.policy.observation.unique)}."
            )
            raise AmbiguousDataIdError(message, [_pairs(wanted, row) for row in rows[:_SHOWN]])
        return {k: v for k, v in zip(wanted, rows[0], strict=True) if v is not None}, ""


def _lacking(dataset_type: DatasetType, missing: Sequence[str]) -> str:
    return f"{dataset_type.name!r} needs also: {', '.join(missing)}"


def _pairs(names: Sequence[str], row: Row) -> str:
    return " ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
