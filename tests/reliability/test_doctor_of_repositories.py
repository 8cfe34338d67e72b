"""Repositories that are made, moved, migrated or removed by a process that is killed."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import pytest
from support.star_tables import gaia_table, ingest_tables, write_table
from support.tier import sized

from butler import Butler, create_repository
from butler.doctor import Treatment, examine
from butler.doctor.finding import Severity
from butler.errors import RepositoryNotFoundError
from butler.moving.exporting import export_datasets
from butler.moving.importing import import_datasets
from butler.repository.migrate import migrate_repository
from butler.repository.removal import remove_repository
from butler.repository.reruns import create_child, create_rerun
from butler.storage.steps import observe_steps
from tests.reliability.operations import CONTENT, SUMMARY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.zygote import Zygote

CCDS = range(3)
REPAIRS = ["adopt", "safe", "quarantine"][: sized(1, 3)]


def make_scene(scene: Path) -> None:
    """A repository with three datasets, and an empty one."""
    create_repository(scene / "FULL", "hsc", dataset_types={"summary": SUMMARY})
    create_repository(scene / "DATA", "hsc", dataset_types={"summary": SUMMARY})
    with Butler(scene / "FULL") as butler:
        for ccd in CCDS:
            butler.put({**CONTENT, "ccd": ccd}, "summary", visit=1, ccd=ccd)
    write_table(gaia_table(20), scene / "stars.fits")


def import_by(mode: str) -> Callable[[Path], object]:
    return lambda scene: import_datasets(scene / "DATA", scene / "FULL", mode=mode)


def export(scene: Path) -> object:
    return export_datasets(scene / "FULL", scene / "EXPORT", mode="copy")


OPERATIONS: dict[str, Callable[[Path], object]] = {
    "import link": import_by("link"),
    "import hardlink": import_by("hardlink"),
    "import copy": import_by("copy"),
    "import move": import_by("move"),
    "export": export,
    "create": lambda scene: create_repository(scene / "NEW", "hsc"),
    "create child": lambda scene: create_child(scene / "NEW", [scene / "FULL"]),
    "create rerun": lambda scene: create_rerun(scene / "FULL", "one"),
    "rm-repo": lambda scene: remove_repository(scene / "FULL"),
    "ingest-refcat": lambda scene: ingest_tables(scene / "DATA", "gaia", [scene / "stars.fits"]),
}


def perform(operation: str, scene: Path, fatal: int | None = None) -> list[str]:
    """Do an operation; die right after its step number ``fatal``. Return its steps."""
    steps: list[str] = []

    def observe(name: str) -> None:
        if len(steps) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(name)

    observe_steps(observe)
    try:
        OPERATIONS[operation](scene)
    finally:
        observe_steps(None)
    return steps


def everything(scene: Path) -> list[int]:
    """Which of the three datasets are whole in some repository of the scene, each once."""
    found = set()
    for root in (scene / "FULL", scene / "DATA"):
        if (root / "butler.yaml").exists() and (root / "registry.sqlite3").exists():
            with Butler(root) as butler:
                for row in butler.query("summary"):
                    ccd = int(row.data_id["ccd"])
                    assert butler.get("summary", row.data_id) == {**CONTENT, "ccd": ccd}
                    found.add(ccd)
    return sorted(found)


def heal(scene: Path, repair: str) -> None:
    """Let the doctor see to every repository; a second look finds nothing."""
    for name in ("FULL", "DATA", "NEW", "EXPORT", "FULL/rerun/one"):
        root = scene / name
        if not root.exists():
            continue
        try:
            examine(root, Treatment(repair=repair, grace_s=-1))  # type: ignore[arg-type]
            again = examine(root, Treatment(grace_s=-1, deep=True)).findings
        except RepositoryNotFoundError:
            assert not (root / "butler.yaml").exists()
            continue
        assert [one for one in again if one.severity is not Severity.INFO] == [], name


@pytest.mark.parametrize("repair", REPAIRS)
@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one != "rm-repo"])
def test_what_a_kill_leaves_is_repaired_and_can_be_done_again(
    zygote: Zygote, quick_path: Path, operation: str, repair: str
) -> None:
    make_scene(quick_path / "template")
    steps = _steps(zygote, quick_path, operation)
    assert steps
    for fatal, step in enumerate(steps):
        scene = _copy(quick_path)
        assert zygote.run(perform, operation, scene, fatal).was_killed, step
        heal(scene, repair)
        assert everything(scene) == list(CCDS), step
        if step not in {"create:described", "create:known", "export:renamed"}:  # it is done then
            assert zygote.run(perform, operation, scene).error == "", step
        heal(scene, repair)
        assert everything(scene) == list(CCDS), step


def _copy(folder: Path) -> Path:
    scene = folder / "scene"
    shutil.rmtree(scene, ignore_errors=True)
    shutil.copytree(folder / "template", scene, symlinks=True)
    return scene


def _steps(zygote: Zygote, folder: Path, operation: str) -> list[str]:
    steps = zygote.run(perform, operation, _copy(folder)).required()
    assert isinstance(steps, list)
    return steps


def test_killed_removal_of_a_repository_is_named_and_can_be_finished(
    zygote: Zygote, quick_path: Path
) -> None:
    make_scene(quick_path / "template")
    steps = _steps(zygote, quick_path, "rm-repo")
    for fatal, step in enumerate(steps):
        root = _copy(quick_path) / "FULL"
        assert zygote.run(perform, "rm-repo", root.parent, fatal).was_killed
        if step == "rm-repo:removed":
            assert not root.exists()
            continue
        codes = {one.code for one in examine(root, Treatment(repair="safe")).findings}
        assert codes <= {"registry_missing", "trash_waiting"}, step
        remove_repository(root)
        assert not root.exists()


@pytest.mark.parametrize("repair", ["safe", "adopt"])
def test_killed_migration_is_repaired_and_can_be_done_again(
    zygote: Zygote, quick_path: Path, shared_data: Path, repair: str
) -> None:
    template = quick_path / "template"
    shutil.copytree(shared_data / "obs_test" / "input", template, symlinks=True)
    for folder, _, files in os.walk(template):
        for name in (".", *files):
            os.chmod(os.path.join(folder, name), 0o755)
    shutil.copytree(template, quick_path / "whole", symlinks=True)
    steps = zygote.run(_migrate, quick_path / "whole").required()
    assert isinstance(steps, list)
    assert "migrate:described" in steps
    for fatal, step in enumerate(steps):
        root = quick_path / "GEN2"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root, symlinks=True)
        assert zygote.run(_migrate, root, fatal).was_killed
        examine(root, Treatment(repair=repair))  # type: ignore[arg-type]
        if steps.index("migrate:described") > fatal:
            migrate_repository(root)
        report = examine(root, Treatment(deep=True))
        assert report.exit_code == 0, step
        assert report.datasets > 0
        assert (root / "registry.gen2.sqlite3").exists()


def _migrate(root: Path, fatal: int | None = None) -> list[str]:
    steps: list[str] = []

    def observe(name: str) -> None:
        if len(steps) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(name)

    observe_steps(observe)
    try:
        migrate_repository(root)
    finally:
        observe_steps(None)
    return steps
