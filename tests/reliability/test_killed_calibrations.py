"""An ingest of calibrations that is killed at any step leaves rows, files and ranges whole."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.calibrations import write_flats
from support.invariants import broken_promises
from support.zygote import Call

from butler.calibrations.ingestion import ingest_calibs
from butler.repository.create import create_repository
from butler.repository.native import NativeRepository
from butler.storage.steps import observe_steps

if TYPE_CHECKING:
    from pathlib import Path

    from support.zygote import Zygote

FIRST = ("2013-01-01", "2013-06-01")
SECOND = ("2013-03-01", "2013-09-01")


def ingest(scene: Path, mode: str, fatal: int | None = None) -> list[str]:
    """Ingest two flats among two others; die right after the step number ``fatal``."""
    steps: list[str] = []

    def observe(name: str) -> None:
        if len(steps) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(name)

    files = [path for path in sorted((scene / "second").iterdir()) if path.exists()]
    observe_steps(observe)
    try:
        ingest_calibs(NativeRepository(str(scene / "DATA")), files, validity=100, mode=mode)
    finally:
        observe_steps(None)
    return steps


def make_scene(scene: Path) -> Path:
    create_repository(scene / "DATA", "hsc")
    files = write_flats(scene / "first", *FIRST)
    ingest_calibs(NativeRepository(str(scene / "DATA")), files, validity=100)
    write_flats(scene / "second", *SECOND)
    return scene


def ranges(scene: Path) -> list[tuple[str, str, str]]:
    """Date, begin and end of each flat, those without a range too, by plain SQL."""
    with closing(sqlite3.connect(scene / "DATA" / "registry.sqlite3")) as registry:
        found = registry.execute(
            "SELECT calibDate, substr(begin, 1, 10), substr(end, 1, 10) FROM dataset "
            "LEFT JOIN calibration ON dataset_id = id ORDER BY begin"
        )
        return list(found)


BEFORE = [("2013-01-01", "2012-09-23", "2013-03-18"), ("2013-06-01", "2013-03-18", "2013-09-10")]
AFTER = [
    ("2013-01-01", "2012-09-23", "2013-01-31"),
    ("2013-03-01", "2013-01-31", "2013-04-17"),
    ("2013-06-01", "2013-04-17", "2013-07-18"),
    ("2013-09-01", "2013-07-18", "2013-12-11"),
]


@pytest.mark.parametrize("mode", ["copy", "move", "link"])
def test_a_killed_ingest_has_all_ranges_or_those_of_before(
    zygote: Zygote, quick_path: Path, mode: str
) -> None:
    steps = zygote.run(ingest, make_scene(quick_path / "whole"), mode).required()
    assert isinstance(steps, list)
    assert ranges(quick_path / "whole") == AFTER
    for fatal in range(len(steps)):
        scene = make_scene(quick_path / str(fatal))
        (outcome,) = zygote.run_all([Call(ingest, (scene, mode, fatal))])
        assert outcome.was_killed
        assert broken_promises(scene / "DATA") == []
        assert ranges(scene) in (BEFORE, AFTER), steps[fatal]
        assert zygote.run(ingest, scene, mode).error == ""
        assert ranges(scene) == AFTER
        assert all(one[2] == other[1] for one, other in pairwise(ranges(scene)))
