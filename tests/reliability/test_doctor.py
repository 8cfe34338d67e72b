"""Whatever a kill leaves, the doctor finds, names, and repairs, and nothing is lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from support.invariants import dataset_rows

from butler import Butler
from butler.doctor import Treatment, examine
from butler.doctor.finding import Severity
from butler.storage.steps import observe_steps
from tests.reliability.operations import (
    CCDS,
    CONTENT,
    OPERATIONS,
    OTHER_CONTENT,
    breaches_after,
    breaches_when_done,
    make_scene,
    perform,
    read_dataset,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.zygote import Zygote

    from butler.doctor import Report

REPAIRS = ["safe", "adopt", "quarantine"]
LOOSE = {Severity.LEFTOVER, Severity.DAMAGE}
# What each step leaves.
LEFT = {
    ("put", "put:written"): {"temporary_left"},
    ("put", "put:linked"): {"put_unfinished", "temporary_left"},
    ("put", "put:synced"): {"put_unfinished", "temporary_left"},
    ("put", "put:registered"): {"temporary_left"},
    ("put many", "put:written"): {"temporary_left"},
    ("put many", "put:intended"): {"intent_left", "temporary_left"},
    ("put many", "put:linked"): {"intent_left", "put_unfinished", "temporary_left"},
    ("put many", "put:registered"): {"temporary_left"},
    ("replace", "replace:intended"): {"intent_left", "temporary_left"},
    ("replace", "replace:synced"): {"intent_left", "put_unfinished", "temporary_left"},
    ("replace", "replace:registered"): {"trash_left", "temporary_left"},
    ("remove", "delete:forgotten"): {"trash_left"},
    ("remove", "delete:removed"): set(),
    ("ingest link", "ingest:intended"): {"intent_left"},
    ("ingest link", "ingest:placed"): {"intent_left", "orphan"},
    ("ingest copy", "ingest:synced"): {"intent_left", "put_unfinished", "temporary_left"},
    ("ingest copy", "ingest:registered"): {"intent_left", "temporary_left"},
}


@pytest.fixture
def killed(
    zygote: Zygote, templates: dict[str, Path], quick_path: Path
) -> Callable[[str, int], Path]:
    """A scene after an operation on it was killed after some of its steps."""

    def make(operation: str, fatal: int) -> Path:
        scene = quick_path / "scene"
        shutil.rmtree(scene, ignore_errors=True)
        shutil.copytree(templates[OPERATIONS[operation].scene], scene, symlinks=True)
        outcome = zygote.run(perform, operation, scene, fatal)
        assert outcome.was_killed, outcome.error
        return scene

    return make


@pytest.fixture
def steps(zygote: Zygote, templates: dict[str, Path], tmp_path: Path) -> Callable[[str], list[str]]:
    """The steps of an operation."""

    def find(operation: str) -> list[str]:
        scene = tmp_path / "whole"
        shutil.rmtree(scene, ignore_errors=True)
        shutil.copytree(templates[OPERATIONS[operation].scene], scene, symlinks=True)
        found = zygote.run(perform, operation, scene).required()
        assert isinstance(found, list)
        return found

    return find


def look(scene: Path, **treatment: object) -> Report:
    """Examine; what is in the trash is taken for old."""
    return examine(scene / "DATA", Treatment(grace_s=-1, **treatment))  # type: ignore[arg-type]


def codes(report: Report) -> set[str]:
    return {one.code for one in report.findings if one.severity is not Severity.INFO}


def contents(scene: Path) -> set[bytes]:
    """The contents of all files of datasets, whatever their names are now."""
    return {path.read_bytes() for path in (scene / "DATA").rglob("*.json") if path.is_file()}


@pytest.mark.parametrize(("operation", "step"), LEFT)
def test_what_a_kill_leaves_has_a_name(
    killed: Callable[[str, int], Path],
    steps: Callable[[str], list[str]],
    operation: str,
    step: str,
) -> None:
    scene = killed(operation, steps(operation).index(step))
    report = look(scene)
    assert codes(report) == LEFT[operation, step]
    assert report.exit_code == (1 if LEFT[operation, step] else 0)


@pytest.mark.parametrize("repair", REPAIRS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_a_kill_leaves_is_repaired_and_nothing_is_lost(
    killed: Callable[[str, int], Path],
    steps: Callable[[str], list[str]],
    zygote: Zygote,
    operation: str,
    repair: str,
) -> None:
    names = steps(operation)
    for fatal, step in enumerate(names):
        scene = killed(operation, fatal)
        before = contents(scene)
        report = look(scene, repair=repair)
        left = [one for one in report.findings if one.is_open and one.severity in LOOSE]
        assert left == [], step
        again = look(scene)
        may_stay = {"orphan"} if (operation, repair) == ("ingest skip", "safe") else set()
        assert codes(again) <= may_stay, step
        if not (operation == "ingest skip" and repair == "quarantine"):
            assert breaches_after(operation, scene) == [], step
            assert zygote.run(perform, operation, scene).error == "", step
            assert breaches_when_done(operation, scene) == [], step
        if not any(one.code == "trash_left" for one in report.findings):
            assert before <= contents(scene) | {b""}, step


def adopted(scene: Path) -> int:
    look(scene, repair="adopt")
    return sum("summary/0000001" in path for path in dataset_rows(scene / "DATA"))


def test_adoption_finishes_a_killed_put(killed: Callable[[str, int], Path]) -> None:
    for fatal in (1, 2):
        scene = killed("put", fatal)
        assert adopted(scene) == 1
        with Butler(scene / "DATA") as butler:
            assert read_dataset(butler, 1, 1) == CONTENT


def test_adoption_finishes_a_killed_transaction_whole_or_not_at_all(
    killed: Callable[[str, int], Path],
) -> None:
    assert adopted(killed("put many", 3)) == len(CCDS)
    scene = killed("put many", 3)
    (scene / "DATA" / "summary" / "0000001-013.json").unlink()
    assert adopted(scene) == 0
    assert len(list((scene / "DATA" / ".butler" / "orphans").iterdir())) == len(CCDS) - 1


def test_replacement_that_did_not_come_to_its_row_does_not_replace(
    killed: Callable[[str, int], Path],
) -> None:
    scene = killed("replace", 3)
    look(scene, repair="adopt")
    with Butler(scene / "DATA") as butler:
        assert read_dataset(butler, 2, 1) == CONTENT
    kept = (scene / "DATA" / ".butler" / "orphans").iterdir()
    assert [OTHER_CONTENT["text"][:3] in path.read_text() for path in kept] == [True]


def test_plain_look_and_dry_run_change_nothing(killed: Callable[[str, int], Path]) -> None:
    scene = killed("put many", 3)

    def files() -> dict[str, int]:
        return {
            str(path): path.lstat().st_mtime_ns
            for path in scene.rglob("*")
            if path.is_file() and "registry.sqlite3" not in path.name
        }

    before, rows = files(), dataset_rows(scene / "DATA")
    look(scene)
    report = look(scene, repair="adopt", dry_run=True)
    assert {one.status for one in report.findings} == {"would be repaired"}
    assert (files(), dataset_rows(scene / "DATA")) == (before, rows)


def test_what_a_living_process_does_is_left_alone(tmp_path: Path) -> None:
    make_scene(tmp_path)
    seen = []

    def examine_now(step: str) -> None:
        observe_steps(None)
        seen.append(codes(look(tmp_path, repair="quarantine")))
        if step != "put:registered":
            observe_steps(examine_now)

    with Butler(tmp_path / "DATA") as butler:
        observe_steps(examine_now)
        try:
            with butler.transaction():
                for ccd in CCDS:
                    butler.put(CONTENT, "summary", visit=1, ccd=ccd)
        finally:
            observe_steps(None)
        assert butler.query("summary", visit=1).count() == len(CCDS)
    assert seen == [set()] * 5
    assert breaches_after("put many", tmp_path) == []
