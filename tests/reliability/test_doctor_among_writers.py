"""A doctor that repairs all the time, and writers that do not notice."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises
from support.tier import sized
from support.zygote import Call, wait_for_start

from butler import Butler, create_repository
from butler.doctor import Treatment, examine
from butler.doctor.finding import Severity
from butler.errors import DatasetExistsError, DatasetNotFoundError
from butler.ingest.ingest import ingest_files
from butler.repository.native import NativeRepository
from tests.butler.ingest.hsc_raws import write_raws
from tests.reliability.broken_variants import preparation, variants_of
from tests.reliability.operations import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from support.zygote import Zygote

SUITE = "doctor"
ROUNDS = sized(50, 500, 5_000)
WRITERS = 3
CCD = 7


def write(root: Path, number: int) -> list[str]:
    """Put, replace and remove datasets of one's own, and what all others put; say what fails."""
    errors = []
    dice = random.Random(number)
    with Butler(root) as butler:
        wait_for_start()
        for count in range(ROUNDS):
            try:
                _own(butler, number, count, dice)
            except Exception as error:  # noqa: BLE001 - whatever it is, it should not be
                errors.append(f"{number} own {count}: {error!r}")
            try:
                _shared(butler, number, dice)
            except Exception as error:  # noqa: BLE001
                errors.append(f"{number} shared {count}: {error!r}")
    root.with_name(f"done-{number}").touch()
    return errors


def _own(butler: Butler, number: int, count: int, dice: random.Random) -> None:
    mine = {"visit": number, "ccd": CCD}
    butler.put({"count": count}, "summary", mine)
    assert butler.get("summary", mine) == {"count": count}
    butler.put({"count": -count}, "summary", mine, replace=True, backup=dice.random() < 0.1)
    assert butler.get("summary", mine) == {"count": -count}
    with butler.transaction():
        for ccd in range(10, 14):
            butler.put({"count": count}, "summary", visit=number, ccd=ccd, replace=True)
    butler.remove("summary", mine)
    assert not butler.dataset_exists("summary", mine)


def _shared(butler: Butler, number: int, dice: random.Random) -> None:
    """What all writers fight for: who loses is told so, and nobody reads half of anything."""
    data_id = {"visit": 99, "ccd": dice.randrange(3)}
    content = {"by": dice.choice([number, "everybody"])}
    try:
        if dice.random() < 0.5:
            butler.put(content, "summary", data_id, replace=dice.random() < 0.3)
        else:
            butler.remove("summary", data_id)
    except (DatasetExistsError, DatasetNotFoundError):
        return


def ingest(root: Path, files: list[Path], mode: str) -> list[str]:
    """Ingest and remove the same files over and over."""
    errors = []
    with Butler(root) as butler:
        wait_for_start()
        for _ in range(ROUNDS // 2):
            report = ingest_files(NativeRepository(str(root)), files, mode=mode)
            errors += [str(one) for one in report.files if one.outcome != "ingested"]
            for row in list(butler.query("raw")):
                butler.remove("raw", row.data_id)
    root.with_name("done-ingest").touch()
    return errors


def heal(root: Path, repair: str) -> list[str]:
    """Examine and repair; everything found is a finding too many."""
    found: list[str] = []
    examine(root)  # imports what it needs: the others do not wait for that
    wait_for_start()
    while len(list(root.parent.glob("done-*"))) <= WRITERS:
        report = examine(root, Treatment(repair=repair, grace_s=-1, deep=True))  # type: ignore[arg-type]
        found += [
            f"{one.code} {one.path} {one.detail} {one.outcome}"
            for one in report.findings
            if one.severity is not Severity.INFO and one.code != "trash_left"
        ]
    return found


def attack(
    zygote: Zygote, scene: Path, repair: str, mode: str, variant: str | None = None
) -> list[str]:
    """Let all of them loose on a repository, and say what went wrong."""
    root = scene / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    calls = [Call(write, (root, number)) for number in range(WRITERS)]
    calls.append(Call(ingest, (root, write_raws(scene / "raw"), mode)))
    calls.append(Call(heal, (root, repair), preparation(SUITE, variant)))
    wrong = []
    for outcome in zygote.run_all(calls):
        errors = outcome.value if isinstance(outcome.value, list) else []
        wrong += [outcome.error] if outcome.error else errors
    left = examine(root, Treatment(deep=True, grace_s=-1)).findings
    wrong += [f"{one.code} {one.path}" for one in left if one.code != "trash_left"]
    return wrong + broken_promises(root)


@pytest.mark.parametrize(("repair", "mode"), [("adopt", "link"), ("quarantine", "copy")])
def test_doctor_finds_nothing_and_harms_nothing_while_others_write(
    zygote: Zygote, quick_path: Path, repair: str, mode: str
) -> None:
    assert attack(zygote, quick_path, repair, mode) == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    assert attack(zygote, quick_path, "quarantine", "copy", variant) != []
