"""Run the suites and write down what they found: ``scripts/torture --tier nightly``.

A suite that fails, or whose process dies, stops no other. The exit status is 1
if a promise was broken or a suite did not come to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from support.figures import FIGURES_VARIABLE
from support.tier import TIER_VARIABLE, TIERS

from tests.reliability.suites import NOT_RUN, SUITES

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = Path(__file__).resolve().parents[2]
LOGS = TOP / "scratch" / "torture"
COVERED = ("commit", "local_store", "steps", "store", "cures")
COVERING = (
    "tests/butler/storage",
    "tests/butler/test_butler.py",
    "tests/butler/test_task_butler.py",
)


@dataclass
class Result:
    """What one suite found."""

    suite: str
    trials: int = 0
    breaches: int = 0
    seconds: float = 0.0
    is_complete: bool = False
    measured: dict[str, float | int | str] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    skipped: str = ""

    @property
    def verdict(self) -> str:
        if self.breaches:
            return "BROKEN"
        if not self.is_complete:
            return "FAILED"
        return "skipped" if self.skipped and not self.trials else "kept"


def say(line: str) -> None:
    """Show progress at once, though the output goes to a file."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run_suite(name: str, tier: str) -> Result:
    """Run one suite in a process of its own and gather its figures."""
    suite, result = SUITES[name], Result(name)
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        figures = Path(folder, "figures.jsonl")
        log = LOGS / f"{name}-{tier}.log"
        environment = {**os.environ, TIER_VARIABLE: tier, FIGURES_VARIABLE: str(figures)}
        command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider"]
        with log.open("w") as output:
            ended = subprocess.run(
                [*command, *(f"tests/reliability/{one}.py" for one in suite.modules.split())],
                cwd=TOP,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        result.is_complete = ended.returncode == 0
        lines = figures.read_text().splitlines() if figures.exists() else []
        result.skipped = "; ".join(
            line for line in log.read_text(errors="replace").splitlines() if line.startswith("SKIP")
        )
    for line in lines:
        _add(result, json.loads(line))
    result.seconds = round(time.monotonic() - began, 1)
    say(f"{name:4} {result.verdict:8} {result.trials:9,} trials {result.breaches:4} breaches "
        f"{result.seconds:7.0f} s  {suite.title}")  # fmt: skip
    return result


def _add(result: Result, figures: dict[str, object]) -> None:
    result.trials += int(str(figures["trials"]))
    result.breaches += int(str(figures["broken"]))
    breaches, measured = figures["breaches"], figures["measured"]
    assert isinstance(breaches, list)
    assert isinstance(measured, dict)
    result.examples += [str(one) for one in breaches]
    result.measured |= measured


def machine() -> dict[str, object]:
    """Where and when this was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "load": [round(load, 1) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def as_markdown(tier: str, facts: dict[str, object], results: Sequence[Result]) -> str:
    """The report as a table."""
    lines = [
        f"# scripts/torture --tier {tier}",
        "",
        ", ".join(f"{name} {value}" for name, value in facts.items()),
        "",
        "| suite | what | trials | breaches | seconds | measured |",
        "|---|---|---:|---:|---:|---|",
    ]
    for one in results:
        measured = ", ".join(f"{name.replace('_', ' ')} {v}" for name, v in one.measured.items())
        notes = [note for note in (measured, one.skipped) if note]
        if not one.is_complete and not one.breaches:
            notes.insert(0, "**did not come to its end**")
        lines.append(
            f"| {one.suite} | {SUITES[one.suite].title} | {one.trials:,} | {one.breaches} | "
            f"{one.seconds:.0f} | {'; '.join(notes)} |"
        )
    lines += [f"| {name} | {why} | not run | | | |" for name, why in NOT_RUN.items()]
    broken = [f"* {one.suite}: {example}" for one in results for example in one.examples]
    return "\n".join([*lines, *(["", "## Broken", "", *broken] if broken else [])]) + "\n"


def write_report(path: Path, tier: str, results: Sequence[Result]) -> None:
    """Write the report as Markdown, and as JSON beside it."""
    facts = machine()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".md").write_text(as_markdown(tier, facts, results))
    found = [{**vars(one), "verdict": one.verdict} for one in results]
    content = {"tier": tier, "machine": facts, "suites": found, "not run": NOT_RUN}
    path.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n")


def measure_coverage() -> int:
    """Show which branches of the commit protocol the tests do not reach; none is the promise."""
    data = str(LOGS / "coverage")
    covered = ",".join(f"butler/storage/{name}.py" for name in COVERED)
    run = ["run", "--branch", f"--data-file={data}", f"--include={covered}", "-m", "pytest", "-q"]
    ended = subprocess.run(
        [sys.executable, "-m", "coverage", *run, *COVERING], cwd=TOP, check=False
    )
    report = ["report", "--show-missing", f"--data-file={data}", "--fail-under=100"]
    shown = subprocess.run([sys.executable, "-m", "coverage", *report], cwd=TOP, check=False)
    return int(ended.returncode != 0 or shown.returncode != 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run suites; return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}")
    parser.add_argument("--tier", choices=TIERS, default="pr")
    parser.add_argument("--report", type=Path, help="written as .md and .json")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="suites at once")
    parser.add_argument("--coverage", action="store_true", help="T19: of the commit protocol")
    options = parser.parse_args(arguments)
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    LOGS.mkdir(parents=True, exist_ok=True)
    if options.coverage:
        return measure_coverage()
    report = options.report or LOGS / f"report-{options.tier}"
    chosen = options.suites or sorted(SUITES, key=lambda name: not SUITES[name].is_long)
    results: list[Result] = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(lambda name: run_suite(name, options.tier), chosen):
            results.append(result)
            results.sort(key=lambda one: list(SUITES).index(one.suite))
            write_report(report, options.tier, results)  # each time: this may be ended early
    say(f"The report: {report.with_suffix('.md')}; what each suite said: {LOGS}")
    return int(any(one.breaches or not one.is_complete for one in results))


if __name__ == "__main__":
    sys.exit(main())
