"""T7: somebody without write permission reads a repository and chains a rerun on it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository
from tests.reliability.broken_variants import variants_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from support.figures import Trials
    from support.users import OtherUser

SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}
PATIENCE_S = 60
SUITE = "T7"
SEEN = "True\n{'ccd': 2}\n{'ccd': 3}\n"

READ_AND_CHAIN = """
import sys
from butler import Butler
root, own = sys.argv[1:]
print(Butler(root).get("summary", visit=1, ccd=1))
butler = Butler(inputs=root, outputs=own)
print(butler.get("summary", visit=1, ccd=1))
butler.put({"from": "rerun"}, "summary", visit=1, ccd=2)
print(Butler(own).get("summary", visit=1, ccd=2))
try:
    Butler(root).put({"from": "intruder"}, "summary", visit=1, ccd=3)
except PermissionError as error:
    print("refused:", type(error).__name__)
"""

HOLD_OPEN = """
import pathlib, sys, time
from butler import Butler
from tests.reliability.broken_variants import apply_variant
root, marks, *variant = sys.argv[1], pathlib.Path(sys.argv[2]), *sys.argv[3:]
if variant:
    apply_variant("T7", variant[0])
butler = Butler(root)
print(butler.dataset_exists("summary", visit=1, ccd=1))
for ccd in (2, 3):
    (marks / f"ready-for-{ccd}").touch()
    while not (marks / f"written-{ccd}").exists():
        time.sleep(0.01)
    try:
        print(butler.get("summary", visit=1, ccd=ccd))
    except Exception as error:
        print(repr(error))
"""


@pytest.fixture(params=[False, True], ids=["WAL", "DELETE"])
def repository(request: pytest.FixtureRequest, public_tmp_path: Path) -> Path:
    root = public_tmp_path / "DATA"
    create_repository(root, "hsc", shared=request.param, dataset_types={"summary": SUMMARY})
    with Butler(root) as butler:
        butler.put({"from": "owner"}, "summary", visit=1, ccd=1)
    return root


@pytest.fixture
def own_place(public_tmp_path: Path, other_user: OtherUser) -> Path:
    place = public_tmp_path / "other"
    place.mkdir()
    os.chown(place, other_user.user_id, -1)
    return place


def wait_for(mark: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not mark.exists():
        assert time.monotonic() < end, f"{mark.name} never came"
        time.sleep(0.01)


EXPECTED = "{'from': 'owner'}\n{'from': 'owner'}\n{'from': 'rerun'}\nrefused: ReadOnlyError\n"


@contextmanager
def closed_folder(root: Path) -> Iterator[Path]:
    """Nobody but root may write there, not even its owner."""
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield root
    finally:
        for folder in folders:
            folder.chmod(0o755)


@contextmanager
def read_only_mount(root: Path) -> Iterator[Path]:
    """The same files, seen through a file system that cannot be written."""
    place = root.with_name("mounted")
    place.mkdir()
    command = ["mount", "--bind", "-o", "ro", str(root), str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a folder")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def live_writer(root: Path) -> Iterator[Path]:
    """Its owner has it open and has just written."""
    with Butler(root) as writer:
        writer.put({"from": "owner"}, "summary", visit=9, ccd=9)
        yield root


@contextmanager
def plain(root: Path) -> Iterator[Path]:
    """It belongs to somebody else."""
    yield root


@pytest.mark.parametrize("case", [plain, closed_folder, read_only_mount, live_writer])
def test_another_user_reads_and_chains(
    repository: Path,
    own_place: Path,
    other_user: OtherUser,
    trials: Trials,
    case: Callable[[Path], AbstractContextManager[Path]],
) -> None:
    with case(repository) as place:
        result = other_user.run(READ_AND_CHAIN, place, own_place / "rr", cannot_write=place)
    is_kept = (result.stdout, result.returncode) == (EXPECTED, 0)
    trials.add([] if is_kept else [f"{result.stdout} {result.stderr}"])
    assert trials.breaches == []


def hold_open(root: Path, own_place: Path, other_user: OtherUser, *variant: str) -> str:
    """Let another user hold a Butler open while writers come and go; return what it saw."""
    results = []

    def read() -> None:
        arguments = (root, own_place, *variant)
        results.append(other_user.run(HOLD_OPEN, *arguments, cannot_write=root))

    reader = threading.Thread(target=read)
    reader.start()
    for ccd in (2, 3):
        wait_for(own_place / f"ready-for-{ccd}")
        with Butler(root) as writer:  # comes, writes, goes: its journal goes with it
            writer.put({"ccd": ccd}, "summary", visit=1, ccd=ccd)
            if ccd == 2:
                (own_place / f"written-{ccd}").touch()  # still alive while it is read
                wait_for(own_place / f"ready-for-{ccd + 1}")
        (own_place / f"written-{ccd}").touch()
    reader.join()
    return str(results[0].stdout + results[0].stderr)


def test_a_butler_held_open_sees_what_writers_commit_as_they_come_and_go(
    repository: Path, own_place: Path, other_user: OtherUser, trials: Trials
) -> None:
    seen = hold_open(repository, own_place, other_user)
    trials.add([] if seen == SEEN else [f"it saw {seen}"])
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    repository: Path, own_place: Path, other_user: OtherUser, variant: str
) -> None:
    assert hold_open(repository, own_place, other_user, variant) != SEEN
