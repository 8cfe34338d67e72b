"""Dataset types that a repository declares beside its camera's."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from butler.errors import RepositoryError, StorageError
from butler.policies.policy import merge_dataset_types
from butler.repository.config import read_config, replace_config
from butler.repository.native import NativeRepository, lock_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from butler.policies.dataset_type import DatasetType
    from butler.repository.base import Repository

__all__ = ["declaration_of", "declarations_of", "declare_types"]


def declaration_of(kind: DatasetType) -> dict[str, object]:
    """Return a dataset type as ``butler.yaml`` spells it.

    Raises
    ------
    RepositoryError
        If it is a calibration, which has no spelling there.
    """
    if kind.calibration is not None:
        raise RepositoryError(
            f"The Gen2 repository declares the calibration {kind.name!r}, which only a camera's "
            f"policy can. Take it out of repositoryCfg.yaml, or add it to the camera."
        )
    declared: dict[str, object] = {
        "template": None if kind.template is None else kind.template.text,
        "storage_class": kind.storage_class,
        "description": kind.description or "declared by the Gen2 repository",
    }
    if kind.level:
        declared["level"] = kind.level
    return declared


def declarations_of(repository: Repository) -> dict[str, object]:
    """Return the dataset types that a repository itself declares, as ``butler.yaml`` spells them.

    Parameters
    ----------
    repository
        Ours or Gen2's. Calibrations that a Gen2 repository declares have no
        spelling and are left out.
    """
    if isinstance(repository, NativeRepository):
        return dict(repository.config.dataset_types)
    own = repository.mapper.policy.dataset_types
    return {
        name: declaration_of(kind)
        for name, kind in repository.policy.dataset_types.items()
        if own.get(name) != kind and kind.calibration is None
    }


def declare_types(repository: NativeRepository, declarations: Mapping[str, object]) -> None:
    """Write dataset types into the ``butler.yaml`` of a local repository.

    Parameters
    ----------
    repository
        Which is to know them; it knows them at once.
    declarations
        As in a policy. Those that are there stay as they are.

    Raises
    ------
    PolicyError
        If one of them cannot be understood. Nothing has changed then.
    StorageError
        If the file cannot be written.
    """
    with _alone(repository.root):
        config = read_config(repository.root)
        merged = {**declarations, **config.dataset_types}
        policy = merge_dataset_types(repository.mapper.policy, merged, source="dataset_types")
        changed = replace(config, dataset_types=merged)
        try:
            replace_config(repository.root, changed)
        except OSError as error:
            raise StorageError(
                f"The butler.yaml of {repository.root} cannot be written: {error.strerror}."
            ) from error
    repository.config, repository.policy = changed, policy


@contextmanager
def _alone(root: str) -> Iterator[None]:
    """Hold off others who would change the same file."""
    lock = lock_path(root)
    assert lock is not None  # noqa: S101 - a local repository has one
    os.makedirs(os.path.dirname(lock), exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
