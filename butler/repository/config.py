"""``butler.yaml``: what makes a directory a repository of ours."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.errors import FormatterError, RepositoryError
from butler.safe_yaml import dump_yaml, load_yaml
from butler.storage.local_store import rename_exclusively
from butler.storage.steps import step
from butler.storage.writer_mark import WriterMark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "CONFIG_NAME",
    "FORMAT_VERSION",
    "RepositoryConfig",
    "check_durability",
    "format_config",
    "has_config",
    "parse_config",
    "read_config",
    "replace_config",
    "write_config",
]

CONFIG_NAME = "butler.yaml"
FORMAT_VERSION = 1
_FIELDS = {"format", "camera", "uuid", "parents", "registry", "durability", "dataset_types"}


@dataclass(frozen=True, slots=True)
class RepositoryConfig:
    """What ``butler.yaml`` says.

    Parameters
    ----------
    camera
        Short name of the mapper.
    uuid
        Identity of the repository, kept when it is moved.
    parents
        Relative or absolute locations, in the order in which they are searched.
    registry
        File name of the SQLite registry, or the URL of a database without its
        password.
    durability
        ``full`` flushes files and directories to the disk before they count
        as written, ``fast`` leaves that to the system.
    dataset_types
        Dataset types added here, as a camera's policy has them.
    """

    camera: str
    uuid: str
    parents: tuple[str, ...] = ()
    registry: str = "registry.sqlite3"
    durability: str = "full"
    dataset_types: Mapping[str, object] = field(default_factory=dict)

    def with_parents(self, parents: tuple[str, ...]) -> RepositoryConfig:
        """Return the same with other parents."""
        return replace(self, parents=parents)


def has_config(root: str) -> bool:
    """Tell whether a local directory is a repository of ours."""
    return os.path.isfile(os.path.join(root, CONFIG_NAME))


def read_config(root: str) -> RepositoryConfig:
    """Return what ``butler.yaml`` in a local directory says.

    Raises
    ------
    RepositoryError
        If it cannot be read, or was written by a newer version.
    """
    path = os.path.join(root, CONFIG_NAME)
    try:
        with open(path, "rb") as file:
            text = file.read((1 << 20) + 1)
    except OSError as error:
        raise RepositoryError(f"{path} cannot be read: {error.strerror}.") from error
    return parse_config(text, path)


def parse_config(text: str | bytes, path: str) -> RepositoryConfig:
    """Return what the text of a ``butler.yaml`` says.

    Parameters
    ----------
    text
        Its content.
    path
        Where it lies, for the message.

    Raises
    ------
    RepositoryError
        If it is not one, or was written by a newer version.
    """
    try:
        content = load_yaml(text, path)
    except FormatterError as error:
        raise RepositoryError(str(error)) from error
    if not isinstance(content, dict) or "camera" not in content or "format" not in content:
        raise RepositoryError(f"{path} is not the configuration of a repository.")
    version = content["format"]
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise RepositoryError(
            f"{path} has format {version}; this version of skybutler knows up to "
            f"{FORMAT_VERSION}. Install a newer one: pip install --upgrade skybutler"
        )
    if unknown := sorted(set(map(str, content)) - _FIELDS):
        raise RepositoryError(f"{path} has fields that mean nothing here: {', '.join(unknown)}.")
    parents = [] if content.get("parents") is None else content["parents"]
    types = {} if content.get("dataset_types") is None else content["dataset_types"]
    if not isinstance(parents, list) or not isinstance(types, dict):
        raise RepositoryError(f"{path}: parents is a list and dataset_types is a mapping.")
    if any("\0" in str(place) for place in (*parents, content.get("registry"))):
        raise RepositoryError(f"{path}: a place with a NUL character can be no place.")
    durability = str(content.get("durability") or "full")
    check_durability(durability, path)
    return RepositoryConfig(
        camera=str(content["camera"]),
        uuid=str(content.get("uuid") or uuid4()),
        parents=tuple(map(str, parents)),
        registry=str(content.get("registry") or "registry.sqlite3"),
        durability=durability,
        dataset_types=types,
    )


def check_durability(durability: str, where: str) -> None:
    """Refuse a word that says nothing about durability.

    Raises
    ------
    RepositoryError
        With the words that do; ``where`` is its beginning.
    """
    if durability not in ("full", "fast"):
        raise RepositoryError(f"{where}: durability is 'full' or 'fast', not {durability!r}.")


def format_config(config: RepositoryConfig) -> str:
    """Return the text of ``butler.yaml``."""
    content: dict[str, object] = {
        "format": FORMAT_VERSION,
        "camera": config.camera,
        "uuid": config.uuid,
        "parents": list(config.parents),
        "registry": config.registry,
    }
    if config.durability != "full":
        content["durability"] = config.durability
    if config.dataset_types:
        content["dataset_types"] = dict(config.dataset_types)
    return dump_yaml(content)


def write_config(root: str, config: RepositoryConfig) -> None:
    """Write a new ``butler.yaml``, whole or not at all, never over another one.

    Raises
    ------
    FileExistsError
        If there is one already.
    """
    target = os.path.join(root, CONFIG_NAME)
    with _temporary(root, config) as temporary:
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:  # no hard links here, most often
            if not rename_exclusively(temporary, target):
                raise


def replace_config(root: str, config: RepositoryConfig) -> None:
    """Replace ``butler.yaml``, whole or not at all."""
    with _temporary(root, config) as temporary:
        os.rename(temporary, os.path.join(root, CONFIG_NAME))


@contextmanager
def _temporary(root: str, config: RepositoryConfig) -> Iterator[str]:
    """Yield a durable file with the configuration; flush the directory afterwards."""
    temporary = os.path.join(root, WriterMark.mine().temporary_name(".yaml"))
    try:
        with open(temporary, "x", encoding="utf-8") as file:
            file.write(format_config(config))
            file.flush()
            os.fsync(file.fileno())
        step("config:drafted")
        yield temporary
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
