"""What a process does to a repository while it is attacked, and what must be true afterwards.

A scene is a folder with a repository, ``DATA``, and raw files to ingest, ``raw``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from typing import TYPE_CHECKING

from support.invariants import broken_promises

from butler import Butler, create_repository
from butler.doctor import Severity, Treatment, examine
from butler.errors import ButlerError, DatasetNotFoundError, RepositoryExistsError
from butler.ingest.ingest import ingest_files
from butler.ingest.link import MODES
from butler.repository.native import NativeRepository
from butler.repository.reruns import create_child
from butler.storage.steps import observe_steps
from tests.butler.ingest.bad_files import IMAGE, PIXELS, build_fits
from tests.butler.ingest.hsc_raws import hsc_cards, place_of, write_raws
from tests.reliability.moves import MOVES, add_sources
from tests.reliability.operation import CONTENT, OTHER_CONTENT, Operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.zygote import Zygote

SUMMARY = {"template": "summary/{visit:07d}-{ccd:03d}.json", "storage_class": "Json"}
CCDS = range(10, 20)
RAWS = [build_fits([*IMAGE, *hsc_cards(ccd=ccd)], b"\0" + PIXELS[1:]) for ccd in range(3)]


def make_scene(scene: Path, kind: str = "plain") -> None:
    """Make a repository with two datasets, and raw files: beside it, or in their places."""
    root = scene / "DATA"
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    with Butler(root) as butler:
        for visit in (2, 3):
            butler.put(CONTENT, "summary", visit=visit, ccd=1)
    files = write_raws(scene / "raw")
    if kind == "moving":
        add_sources(scene)
    if kind == "in place":
        for ccd, file in enumerate(files):
            place = root / place_of(ccd=ccd)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)


def make_dirty(scene: Path, zygote: Zygote) -> None:
    """Kill some operations, and leave what they leave."""
    for operation, fatal in (("put", 1), ("put many", 3), ("ingest copy", 3)):
        outcome = zygote.run(perform, operation, scene, fatal)
        assert outcome.was_killed, outcome.error


def copy_scene(template: Path, scene: Path) -> Path:
    """Copy a scene; files with two names keep them, as these say whose a file is."""
    copies: dict[int, str] = {}

    def copy(source: str, target: str) -> None:
        first = copies.setdefault(os.lstat(source).st_ino, target)
        if first is target:
            shutil.copy2(source, target)
        else:
            os.link(first, target)

    shutil.copytree(template, scene, symlinks=True, copy_function=copy)
    return scene


def _put(scene: Path) -> None:
    with Butler(scene / "DATA") as butler:
        butler.put(CONTENT, "summary", visit=1, ccd=1)


def _put_many(scene: Path) -> None:
    with Butler(scene / "DATA") as butler, butler.transaction():
        for ccd in CCDS:
            butler.put(CONTENT, "summary", visit=1, ccd=ccd)


def _replace(scene: Path) -> None:
    with Butler(scene / "DATA") as butler:
        butler.put(OTHER_CONTENT, "summary", visit=2, ccd=1, replace=True)


def _replace_with_backup(scene: Path) -> None:
    with Butler(scene / "DATA") as butler:
        butler.put(OTHER_CONTENT, "summary", visit=2, ccd=1, replace=True, backup=True)


def _replace_many(scene: Path) -> None:
    with Butler(scene / "DATA") as butler, butler.transaction():
        butler.put(OTHER_CONTENT, "summary", visit=2, ccd=1, replace=True)
        for ccd in CCDS:
            butler.put(CONTENT, "summary", visit=1, ccd=ccd, replace=True)


def _remove(scene: Path) -> None:
    with Butler(scene / "DATA") as butler:
        try:
            butler.remove("summary", visit=2, ccd=1)
        except DatasetNotFoundError:  # a killed one has removed it
            return


def _ingest(mode: str) -> Callable[[Path], None]:
    def ingest(scene: Path) -> None:
        files = [scene / "raw" / f"HSCA9033340{ccd}.fits" for ccd in range(len(RAWS))]
        if mode == "skip":
            files = [scene / "DATA" / place_of(ccd=ccd) for ccd in range(len(RAWS))]
        if mode == "move":  # a killed one may have finished its work
            files = [file for file in files if file.exists()]
        report = ingest_files(NativeRepository(str(scene / "DATA")), files, mode=mode)
        bad = [one for one in report.files if one.outcome in {"rejected", "conflict"}]
        if bad:
            raise IngestRefusedError(str(bad[0]))

    return ingest


class IngestRefusedError(ButlerError, ValueError):
    """Some files were not ingested: the report has it, and an attack wants to know."""


OPERATIONS: dict[str, Operation] = {
    "put": Operation(_put),
    "put many": Operation(_put_many),
    "replace": Operation(_replace, after=OTHER_CONTENT),
    "replace with backup": Operation(_replace_with_backup, after=OTHER_CONTENT),
    "replace many": Operation(_replace_many, after=OTHER_CONTENT),
    "remove": Operation(_remove, after=None),
}
OPERATIONS |= {
    f"ingest {mode}": Operation(_ingest(mode), scene="in place" if mode == "skip" else "plain")
    for mode in MODES
}


def _repair(scene: Path) -> None:
    examine(scene / "DATA", Treatment(repair="adopt", grace_s=-1))


def _create(scene: Path) -> None:
    rerun = scene / "DATA" / "rerun" / "mine"
    try:
        create_child(rerun, [scene / "DATA"])
    except RepositoryExistsError:  # a killed one came to its end
        return


ATTACKED = OPERATIONS | {
    "doctor": Operation(_repair, scene="dirty"),
    "create": Operation(_create),
}
"""The operations that write datasets, and those that look after a repository."""

KILLED = ATTACKED | MOVES
"""These, and those between repositories, on validity ranges and on reference catalogs."""


def perform(operation: str, scene: Path, fatal: int | None = None) -> list[str]:
    """Do an operation; die right after its step number ``fatal``. Return its steps."""
    steps: list[str] = []

    def observe(name: str) -> None:
        if len(steps) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.append(name)

    observe_steps(observe)
    try:
        KILLED[operation].do(scene)
    finally:
        observe_steps(None)
    return steps


def read_dataset(butler: Butler, visit: int, ccd: int) -> object:
    """What is there, None if nothing is."""
    if not butler.dataset_exists("summary", visit=visit, ccd=ccd):
        return None
    return butler.get("summary", visit=visit, ccd=ccd)


def breaches_after(operation: str, scene: Path) -> list[str]:
    """What an operation that was stopped anywhere has broken or lost."""
    root, expected = scene / "DATA", KILLED[operation]
    try:
        broken = broken_promises(root, _theirs(operation))
        with Butler(root) as butler:
            if read_dataset(butler, 2, 1) not in (expected.before, expected.after):
                broken.append("dataset 2/1 is neither what it was nor what it was to become")
            if read_dataset(butler, 3, 1) != CONTENT:
                broken.append("dataset 3/1, which nobody touched, has changed")
            count = butler.query("summary", visit=1).count()
            if operation.endswith("many") and count not in {0, len(CCDS)}:
                broken.append(f"a transaction is there in part: {count} of {len(CCDS)}")
        broken += expected.check(scene, False)
    except ButlerError as error:
        broken = [f"it cannot be read: {error!r}"]
    return broken + _lost_raws(scene)


def breaches_when_done(operation: str, scene: Path) -> list[str]:
    """What is wrong after the operation was stopped, and was done again to its end."""
    root, expected = scene / "DATA", KILLED[operation]
    broken = broken_promises(root, _theirs(operation))
    broken += expected.check(scene, True)
    with Butler(root) as butler:
        if read_dataset(butler, 2, 1) != expected.after:
            broken.append("dataset 2/1 is not what it was to become")
        wanted = {"put": 1, "put many": len(CCDS), "replace many": len(CCDS)}.get(operation, 0)
        if operation != "doctor" and butler.query("summary", visit=1).count() != wanted:
            broken.append(f"not all of {wanted} datasets are there")
        if (
            operation in OPERATIONS
            and operation.startswith("ingest")
            and butler.query("raw").count() != len(RAWS)
        ):
            broken.append("not all raw files are there")
    if operation == "create":
        with Butler(root / "rerun" / "mine") as rerun:
            if read_dataset(rerun, 2, 1) != CONTENT:
                broken.append("the new rerun does not see what its parent has")
    if operation == "replace with backup":
        versions = list((root / "summary").glob("0000002-001.json~*"))
        if not any(json.loads(version.read_text()) == CONTENT for version in versions):
            broken.append("the old file was to be kept and is not")
    return broken + _lost_raws(scene)


def breaches_of_doctor(scene: Path) -> list[str]:
    """What a doctor cannot bring to clean, or finds again when it is called again."""
    treatment = Treatment(repair="safe", grace_s=-1)
    try:
        examine(scene / "DATA", treatment)
        left = examine(scene / "DATA", treatment).findings
    except ButlerError as error:
        return [f"the doctor fails: {error!r}"]
    bad = {Severity.LEFTOVER, Severity.DAMAGE}
    return [f"the doctor leaves {one.code} {one.path}" for one in left if one.severity in bad]


def _theirs(operation: str) -> set[str]:
    """Files that lay in the repository before, so that nothing of ours need claim them."""
    return {place_of(ccd=ccd) for ccd in range(len(RAWS))} if operation == "ingest skip" else set()


def _lost_raws(scene: Path) -> list[str]:
    """Raw files of which no whole copy is left anywhere in the scene."""
    found = {path.read_bytes() for path in scene.rglob("*.fits") if path.is_file()}
    return [f"raw file {ccd} is lost" for ccd, content in enumerate(RAWS) if content not in found]
