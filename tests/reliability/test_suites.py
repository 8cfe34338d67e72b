"""Every suite of the plan is there, and is able to see what it looks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.reliability.broken_variants import VARIANTS
from tests.reliability.suites import ELSEWHERE, NOT_RUN, SUITES
from tests.reliability.torture import Result, as_markdown

HERE = Path(__file__).parent


def test_every_number_of_the_plan_is_run_or_says_why_not() -> None:
    named = sorted(SUITES | NOT_RUN | ELSEWHERE, key=lambda name: int(name[1:]))
    assert len(named) == len(SUITES) + len(NOT_RUN) + len(ELSEWHERE)
    assert not SUITES.keys() & NOT_RUN.keys()


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_has_a_broken_variant_to_find_out(suite: str) -> None:
    modules = [(HERE / f"{one}.py").read_text() for one in SUITES[suite].modules.split()]
    assert all(f'SUITE = "{suite}"' in module for module in modules)
    source = modules[0]
    assert VARIANTS[suite]
    assert re.search(r"variants_of\(SUITE\)\)\ndef test_a_broken_variant_is_found_out", source)


def test_a_breach_is_not_hidden_in_the_report() -> None:
    good = Result("T1", trials=3, is_complete=True)
    assert good.verdict == "kept"
    broken = Result("T2", trials=3, breaches=1, examples=["half a file"])
    assert broken.verdict == "BROKEN"
    died = Result("T3")
    assert died.verdict == "FAILED"
    text = as_markdown("pr", {}, [good, broken, died])
    assert "T2: half a file" in text
    assert "did not come to its end" in text
