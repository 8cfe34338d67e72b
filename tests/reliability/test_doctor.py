"""Whatever a kill leaves, the doctor finds, names, and repairs, and nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from support.invariants import broken_promises, dataset_rows

from butler import Butler, create_repository
from butler.doctor import Treatment, examine
from butler.storage.steps import observe_steps

if TYPE_CHECKING:
    from collections.abc import Callable

Kill: TypeAlias = "Callable[[str, str, Path], Path]"

DOOMED = Path(__file__).with_name("doomed.py")
CONTENT = {"numbers": list(range(20_000))}
OTHER_CONTENT = {"numbers": list(range(20_000, 40_000))}
SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}

# What each step leaves for the doctor; nothing where all is said and done.
STEPS = [
    ("put", "put:written", {"temporary_left"}),
    ("put", "put:linked", {"put_unfinished", "temporary_left"}),
    ("put", "put:synced", {"put_unfinished", "temporary_left"}),
    ("put", "put:registered", {"temporary_left"}),
    ("put many", "put:intended", {"intent_left", "temporary_left"}),
    ("put many", "put:linked", {"intent_left", "put_unfinished", "temporary_left"}),
    ("put many", "put:synced", {"intent_left", "put_unfinished", "temporary_left"}),
    ("put many", "put:registered", {"temporary_left"}),
    ("replace", "replace:written", {"temporary_left"}),
    ("replace", "replace:intended", {"intent_left", "temporary_left"}),
    ("replace", "replace:linked", {"intent_left", "put_unfinished", "temporary_left"}),
    ("replace", "replace:synced", {"intent_left", "put_unfinished", "temporary_left"}),
    ("replace", "replace:registered", {"trash_left", "temporary_left"}),
    ("remove", "delete:forgotten", {"trash_left"}),
    ("remove", "delete:removed", set()),
]
REPAIRS = ["safe", "adopt", "quarantine"]


@pytest.fixture(scope="module")
def kill(tmp_path_factory: pytest.TempPathFactory) -> Kill:
    """Make a repository whose writer was killed, once for each step; return a copy of it."""
    made: dict[tuple[str, str], Path] = {}

    def repository(operation: str, step: str, target: Path) -> Path:
        if (operation, step) not in made:
            root = tmp_path_factory.mktemp("killed") / "DATA"
            create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
            with Butler(root) as butler:
                butler.put(CONTENT, "summary", visit=2, ccd=1)
            run_until_killed(root, operation, step)
            made[operation, step] = root
        # Not shutil: a temporary name and a final one must stay names of one file.
        subprocess.run(["cp", "-a", made[operation, step], target], check=True)
        return target

    return repository


def run_until_killed(root: Path, operation: str, step: str) -> None:
    command = [sys.executable, str(DOOMED), str(root), operation, step, "ours"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def codes(root: Path, **treatment: object) -> set[str]:
    report = examine(root, Treatment(**treatment))  # type: ignore[arg-type]
    return {finding.code for finding in report.findings}


def contents(root: Path) -> list[bytes]:
    """The distinct contents of all files that hold data, whatever their names are now."""
    found = set()
    for path in root.rglob("*.json"):
        found.add(path.read_bytes())
    return sorted(found)


@pytest.mark.parametrize("repair", REPAIRS)
@pytest.mark.parametrize(("operation", "step", "left"), STEPS)
def test_what_a_kill_leaves_is_found_and_repaired_and_then_gone(
    kill: Kill, tmp_path: Path, operation: str, step: str, left: set[str], repair: str
) -> None:
    repository = kill(operation, step, tmp_path / "DATA")
    before = contents(repository)
    assert codes(repository, grace_s=-1) == left
    report = examine(repository, Treatment(repair=repair, grace_s=-1))  # type: ignore[arg-type]
    assert {finding.status for finding in report.findings} <= {"repaired"}
    assert codes(repository, grace_s=-1) <= {"set_aside"}
    assert broken_promises(repository) == []
    if "put_unfinished" in left:
        assert contents(repository) == before  # nothing is lost


@pytest.mark.parametrize("step", ["put:linked", "put:synced"])
def test_adoption_finishes_a_killed_put(kill: Kill, tmp_path: Path, step: str) -> None:
    repository = kill("put", step, tmp_path / "DATA")
    examine(repository, Treatment(repair="adopt"))
    with Butler(repository) as butler:
        assert butler.get("summary", visit=1, ccd=1) == CONTENT


def test_adoption_finishes_a_killed_transaction_of_which_all_files_are_there(
    kill: Kill, tmp_path: Path
) -> None:
    repository = kill("put many", "put:synced", tmp_path / "DATA")
    examine(repository, Treatment(repair="adopt"))
    assert sum("summary/0000001" in path for path in dataset_rows(repository)) == 10


def test_adoption_takes_a_transaction_back_of_which_a_file_is_missing(
    kill: Kill, tmp_path: Path
) -> None:
    repository = kill("put many", "put:synced", tmp_path / "DATA")
    (repository / "summary" / "0000001-013.json").unlink()
    examine(repository, Treatment(repair="adopt"))
    assert sum("summary/0000001" in path for path in dataset_rows(repository)) == 0
    assert len(list((repository / ".butler" / "orphans").iterdir())) == 9


def test_replacement_that_did_not_come_to_its_row_does_not_replace(
    kill: Kill, tmp_path: Path
) -> None:
    repository = kill("replace", "replace:synced", tmp_path / "DATA")
    examine(repository, Treatment(repair="adopt"))
    with Butler(repository) as butler:
        assert butler.get("summary", visit=2, ccd=1) == CONTENT


@pytest.mark.parametrize("repair", REPAIRS)
def test_killed_put_can_be_done_again_after_the_doctor(
    kill: Kill, tmp_path: Path, repair: str
) -> None:
    repository = kill("put", "put:synced", tmp_path / "DATA")
    examine(repository, Treatment(repair=repair))  # type: ignore[arg-type]
    with Butler(repository) as butler:
        butler.put(CONTENT, "summary", visit=1, ccd=1)
        assert butler.get("summary", visit=1, ccd=1) == CONTENT


def test_plain_look_and_dry_run_change_nothing(kill: Kill, tmp_path: Path) -> None:
    repository = kill("put many", "put:synced", tmp_path / "DATA")

    def files() -> dict[str, int]:
        return {
            str(path): path.lstat().st_mtime_ns
            for path in repository.rglob("*")
            if path.is_file() and "registry.sqlite3" not in path.name
        }

    before = files()
    assert examine(repository).exit_code == 1
    report = examine(repository, Treatment(repair="adopt", dry_run=True))
    assert {finding.status for finding in report.findings} == {"would be repaired"}
    assert files() == before
    assert len(dataset_rows(repository)) == 1


def test_what_a_living_process_does_is_left_alone(tmp_path: Path) -> None:
    repository = tmp_path / "DATA"
    create_repository(repository, "hsc", dataset_types={"summary": SUMMARY})
    seen: list[set[str]] = []

    def look(step: str) -> None:
        observe_steps(None)
        seen.append(codes(repository, repair="quarantine", grace_s=-1))
        if step != "put:registered":
            observe_steps(look)

    with Butler(repository) as butler:
        observe_steps(look)
        try:
            with butler.transaction():
                for ccd in range(10, 20):
                    butler.put(CONTENT, "summary", visit=1, ccd=ccd)
        finally:
            observe_steps(None)
        assert butler.query("summary", visit=1).count() == 10
    assert seen == [set()] * 5
    assert codes(repository) == set()
    assert broken_promises(repository) == []
