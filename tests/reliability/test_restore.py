"""T21: a backup of the registry, taken while others write, is brought to clean by the doctor."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises, dataset_rows
from support.tier import sized
from support.zygote import Call, wait_for_start

from butler import Butler, create_repository
from butler.doctor import Severity, Treatment, examine
from butler.errors import ButlerError
from tests.reliability.broken_variants import preparation, variants_of
from tests.reliability.operations import SUMMARY
from tests.reliability.workers import put_own

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T21"
BACKUPS = sized(4, 20)
WRITERS = 8
PUTS = sized(60, 300)


def save_registry(root: Path, backup: Path) -> None:
    """What docs/reliability.md tells operators to do."""
    with (
        closing(sqlite3.connect(root / "registry.sqlite3")) as registry,
        closing(sqlite3.connect(backup)) as copy,
    ):
        registry.backup(copy)


def save_files(root: Path, folder: Path) -> None:
    """Copy all files but the registry; they are never changed in place, so names will do."""
    ignore = shutil.ignore_patterns("registry.sqlite3*", ".tmp-*", "lock")
    shutil.copytree(root, folder, copy_function=_link_if_there, ignore=ignore, dirs_exist_ok=True)


def _link_if_there(source: str, target: str) -> None:
    os.link(source, target)


def save(root: Path, folder: Path) -> None:
    """First the registry, then the files: each row of the backup has its file then."""
    folder.mkdir()
    save_registry(root, folder / "registry.sqlite3")
    save_files(root, folder)


def save_often(root: Path, folder: Path, count: int) -> None:
    """Save again and again while others write."""
    wait_for_start()
    for number in range(count):
        save(root, folder / str(number))
        time.sleep(0.02)


def breaches_of(backup: Path) -> list[str]:
    """What is wrong with a backup after a doctor has seen it."""
    saved = len(dataset_rows(backup))
    treatment = Treatment(repair="adopt", grace_s=-1, longest_s=-1)
    report = examine(backup, treatment)
    broken = [
        f"{one.code} {one.path}" for one in report.findings if one.severity is Severity.DAMAGE
    ]
    left = examine(backup, treatment)
    broken += [
        f"the doctor leaves {one.code} {one.path}"
        for one in left.findings
        if one.severity in {Severity.DAMAGE, Severity.LEFTOVER}
    ]
    if len(dataset_rows(backup)) < saved:
        broken.append("rows were lost")
    broken += broken_promises(backup)
    return broken + _unreadable(backup)


def _unreadable(backup: Path) -> list[str]:
    with Butler(backup) as butler:
        rows = list(butler.query("summary"))
        try:
            right = [butler.get("summary", row.data_id)["by"] == row["visit"] for row in rows]
        except ButlerError as error:
            return [repr(error)]
        files = len(list((backup / "summary").glob("*.json")))
        if len(rows) != files or not all(right):
            return [f"{len(rows)} datasets, {files} files, {sum(right)} with their content"]
    return []


def attack(
    zygote: Zygote, folder: Path, backups: int, puts: int, variant: str | None = None
) -> tuple[list[list[str]], int]:
    """Save while others write; return what is wrong with each backup, and rows adopted."""
    root = folder / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    (folder / "backups").mkdir()
    before = preparation(SUITE, variant)
    calls = [Call(put_own, (root, number, puts)) for number in range(WRITERS)]
    calls.append(Call(save_often, (root, folder / "backups", backups), before))
    for outcome in zygote.run_all(calls):
        outcome.required()
    places = [folder / "backups" / str(number) for number in range(backups)]
    saved = sum(len(dataset_rows(place)) for place in places)
    broken = [breaches_of(place) for place in places]
    return broken, sum(len(dataset_rows(place)) for place in places) - saved


def test_every_backup_is_consistent_after_a_doctor(
    zygote: Zygote, quick_path: Path, trials: Trials
) -> None:
    results, adopted = attack(zygote, quick_path, BACKUPS, PUTS)
    for number, broken in enumerate(results):
        trials.add(broken, of=f"backup {number}")
    trials.measure(consistent=sum(not broken for broken in results), files_adopted=adopted)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    results, _ = attack(zygote, quick_path, 6, 100, variant)
    assert any(results)
