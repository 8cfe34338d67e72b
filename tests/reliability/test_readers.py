"""Somebody without write permission reads a repository and chains a rerun on it."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from butler import Butler, create_repository

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser

SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}
PATIENCE_S = 60

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
root, marks = sys.argv[1], pathlib.Path(sys.argv[2])
butler = Butler(root)
print(butler.dataset_exists("summary", visit=1, ccd=1))
for ccd in (2, 3):
    (marks / f"ready-for-{ccd}").touch()
    while not (marks / f"written-{ccd}").exists():
        time.sleep(0.01)
    print(butler.get("summary", visit=1, ccd=ccd))
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


def test_another_user_reads_and_chains_with_no_writer_alive(
    repository: Path, own_place: Path, other_user: OtherUser
) -> None:
    result = other_user.run(READ_AND_CHAIN, repository, own_place / "rr", cannot_write=repository)
    assert (result.stdout, result.returncode) == (EXPECTED, 0), result.stderr


def test_another_user_reads_and_chains_with_a_writer_alive(
    repository: Path, own_place: Path, other_user: OtherUser
) -> None:
    with Butler(repository) as writer:
        writer.put({"from": "owner"}, "summary", visit=9, ccd=9)  # its connection stays open
        result = other_user.run(
            READ_AND_CHAIN, repository, own_place / "rr", cannot_write=repository
        )
    assert (result.stdout, result.returncode) == (EXPECTED, 0), result.stderr


def test_a_butler_held_open_sees_what_writers_commit_as_they_come_and_go(
    repository: Path, own_place: Path, other_user: OtherUser
) -> None:
    results = []

    def read() -> None:
        results.append(other_user.run(HOLD_OPEN, repository, own_place, cannot_write=repository))

    reader = threading.Thread(target=read)
    reader.start()
    for ccd in (2, 3):
        wait_for(own_place / f"ready-for-{ccd}")
        with Butler(repository) as writer:  # comes, writes, goes: its journal goes with it
            writer.put({"ccd": ccd}, "summary", visit=1, ccd=ccd)
            if ccd == 2:
                (own_place / f"written-{ccd}").touch()  # still alive while it is read
                wait_for(own_place / f"ready-for-{ccd + 1}")
        (own_place / f"written-{ccd}").touch()
    reader.join()
    assert results[0].stdout == "True\n{'ccd': 2}\n{'ccd': 3}\n", results[0].stderr
