from __future__ import annotations

from dataclasses import replace

from benchmarks.cases import find_case
from benchmarks.measure import Measurement, digest, stopwatch
from benchmarks.report import Outcome, write_report

ONE = Measurement(wall_s=2.0, cpu_s=1.0, peak_mb=50.0, operations=1000, answer="abc")
TEN_TIMES_FASTER = replace(ONE, wall_s=0.2, cpu_s=0.5)


def report_of(outcome: Outcome) -> str:
    return write_report(
        [outcome],
        systems=["peer", "ours"],
        versions={"peer": "1", "ours": "2"},
        command="scripts/benchmark",
        repetitions=1,
        facts=["two cores"],
    )


def test_cost_of_one_operation_and_the_ratio_are_shown() -> None:
    outcome = Outcome(find_case("get"), 1000, {"peer": [ONE], "ours": [TEN_TIMES_FASTER]})
    (line,) = [line for line in report_of(outcome).splitlines() if "get a small dict" in line]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:] == [
        *("1,000", "2 ms", "1 ms", "50 MB", "0.2 ms", "0.5 ms", "50 MB"),
        *("0.3 ms", "10", "2", "yes"),
    ]


def test_different_answers_are_shown_and_not_agreed() -> None:
    other = replace(ONE, answer="xyz")
    outcome = Outcome(find_case("get"), 1000, {"peer": [ONE], "ours": [other]})
    assert not outcome.agrees()
    assert "**NO**" in report_of(outcome)


def test_failure_of_one_system_leaves_the_other_in_the_table() -> None:
    outcome = Outcome(find_case("get"), 1000, {"peer": [ONE]}, {"ours": "OSError"})
    text = report_of(outcome)
    assert "| 2 ms | 1 ms | 50 MB | failed |" in text
    assert "skybutler failed (OSError)" in text


def test_median_ignores_one_slow_repetition() -> None:
    slow = replace(ONE, wall_s=100.0)
    outcome = Outcome(find_case("help"), 0, {"peer": [ONE, slow, ONE]})
    assert outcome.middle("peer", "wall_s") == 2.0


def test_bytes_of_the_registry_are_shown_for_each_dataset() -> None:
    measured = {"peer": [replace(ONE, registry_bytes=910_000)], "ours": [ONE]}
    assert "registry bytes for each |  | 910 |" in report_of(
        Outcome(find_case("register"), 1000, measured)
    )


def test_measurement_survives_the_way_between_processes() -> None:
    assert Measurement.from_json(ONE.to_json()) == ONE


def test_equal_answers_have_equal_digests_whatever_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_stopwatch_knows_the_memory_of_this_process() -> None:
    with stopwatch() as watch:
        text = b"x" * 50_000_000
    assert watch.peak_mb > len(text) / 2**20
