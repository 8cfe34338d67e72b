"""T17: a migration that is killed leaves the old registry or the new one, and a copy."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.shared_data import REPOSITORY
from support.tier import sized
from support.zygote import Call

from butler import Butler, create_repository
from butler.errors import ButlerError
from butler.registry import upgrade
from butler.repository.upgrade import upgrade_repository
from tests.reliability.broken_variants import preparation, variants_of

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T17"
RANDOM_KILLS = sized(5, 100)
SCRIPTS = str(REPOSITORY / "migrations")
OLD = {  # each schema that was ever released, as its own release wrote it
    "0001": REPOSITORY / "tests" / "butler" / "registry" / "registry_0001.sql",
}
UUID = "fd7ef0c1-b26b-4609-9aee-5f9ee5ba1287"


def make_old(root: Path, version: str) -> None:
    """A repository whose registry has an old schema."""
    summary = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}
    created = create_repository(root, "hsc", dataset_types={"summary": summary})
    config = root / "butler.yaml"
    config.write_text(config.read_text().replace(created.uuid, UUID))
    for file in root.glob("registry.sqlite3*"):
        file.unlink()
    with closing(sqlite3.connect(root / "registry.sqlite3")) as registry:
        registry.executescript(OLD[version].read_text())


def migrate(root: Path, fatal: int | None = None) -> int:
    """Migrate; die before the statement of that number. Return how many there are."""
    connect, count = upgrade._connect, 0

    def note(_statement: str) -> None:
        nonlocal count
        if count == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    def traced(path: str) -> sqlite3.Connection:
        connection = connect(path)
        connection.set_trace_callback(note)
        return connection

    upgrade._connect = traced
    upgrade_repository(root, SCRIPTS)
    return count


def content(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as registry:
        return sorted(registry.iterdump())


def breaches(root: Path, old: list[str], new: list[str]) -> list[str]:
    """What is neither the old registry nor the new one, or is without a copy."""
    found = content(root / "registry.sqlite3")
    broken = [] if found in (old, new) else ["the registry is neither the old nor the new one"]
    copies = list(root.glob("registry.0*.sqlite3"))
    if found == new and not any(content(copy) == old for copy in copies):
        broken.append("no copy of the old registry was kept")
    broken += [f"{copy.name} is no whole copy" for copy in copies if content(copy) != old]
    with Butler(root) as butler:
        if butler.query("summary").count() != 2:
            broken.append("datasets are gone")
    try:
        upgrade_repository(root, SCRIPTS)
    except ButlerError as error:
        broken.append(f"it cannot be migrated again: {error}")
    if content(root / "registry.sqlite3") != new:
        broken.append("migrated again, it is not what it should be")
    return broken


class Scene:
    """An old repository, and what becomes of its registry when nobody is killed."""

    def __init__(self, folder: Path, zygote: Zygote, version: str) -> None:
        self.folder, self.zygote, self.template = folder, zygote, folder / "old"
        make_old(self.template, version)
        self.old = content(self.template / "registry.sqlite3")
        root = self.copy()
        statements = zygote.run(migrate, root).required()
        assert isinstance(statements, int)
        self.statements = statements
        self.new = content(root / "registry.sqlite3")

    def copy(self) -> Path:
        root = self.folder / "DATA"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template, root)
        return root

    def kill_at(self, fatal: int, variant: str | None = None) -> list[str]:
        root = self.copy()
        call = Call(migrate, (root, fatal), preparation(SUITE, variant))
        (outcome,) = self.zygote.run_all([call])
        assert outcome.was_killed or variant, outcome.error
        return breaches(root, self.old, self.new)


@pytest.mark.parametrize("version", OLD)
def test_a_killed_migration_leaves_the_old_or_the_new(
    zygote: Zygote, quick_path: Path, trials: Trials, version: str
) -> None:
    scene = Scene(quick_path, zygote, version)
    assert scene.old != scene.new
    for fatal in range(scene.statements):
        broken = scene.kill_at(fatal)
        trials.add(broken, of=f"{version}, killed at statement {fatal} of {scene.statements}")
    dice = random.Random(SUITE)
    for _ in range(RANDOM_KILLS):
        root, moment = scene.copy(), dice.uniform(0, 0.5)
        zygote.run(migrate, root, kill_after_s=moment)
        trials.add(breaches(root, scene.old, scene.new), of=f"{version}, after {moment:.3f} s")
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    scene = Scene(quick_path, zygote, "0001")
    assert [broken for fatal in range(scene.statements) for broken in scene.kill_at(fatal, variant)]
