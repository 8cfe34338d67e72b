"""How one file comes to its place in the repository."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from butler.errors import IngestError, ParameterError, StorageError, suggest
from butler.storage.cures import cure_of
from butler.storage.store import digest_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler.ingest.candidate import Candidate
    from butler.storage.local_store import LocalStore
    from butler.storage.store import PendingFile

__all__ = ["MODES", "Linker", "Mode", "Placement", "as_mode"]

Mode: TypeAlias = Literal[
    "auto", "link", "hardlink", "relsymlink", "copy", "move", "direct", "skip"
]
MODES: tuple[Mode, ...] = get_args(Mode)

_FICLONE = 0x40049409  # from linux/fs.h
_CHUNK = 4 << 20
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_IMPOSSIBLE_HERE = {
    errno.EXDEV: "it is on another device",
    errno.EPERM: "not permitted here",
    errno.EACCES: "not permitted here",
    errno.EMLINK: "it has too many links",
    errno.EOPNOTSUPP: "not supported here",
    errno.ENOTTY: "not supported here",
    errno.EINVAL: "not supported here",
    errno.ENOSYS: "not supported here",
}
_WORDS = {
    "reflink": "reflinks",
    "hardlink": "hard links",
    "link": "symbolic links",
    "copy": "copies",
}


def as_mode(mode: str, modes: Sequence[Mode] = MODES) -> Mode:
    """Return the mode of that name.

    Parameters
    ----------
    mode
        As the user wrote it.
    modes
        Those that make sense.

    Raises
    ------
    ParameterError
        If it is none of them.
    """
    for known in modes:
        if mode == known:
            return known
    raise ParameterError(
        f"There is no mode {mode!r} here.{suggest(mode, modes)} The modes are: {', '.join(modes)}."
    )


@dataclass(slots=True)
class Placement:
    """A file that came to its place.

    Parameters
    ----------
    path
        Relative to the root, or absolute where it stays elsewhere.
    size, mtime_ns, inode
        Of the file, links followed.
    sha256
        Its digest, where it was read.
    is_ours
        Whether this process put it there, and so may take it away again.
    is_copy
        Whether the source has data of its own still.
    temporary
        The name that says whose copy it is while no row does.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    sha256: bytes | None = None
    is_ours: bool = False
    is_copy: bool = False
    temporary: PendingFile | None = None


