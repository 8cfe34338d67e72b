"""T15: a session that puts and gets all day neither grows nor runs out of descriptors."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.tier import sized
from support.zygote import Call

from butler import Butler, create_repository
from tests.reliability.broken_variants import preparation, variants_of
from tests.reliability.operations import SUMMARY

if TYPE_CHECKING:
    from support.figures import Trials
    from support.zygote import Zygote

SUITE = "T15"
PUTS = sized(2_000, 100_000, 1_000_000)
WARM = 1_000  # puts until caches are full
MOST_GROWTH_MIB = 10.0
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def put_and_get(root: Path, puts: int) -> tuple[float, int, float]:
    """Put and get so many datasets; return the growth in MiB, of descriptors, puts a second."""
    create_repository(root, "hsc", dataset_types={"summary": SUMMARY}, durability="fast")
    with Butler(root) as butler:
        before = resident_mib(), descriptors()
        began = time.monotonic()
        for number in range(puts + WARM):
            if number == WARM:
                before = resident_mib(), descriptors()
                began = time.monotonic()
            content = {"number": number, "text": "x" * 4_000}
            butler.put(content, "summary", visit=number // 200, ccd=number % 200)
            if butler.get("summary", visit=number // 200, ccd=number % 200) != content:
                message = f"dataset {number} is not what was put"
                raise ValueError(message)
        rate = puts / (time.monotonic() - began)
        return resident_mib() - before[0], descriptors() - before[1], rate


def resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_MIB


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def soak(
    zygote: Zygote, root: Path, puts: int, variant: str | None = None
) -> tuple[list[str], dict[str, float]]:
    call = Call(put_and_get, (root, puts), preparation(SUITE, variant))
    value = zygote.run_all([call])[0].required()
    assert isinstance(value, tuple)
    growth, more, rate = value
    broken = [f"memory grew by {growth:.1f} MiB"] if growth > MOST_GROWTH_MIB else []
    broken += [f"{more} more descriptors are open"] if more > 0 else []
    measured = {"rss_growth_MiB": round(growth, 2), "more_descriptors": more}
    return broken, {**measured, "puts_and_gets_per_s": round(rate)}


def test_memory_and_descriptors_do_not_grow(
    zygote: Zygote, quick_path: Path, trials: Trials
) -> None:
    broken, measured = soak(zygote, quick_path / "DATA", PUTS)
    trials.add(broken, count=PUTS)
    trials.measure(**measured)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(zygote: Zygote, quick_path: Path, variant: str) -> None:
    assert soak(zygote, quick_path / "DATA", 1_000, variant)[0]
