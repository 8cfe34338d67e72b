"""The table of results, as Markdown."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.cases import Case
    from benchmarks.measure import Measurement

__all__ = ["Outcome", "load_average", "machine_facts", "write_report"]

_TITLES = {"peer": "lsst-daf-butler", "ours": "skybutler"}


@dataclass(slots=True)
class Outcome:
    """All repetitions of one case.

    Parameters
    ----------
    case, count
        What was done, with how many datasets.
    measured
        By system.
    failures
        By system, the kind of error.
    """

    case: Case
    count: int
    measured: dict[str, list[Measurement]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def agrees(self) -> bool:
        """Whether all systems obtained the same in all repetitions."""
        answers = {one.answer for several in self.measured.values() for one in several}
        return len(answers) <= 1

    def middle(self, system: str, name: str) -> float:
        """The median of a field, for one operation if the case counts those."""
        several = self.measured[system]
        value = float(median(getattr(one, name) for one in several))
        return value / several[0].operations if self.case.per_operation else value


def machine_facts() -> list[str]:
    """What the figures depend on; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = "unknown processor"
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        for line in cpu_info.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return [
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}",
        f"Python {platform.python_version()}",
    ]


def load_average(when: str) -> str:
    """How busy the machine is, over 1, 5 and 15 minutes."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"load average when it {when}: {load}"


def write_report(
    outcomes: Sequence[Outcome],
    *,
    systems: Sequence[str],
    versions: Mapping[str, str],
    command: str,
    repetitions: int,
    facts: Sequence[str],
) -> str:
    """Everything that is needed to judge the figures and to obtain them again."""
    lines = ["# Results", "", "Obtained by", "", "```", command, "```", ""]
    lines += [f"* {fact}" for fact in facts]
    lines += [f"* {_TITLES[system]}: {versions[system]}" for system in systems]
    lines += [
        f"* medians of {repetitions}, each in a fresh process, the systems in alternation",
        "* memory: the peak of the process",
        "",
        *_table(outcomes, systems),
        "",
        *_notes(outcomes),
    ]
    return "\n".join(lines) + "\n"


def _table(outcomes: Sequence[Outcome], systems: Sequence[str]) -> Iterator[str]:
    heading = ["case", "datasets"]
    for system in systems:
        heading += [f"{_TITLES[system]}: wall", "CPU", "memory"]
    if "ours" in systems:
        heading.append("target")
    compared = len(systems) == len(_TITLES)
    if compared:
        heading += ["wall ratio", "CPU ratio", "same result"]
    yield table_row(heading)
    yield table_row(["---"] * len(heading))
    for outcome in outcomes:
        cells = [outcome.case.title, f"{outcome.count:,}" if outcome.count else ""]
        for system in systems:
            cells += _costs(outcome, system)
        if "ours" in systems:
            cells.append(outcome.case.target)
        if compared:
            cells += _comparison(outcome)
        yield table_row(cells)
        yield from _derived_rows(outcome, systems, len(heading))


def _costs(outcome: Outcome, system: str) -> list[str]:
    if not outcome.measured.get(system):
        return ["failed", "", ""]
    peak_mb = median(one.peak_mb for one in outcome.measured[system])
    return [
        duration(outcome.middle(system, "wall_s")),
        duration(outcome.middle(system, "cpu_s")),
        f"{peak_mb:.0f} MB" if peak_mb else "",
    ]


def _comparison(outcome: Outcome) -> list[str]:
    if not all(outcome.measured.get(system) for system in _TITLES):
        return ["", "", ""]
    ratios = [
        outcome.middle("peer", name) / max(outcome.middle("ours", name), 1e-9)
        for name in ("wall_s", "cpu_s")
    ]
    return [*(f"{ratio:.3g}" for ratio in ratios), "yes" if outcome.agrees() else "**NO**"]


def _derived_rows(outcome: Outcome, systems: Sequence[str], width: int) -> Iterator[str]:
    derived: dict[str, Callable[[Measurement], str]] = {
        "slowest single one": lambda one: duration(one.worst_s) if one.worst_s else "",
        "registry bytes for each": lambda one: (
            f"{one.registry_bytes / one.operations:.0f}" if one.registry_bytes else ""
        ),
    }
    for title, text_of in derived.items():
        cells = ["", ""]
        for system in systems:
            several = sorted(
                outcome.measured.get(system, []), key=lambda one: (one.worst_s, one.registry_bytes)
            )
            cells += [text_of(several[len(several) // 2]) if several else "", "", ""]
        if any(cells):
            cells[0] = f"… {title}"
            yield table_row(cells + [""] * (width - len(cells)))


def _notes(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.case.note:
            yield f"* {outcome.case.title}: {outcome.case.note}"
        for system, reason in outcome.failures.items():
            yield f"* {outcome.case.title}: {_TITLES[system]} failed ({reason})"


def table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