@dataclass(slots=True)
class Linker:
    """Puts files in their places, in one way.

    Parameters
    ----------
    store
        The repository's files.
    mode
        The way.
    is_checked
        Whether files that are not copied are read for their sha256 too.

    Attributes
    ----------
    notes
        Why ``auto`` did what it did, once for each reason.
    """

    store: LocalStore
    mode: Mode
    is_checked: bool = False
    notes: dict[str, None] = field(default_factory=dict)
    _directories: dict[str, str] = field(default_factory=dict)
    _sources: dict[str, str] = field(default_factory=dict)
    _impossible: dict[tuple[str, str], str] = field(default_factory=dict)

    def place(self, candidate: Candidate, target: str) -> Placement:
        """Put a file in its place, where nothing is yet.

        Parameters
        ----------
        candidate
            The file.
        target
            Its place, relative to the root; in mode ``direct`` where it lies.

        Raises
        ------
        FileExistsError
            If something is there.
        IngestError
            If this file cannot come there in this way.
        StorageError
            If the file system refuses.
        """
        if self.mode == "direct":
            inside = f"{self.store.root.rstrip('/')}/"
            return self._known(candidate, candidate.source.removeprefix(inside))
        full = os.path.join(self._directory(target), os.path.basename(target))
        try:
            return self._way()(candidate, target, full)
        except FileExistsError:
            raise
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise _refusal(full, error) from error

    def _way(self) -> Callable[[Candidate, str, str], Placement]:
        ways = {
            "auto": self._auto,
            "link": self._symlink,
            "relsymlink": self._relative_symlink,
            "hardlink": self._hard_link,
            "copy": self._copy,
            "move": self._move,
        }
        return ways[self.mode]

    def adopt(self, target: str) -> Placement:
        """Take a file of the right content that lies in its place already.

        Parameters
        ----------
        target
            The place, relative to the root.
        """
        full = os.path.join(self.store.root, target)
        try:
            status = os.stat(full)
            digest = digest_file(full) if self.is_checked else None
        except OSError as error:
            raise _refusal(full, error) from error
        return Placement(target, status.st_size, status.st_mtime_ns, status.st_ino, digest)

    def remove(self, placement: Placement) -> None:
        """Take away again what this process put there."""
        if placement.is_ours:
            self.store.remove(placement.path)
        self.settle(placement)

    def settle(self, placement: Placement) -> None:
        """Remove the temporary name of a file that has its row, or is gone."""
        if placement.temporary is not None:
            self.store.discard(placement.temporary)
            placement.temporary = None

    def remove_source(self, candidate: Candidate, target: str) -> str:
        """Remove the source of a file that was moved, if that loses nothing.

        Parameters
        ----------
        candidate
            The file.
        target
            Where it is registered.

        Returns
        -------
        str
            Empty, or why the source stays.
        """
        reason = self.why_source_stays(candidate, target)
        if reason is None:
            try:
                os.unlink(candidate.source)
            except OSError as error:
                return f"the source stays ({error.strerror})"
        return reason or ""

    def why_source_stays(self, candidate: Candidate, target: str) -> str | None:
        """Return why the source of a file that was moved cannot be removed, None if it can.

        Parameters
        ----------
        candidate
            The file.
        target
            Where it is registered.

        Returns
        -------
        str or None
            Empty if the two are one file under one name.
        """
        full = os.path.join(self.store.root, target)
        try:
            there, source = os.lstat(full), os.lstat(candidate.source)
            if not stat.S_ISREG(there.st_mode) or not stat.S_ISREG(source.st_mode):
                return "the source stays, because a link leads to it"
            if os.path.realpath(full) == os.path.realpath(candidate.source):
                return ""
            if (source.st_ino, source.st_dev) != (there.st_ino, there.st_dev):
                if _facts(source) != (candidate.inode, candidate.size, candidate.mtime_ns):
                    return "the source stays, because it has changed meanwhile"
                if digest_file(full) != digest_file(candidate.source):
                    return "the source stays, because its copy differs"
        except OSError as error:
            return f"the source stays ({error.strerror})"
        return None

    def _directory(self, target: str) -> str:
        """Return the absolute directory of a target, made and checked once."""
        relative = os.path.dirname(target)
        directory = self._directories.get(relative)
        if directory is None:
            directory = os.path.dirname(self.store.begin(target).temporary)
            self._directories[relative] = directory
        return directory

    def _known(self, candidate: Candidate, path: str, *, is_ours: bool = False) -> Placement:
        """Return a placement of which nothing was read but its headers."""
        digest = digest_file(candidate.source) if self.is_checked else None
        return Placement(path, candidate.size, candidate.mtime_ns, candidate.inode, digest, is_ours)

    def _symlink(self, candidate: Candidate, target: str, full: str) -> Placement:
        made = self._known(candidate, target, is_ours=True)
        os.symlink(candidate.source, full)
        return made

    def _relative_symlink(self, candidate: Candidate, target: str, full: str) -> Placement:
        made = self._known(candidate, target, is_ours=True)
        source_directory, name = os.path.split(candidate.source)
        here = os.path.dirname(full)
        way = os.path.relpath(self._real(source_directory), self._real(here))
        os.symlink(os.path.join(way, name), full)
        return made

    def _real(self, directory: str) -> str:
        real = self._sources.get(directory)
        if real is None:
            real = self._sources[directory] = os.path.realpath(directory)
        return real

    def _hard_link(self, candidate: Candidate, target: str, full: str) -> Placement:
        source = candidate.source
        if os.path.islink(source):
            source = os.path.realpath(source)
        made = self._known(candidate, target, is_ours=True)
        os.link(source, full, follow_symlinks=False)
        if _facts(os.lstat(full)) != (candidate.inode, candidate.size, candidate.mtime_ns):
            os.unlink(full)
            raise IngestError("it changed while it was being ingested; ingest it again")
        return made

    def _move(self, candidate: Candidate, target: str, full: str) -> Placement:
        if os.path.islink(candidate.source):
            raise IngestError(
                "a symbolic link cannot be moved: name the file that it leads to, or choose "
                "mode 'link' or 'copy'"
            )
        try:
            return self._hard_link(candidate, target, full)
        except OSError as error:
            if error.errno not in _IMPOSSIBLE_HERE:
                raise
            return self._copy(candidate, target, full)

    def _auto(self, candidate: Candidate, target: str, full: str) -> Placement:
        ways: Sequence[tuple[str, Callable[[Candidate, str, str], Placement]]] = (
            ("reflink", self._reflink),
            ("hardlink", self._hard_link),
            ("link", self._symlink),
        )
        places = f"{os.path.dirname(candidate.source)}\0{os.path.dirname(full)}"
        why: list[str] = []
        for name, way in ways:
            reason = self._impossible.get((places, name))
            if reason is None:
                try:
                    made = way(candidate, target, full)
                except OSError as error:
                    reason = _IMPOSSIBLE_HERE.get(error.errno or 0)
                    if reason is None or isinstance(error, FileExistsError):
                        raise
                    self._impossible[places, name] = reason
                else:
                    self._note(name, why)
                    return made
            why.append(f"{_WORDS[name]} {reason}")
        self._note("copy", why)
        return self._copy(candidate, target, full)

    def _note(self, name: str, why: Sequence[str]) -> None:
        because = f" ({'; '.join(why)})" if why else ""
        self.notes[f"auto: {_WORDS[name]}{because}"] = None

    def _reflink(self, candidate: Candidate, target: str, full: str) -> Placement:  # noqa: ARG002
        def clone(source: int, copy: int) -> bytes | None:
            fcntl.ioctl(copy, _FICLONE, source)
            return digest_file(candidate.source) if self.is_checked else None

        return self._duplicate(candidate, target, clone)

    def _copy(self, candidate: Candidate, target: str, full: str) -> Placement:  # noqa: ARG002
        def pour(source: int, copy: int) -> bytes | None:
            digest = hashlib.sha256()
            while chunk := os.read(source, _CHUNK):
                digest.update(chunk)
                rest = memoryview(chunk)
                while rest:
                    rest = rest[os.write(copy, rest) :]
            return digest.digest()

        return self._duplicate(candidate, target, pour)

    def _duplicate(
        self, candidate: Candidate, target: str, fill: Callable[[int, int], bytes | None]
    ) -> Placement:
        """Write a temporary, make it durable, and link it to its place."""
        expected = (candidate.inode, candidate.size, candidate.mtime_ns)
        pending = self.store.begin(target)
        try:
            source = os.open(candidate.source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                copy = os.open(pending.temporary, flags, 0o666)
                try:
                    digest = fill(source, copy) if _facts(os.fstat(source)) == expected else None
                    if self.store.is_durable:
                        os.fsync(copy)
                    made = os.fstat(copy)
                finally:
                    os.close(copy)
                if _facts(os.fstat(source)) != expected or made.st_size != candidate.size:
                    raise IngestError("it changed while it was being ingested; ingest it again")
            finally:
                os.close(source)
            self.store.publish(pending)
        except BaseException:
            with suppress(OSError):
                self.store.discard(pending)
            raise
        return Placement(
            target,
            made.st_size,
            made.st_mtime_ns,
            made.st_ino,
            digest,
            is_ours=True,
            is_copy=True,
            temporary=pending,
        )


def _facts(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _refusal(full: str, error: OSError) -> IngestError | StorageError:
    """Return the error of one file; a full disk is everybody's."""
    if error.errno in _DISK_FULL:
        return StorageError(f"the disk is full at {full}: free some space and ingest it again")
    if error.errno in _IMPOSSIBLE_HERE:
        why = _IMPOSSIBLE_HERE[error.errno]
        return IngestError(
            f"it cannot come to {full}: {why} ({error.strerror}). "
            f"Choose another mode, such as link or copy"
        )
    cure = cure_of(error)
    return StorageError(f"it cannot come to {full} ({error.strerror}). {cure}".rstrip())
