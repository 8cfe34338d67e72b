"""T1: a process that is killed, at any step or moment, leaves nothing broken behind."""

from __future__ import annotations

import random
import shutil
import time
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises
from support.tier import sized
from support.zygote import Call

from butler import Butler
from tests.reliability.broken_variants import preparation, variants_of
from tests.reliability.operations import (
    CCDS,
    CONTENT,
    KILLED,
    OTHER_CONTENT,
    breaches_after,
    breaches_of_doctor,
    breaches_when_done,
    copy_scene,
    perform,
    read_dataset,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T1"
RANDOM_KILLS = sized(60, 2_000, 10_000)


@pytest.fixture
def fresh(templates: dict[str, Path], quick_path: Path) -> Callable[[str], Path]:
    """A new scene for an operation, in the place of the one before."""

    def make(operation: str) -> Path:
        scene = quick_path / "scene"
        shutil.rmtree(scene, ignore_errors=True)
        return copy_scene(templates[KILLED[operation].scene], scene)

    return make


def kill_at(
    zygote: Zygote, scene: Path, operation: str, fatal: int, variant: str | None = None
) -> None:
    call = Call(perform, (operation, scene, fatal), preparation(SUITE, variant))
    (outcome,) = zygote.run_all([call])
    assert outcome.was_killed, outcome.error


def judge(zygote: Zygote, operation: str, scene: Path, *, doctor_first: bool) -> list[str]:
    """Look at what is left, do the operation again, look once more; the doctor comes in, too."""
    broken = breaches_after(operation, scene)
    if doctor_first:
        broken += breaches_of_doctor(scene) + breaches_after(operation, scene)
    again = zygote.run(perform, operation, scene)
    if again.error:
        return [*broken, f"it cannot be done again: {again.error.splitlines()[-1]}"]
    broken += breaches_when_done(operation, scene)
    return broken if doctor_first else broken + breaches_of_doctor(scene)


@pytest.mark.parametrize("operation", KILLED)
def test_a_kill_at_any_step_breaks_nothing(
    zygote: Zygote, fresh: Callable[[str], Path], trials: Trials, operation: str
) -> None:
    steps = zygote.run(perform, operation, fresh(operation)).required()
    assert isinstance(steps, list)
    fewest = {"create": 0, "certify": 0, "doctor": 1}  # one transaction has no steps
    assert len(steps) >= fewest.get(operation, 2)
    for fatal, step in enumerate(steps):
        scene = fresh(operation)
        kill_at(zygote, scene, operation, fatal)
        broken = judge(zygote, operation, scene, doctor_first=fatal % 2 == 0)
        trials.add(broken, of=f"{operation} killed at {step}")
    assert trials.breaches == []


def duration(zygote: Zygote, fresh: Callable[[str], Path], operation: str) -> float:
    """Seconds that an operation takes in this minute."""
    scene = fresh(operation)
    began = time.monotonic()
    zygote.run(perform, operation, scene).required()
    return time.monotonic() - began


def test_a_kill_at_any_moment_breaks_nothing(
    zygote: Zygote, fresh: Callable[[str], Path], trials: Trials
) -> None:
    dice = random.Random(SUITE)
    killed = 0
    durations = {operation: duration(zygote, fresh, operation) for operation in KILLED}
    for number in range(RANDOM_KILLS):
        operation = list(KILLED)[number % len(KILLED)]
        scene, moment = fresh(operation), dice.uniform(0, durations[operation])
        outcome = zygote.run(perform, operation, scene, kill_after_s=moment)
        killed += outcome.was_killed
        durations[operation] *= 1.2 if outcome.was_killed else 0.7  # the load changes
        broken = judge(zygote, operation, scene, doctor_first=dice.random() < 0.5)
        trials.add(broken, of=f"{operation} after {moment * 1e3:.2f} ms")
    trials.measure(killed_before_the_end=killed)
    assert trials.breaches == []
    assert killed > RANDOM_KILLS // 4


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    zygote: Zygote, fresh: Callable[[str], Path], variant: str
) -> None:
    scene = fresh("put")
    call = Call(perform, ("put", scene), preparation(SUITE, variant))
    steps = zygote.run_all([call])[0].required()
    assert isinstance(steps, list)
    broken = []
    for fatal in range(len(steps)):
        scene = fresh("put")
        kill_at(zygote, scene, "put", fatal, variant)
        broken += judge(zygote, "put", scene, doctor_first=False)
    assert broken


def killed(zygote: Zygote, scene: Path, operation: str, step: str) -> Path:
    """The repository after a kill at a named step."""
    steps = ["put:written", "put:linked", "put:synced", "put:registered"]
    if operation == "put many":
        steps.insert(1, "put:intended")
    kill_at(zygote, scene, operation, steps.index(step))
    return scene / "DATA"


def test_a_killed_put_can_be_done_again_with_other_content(
    zygote: Zygote, fresh: Callable[[str], Path]
) -> None:
    root = killed(zygote, fresh("put"), "put", "put:synced")
    with Butler(root) as butler:
        butler.put(OTHER_CONTENT, "summary", visit=1, ccd=1)
        assert read_dataset(butler, 1, 1) == OTHER_CONTENT
    orphans = list((root / ".butler" / "orphans").iterdir())
    assert len(orphans) == 1  # the whole file of the killed process is kept
    assert broken_promises(root) == []


@pytest.mark.parametrize("step", ["put:intended", "put:linked", "put:synced", "put:registered"])
def test_a_killed_transaction_is_there_whole_or_not_at_all(
    zygote: Zygote, fresh: Callable[[str], Path], step: str
) -> None:
    root = killed(zygote, fresh("put many"), "put many", step)
    with Butler(root) as butler:
        there = butler.query("summary", visit=1).count()
    assert there == (len(CCDS) if step == "put:registered" else 0)


def test_a_killed_remove_has_removed(zygote: Zygote, fresh: Callable[[str], Path]) -> None:
    for fatal in range(2):
        scene = fresh("remove")
        kill_at(zygote, scene, "remove", fatal)
        with Butler(scene / "DATA") as butler:
            assert read_dataset(butler, 2, 1) is None
            butler.put(CONTENT, "summary", visit=2, ccd=1)
        assert broken_promises(scene / "DATA") == []
