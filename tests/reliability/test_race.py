"""T2: of many processes that put one dataset at once, one wins, and its file is the one there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from support.invariants import broken_promises
from support.tier import sized

from butler import Butler, create_repository
from butler.errors import ButlerError
from tests.reliability.broken_variants import variants_of
from tests.reliability.operations import SUMMARY
from tests.reliability.workers import put_same, run_processes

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T2"
PROCESSES = sized(4, 16)
DATASETS = sized(150, 2_000)


def race(
    zygote: Zygote, root: Path, processes: int, datasets: int, variant: str | None = None
) -> list[str]:
    """Let processes put the same datasets; return what is wrong afterwards."""
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY})
    chosen = None if variant is None else (SUITE, variant)
    works = run_processes(zygote, put_same, root, processes, datasets, chosen)
    broken = [error for work in works for error in work.errors]
    winners = {ccd: number for number, work in enumerate(works) for ccd in work.won}
    for ccd, count in Counter(ccd for work in works for ccd in work.won).items():
        if count != 1:
            broken.append(f"dataset {ccd} has {count} winners")
    with Butler(root) as butler:
        for ccd in range(datasets):
            try:
                found = butler.get("summary", visit=1, ccd=ccd)
            except ButlerError as error:
                broken.append(f"dataset {ccd}: {error!r}")
                continue
            if found != {"by": winners.get(ccd)}:
                broken.append(f"dataset {ccd} holds {found}, and {winners.get(ccd)} has won")
    return broken + broken_promises(root)


def test_of_all_that_put_one_dataset_one_wins(
    zygote: Zygote, quick_path: Path, trials: Trials
) -> None:
    broken = race(zygote, quick_path / "DATA", PROCESSES, DATASETS)
    trials.add(broken, count=PROCESSES * DATASETS)
    trials.measure(processes=PROCESSES, datasets=DATASETS)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    assert race(zygote, quick_path / "DATA", 4, 60, variant)
