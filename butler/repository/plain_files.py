"""What is common to all that holds files on a local disk, and no observations."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

from butler.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from butler.data_id import KeyValue
    from butler.repository.base import StoredDataset

__all__ = ["PlainFiles"]


class PlainFiles:
    """The part of a repository without a registry of its own that reads its files."""

    def observations(
        self, columns: Sequence[str], given: Mapping[str, KeyValue], limit: int
    ) -> list[tuple[KeyValue | None, ...]]:
        """Return nothing: others know the observations."""
        del columns, given, limit
        return []

    def uri(self, stored: StoredDataset) -> str:
        """Return the absolute path of a file, which is its path here."""
        return stored.path

    def has_file(self, stored: StoredDataset) -> bool:
        """Tell whether the file is there; a link must lead somewhere."""
        return os.path.exists(self.uri(stored))

    def local(self, stored: StoredDataset) -> AbstractContextManager[str]:
        """Return a context in which the file has a local path."""
        return nullcontext(self.uri(stored))

    def read_bytes(self, stored: StoredDataset) -> bytes:
        """Return the content of a small file.

        Raises
        ------
        StorageError
            If it cannot be read.
        """
        path = self.uri(stored)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise StorageError(f"{path} cannot be read: {error.strerror}.") from error

    def use_calib_root(self, folder: str) -> None:
        """Do nothing: there is no such folder."""

    def close(self) -> None:
        """Do nothing: there is no connection."""
