"""T20: a flipped byte in any file is found by a deep examination."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from butler.doctor import Severity, Treatment, examine
from butler.errors import FormatterError, StorageError
from butler.ingest.ingest import ingest_files
from butler.repository.native import NativeRepository
from tests.butler.ingest.hsc_raws import write_raw
from tests.reliability.broken_variants import apply_variant, variants_of
from tests.reliability.operations import SUMMARY

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials

SUITE = "T20"
FILES = 100


def make(folder: Path) -> list[Path]:
    """A repository of 50 files that were put and 50 that were copied in; return them."""
    root = folder / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY}, durability="fast")
    with Butler(root) as butler, butler.transaction():
        for ccd in range(FILES // 2):
            butler.put({"text": "x" * (10 + 100 * ccd)}, "summary", visit=1, ccd=ccd)
    raws = [write_raw(folder / "raw" / f"{ccd}.fits", ccd=ccd) for ccd in range(FILES // 2)]
    ingest_files(NativeRepository(str(root)), raws, mode="copy")
    return sorted([*root.rglob("*.json"), *root.rglob("*.fits")])


def flip(file: Path, dice: random.Random) -> None:
    content = bytearray(file.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def missed(folder: Path, files: list[Path]) -> list[str]:
    """The files in which a byte was flipped and that the doctor does not name."""
    report = examine(folder / "DATA", Treatment(deep=True))
    found = {one.path for one in report.findings if one.severity is Severity.DAMAGE}
    names = [str(file.relative_to(folder / "DATA")) for file in files]
    return [f"{name} is not found" for name in names if name not in found]


def test_every_flipped_byte_is_found(quick_path: Path, trials: Trials) -> None:
    files = make(quick_path)
    assert len(files) == FILES
    assert examine(quick_path / "DATA", Treatment(deep=True)).exit_code == 0
    dice = random.Random(SUITE)
    for file in files:
        flip(file, dice)
    broken = missed(quick_path, files)
    trials.add(broken, count=FILES)
    trials.measure(found=FILES - len(broken))
    assert trials.breaches == []


def test_one_flipped_byte_among_whole_files_is_found_alone(quick_path: Path) -> None:
    files = make(quick_path)
    flip(files[7], random.Random(7))
    report = examine(quick_path / "DATA", Treatment(deep=True))
    damaged = [one.path for one in report.findings if one.severity is Severity.DAMAGE]
    assert damaged == [str(files[7].relative_to(quick_path / "DATA"))]


def test_a_flipped_byte_is_never_read_unnoticed_when_the_reader_asks(quick_path: Path) -> None:
    (file, *_) = make(quick_path)
    flip(file, random.Random(1))
    with Butler(quick_path / "DATA") as butler, pytest.raises((FormatterError, StorageError)):
        butler.get("raw", visit=903334, ccd=0, verify=True)


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    apply_variant(SUITE, variant, monkeypatch.setattr)
    files = make(quick_path)
    dice = random.Random(SUITE)
    for file in files:
        flip(file, dice)
    assert missed(quick_path, files)
