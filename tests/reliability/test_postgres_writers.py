"""T4: many processes write to one repository at once whose registry is in PostgreSQL."""

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

SUITE = "T4"
PROCESSES = 16
PUTS = sized(40, 1_000)


def test_writers_lose_nothing(
    zygote: Zygote, quick_path: Path, trials: Trials, postgres_database: str
) -> None:
    broken, works = write(zygote, quick_path / "DATA", PROCESSES, PUTS, registry=postgres_database)
    trials.add(broken, count=PROCESSES * PUTS)
    record(trials, works)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    zygote: Zygote, quick_path: Path, postgres_database: str, variant: str
) -> None:
    root = quick_path / "DATA"
    broken, _ = write(zygote, root, 2, 20, registry=postgres_database, variant=variant)
    assert broken
