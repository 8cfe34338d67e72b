"""Make a Gen2 repository one of ours, in place: all of it, or nothing."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.errors import ReadOnlyError, RepositoryError, RepositoryExistsError, StorageError
from butler.policies.policy import merge_dataset_types
from butler.registry.rows import NewDataset
from butler.repository.base import RepositoryQuery
from butler.repository.config import RepositoryConfig, has_config, write_config
from butler.repository.create import create_repository
from butler.repository.declaring import declaration_of
from butler.repository.gen2.embedded import CALIB_NAME, CALIB_REGISTRY_NAME
from butler.repository.gen2.gen2_repository import Gen2Repository
from butler.repository.gen2.layout import REGISTRY_NAME, is_bare_mapper_directory
from butler.repository.locations import absolute_location, is_remote, parent_as_stored
from butler.repository.opening import open_repository
from butler.storage.steps import step
from butler.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from os import PathLike

    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy
    from butler.registry.registry import Registry

__all__ = ["BACKUP_NAME", "NATIVE_NAME", "MigrationReport", "migrate_repository"]

NATIVE_NAME = "butler.sqlite3"
"""The new registry; Gen2's name is Gen2's until the new one is complete."""
BACKUP_NAME = "registry.gen2.sqlite3"
"""What Gen2's registry is called afterwards."""
_BATCH = 5000
_ENDINGS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """What a migration registered, or would register.

    Parameters
    ----------
    root
        Absolute path of the repository.
    camera
        Its camera.
    observations
        How many rows of the Gen2 registry became observations.
    datasets
        How many files were registered, by dataset type.
    skipped
        Files that belong to two dataset types and were registered as the
        first of them, and files that could not be read.
    backup
        Where Gen2's registry is kept, None if there was none.
    is_dry_run
        Whether nothing was done.
    """

    root: str
    camera: str
    observations: int
    datasets: Mapping[str, int]
    skipped: tuple[str, ...]
    backup: str | None
    is_dry_run: bool


def migrate_repository(
    root: str | PathLike[str], *, dry_run: bool = False, shared: bool = False
) -> MigrationReport:
    """Make a Gen2 repository one of ours.

    Parameters
    ----------
    root
        The directory.
    dry_run
        Only count what would be registered.
    shared
        As for `create_repository`.

    Returns
    -------
    MigrationReport
        What was found.

    Raises
    ------
    RepositoryNotFoundError
        If there is no Gen2 repository.
    RepositoryExistsError
        If it is one of ours already.
    RepositoryError
        If its data lie in another directory, or a dataset type that it adds
        has no spelling in ``butler.yaml``.
    ReadOnlyError
        If it may not be written.

    Notes
    -----
    No file is moved or changed but Gen2's ``registry.sqlite3``, which is
    renamed at the very end. The repository is ours from the moment in which
    ``butler.yaml`` appears, when all rows are in the new registry; what fails
    before that leaves no trace.
    """
    location = absolute_location(root)
    repository = _open_gen2(location)
    try:
        if not dry_run and not os.access(location, os.W_OK | os.X_OK):
            raise ReadOnlyError(
                f"{location} may not be written by you, so it stays a Gen2 repository. It can be "
                f"read as it is and be the parent of a rerun: butler create RERUN --parent "
                f"{location}"
            )
        if is_bare_mapper_directory(location):
            if not dry_run:
                create_repository(location, repository.mapper.name, shared=shared)
            return MigrationReport(location, repository.mapper.name, 0, {}, (), None, dry_run)
        with _alone(location):
            if has_config(location):
                raise RepositoryExistsError(f"{location} is a repository of ours by now.")
            return _Migration(repository, location).run(dry_run=dry_run, shared=shared)
    finally:
        repository.close()


