"""Files on a local or mounted POSIX file system."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import hashlib
import logging
import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.errors import StorageError, TemplateError
from butler.policies.template import check_inside
from butler.storage.cures import cure_of
from butler.storage.store import FileFacts, PendingFile, digest_file
from butler.storage.writer_mark import Publisher, WriterMark

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LocalStore", "rename_exclusively"]

logger = logging.getLogger(__name__)

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
_NOT_PLAIN = (".fits.gz", ".fits.fz", ".fit.gz")
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1


class LocalStore:
    """Files below one directory.

    Parameters
    ----------
    root
        Absolute path of the directory.
    is_durable
        Whether files and directories are flushed to the disk before a file
        counts as written.
    """

    def __init__(self, root: str, *, is_durable: bool = True) -> None:
        self.root = root
        self.is_durable = is_durable
        self.publisher: Publisher | None = None

    def begin(self, target: str) -> PendingFile:
        """Return a temporary file beside ``target``; see `Store.begin`."""
        path = check_inside(self.root, target)
        directory, name = os.path.split(path)
        self._make_directories(directory)
        extension = next(
            (end for end in _NOT_PLAIN if name.endswith(end)), os.path.splitext(name)[1]
        )
        mark, token = self.publisher or (WriterMark.mine(), "")
        unique = mark.temporary_name(extension, token)
        return PendingFile(os.path.join(directory, unique), target)

    def _make_directories(self, directory: str) -> None:
        if os.path.isdir(directory):
            return
        missing = []
        ancestor = directory
        while not os.path.isdir(ancestor):
            missing.append(ancestor)
            ancestor = os.path.dirname(ancestor)
        try:
            os.makedirs(directory, exist_ok=True)
        except OSError as error:
            raise self._refused("make the directory", directory, error) from error
        for made in missing:
            self._sync_directory(os.path.dirname(made))

    def write(self, pending: PendingFile, content: bytes) -> None:
        """Write ``content`` durably into the temporary; see `Store.write`."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(pending.temporary, flags, 0o666)
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                if self.is_durable:
                    os.fsync(descriptor)
                status = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._refused("write", pending.target, error) from error
        pending.facts = _facts(status, hashlib.sha256(content).digest())

    def seal(self, pending: PendingFile) -> FileFacts:
        """Flush the temporary and digest it; see `Store.seal`."""
        if pending.facts is not None:
            return pending.facts
        try:
            descriptor = os.open(pending.temporary, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if self.is_durable:
                    os.fsync(descriptor)
                status = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            pending.facts = _facts(status, digest_file(pending.temporary))
        except OSError as error:
            raise self._refused("write", pending.target, error) from error
        return pending.facts

    def publish(self, pending: PendingFile) -> None:
        """Link the temporary to its target, never over another file; see `Store.publish`."""
        target = os.path.join(self.root, pending.target)
        try:
            os.link(pending.temporary, target, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise self._refused("publish", pending.target, error) from error
            try:
                self._publish_without_links(pending.temporary, target)
            except FileExistsError:
                raise
            except OSError as refusal:
                raise self._refused("publish", pending.target, refusal) from refusal

    def _publish_without_links(self, temporary: str, target: str) -> None:
        if rename_exclusively(temporary, target):
            return
        with open(f"{target}.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                if os.path.lexists(target):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
                os.rename(temporary, target)
            finally:
                os.unlink(lock.name)

    def sync(self, targets: list[str]) -> None:
        """Flush the directories that hold ``targets``; see `Store.sync`."""
        for directory in sorted({os.path.dirname(target) for target in targets}):
            self._sync_directory(os.path.join(self.root, directory))

    def _sync_directory(self, directory: str) -> None:
        if not self.is_durable:
            return
        try:
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network file systems cannot, and say so
                raise self._refused("flush the directory", directory, error) from error

    def discard(self, pending: PendingFile) -> None:
        """Remove the temporary name; see `Store.discard`."""
        try:
            os.unlink(pending.temporary)
        except FileNotFoundError:
            return
        except OSError as error:  # the dataset is there or not, whatever becomes of this name
            logger.warning("%s stays: %s", pending.temporary, error.strerror)

    def facts(self, path: str) -> FileFacts | None:
        """Return size, time and inode of a file, links followed; see `Store.facts`."""
        try:
            return _facts(os.stat(os.path.join(self.root, path)), None)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._refused("look at", path, error) from error

    def digest(self, path: str) -> bytes:
        """Return the sha256 of a file; see `Store.digest`."""
        try:
            return digest_file(os.path.join(self.root, path))
        except OSError as error:
            raise self._refused("read", path, error) from error

    def remove(self, path: str) -> None:
        """Remove a file or a link; see `Store.remove`."""
        try:
            os.unlink(check_inside(self.root, path))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise self._refused("remove", path, error) from error

    def is_abandoned(self, path: str) -> bool:
        """Look for the temporary name that a dead writer left; see `Store.is_abandoned`."""
        claim = self._claim(path)
        return claim is not None and claim[0].is_dead(claim[1])

    def is_claimed(self, path: str) -> bool:
        """Look for the temporary name of a living writer; see `Store.is_claimed`."""
        claim = self._claim(path)
        return claim is not None and not claim[0].is_dead(claim[1])

    def _claim(self, path: str) -> tuple[WriterMark, float] | None:
        """Return whose temporary name the file has too, and when that last changed."""
        target = os.path.join(self.root, path)
        try:
            status = os.lstat(target)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if status.st_nlink == 1:
            return None  # most files: there is no other name
        with os.scandir(os.path.dirname(target)) as entries:
            for entry in entries:
                mark = WriterMark.of(entry.name)
                if mark is not None and entry.inode() == status.st_ino:
                    return mark, status.st_ctime
        return None

    def is_outside(self, path: str) -> bool:
        """Tell whether a folder on the way leads out of the root; see `Store.is_outside`."""
        if "://" in path:
            return True
        try:
            check_inside(self.root, path)
        except TemplateError:
            return True
        return False

    def set_aside(self, path: str) -> str:
        """Move a file to ``.butler/orphans``; see `Store.set_aside`."""
        aside = f".butler/orphans/{uuid4().hex[:8]}-{os.path.basename(path)}"
        target = os.path.join(self.root, aside)
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.rename(os.path.join(self.root, path), target)
        except OSError as error:
            raise self._refused("set aside", path, error) from error
        return aside

    def keep_version(self, path: str, original: str) -> str:
        """Link a file to the next free ``original~N``; see `Store.keep_version`."""
        number = 1
        source = os.path.join(self.root, path)
        while True:
            version = f"{original}~{number}"
            target = check_inside(self.root, version)
            try:
                os.link(source, target)
            except FileExistsError:
                if os.path.samefile(source, target):  # by somebody who was killed then
                    return version
                number += 1
            except OSError as error:
                raise self._refused("keep a version of", path, error) from error
            else:
                return version

    def uri(self, path: str) -> str:
        """Return the absolute path of a file."""
        return os.path.join(self.root, path)

    def read_bytes(self, path: str) -> bytes:
        """Return the content of a file."""
        descriptor = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_CLOEXEC)
        try:
            content = os.read(descriptor, 1 << 16)
            if len(content) < 1 << 16:
                return content
            pieces = [content]
            while piece := os.read(descriptor, 1 << 20):
                pieces.append(piece)
            return b"".join(pieces)
        finally:
            os.close(descriptor)

    @contextmanager
    def local(self, path: str) -> Iterator[str]:
        """Yield the absolute path of a file."""
        yield os.path.join(self.root, path)

    def _refused(self, what: str, path: str, error: OSError) -> StorageError:
        full = path if os.path.isabs(path) else os.path.join(self.root, path)
        return StorageError(f"Could not {what} {full}: {error.strerror}. {cure_of(error)}".rstrip())


def _facts(status: os.stat_result, sha256: bytes | None) -> FileFacts:
    return FileFacts(status.st_size, status.st_mtime_ns, status.st_ino, sha256)


@cache
def _renameat2() -> ctypes._NamedFuncPointer | None:
    try:
        return ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None


def rename_exclusively(source: str, target: str) -> bool:
    """Rename a file without replacing another.

    Parameters
    ----------
    source, target
        Absolute paths on one file system.

    Returns
    -------
    bool
        False where the system cannot: nothing is done then.

    Raises
    ------
    FileExistsError
        If there is a target.
    """
    rename = _renameat2()
    if rename is None:
        return False
    source_name, target_name = os.fsencode(source), os.fsencode(target)
    if rename(_AT_FDCWD, source_name, _AT_FDCWD, target_name, _RENAME_NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.EEXIST:
        raise FileExistsError(number, os.strerror(number), target)
    return False
