"""Objects on any store that fsspec speaks to, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import fsspec

from butler.errors import StorageError, TemplateError
from butler.storage.store import FileFacts, PendingFile, digest_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.storage.writer_mark import Publisher

__all__ = ["FsspecStore"]


class FsspecStore:
    """Objects below one URL.

    A file is made in a local temporary directory and put in one call that
    refuses to overwrite; nothing is ever streamed into a final name, since an
    exception inside ``with fs.open(...)`` publishes what was written so far.

    Parameters
    ----------
    root
        URL of the root, such as ``memory://repository``.
    """

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self.publisher: Publisher | None = (
            None  # names of local temporaries do not say whose they are
        )
        try:
            self._system, self._base = fsspec.url_to_fs(self.root)
        except (ImportError, ValueError) as error:
            raise StorageError(f"{self.root} cannot be reached: {error}") from error

    def begin(self, target: str) -> PendingFile:
        """Return a local temporary file for ``target``; see `Store.begin`."""
        self._path(target)
        extension = "".join(os.path.splitext(os.path.basename(target))[1:])
        handle, path = tempfile.mkstemp(prefix="skybutler-", suffix=extension)
        os.close(handle)
        os.unlink(path)
        return PendingFile(path, target)

    def _path(self, path: str) -> str:
        if path.startswith("/") or ".." in path.split("/"):
            raise TemplateError(f"{path!r} would lie outside {self.root}.")
        return f"{self._base}/{path}"

    def write(self, pending: PendingFile, content: bytes) -> None:
        """Write ``content`` into the temporary; see `Store.write`."""
        with open(pending.temporary, "xb") as file:
            file.write(content)
        pending.facts = FileFacts(
            len(content), os.stat(pending.temporary).st_mtime_ns, None, _sha256(content)
        )

    def seal(self, pending: PendingFile) -> FileFacts:
        """Digest the temporary; see `Store.seal`."""
        if pending.facts is None:
            status = os.stat(pending.temporary)
            pending.facts = FileFacts(
                status.st_size, status.st_mtime_ns, None, digest_file(pending.temporary)
            )
        return pending.facts

    def publish(self, pending: PendingFile) -> None:
        """Put the object, unless there is one already; see `Store.publish`."""
        with open(pending.temporary, "rb") as file:
            content = file.read()
        self.create(pending.target, content)

    def create(self, path: str, content: bytes) -> None:
        """Put a new object in one call.

        Raises
        ------
        FileExistsError
            If there is one already.
        StorageError
            If the store refuses.
        """
        target = self._path(path)
        try:
            with suppress(FileExistsError):
                self._system.makedirs(os.path.dirname(target), exist_ok=True)
            self._system.pipe_file(target, content, mode="create")
        except FileExistsError:
            raise
        except OSError as error:
            raise self._refused("publish", path, error) from error

    def replace(self, path: str, content: bytes) -> None:
        """Put an object over another one in one call."""
        self._system.pipe_file(self._path(path), content)

    def sync(self, targets: list[str]) -> None:
        """Do nothing: an object is durable when its put returns."""

    def discard(self, pending: PendingFile) -> None:
        """Remove the local temporary; see `Store.discard`."""
        with suppress(FileNotFoundError):
            os.unlink(pending.temporary)

    def facts(self, path: str) -> FileFacts | None:
        """Return the size of an object; see `Store.facts`."""
        try:
            information = self._system.info(self._path(path))
        except FileNotFoundError:
            return None
        return FileFacts(int(information["size"]), 0)

    def iter_objects(self) -> Iterator[tuple[str, float | None]]:
        """Yield the path of every object, and when it was written, in seconds since the epoch.

        Yields
        ------
        tuple
            None for the time where the store does not tell it.
        """
        found: dict[str, dict[str, object]] = self._system.find(self._base, detail=True)
        for full, information in found.items():
            path = full.removeprefix(self._base).lstrip("/")
            times = (information.get(name) for name in ("LastModified", "created", "mtime"))
            written = next((one for one in times if one is not None), None)
            if isinstance(written, datetime):
                written = written.timestamp()
            yield path, float(written) if isinstance(written, int | float) else None

    def digest(self, path: str) -> bytes:
        """Return the sha256 of an object; see `Store.digest`."""
        return _sha256(self.read_bytes(path))

    def remove(self, path: str) -> None:
        """Remove an object; see `Store.remove`."""
        with suppress(FileNotFoundError):
            self._system.rm_file(self._path(path))

    def is_abandoned(self, path: str) -> bool:
        """Return False: an object does not say who put it."""
        del path
        return False

    def is_claimed(self, path: str) -> bool:
        """Return False: an object does not say who put it."""
        del path
        return False

    def is_outside(self, path: str) -> bool:
        """Tell whether it is an address of its own; see `Store.is_outside`."""
        return path.startswith("/") or "://" in path

    def set_aside(self, path: str) -> str:
        """Move an object below ``.butler/orphans``; see `Store.set_aside`."""
        aside = f".butler/orphans/{uuid4().hex[:8]}-{os.path.basename(path)}"
        self.create(aside, self.read_bytes(path))
        self.remove(path)
        return aside

    def keep_version(self, path: str, original: str) -> str:
        """Copy an object to the next free ``original~N``; see `Store.keep_version`."""
        content = self.read_bytes(path)
        number = 1
        while True:
            try:
                self.create(f"{original}~{number}", content)
            except FileExistsError:
                number += 1
            else:
                return f"{original}~{number}"

    def uri(self, path: str) -> str:
        """Return the URL of an object."""
        return f"{self.root}/{path}"

    def read_bytes(self, path: str) -> bytes:
        """Return the content of an object."""
        content: bytes = self._system.cat_file(self._path(path))
        return content

    @contextmanager
    def local(self, path: str) -> Iterator[str]:
        """Yield a local copy that lasts as long as the context."""
        with tempfile.TemporaryDirectory(prefix="skybutler-") as directory:
            copy = os.path.join(directory, os.path.basename(path))
            self._system.get_file(self._path(path), copy)
            yield copy

    def _refused(self, what: str, path: str, error: OSError) -> StorageError:
        return StorageError(f"Could not {what} {self.uri(path)}: {error}.")


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
