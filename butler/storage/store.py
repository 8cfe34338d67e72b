"""What a store offers: temporary files that become visible whole or not at all."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from butler.storage.writer_mark import Publisher

__all__ = ["FileFacts", "PendingFile", "Store", "digest_file"]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file without reading it, and its digest if it was read.

    Parameters
    ----------
    size
        In bytes.
    mtime_ns
        Modification time in nanoseconds since the epoch.
    inode
        Inode number on a local file system, None elsewhere.
    sha256
        Digest of the content, 32 bytes, None where it was not computed.
    """

    size: int
    mtime_ns: int
    inode: int | None = None
    sha256: bytes | None = None


@dataclass(slots=True)
class PendingFile:
    """A file that is written but not yet visible.

    Parameters
    ----------
    temporary
        Local path that the formatter writes to.
    target
        Where it will be, relative to the root of the store.
    facts
        Set by `Store.seal`.
    """

    temporary: str
    target: str
    facts: FileFacts | None = None


class Store(Protocol):
    """Where the bytes of a repository lie. Paths are relative to its root.

    Temporaries are published by this process, or by ``publisher`` if there is one.
    """

    root: str
    publisher: Publisher | None

    def begin(self, target: str) -> PendingFile:
        """Return a temporary file for ``target``; nothing is visible yet.

        Raises
        ------
        TemplateError
            If the target would lie outside the root.
        StorageError
            If the directory cannot be made or written.
        """

    def write(self, pending: PendingFile, content: bytes) -> None:
        """Write ``content`` into the temporary, make it durable and seal it."""

    def seal(self, pending: PendingFile) -> FileFacts:
        """Make the temporary durable; return its size, time and digest."""

    def publish(self, pending: PendingFile) -> None:
        """Make the file visible under its target, without overwriting anything.

        The temporary name stays until `discard`: it says whose file this is
        while the registry does not.

        Raises
        ------
        FileExistsError
            If something is there already. The temporary stays.
        StorageError
            If the store refuses.
        """

    def sync(self, targets: list[str]) -> None:
        """Make the names of published files durable, one call for many."""

    def discard(self, pending: PendingFile) -> None:
        """Remove the temporary name, if it is still there."""

    def facts(self, path: str) -> FileFacts | None:
        """Return size and time of a file, None if there is none."""

    def digest(self, path: str) -> bytes:
        """Return the sha256 of a file."""

    def remove(self, path: str) -> None:
        """Remove a file; one that is gone already counts as removed."""

    def is_abandoned(self, path: str) -> bool:
        """Tell whether ``path`` was published by a writer that died before its row."""

    def is_claimed(self, path: str) -> bool:
        """Tell whether ``path`` was published by a writer that has yet to commit its row."""

    def is_outside(self, path: str) -> bool:
        """Tell whether a file lies elsewhere: registered there, or below a linked folder."""

    def set_aside(self, path: str) -> str:
        """Move a file out of the way without losing it; return where it went."""

    def keep_version(self, path: str, original: str) -> str:
        """Give ``path`` the next free name ``original~N`` as well; return that name."""

    def uri(self, path: str) -> str:
        """Return the full address of a file."""

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a small file."""

    def local(self, path: str) -> AbstractContextManager[str]:
        """Return a context in which the file has a local path."""


def digest_file(path: str) -> bytes:
    """Return the sha256 of a local file, read in chunks.

    Parameters
    ----------
    path
        Local path; links are followed.
    """
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while chunk := os.read(descriptor, _CHUNK):
            digest.update(chunk)
    finally:
        os.close(descriptor)
    return digest.digest()
