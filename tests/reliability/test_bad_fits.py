"""T9: bad FITS files end no process, hang none, and are rejected with a reason."""

from __future__ import annotations

import random
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.mutants import make_seeds, mutate
from support.tier import sized
from support.zygote import Call

from butler.ingest.candidate import Candidate, Rejection
from butler.ingest.workers import iter_candidates
from mappers.hsc import HscMapper
from tests.butler.ingest.bad_files import IMAGE, build_fits, make_battery
from tests.butler.ingest.hsc_raws import hsc_cards
from tests.reliability.broken_variants import preparation, variants_of

if TYPE_CHECKING:
    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T9"
MUTANTS = sized(150, 3_000, 100_000)
MOST_MIB = 500


def read(paths: list[str], processes: int) -> tuple[list[Candidate | Rejection], float, float]:
    """Read candidates; return them, the memory in MiB, and the longest wait for one."""
    found: list[Candidate | Rejection] = []
    longest, began = 0.0, time.monotonic()
    for one in iter_candidates(paths, HscMapper(), processes):
        found.append(one)
        longest = max(longest, time.monotonic() - began)
        began = time.monotonic()
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, longest


def attack(
    zygote: Zygote, paths: list[str], processes: int, variant: str | None = None
) -> tuple[list[str], dict[str, float]]:
    """Read files in a process of its own, with workers; return what broke, and figures."""
    call = Call(read, (paths, processes), preparation(SUITE, variant))
    (outcome,) = zygote.run_all([call])
    if outcome.status != 0 or outcome.error:
        return [f"the process that ingests died: {outcome.status} {outcome.error}"], {}
    assert isinstance(outcome.value, tuple)
    found, memory, longest = outcome.value
    broken = [] if memory < MOST_MIB else [f"it took {memory:.0f} MiB"]
    if [one.source for one in found] != paths:
        broken.append("not every file has an answer, in order")
    rejected = [one for one in found if isinstance(one, Rejection)]
    for one in rejected:
        if not one.reason or not one.reason.isprintable() or len(one.reason) > 300:
            broken.append(f"{Path(one.source).name}: the reason is {one.reason!r}")
        if "takes too long" in one.reason:
            broken.append(f"{Path(one.source).name} hangs for 10 s")
    killed = sum("killed the process" in one.reason for one in rejected)
    figures = {"rejected": len(rejected), "accepted": len(found) - len(rejected)}
    figures |= {"workers_died": killed, "rss_MiB": round(memory)}
    return broken, {**figures, "longest_s": round(longest, 2)}


def test_mutants_end_no_process_and_are_rejected_with_a_reason(
    zygote: Zygote, tmp_path: Path, trials: Trials
) -> None:
    dice = random.Random(20131102)
    seeds = [build_fits([*IMAGE, *hsc_cards(ccd=ccd)]) for ccd in range(3)] + make_seeds()
    paths = []
    for number in range(MUTANTS):
        path = tmp_path / f"{number}.fits"
        path.write_bytes(mutate(seeds[number % len(seeds)], dice))
        paths.append(str(path))
    broken, figures = attack(zygote, paths, 2)
    trials.add(broken, count=MUTANTS)
    trials.measure(**figures)
    assert trials.breaches == []


def test_the_corpus_ends_no_process(zygote: Zygote, tmp_path: Path, trials: Trials) -> None:
    cases = make_battery(tmp_path / "corpus", lambda number: hsc_cards(ccd=number % 100))
    paths = [str(case.path) for case in cases.values()]
    broken, figures = attack(zygote, paths, 2)
    trials.add(broken, count=len(paths))
    trials.measure(corpus=len(paths), corpus_rejected=figures.get("rejected", 0))
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, tmp_path: Path, variant: str) -> None:
    cases = make_battery(tmp_path / "corpus")
    paths = [str(case.path) for case in cases.values() if case.path.name != "fifo.fits"]
    broken, _ = attack(zygote, paths, 1, variant)
    assert broken