def _open_gen2(location: str) -> Gen2Repository:
    if not is_remote(location) and has_config(location):
        raise RepositoryExistsError(f"{location} is a repository of ours already.")
    repository = open_repository(location)
    if not isinstance(repository, Gen2Repository):
        raise RepositoryExistsError(f"{location} is a repository of ours already.")
    if os.path.realpath(repository.root) != os.path.realpath(location):
        raise RepositoryError(
            f"The data of {location} lie in {repository.root}: migrate that directory instead."
        )
    here = os.path.realpath(location)
    if any(os.path.realpath(parent) == here for parent in repository.parents):
        repository.close()
        raise RepositoryError(
            f"{location} names itself as its parent. Take that out of its _parent or "
            f"repositoryCfg.yaml, then migrate it."
        )
    return repository


@contextmanager
def _alone(location: str) -> Iterator[None]:
    """Hold off another migration of the same directory; the lock leaves no trace."""
    descriptor = os.open(location, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems have no such locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class _Migration:
    """One repository on its way."""

    def __init__(self, repository: Gen2Repository, root: str) -> None:
        self.repository = repository
        self.policy: Policy = repository.policy
        self.root = root
        self.counts: dict[str, int] = {}
        self.skipped: list[str] = []
        self._seen: set[str] = set()

    def run(self, *, dry_run: bool, shared: bool) -> MigrationReport:
        """Count what there is, and register it unless it is a dry run."""
        own_registry = os.path.lexists(self._path(REGISTRY_NAME))
        backup = self._path(BACKUP_NAME) if own_registry else None
        if backup is not None and os.path.lexists(backup):
            raise RepositoryExistsError(
                f"{backup} is there already, and it would have to hold Gen2's registry. Move it "
                f"out of the way."
            )
        config = self._config()
        observations = self._observations()
        if dry_run:
            for _ in self._rows():
                pass
        else:
            self._migrate(config, observations, shared=shared)
            if backup is not None:
                os.rename(self._path(REGISTRY_NAME), backup)
                step("migrate:renamed")
        return MigrationReport(
            self.root,
            config.camera,
            len(observations),
            dict(self.counts),
            tuple(self.skipped),
            backup,
            dry_run,
        )

    def _path(self, name: str) -> str:
        return os.path.join(self.root, name)

    def _config(self) -> RepositoryConfig:
        own = self.repository.mapper.policy.dataset_types
        added = {
            name: declaration_of(kind)
            for name, kind in self.policy.dataset_types.items()
            if own.get(name) != kind
        }
        merge_dataset_types(self.repository.mapper.policy, added)  # refuses what has no spelling
        return RepositoryConfig(
            camera=self.repository.mapper.name,
            uuid=str(uuid4()),
            parents=tuple(parent_as_stored(self.root, one) for one in self.repository.parents),
            registry=NATIVE_NAME,
            dataset_types=added,
        )

    def _observations(self) -> list[dict[str, KeyValue | None]]:
        """Return the rows of Gen2's registry that say which observation they are of."""
        if not os.path.exists(self._path(REGISTRY_NAME)):
            return []  # those of a parent stay with the parent
        table = self.policy.observation
        columns = tuple(table.columns)
        rows = self.repository.observations(columns, {}, 2**62)
        named = (dict(zip(columns, row, strict=True)) for row in rows)
        return [row for row in named if all(row[key] is not None for key in table.unique)]

    def _migrate(
        self,
        config: RepositoryConfig,
        observations: list[dict[str, KeyValue | None]],
        *,
        shared: bool,
    ) -> None:
        from butler.registry.registry import Registry

        place = self._path(NATIVE_NAME)
        self._set_aside(place)
        link = None
        try:
            registry = Registry.create(
                place,
                uuid=config.uuid,
                camera=config.camera,
                keys=self.policy.keys,
                observation=self.policy.observation,
                shared=shared,
            )
            try:
                self._fill(registry, observations)
            finally:
                registry.close()
            step("migrate:filled")
            link = self._link_calibrations()
            step("migrate:linked")
            write_config(self.root, config)
            step("migrate:described")
        except BaseException as error:
            self._undo(place, link)
            if isinstance(error, OSError) and not isinstance(error, StorageError):
                raise StorageError(
                    f"{self.root} could not be migrated and is as it was: {error}"
                ) from error
            raise

    def _set_aside(self, place: str) -> None:
        """Move away what a migration that was killed has left, or what only has the name."""
        if not os.path.lexists(place):
            return
        aside = self._path(os.path.join(".butler", "orphans"))
        os.makedirs(aside, exist_ok=True)
        for ending in _ENDINGS:
            if os.path.lexists(place + ending):
                os.rename(place + ending, f"{aside}/{uuid4().hex[:8]}-{NATIVE_NAME}{ending}")

    def _undo(self, place: str, link: str | None) -> None:
        for path in (*(place + ending for ending in _ENDINGS), link):
            if path is None or has_config(self.root):
                continue
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)  # it holds links alone
            else:
                with suppress(FileNotFoundError):
                    os.unlink(path)

    def _fill(self, registry: Registry, observations: list[dict[str, KeyValue | None]]) -> None:
        for kind in self._kinds():
            registry.ensure_dataset_type(
                kind.name,
                kind.keys,
                storage_class=kind.storage_class,
                template=None if kind.template is None else kind.template.text,
            )
        run = registry.start_run(user=_user(), host=os.uname().nodename, version=__version__)
        for start in range(0, len(observations), _BATCH):
            registry.add_observations(observations[start : start + _BATCH])
        rows = self._rows()
        while batch := list(islice(rows, _BATCH)):
            registry.insert(batch, run_id=run)

    def _kinds(self) -> list[DatasetType]:
        """Return the dataset types with files of their own, raw files first."""
        kinds = [
            kind
            for kind in self.policy.dataset_types.values()
            if kind.template is not None and kind.embedded is None and kind.composite is None
        ]
        return sorted(kinds, key=lambda kind: kind.category != "raw")

    def _rows(self) -> Iterator[NewDataset]:
        for kind in self._kinds():
            for stored, _ in self.repository.query(RepositoryQuery(kind)):
                if stored.hdu is None and stored.path in self._seen:
                    self.skipped.append(f"{stored.path}: it may be {kind.name} too")
                    continue
                self._seen.add(stored.path)
                try:
                    status = os.stat(self._path(stored.path))
                except OSError as error:
                    self.skipped.append(f"{stored.path}: {error.strerror}")
                    continue
                self.counts[kind.name] = self.counts.get(kind.name, 0) + 1
                yield NewDataset(
                    kind.name,
                    stored.data_id.canonical(kind.keys),
                    stored.data_id.subset(kind.keys),
                    stored.path,
                    stored.hdu,
                    status.st_size,
                    status.st_mtime_ns,
                    status.st_ino,
                )

    def _link_calibrations(self) -> str | None:
        """Let ``CALIB`` lead to calibrations that Gen2 found somewhere else."""
        there = self.repository.embedded.calib_root
        link = self._path(CALIB_NAME)
        if os.path.lexists(link) or not os.path.isfile(os.path.join(there, CALIB_REGISTRY_NAME)):
            return None
        inside = os.path.realpath(self.root)
        if any(
            os.path.realpath(there) == os.path.realpath(os.path.join(parent, name))
            for parent in self.repository.parents
            for name in ("", CALIB_NAME)
        ):
            return None  # a parent has them, and is asked
        if os.path.realpath(there) != inside:
            os.symlink(there, link)
            return link
        os.mkdir(link)  # a link to the folder that holds it would be a circle
        folders = {
            kind.template.text.partition("/")[0]
            for kind in self.policy.dataset_types.values()
            if kind.template is not None and kind.embedded == CALIB_NAME
        }
        for name in sorted({*folders, CALIB_REGISTRY_NAME}):
            if os.path.exists(os.path.join(there, name)):
                os.symlink(f"../{name}", os.path.join(link, name))
        return link


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
