"""What must hold of a repository on disk after anything has happened to it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["broken_promises", "dataset_rows"]

_VERSION = re.compile(r"~[0-9]+\Z")
_OWN = {"butler.yaml", "registry.sqlite3", "registry.sqlite3-wal", "registry.sqlite3-shm"}


def dataset_rows(root: Path) -> dict[str, tuple[int, bytes | None]]:
    """Return path to (size, sha256) of every registered dataset, by plain SQL."""
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry:
        rows = registry.execute("SELECT path, size, sha256 FROM dataset").fetchall()
    return {path: (size, digest) for path, size, digest in rows}


def broken_promises(root: Path, theirs: Collection[str] = ()) -> list[str]:
    """Return what a repository on local disk promises and does not keep.

    No row without its whole file; no file under a final name without a row,
    unless its writer's temporary name lies beside it, or an intent or the
    trash names it, or it was kept as a backup, or it is one of ``theirs``;
    the database is sound.
    """
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry:
        check = registry.execute("PRAGMA integrity_check").fetchone()[0]
        intents = registry.execute("SELECT paths FROM intent").fetchall()
        trash = {path for (path,) in registry.execute("SELECT path FROM trash")}
    broken = [] if check == "ok" else [f"the database says {check}"]
    rows = dataset_rows(root)
    for path, (size, digest) in rows.items():
        broken += _row_fault(root, path, size, digest)
    named = trash.union(theirs, *(json.loads(paths) for (paths,) in intents))
    for path, is_claimed in _files(root):
        if path not in rows and path not in named and not (is_claimed or _VERSION.search(path)):
            broken.append(f"{path} has neither a row nor an intent nor its writer's name")
    return broken


def _row_fault(root: Path, path: str, size: int, digest: bytes | None) -> list[str]:
    file = root / path  # an absolute path stays as it is
    if not file.exists():
        return [f"{path} has a row and no file"]
    content = file.read_bytes()
    if len(content) != size:
        return [f"{path} has {len(content)} bytes, its row says {size}"]
    if digest is not None and hashlib.sha256(content).digest() != digest:
        return [f"{path} has other content than its row says"]
    return []


def _files(root: Path) -> list[tuple[str, bool]]:
    """Return each file under a final name, and whether a temporary name of it lies beside it."""
    found = []
    for directory, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in {".butler", "rerun"}]
        inodes = {
            os.lstat(os.path.join(directory, name)).st_ino
            for name in names
            if name.startswith(".tmp-")
        }
        for name in names:
            path = os.path.join(directory, name)
            if name.startswith(".") or (directory == str(root) and name in _OWN):
                continue
            found.append((os.path.relpath(path, root), os.lstat(path).st_ino in inodes))
    return found
