"""The registry of one repository."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from butler.registry.calibrations import CalibrationRows
from butler.registry.connect import database_at, file_of, new_database_at
from butler.registry.creation import create_tables
from butler.registry.inspection import InspectionRows
from butler.registry.searches import DatasetSearches
from butler.registry.tags import TagRows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from butler.data_id import KeyType
    from butler.registry.schema import ObservationLike

__all__ = ["Registry"]


class Registry(DatasetSearches, CalibrationRows, TagRows, InspectionRows):
    """What one repository holds, in one database.

    Use `create` or `open`. One registry may be used by any number of threads,
    and by the children of a process that forks.
    """

    @classmethod
    def create(
        cls,
        place: str,
        *,
        uuid: str,
        camera: str,
        keys: Mapping[str, KeyType],
        observation: ObservationLike,
        shared: bool = False,
        lock_path: str | None = None,
    ) -> Self:
        """Make a new registry.

        Parameters
        ----------
        place
            Path of a file, ``memory:NAME`` or
            ``postgresql+psycopg://USER@HOST/DATABASE``.
        uuid
            The number that the repository keeps for life.
        camera
            Short name of the camera.
        keys
            Data-ID keys and their types, in order.
        observation
            What is recorded of raw files.
        shared
            Whether users without write permission will read the file.
        lock_path
            Side file on which writers of the file queue.

        Raises
        ------
        RepositoryExistsError
            If there is a registry already.
        RegistryError
            If it cannot be made. Nothing is left behind then.
        """
        database = new_database_at(place, uuid=uuid, lock_path=lock_path)
        is_new = file_of(place) is not None and not os.path.exists(database.url)
        try:
            database.create_place(shared=shared)
            create_tables(database, uuid=uuid, camera=camera, keys=keys, observation=observation)
            return cls(database)
        except BaseException:
            database.close()
            if is_new:
                with suppress(OSError):
                    os.unlink(database.url)
            raise

    @classmethod
    def open(
        cls,
        place: str,
        *,
        uuid: str | None = None,
        read_only: bool = False,
        lock_path: str | None = None,
    ) -> Self:
        """Open a registry.

        Parameters
        ----------
        place
            As for `create`.
        uuid
            Of the repository; needed for PostgreSQL alone.
        read_only
            Never write, even where it is allowed. Taken where it is not.
        lock_path
            Side file on which writers of the file queue.

        Raises
        ------
        RegistryVersionError
            If a newer version of this package made it.
        RegistryError
            If it cannot be opened.
        """
        database = database_at(place, uuid=uuid, read_only=read_only, lock_path=lock_path)
        try:
            return cls(database)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close the connections. A later call opens them again."""
        self.database.close()

    def check_integrity(self) -> list[str]:
        """Return a sentence for each damage that the database itself finds."""
        return self.database.check_integrity()

    def drop(self) -> None:
        """Remove the registry with all that it knows; files of datasets stay.

        Raises
        ------
        ReadOnlyError
            If it may not be written.
        """
        self.database.drop_place()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
