"""A repository of Gen2, read as it lies and never written."""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final, Literal

from butler.errors import (
    AmbiguousDataIdError,
    RepositoryError,
    RepositoryNotFoundError,
    StorageError,
    TemplateError,
)
from butler.mapper_lookup import find_mapper
from butler.repository.base import RepositoryQuery, StoredDataset
from butler.repository.gen2.added_types import with_added_types
from butler.repository.gen2.embedded import CALIB_NAME, CALIB_REGISTRY_NAME, EmbeddedSources
from butler.repository.gen2.layout import CFG_NAME, is_gen2_repository
from butler.repository.gen2.observations import Gen2Observations, find_registry, iter_ancestors
from butler.repository.gen2.repository_cfg import check_parents, describe_repository
from butler.repository.gen2.search import Gen2Search
from butler.repository.gen2.template_scan import Directories, existing_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.registry.condition import Condition
    from butler.repository.gen2.repository_cfg import RepositoryCfg

__all__ = ["Gen2Repository"]

logger = logging.getLogger(__name__)

_SHOWN: Final = 20
_MOST_NAMES: Final = 500_000  # file names read to count what is there


class Gen2Repository:
    """A Gen2 repository: a directory with ``_mapper`` or ``repositoryCfg.yaml``.

    Parameters
    ----------
    location
        Path of the directory.
    camera
        Name of the camera, where the directory does not name it.

    Attributes
    ----------
    root : str
        Absolute path of the data.
    mapper : Mapper
        The camera.
    policy : Policy
        Its policy, with the dataset types that the repository declares.
    parents : tuple of str
        Absolute paths of the parents, in order.

    Raises
    ------
    RepositoryNotFoundError
        If there is no Gen2 repository, or one of its parents is gone.
    RepositoryError
        If what describes it cannot be read, or names no camera.
    UnknownMapperError
        If its camera is not installed.
    """

    kind: Literal["native", "gen2"] = "gen2"
    uuid: str | None = None
    is_writable = False
    unregistered = None

    def __init__(self, location: str, camera: str | None = None) -> None:
        self._location, self._camera = os.path.abspath(location), camera
        if not is_gen2_repository(self._location):
            raise RepositoryNotFoundError(
                f"{self._location} is not a Gen2 repository: it has neither _mapper nor {CFG_NAME}."
            )
        cfg = describe_repository(self._location)
        check_parents(self._location, cfg.parents)
        is_here = cfg.root == os.path.realpath(self._location)
        self.root = self._location if is_here else cfg.root
        self.parents = cfg.parents
        self.mapper = find_mapper(camera or _mapper_name(cfg))
        source = os.path.join(self._location, CFG_NAME)
        self.policy = with_added_types(self.mapper.policy, cfg.dataset_types, source)
        registry = find_registry(cfg, self.mapper.name)
        if registry is None and os.path.exists(f"{self.root}/registry.pgsql"):
            logger.warning(
                "%s keeps its registry in PostgreSQL, which is not read: give every key of a "
                "template to find a file.",
                self.root,
            )
        self._observations = Gen2Observations(self.policy, registry)
        self.embedded = EmbeddedSources(
            self.root, self.policy, calib_root=_calib_root(self.root, cfg)
        )
        self._search = Gen2Search(self.root, self._observations, self.embedded)

    def use_calib_root(self, folder: str) -> None:
        """Read calibrations from another folder; see `Repository.use_calib_root`."""
        self.embedded.close()
        self.embedded = EmbeddedSources(self.root, self.policy, calib_root=folder)
        self._search = Gen2Search(self.root, self._observations, self.embedded)

    def __repr__(self) -> str:
        return f"Gen2Repository({self._location!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._location, self._camera)

    def find(self, dataset_type: DatasetType, data_id: DataId) -> StoredDataset | None:
        """Return the dataset, or None.

        Parameters
        ----------
        dataset_type
            What is looked for.
        data_id
            Keys that name one dataset; what is missing is looked up among the
            observations. For a calibration, keys of the observation.

        Raises
        ------
        AmbiguousDataIdError
            If several observations, or several calibrations, match.
        """
        return self._locate(dataset_type, data_id)[0]

    def observations(
        self, columns: Sequence[str], given: Mapping[str, KeyValue], limit: int
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of some columns of the observations.

        Parameters
        ----------
        columns
            Observation columns. One that this registry lacks is None.
        given
            Values that the observations must have, by observation column.
        limit
            At most so many rows.

        Raises
        ------
        UnknownKeyError
            If the camera has no such column.
        """
        return self._observations.select(columns, given, limit)

    def query(
        self, query: RepositoryQuery
    ) -> Iterator[tuple[StoredDataset, tuple[KeyValue | None, ...]]]:
        """Iterate over the datasets that match, in order, with the wanted columns.

        Parameters
        ----------
        query
            What is asked for. Raw files are those of the registry whose file
            is there; all others are found in the directories.

        Raises
        ------
        UnknownKeyError
            If the query uses a name that is neither key nor column here.
        """
        return self._search.run(query)

    def dataset_types(self) -> Mapping[str, int]:
        """Return how many datasets of each type are there (zero ones left out).

        Notes
        -----
        Raw files are counted by the registry, all others by their names. In a
        very large repository counting stops, with a warning, and the last
        types are not counted to the end.
        """
        directories = Directories(_MOST_NAMES)
        counts: dict[str, int] = {}
        for name, kind in self.policy.dataset_types.items():
            if self._search.is_registered(kind):
                number = len(self._observations.select(kind.keys))
            else:
                number = sum(1 for _ in self._search.iter_files(kind, None, directories))
            if number:
                counts[name] = number
        if directories.is_exhausted:
            logger.warning(
                "%s holds more than %d files: some were not counted.", self.root, _MOST_NAMES
            )
        return counts

    def distinct(
        self,
        dataset_type: DatasetType,
        columns: Sequence[str],
        condition: Condition | None,
        limit: int | None,
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of columns over the datasets that match, sorted.

        Parameters
        ----------
        dataset_type
            Whose datasets.
        columns
            Data-ID keys or observation columns.
        condition
            As in a query.
        limit
            At most so many rows, None for all.
        """
        return self._search.distinct(dataset_type, columns, condition, limit)

    def uri(self, stored: StoredDataset) -> str:
        """Return the absolute path of a dataset's file.

        Parameters
        ----------
        stored
            What `find` or `query` returned.
        """
        return os.path.join(self.root, stored.path)

    def local(self, stored: StoredDataset) -> AbstractContextManager[str]:
        """Return a context in which the file has a path that a formatter can read.

        Parameters
        ----------
        stored
            What `find` or `query` returned.
        """
        return nullcontext(self.uri(stored))

    def read_bytes(self, stored: StoredDataset) -> bytes:
        """Return the content of a small file.

        Parameters
        ----------
        stored
            What `find` or `query` returned.

        Raises
        ------
        StorageError
            If the file cannot be read.
        """
        try:
            with open(self.uri(stored), "rb") as file:
                return file.read()
        except OSError as error:
            raise StorageError(f"{self.uri(stored)} cannot be read: {error.strerror}.") from error

    def has_file(self, stored: StoredDataset) -> bool:
        """Tell whether the file is there; a link must lead somewhere."""
        return os.path.exists(self.uri(stored))

    def describe_place(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return one line that says what was looked at, for error messages.

        Parameters
        ----------
        dataset_type, data_id
            As for `find`.
        """
        if dataset_type.calibration is not None:
            asked = self.embedded.explain(dataset_type, data_id, self._observations.select)
            lines = asked.splitlines()[:2]  # where, and which registry had what
            if self._observations.registry is not None:
                lines.append(f"observations asked in {self._observations.registry.path}")
            return f"{self.root} (Gen2): {'; '.join(lines)}"
        try:
            reason = self._locate(dataset_type, data_id)[1]
        except AmbiguousDataIdError as error:
            reason = error.head
        return f"{self.root} (Gen2): {' '.join(reason.split())}"

    def explain(self, dataset_type: DatasetType, data_id: DataId) -> str:
        """Return why a calibration is chosen, or where any other dataset was looked for.

        Parameters
        ----------
        dataset_type, data_id
            As for `find`.
        """
        if dataset_type.calibration is not None:
            return self.embedded.explain(dataset_type, data_id, self._observations.select)
        return self.describe_place(dataset_type, data_id)

    def close(self) -> None:
        """Release the registries; the repository can be used again."""
        self._observations.close()
        self.embedded.close()

    def _locate(
        self, dataset_type: DatasetType, data_id: DataId
    ) -> tuple[StoredDataset | None, str]:
        """Return the dataset, and where it was looked for."""
        if dataset_type.template is None:
            return None, f"{dataset_type.name!r} has no file, it is computed"
        if dataset_type.calibration is not None:
            stored, reason = self.embedded.locate(dataset_type, data_id, self._observations.select)
            # What was made here, and not ingested, lies at its template under the root.
            if stored is not None or not dataset_type.key_set <= data_id.keys():
                return stored, reason
        whole, reason = self._completed(dataset_type, data_id)
        if whole is None:
            return None, reason
        try:
            path = dataset_type.template.format(whole, encode=False)
        except TemplateError as error:
            return None, str(error)
        found = existing_path(self.root, path)
        if found is None:
            return None, f"{path}, .gz, .fz: there is no such file"
        stored = StoredDataset(
            dataset_type.name,
            whole.cast(self.policy.keys),
            found,
            hdu=dataset_type.template.hdu_of(whole),
        )
        return stored, found

    def _completed(self, dataset_type: DatasetType, data_id: DataId) -> tuple[DataId | None, str]:
        """Return the keys of the template, those not given taken from the one observation."""
        keys = dataset_type.keys
        missing = [key for key in keys if key not in data_id]
        if not missing:
            return data_id.subset(keys), ""
        table = self.policy.observation
        lost = [k for k in missing if k in table.never_completed or k not in table.columns]
        if lost:
            return None, f"{dataset_type.name!r} needs also: {', '.join(lost)}"
        known = self._observations.columns()
        given = {key: value for key, value in data_id.items() if key in known}
        rows = self._observations.select(missing, given, _SHOWN) if given or not data_id else []
        if not rows:
            place = self._observations.registry
            where = "there is no registry" if place is None else place.path
            return None, f"{where}: no observation with {data_id or 'any data ID'}"
        if len(rows) > 1:
            differing = [
                key
                for key, values in zip(missing, zip(*rows, strict=True), strict=True)
                if len(set(values)) > 1
            ]
            raise AmbiguousDataIdError(
                f"{data_id or 'An empty data ID'} matches several {dataset_type.name!r} "
                f"in {self.root}: say also {', '.join(differing)}.",
                [data_id.updated(_told(missing, row)) for row in rows],
            )
        whole = data_id.updated(_told(missing, rows[0])).subset(keys)
        if len(whole) < len(keys):
            unknown = ", ".join(key for key in keys if key not in whole)
            return None, f"the registry does not tell {unknown} of {data_id}"
        return whole, ""


def _told(names: Sequence[str], row: Sequence[KeyValue | None]) -> dict[str, KeyValue]:
    return {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _mapper_name(cfg: RepositoryCfg) -> str:
    """Return the name of the camera, of the repository's or of the first parent that has one."""
    for one in [cfg, *iter_ancestors(cfg)]:
        if one.mapper_name is not None:
            return one.mapper_name
    raise RepositoryError(
        f"{cfg.root} looks like a Gen2 repository, but nothing there or above names its camera. "
        f"Write the name into a file _mapper, for instance: echo hsc > {cfg.root}/_mapper"
    )


def _calib_root(root: str, cfg: RepositoryCfg) -> str:
    """Return where the calibrations lie: as stated, or the first place with a registry."""
    stated = cfg.mapper_args.get("calibRoot")
    if isinstance(stated, str) and stated:
        return os.path.join(root, stated)
    ancestors = [one.root for one in iter_ancestors(cfg)]
    places = [f"{root}/{CALIB_NAME}", *(f"{one}/{CALIB_NAME}" for one in ancestors)]
    places += [root, *ancestors]
    for place in places:
        if os.path.isfile(f"{place}/{CALIB_REGISTRY_NAME}"):
            return place
    return places[0] if os.path.isdir(places[0]) else root
