"""Make a repository: whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from butler.errors import ButlerError, RepositoryError, RepositoryExistsError, StorageError
from butler.mapper_lookup import canonical_name, find_mapper
from butler.policies.policy import merge_dataset_types
from butler.repository.config import (
    CONFIG_NAME,
    RepositoryConfig,
    check_durability,
    has_config,
    write_config,
)
from butler.repository.gen2.layout import is_bare_mapper_directory, is_gen2_repository
from butler.repository.locations import absolute_location, is_remote, parent_as_stored
from butler.repository.native import lock_path, registry_place
from butler.repository.ownership import claim_root
from butler.repository.remote import has_remote_config, write_remote_config
from butler.storage.cures import cure_of
from butler.storage.steps import step
from butler.storage.writer_mark import WriterMark, is_temporary_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from os import PathLike

    from butler.data_id import KeyTypes
    from butler.policies.observation_table import ObservationTable
    from butler.policies.policy import Policy

__all__ = ["create_repository", "renew_registry"]

_SIDE_FILES = ("-wal", "-shm", "-journal")  # that SQLite keeps beside a database


def create_repository(
    root: str | PathLike[str],
    camera: str,
    *,
    parents: Sequence[str | PathLike[str]] = (),
    registry: str | None = None,
    shared: bool = False,
    dataset_types: Mapping[str, object] | None = None,
    durability: str = "full",
) -> RepositoryConfig:
    """Make a new repository.

    Parameters
    ----------
    root
        A directory, which is made if need be, or a URL such as ``memory://name``.
    camera
        Name of the camera, ours or a Gen2 class name.
    parents
        Repositories to read from, in order.
    registry
        URL of a PostgreSQL database, None for a SQLite file in the directory.
    shared
        Whether others will read it: its registry is then kept in a form that
        needs no write permission and survives network file systems.
    dataset_types
        Dataset types that the camera does not have, as in its policy.
    durability
        ``full`` or ``fast``.

    Returns
    -------
    RepositoryConfig
        What was written to ``butler.yaml``.

    Raises
    ------
    RepositoryExistsError
        If there is a repository already.
    UnknownMapperError
        If there is no such camera.
    StorageError
        If the directory cannot be made.
    """
    location = absolute_location(root)
    mapper = find_mapper(canonical_name(camera))
    policy = mapper.policy
    if dataset_types:
        policy = merge_dataset_types(policy, dataset_types, source="dataset_types")
    config = RepositoryConfig(
        camera=mapper.name,
        uuid=str(uuid4()),
        registry=registry or _default_registry(location),
        durability=durability,
        dataset_types=dict(dataset_types or {}),
    )
    _check_registry(config.registry)
    check_durability(durability, "durability")
    _refuse_existing(location)  # before anything is made there
    with _creating(location):
        _refuse_existing(location)
        stored = (parent_as_stored(location, absolute_location(parent)) for parent in parents)
        config = config.with_parents(tuple(dict.fromkeys(stored)))
        _make_registry(location, config, policy.keys, policy.observation, shared=shared)
        if is_remote(location):
            write_remote_config(location, config)
        else:
            _write_config(location, config)
        step("create:described")
    return config


def renew_registry(location: str, config: RepositoryConfig, policy: Policy) -> None:
    """Make an empty registry for a repository that has lost its own.

    Parameters
    ----------
    location
        Absolute path of the repository.
    config
        What its ``butler.yaml`` says.
    policy
        Of its camera, with the dataset types that it adds.

    Raises
    ------
    RepositoryExistsError
        If there is a registry.
    StorageError
        If it cannot be made.
    """
    with _creating(location):
        if os.path.lexists(registry_place(location, config)):
            raise RepositoryExistsError(f"{location} has its registry again.")
        _make_registry(location, config, policy.keys, policy.observation, shared=False)


def _write_config(location: str, config: RepositoryConfig) -> None:
    """Write ``butler.yaml``; without it, the new registry would look like one of Gen2."""
    try:
        write_config(location, config)
    except OSError as error:
        if not isinstance(error, FileExistsError):  # it may be there although it was not flushed
            with suppress(OSError):
                os.unlink(os.path.join(location, CONFIG_NAME))
        if "://" not in config.registry:
            _remove_database(registry_place(location, config))
        raise StorageError(
            f"No repository can be made at {location}: {error.strerror}. Nothing was left there. "
            f"{cure_of(error)}".rstrip()
        ) from error


def _default_registry(location: str) -> str:
    return f"memory:{location}" if is_remote(location) else "registry.sqlite3"


def _check_registry(registry: str) -> None:
    if "://" in registry and urlsplit(registry).password is not None:
        raise RepositoryError(
            "A password has no place in butler.yaml, which others may read. Leave it out of the "
            "registry's URL and keep it in a PGPASSFILE or a service file."
        )


@contextmanager
def _creating(location: str) -> Iterator[None]:
    """Hold off other creators of the same directory."""
    lock = lock_path(location)
    if lock is None:
        yield
        return
    try:
        os.makedirs(os.path.dirname(lock), exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise StorageError(
            f"No repository can be made at {location}: {error.strerror}. Choose a directory that "
            f"you may write. {cure_of(error)}".rstrip()
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    except ButlerError:
        raise
    except OSError as error:
        raise StorageError(
            f"No repository can be made at {location}: {error.strerror}. {cure_of(error)}".rstrip()
        ) from error
    finally:
        with suppress(OSError):
            os.close(descriptor)


def _refuse_existing(location: str) -> None:
    if is_remote(location):
        exists = has_remote_config(location)
    else:
        exists = has_config(location)
        is_gen2 = is_gen2_repository(location) and not is_bare_mapper_directory(location)
        if is_gen2 and not _is_left_over(location):
            raise RepositoryExistsError(
                f"{location} is a Gen2 repository. It can be read as it is and be the parent of "
                f"a rerun; to make it one of ours: butler migrate {location}"
            )
    if exists:
        raise RepositoryExistsError(
            f"There is a repository at {location} already. To look at it: butler info {location}"
        )


def _is_left_over(location: str) -> bool:
    """Tell whether all there is is a registry of ours, of a creation that was killed."""
    if not all(_is_of_creation(name) for name in os.listdir(location)):
        return False
    try:
        with closing(sqlite3.connect(f"file:{location}/registry.sqlite3?mode=ro", uri=True)) as db:
            found = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'dataset_type'")
            return found.fetchone() is not None
    except sqlite3.Error:
        return False


def _is_of_creation(name: str) -> bool:
    """Tell whether a name is one that a creation gives before it writes ``butler.yaml``."""
    return name == ".butler" or name.startswith("registry.sqlite3") or is_temporary_name(name)


def _make_registry(
    location: str,
    config: RepositoryConfig,
    keys: KeyTypes,
    observation: ObservationTable,
    *,
    shared: bool,
) -> None:
    from butler.registry.registry import Registry

    place = made = registry_place(location, config)
    is_file = not is_remote(location) and "://" not in place
    if is_file:  # under another name first: a directory with a registry alone looks like Gen2's
        made = os.path.join(location, ".butler", WriterMark.mine().temporary_name(".sqlite3"))
    try:
        registry = Registry.create(
            made,
            uuid=config.uuid,
            camera=config.camera,
            keys=keys,
            observation=observation,
            shared=shared,
            lock_path=None,  # it is held by this process already
        )
        if "://" in config.registry and not is_remote(location):
            claim_root(registry, location)
        registry.close()
        step("create:registry")
        if is_file:
            _publish_registry(location, made, place)
            step("create:published")
    finally:
        if is_file:
            _remove_database(made)


def _publish_registry(location: str, made: str, place: str) -> None:
    if os.path.exists(f"{made}-wal"):  # rows that could not be moved into the file itself
        raise StorageError(
            f"No repository can be made at {location}: its registry could not be completed. "
            f"Most often the disk is full: free some space and try again."
        )
    if os.path.exists(place):
        _set_aside(location, place)  # of a creation that was killed before butler.yaml
    os.rename(made, place)


def _remove_database(place: str) -> None:
    for suffix in ("", *_SIDE_FILES):
        with suppress(OSError):
            os.unlink(place + suffix)


def _set_aside(location: str, place: str) -> None:
    aside = os.path.join(location, ".butler", "orphans")
    os.makedirs(aside, exist_ok=True)
    for suffix in ("", *_SIDE_FILES):
        if os.path.exists(place + suffix):
            name = f"{uuid4().hex[:8]}-{os.path.basename(place)}{suffix}"
            os.rename(place + suffix, os.path.join(aside, name))
