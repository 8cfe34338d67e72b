"""Files that no row names: temporaries, whole files without rows, and what is not ours."""

from __future__ import annotations

import os
import shutil
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

from butler.doctor.adoption import why_not_whole
from butler.doctor.finding import Finding
from butler.doctor.stray_repair import StrayRepair
from butler.doctor.tree import iter_directories
from butler.errors import ButlerError
from butler.storage.local_store import LocalStore

if TYPE_CHECKING:
    from butler.doctor.adoption import Adoption, Identity
    from butler.doctor.examination import Examination
    from butler.doctor.path_index import PathIndex
    from butler.doctor.tree import Directory, TemporaryFile

__all__ = ["check_strays"]

_AT_ONCE = 10_000  # paths are looked up by a scan over all rows


def check_strays(examination: Examination, adoption: Adoption, index: PathIndex) -> None:
    """Find what lies in a local repository without a row.

    Parameters
    ----------
    examination
        Told of each.
    adoption
        Says what a file may be.
    index
        The paths of all rows, as they were before.
    """
    strays = _Strays(examination, adoption)
    for directory in iter_directories(examination.repository):
        examination.report.files += len(directory.names)
        if directory.problem:
            examination.tell(Finding("not_checked", directory.path, directory.problem))
        strays.add(directory, index)
    strays.flush()


class _Strays:
    def __init__(self, examination: Examination, adoption: Adoption) -> None:
        self.examination, self.adoption = examination, adoption
        store = examination.repository.store
        assert isinstance(store, LocalStore)  # noqa: S101 - the caller has seen to it
        self.store = store
        self.registry = examination.repository.registry
        self._waiting: list[str] = []
        self._temporaries: list[TemporaryFile] = []
        self._empty_locks: set[str] = set()

    def add(self, directory: Directory, index: PathIndex) -> None:
        """Take what has no row, to be looked at again with others."""
        longest_s = self.examination.treatment.longest_s
        dead = [one for one in directory.temporaries if one.mark.is_dead(one.changed_s, longest_s)]
        paths = [directory.join(name) for name in directory.names]
        unknown = [path for path in paths if path not in index]
        if directory.is_embedded:  # files without rows are at home here, but not these
            inodes = {one.inode for one in dead}
            unknown = [path for path in unknown if inodes and self._inode(path) in inodes]
        self._waiting += unknown
        self._temporaries += dead
        self._find_twins(directory)
        if len(self._waiting) + len(self._temporaries) >= _AT_ONCE:
            self.flush()

    def _inode(self, path: str) -> int | None:
        try:
            return os.lstat(os.path.join(self.store.root, path)).st_ino
        except OSError:
            return None

    def _find_twins(self, directory: Directory) -> None:
        seen: dict[str, str] = {}
        for name in directory.names:
            folded = unicodedata.normalize("NFC", name.casefold())
            twin = seen.setdefault(folded, name)
            if twin is not name:
                self.examination.tell(
                    Finding("name_twins", directory.join(name), f"beside {twin!r}")
                )

    def flush(self) -> None:
        """Look at everything that waits: files first, while their writers' names are there."""
        waiting, self._waiting = self._waiting, []
        # Claims are asked before rows: who has given up his claim has committed his row.
        named = self.examination.busy_paths()
        free = [path for path in waiting if path not in named and not self.store.is_claimed(path)]
        settled = (
            self.registry.paths_in_use(free) | self.examination.busy_paths() if free else set()
        )
        self._judge([path for path in free if path not in settled and self._is_there(path)])
        temporaries, self._temporaries = self._temporaries, []
        for temporary in temporaries:
            self._judge_temporary(temporary)

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(os.path.join(self.store.root, path))

    def _judge(self, paths: list[str]) -> None:
        """Report files that have no row."""
        findings = []
        for path in paths:
            found = self.adoption.identify(path)
            if found:
                findings.append(self._finding(path, found))
            elif self._is_left_lock(path):
                self.examination.repair(Finding("lock_left", path), partial(self._unlock, path))
            elif not self.adoption.is_version(path):
                self.examination.tell(Finding("foreign_file", path))
        is_safe = self.examination.treatment.repair == "safe"
        wanted = [one for one in findings if not is_safe or one.code == "put_unfinished"]
        problem = None
        repair = StrayRepair(self.examination, self.adoption, self.store)
        if self.examination.notes.is_changing:
            try:
                repair.resolve([one.path for one in wanted])
            except (ButlerError, OSError) as error:
                problem = error
        for finding in findings:
            action = partial(_outcome, repair.outcomes, finding.path, problem)
            self.examination.repair(finding, action if finding in wanted else None)

    def _finding(self, path: str, found: list[Identity]) -> Finding:
        first = found[0]
        data_id = first.data_id.canonical(first.kind.keys)
        full = os.path.join(self.store.root, path)
        fault = why_not_whole(full, first.kind.storage_class)
        if self.store.is_abandoned(path):
            code, detail = "put_unfinished", "its writer was killed before it could register it"
        elif fault and not os.path.islink(full):
            code, detail = "orphan_broken", fault
        else:
            code = "orphan"
            detail = fault or ("a link" if os.path.islink(full) else "a whole file")
            if len(found) > 1:
                detail += f"; it may be {' or '.join(one.kind.name for one in found)}"
        return Finding(code, path, detail, first.kind.name, data_id)

    def _is_left_lock(self, path: str) -> bool:
        """Tell whether this is the side file of a writer who had no hard links."""
        target = path.removesuffix(".lock")
        if target == path or not self.adoption.identify(target):
            return False
        try:
            return os.lstat(os.path.join(self.store.root, path)).st_size == 0
        except OSError:
            return False

    def _unlock(self, path: str) -> str | None:
        import fcntl

        full = os.path.join(self.store.root, path)
        try:
            descriptor = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(full)
        except (BlockingIOError, FileNotFoundError):
            return None  # somebody is at work
        finally:
            os.close(descriptor)
        return "removed"

    def _judge_temporary(self, temporary: TemporaryFile) -> None:
        full = os.path.join(self.store.root, temporary.path)
        if not os.path.lexists(full):
            return
        mark = temporary.mark
        finding = Finding("temporary_left", temporary.path, f"of process {mark.pid} on {mark.host}")
        self.examination.repair(finding, partial(self._remove, temporary.path))

    def _remove(self, path: str) -> str:
        full = os.path.join(self.store.root, path)
        if os.path.isdir(full) and not os.path.islink(full):
            shutil.rmtree(full)  # of an export, which has taken nothing away
        else:
            self.store.remove(path)
        return "removed"


def _outcome(outcomes: dict[str, str], path: str, problem: Exception | None) -> str | None:
    """Return what was done about a file, None if nothing was to be done any more."""
    if problem is not None and path not in outcomes:
        raise problem
    return outcomes.get(path)
