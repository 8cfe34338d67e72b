"""T5: each call to the operating system fails once; the error says what to do, nothing breaks."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from support.tier import current_tier
from support.zygote import Call

from butler import Butler
from butler.errors import ButlerError
from tests.reliability.broken_variants import preparation, variants_of
from tests.reliability.operations import (
    ATTACKED,
    breaches_after,
    breaches_of_doctor,
    breaches_when_done,
    copy_scene,
    make_scene,
    perform,
)
from tests.reliability.os_calls import ERRORS, one_call_fails

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T5"
SAMPLE = 12  # calls of an operation by day; at night each of them fails with each error
CURES = {
    errno.ENOSPC: "free",
    errno.EIO: "isk",
    errno.EACCES: "rerun|mode|permi|cannot be read",
    errno.EROFS: "read-only|rerun",
    errno.EMFILE: "close|open files",
}


def attempt(operation: str, scene: Path, number: int | None, error: int) -> tuple[int, str, bool]:
    """Do an operation with one failing call; return the count of calls and what was raised."""
    with one_call_fails(number, error) as log:
        try:
            ATTACKED[operation].do(scene)
        except ButlerError as raised:
            return len(log), str(raised), True
        except OSError as raised:
            return len(log), repr(raised), False
    return len(log), "", True


def attack(
    zygote: Zygote,
    templates: dict[str, Path],
    folder: Path,
    operation: str,
    variant: str | None = None,
    errors: tuple[int, ...] | None = None,
) -> Iterator[tuple[str, list[str]]]:
    """Fail each call of an operation, with one error or with all; yield what that broke."""
    template = templates[ATTACKED[operation].scene]
    before = preparation(SUITE, variant)
    scene = copy_scene(template, folder / "counted")
    calls, *_ = zygote.run(attempt, operation, scene, None, 0).required()
    for number in range(0, calls, 1 if errors else 1 + calls // SAMPLE):
        chosen = errors or (ERRORS[number % len(ERRORS)],)
        for error in chosen:
            scene = folder / "scene"
            shutil.rmtree(scene, ignore_errors=True)
            copy_scene(template, scene)
            call = Call(attempt, (operation, scene, number, error), before)
            outcome = zygote.run_all([call])[0]
            what = f"{operation}, call {number} of {calls}, {errno.errorcode[error]}"
            if outcome.error:
                yield what, [f"it raises {outcome.error.splitlines()[-1]}"]
                continue
            yield what, judge(zygote, operation, scene, outcome.value, error)


def judge(zygote: Zygote, operation: str, scene: Path, value: object, error: int) -> list[str]:
    assert isinstance(value, tuple)
    _, message, is_ours = value
    broken = [] if is_ours else [f"it raises an error that is not ours: {message}"]
    if message and str(scene) not in message and "raw/" not in message:
        broken.append(f"the error names no path: {message}")
    is_of_one_file = message.startswith("FileReport(")  # it was not read, and nothing was lost
    if message and not is_of_one_file and not re.search(CURES[error], message):
        broken.append(f"the error names no cure: {message}")
    broken += breaches_after(operation, scene)
    again = zygote.run(perform, operation, scene)
    if again.error:
        return [*broken, f"it cannot be done again: {again.error.splitlines()[-1]}"]
    return broken + breaches_when_done(operation, scene) + breaches_of_doctor(scene)


@pytest.mark.parametrize("operation", ATTACKED)
def test_each_call_may_fail_once(
    zygote: Zygote,
    templates: dict[str, Path],
    quick_path: Path,
    trials: Trials,
    operation: str,
) -> None:
    errors = None if current_tier() == "pr" else ERRORS
    for what, broken in attack(zygote, templates, quick_path, operation, errors=errors):
        trials.add(broken, of=what)
    assert trials.breaches == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB, full in the end."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "skybutler-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def put_until_full(scene: Path, size: int) -> tuple[int, str]:
    """Put until the disk is full; return how many are there, and what was said."""
    for done in range(20_000):
        try:
            with Butler(scene / "DATA") as butler:
                butler.put({"text": "x" * size}, "summary", visit=5, ccd=done)
        except ButlerError as error:
            return done, str(error)
    return done, ""


@pytest.mark.parametrize("size", [200_000, 2_000, 0])
def test_a_full_disk_breaks_nothing(
    zygote: Zygote, small_disk: Path, trials: Trials, size: int
) -> None:
    """With large files the data meet the end first, with small ones the database may."""
    make_scene(small_disk)
    (small_disk / "ballast").write_bytes(bytes(6_500_000))
    value = zygote.run(put_until_full, small_disk, size).required()
    assert isinstance(value, tuple)
    done, message = value
    broken = [] if re.search("free some space", message) else [f"it says {message!r}"]
    (small_disk / "ballast").unlink()
    broken += breaches_after("put", small_disk)
    with Butler(small_disk / "DATA") as butler:
        there = butler.query("summary", visit=5).count()
        if there != done:
            broken.append(f"{done} puts succeeded, and {there} datasets are there")
        butler.put({"after": "all"}, "summary", visit=5, ccd=done)
    trials.add(broken, of=f"files of {size} bytes", count=done + 1)
    trials.measure(puts_on_8_MiB=done)
    assert trials.breaches == []


def put_with_few_descriptors(scene: Path) -> str:
    """Put with no descriptor left, and again with some; return what was said."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Butler(scene / "DATA") as butler:
        butler.get("summary", visit=3, ccd=1)
        kept = [os.open("/", os.O_RDONLY)]
        resource.setrlimit(resource.RLIMIT_NOFILE, (kept[0] + 1, hard))
        try:
            butler.put({"a": 1}, "summary", visit=1, ccd=1)
        except ButlerError as error:
            message = str(error)
        else:
            message = "no error"
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        butler.put({"a": 1}, "summary", visit=1, ccd=1)
    return message


def test_no_free_descriptor_breaks_nothing(
    zygote: Zygote, quick_path: Path, trials: Trials
) -> None:
    make_scene(quick_path)
    message = str(zygote.run(put_with_few_descriptors, quick_path).required())
    trials.add([] if "open files" in message else [f"it says {message!r}"])
    trials.add(breaches_after("put", quick_path), count=0)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    zygote: Zygote, templates: dict[str, Path], quick_path: Path, variant: str
) -> None:
    results = attack(zygote, templates, quick_path, "put", variant, (errno.EIO,))
    assert [broken for _, broken in results if broken]
