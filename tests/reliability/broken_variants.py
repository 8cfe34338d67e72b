"""Deliberately broken variants of the product: a suite that does not see them sees nothing.

Each variant takes ``patch(object, name, value)``: `setattr` in a process that
is thrown away, pytest's ``monkeypatch.setattr`` elsewhere.
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from butler.registry import sqlite_database
from butler.storage.commit import Commit
from butler.storage.local_store import LocalStore
from butler.storage.steps import step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from butler.storage.commit import PendingDataset
    from butler.storage.store import PendingFile

Patch: TypeAlias = "Callable[[object, str, object], None]"
VARIANTS: dict[str, dict[str, Callable[[Patch], None]]] = {}


def breaks(suite: str, what: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Register a variant that a suite must find out."""

    def register(variant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        VARIANTS.setdefault(suite, {})[what] = variant
        return variant

    return register


def variants_of(suite: str) -> list[str]:
    """What the variants of a suite do wrong."""
    return list(VARIANTS[suite])


def apply_variant(suite: str, what: str, patch: Patch = setattr) -> None:
    VARIANTS[suite][what](patch)


def preparation(suite: str, what: str | None) -> Callable[[], object] | None:
    """What a child of the warm process does first: nothing, or break the product."""
    return None if what is None else partial(apply_variant, suite, what)


@breaks("T1", "the row comes before the file")
def row_first(patch: Patch) -> None:
    def publish(self: Commit, datasets: Sequence[PendingDataset], run_id: int | None) -> None:
        rows = [one.row(self.store.seal(one.file)) for one in datasets]
        step("put:written")
        self.registry.insert(rows, run_id=run_id)
        step("put:registered")
        for one in datasets:
            self.store.publish(one.file)
        step("put:linked")

    patch(Commit, "_publish", publish)


@breaks("T1", "the file grows under its final name")
def in_place(patch: Patch) -> None:
    def publish(self: Commit, datasets: Sequence[PendingDataset], run_id: int | None) -> None:
        for one in datasets:
            content = Path(one.file.temporary).read_bytes()
            facts = self.store.seal(one.file)
            target = Path(self.store.root, one.file.target)
            with target.open("wb") as file:
                file.write(content[: len(content) // 2])
                file.flush()
                step("put:linked")
                file.write(content[len(content) // 2 :])
            self.store.discard(one.file)
            step("put:synced")
            self.registry.insert([one.row(facts)], run_id=run_id)
        step("put:registered")

    patch(Commit, "_publish", publish)


@breaks("T1", "the temporary name goes before the row comes")
def early_discard(patch: Patch) -> None:
    publish = LocalStore.publish

    def publish_and_discard(self: LocalStore, pending: PendingFile) -> None:
        publish(self, pending)
        self.discard(pending)

    patch(LocalStore, "publish", publish_and_discard)


@breaks("T2", "a file is renamed over whatever is there")
def rename_over(patch: Patch) -> None:
    def publish(self: LocalStore, pending: PendingFile) -> None:
        target = os.path.join(self.root, pending.target)
        os.rename(pending.temporary, target)
        time.sleep(0.005)  # so that the others come in between, on any machine

    patch(LocalStore, "publish", publish)


@breaks("T3", "nobody waits for the lock of the database")
def impatient(patch: Patch) -> None:
    patch(sqlite_database, "_BUSY_TIMEOUT_MS", 0)
    patch(sqlite_database, "stand_in_queue", lambda _: nullcontext())


@breaks("T4", "the rows of each tenth put are forgotten")
def forgetful(patch: Patch) -> None:
    register, counted = Commit._register, count(1)

    def forget(self: Commit, *arguments: object) -> list[str]:
        if next(counted) % 10 == 0:
            return []
        return register(self, *arguments)  # type: ignore[arg-type]

    patch(Commit, "_register", forget)


@breaks("T5", "an error while the file is flushed is swallowed")
def unflushed(patch: Patch) -> None:
    def write(self: LocalStore, pending: PendingFile, content: bytes) -> None:
        with open(pending.temporary, "wb") as file, suppress(OSError):
            os.write(file.fileno(), content)
            os.fsync(file.fileno())
        self.seal(pending)

    patch(LocalStore, "write", write)
