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

from butler.doctor.examination import Examination
from butler.registry import sqlite_database
from butler.storage.commit import Commit
from butler.storage.local_store import LocalStore
from butler.storage.steps import step
from butler.storage.writer_mark import WriterMark

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


@breaks("T14", "a dataset that was removed may come back")
def lingering(patch: Patch) -> None:
    def remove(self: Commit, ids: Sequence[int]) -> list[str]:
        return [row.path for row in self.registry.rows_by_id(ids)]

    patch(Commit, "remove", remove)


@breaks("T14", "a transaction publishes although it failed")
def careless_transaction(patch: Patch) -> None:
    from butler.writes.transaction import Transaction

    patch(Transaction, "discard", Transaction.publish)


@breaks("T15", "what was written is kept in memory")
def hoarding(patch: Patch) -> None:
    write, hoard = LocalStore.write, []

    def write_and_keep(self: LocalStore, pending: PendingFile, content: bytes) -> None:
        hoard.append(content * 4)
        write(self, pending, content)

    patch(LocalStore, "write", write_and_keep)


@breaks("T15", "a descriptor is forgotten now and then")
def leaking(patch: Patch) -> None:
    write, counted = LocalStore.write, count()

    def write_and_forget(self: LocalStore, pending: PendingFile, content: bytes) -> None:
        write(self, pending, content)
        if next(counted) % 100 == 0:
            os.open(pending.temporary, os.O_RDONLY)

    patch(LocalStore, "write", write_and_forget)


@breaks("T16", "directories are not flushed")
def lazy_directories(patch: Patch) -> None:
    patch(LocalStore, "sync", lambda *_: None)


@breaks("T16", "files are not flushed")
def lazy_files(patch: Patch) -> None:
    patch(os, "fsync", lambda _: None)


@breaks("T16", "the temporary name goes before the row comes")
def early_discard_again(patch: Patch) -> None:
    early_discard(patch)


@breaks("T7", "a reader believes that nothing ever changes")
def stale_reader(patch: Patch) -> None:
    from butler.registry.sqlite_reader import SqliteReader

    look = SqliteReader._look
    first: list[object] = []

    def look_once(self: SqliteReader) -> object:
        first.extend([look(self)] if not first else [])
        return first[0]

    patch(SqliteReader, "_look", look_once)


@breaks("T9", "headers are read by a library that dies of some")
def fragile_reader(patch: Patch) -> None:
    from butler.ingest import candidate

    scan = candidate.scan

    def scan_or_die(path: str) -> object:
        if "naxis_999" in path:  # what cfitsio does with it
            os.abort()
        return scan(path)

    patch(candidate, "scan", scan_or_die)


@breaks("T9", "a rejection gives no reason")
def speechless(patch: Patch) -> None:
    from butler.ingest import candidate

    rejection = candidate.Rejection
    patch(candidate, "Rejection", lambda path, _: rejection(path, ""))


@breaks("T10", "every number is read as a floating-point one")
def imprecise(patch: Patch) -> None:
    from imaging.fits import cards

    number = cards._parse_number
    cards._parse_card.cache_clear()

    def parse(word: str) -> object:
        value = number(word)
        return float(value) if type(value) is int else value

    patch(cards, "_parse_number", parse)


@breaks("T11", "values are pasted into paths, which nobody checks")
def trusting(patch: Patch) -> None:
    from butler.policies import template
    from butler.storage import local_store

    patch(template, "_encoded", lambda _, text: text)
    patch(template, "check_inside", os.path.join)
    patch(local_store, "check_inside", os.path.join)


@breaks("T12", "values are written into statements")
def pasting(patch: Patch) -> None:
    from butler.registry.database import CompiledSql, Database

    compiled = Database.compiled

    def paste(self: Database[object], statement: object) -> CompiledSql:
        found = compiled(self, statement)
        extra = " OR '' = 'SECRET'" if "WHERE" in found.text and "visit" in found.text else ""
        return CompiledSql(found.text + extra, found.constants)

    patch(Database, "compiled", paste)


@breaks("T17", "a migration commits each of its statements")
def piecemeal(patch: Patch) -> None:
    from sqlalchemy import event

    listen = event.listen

    def listen_but(target: object, name: str, *arguments: object, **keywords: object) -> None:
        if name != "begin" or keywords:  # BEGIN IMMEDIATE hangs on it
            listen(target, name, *arguments, **keywords)

    patch(event, "listen", listen_but)


@breaks("T18", "YAML may make objects")
def unsafe_yaml(patch: Patch) -> None:
    import yaml

    from butler.formatters import text
    from butler.repository import config

    for module in (config, text):
        patch(module, "load_yaml", lambda content, *_, **__: yaml.unsafe_load(content))


@breaks("T20", "files are not read")
def credulous(patch: Patch) -> None:
    from butler.doctor.datasets import _Checker

    patch(_Checker, "_read", lambda _self, _record, state: state)


@breaks("T21", "the files are saved first, and then the registry")
def backwards(patch: Patch) -> None:
    from tests.reliability import test_restore

    def save(root: Path, folder: Path) -> None:
        test_restore.save_files(root, folder)
        time.sleep(0.05)
        test_restore.save_registry(root, folder / "registry.sqlite3")

    patch(test_restore, "save", save)


@breaks("doctor", "everybody counts as dead")
def everybody_dead(patch: Patch) -> None:
    patch(WriterMark, "is_dead", lambda *_arguments: True)


@breaks("doctor", "nobody asks what others are about to do")
def nobody_busy(patch: Patch) -> None:
    patch(Examination, "busy_paths", lambda _self: set())
    patch(LocalStore, "is_claimed", lambda _self, _path: False)
