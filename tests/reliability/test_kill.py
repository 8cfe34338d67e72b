"""A process that is killed at any step of a write leaves nothing broken behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.invariants import broken_promises, dataset_rows

from butler import Butler, create_repository

DOOMED = Path(__file__).with_name("doomed.py")
CONTENT = {"numbers": list(range(20_000))}
OTHER_CONTENT = {"numbers": list(range(20_000, 40_000))}
SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}

STEPS = [
    ("put", "put:written"),
    ("put", "put:linked"),
    ("put", "put:synced"),
    ("put", "put:registered"),
    ("put many", "put:intended"),
    ("put many", "put:linked"),
    ("put many", "put:synced"),
    ("put many", "put:registered"),
    ("replace", "replace:written"),
    ("replace", "replace:intended"),
    ("replace", "replace:linked"),
    ("replace", "replace:synced"),
    ("replace", "replace:registered"),
    ("remove", "delete:forgotten"),
    ("remove", "delete:removed"),
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    with Butler(root) as butler:
        butler.put(CONTENT, "summary", visit=2, ccd=1)
    return root


def run_until_killed(root: Path, operation: str, step: str, protocol: str = "ours") -> None:
    command = [sys.executable, str(DOOMED), str(root), operation, step, protocol]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.parametrize(("operation", "step"), STEPS)
def test_a_kill_at_any_step_breaks_no_promise(repository: Path, operation: str, step: str) -> None:
    run_until_killed(repository, operation, step)
    assert broken_promises(repository) == []


@pytest.mark.parametrize(("operation", "step"), [pair for pair in STEPS if pair[0] == "put"])
def test_a_killed_put_can_be_done_again(repository: Path, operation: str, step: str) -> None:
    run_until_killed(repository, operation, step)
    with Butler(repository) as butler:
        butler.put(CONTENT, "summary", visit=1, ccd=1)
        assert butler.get("summary", visit=1, ccd=1) == CONTENT
    assert broken_promises(repository) == []


def test_a_killed_put_can_be_done_again_with_other_content(repository: Path) -> None:
    run_until_killed(repository, "put", "put:synced")
    with Butler(repository) as butler:
        butler.put(OTHER_CONTENT, "summary", visit=1, ccd=1)
        assert butler.get("summary", visit=1, ccd=1) == OTHER_CONTENT
    orphans = list((repository / ".butler" / "orphans").iterdir())
    assert len(orphans) == 1  # the whole file of the killed process is kept
    assert broken_promises(repository) == []


@pytest.mark.parametrize("step", ["put:intended", "put:linked", "put:synced", "put:registered"])
def test_a_killed_transaction_is_there_whole_or_not_at_all(repository: Path, step: str) -> None:
    run_until_killed(repository, "put many", step)
    count = sum("summary/0000001" in path for path in dataset_rows(repository))
    assert count == (10 if step == "put:registered" else 0)
    with Butler(repository) as butler, butler.transaction():
        for ccd in range(10, 20):
            butler.put(CONTENT, "summary", visit=1, ccd=ccd)
    with Butler(repository) as butler:
        assert butler.query("summary", visit=1).count() == 10


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("replace:written", CONTENT),
        ("replace:intended", CONTENT),
        ("replace:linked", CONTENT),
        ("replace:synced", CONTENT),
        ("replace:registered", OTHER_CONTENT),
    ],
)
def test_a_killed_replace_leaves_the_old_or_the_new(
    repository: Path, step: str, expected: dict[str, Any]
) -> None:
    run_until_killed(repository, "replace", step)
    with Butler(repository) as butler:
        assert butler.get("summary", visit=2, ccd=1) == expected


@pytest.mark.parametrize("step", ["delete:forgotten", "delete:removed"])
def test_a_killed_remove_has_removed(repository: Path, step: str) -> None:
    run_until_killed(repository, "remove", step)
    with Butler(repository) as butler:
        assert not butler.dataset_exists("summary", visit=2, ccd=1)
        butler.put(OTHER_CONTENT, "summary", visit=2, ccd=1)
        assert butler.get("summary", visit=2, ccd=1) == OTHER_CONTENT
    assert broken_promises(repository) == []


@pytest.mark.parametrize("protocol", ["row first", "in place"])
def test_a_wrong_protocol_is_found_out(repository: Path, protocol: str) -> None:
    broken = []
    for number, step in enumerate(["put:linked", "put:synced", "put:registered"]):
        root = repository.with_name(f"DATA{number}")
        create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
        if (protocol, step) != ("row first", "put:synced"):  # it never gets there
            run_until_killed(root, "put", step, protocol)
            broken += broken_promises(root)
    assert broken
