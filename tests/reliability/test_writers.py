"""T3: many processes write to one SQLite repository at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.tier import sized

from tests.reliability.broken_variants import variants_of
from tests.reliability.workers import record, write

if TYPE_CHECKING:
    from pathlib import Path

    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T3"
PROCESSES = sized(8, 16, 32)
PUTS = sized(200, 5_000)


def test_writers_lose_nothing_and_never_meet_a_locked_database(
    zygote: Zygote, quick_path: Path, trials: Trials
) -> None:
    broken, works = write(zygote, quick_path / "DATA", PROCESSES, PUTS)
    trials.add(broken, count=PROCESSES * PUTS)
    record(trials, works)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    broken, _ = write(zygote, quick_path / "DATA", 4, 50, variant=variant)
    assert broken
