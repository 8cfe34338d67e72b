"""Put the same images and catalogs to astropy, fitsio and skybutler."""

from __future__ import annotations

import argparse
import logging
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.imaging.cases import CASES
from benchmarks.imaging.library import LIBRARIES
from benchmarks.imaging.memory import ImagingMeasurement
from benchmarks.report import duration, load_average, machine_facts, table_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.imaging.cases import Case

__all__ = ["main"]

logger = logging.getLogger(__name__)

_TOP = Path(__file__).resolve().parents[2]
_OURS = "skybutler"
_INTRODUCTION = (
    "An exposure of 4176 x 2048 pixels (image, mask, variance), a catalog of 1,000,000 rows: an "
    "identifier, 24 measurements, 16 flags (skybutler keeps flags as bits, the others as bytes). "
    "Every library reads the file that it has written. CPU is that of the process, medians of {} "
    "repetitions in fresh processes and in alternation; files are in the page cache, nobody "
    "syncs. The ratio is skybutler's CPU to that of the better of the others; the target is 1.10 "
    "for plain exposures. peak/data is the most memory of the work, with the catalog itself, in "
    "units of the file; the target is 1.3."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, report, and return 1 if two results differ."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    facts = [*machine_facts(), load_average("began")]
    options.scratch.mkdir(parents=True, exist_ok=True)
    measured: dict[str, dict[str, list[ImagingMeasurement]]] = {}
    with tempfile.TemporaryDirectory(dir=options.scratch) as work:
        for library in LIBRARIES:
            (Path(work) / library).mkdir()
            facts.append(f"{library} {_call(library, 'prepare', Path(work))}")
        cases = [case for case in CASES if case.name in options.cases]
        for case in cases:
            measured[case.name] = {library: [] for library in LIBRARIES}
            for repetition in range(options.repetitions):
                for library in list(LIBRARIES)[:: 1 if repetition % 2 == 0 else -1]:
                    one = ImagingMeasurement.from_json(_call(library, case.name, Path(work)))
                    measured[case.name][library].append(one)
                    logger.info("%-15s %-10s %s", case.name, library, one.to_json())
    facts.append(load_average("ended"))
    report = "\n".join(_report(cases, measured, facts, options.repetitions))
    if options.output is None:
        print(report)
    else:
        options.output.write_text(report + "\n", encoding="utf-8")
    return 0 if all(_agree(several) for several in measured.values()) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [case.name for case in CASES]
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--cases", nargs="+", choices=names, default=names, metavar="CASE")
    parser.add_argument("--scratch", type=Path, default=_TOP / "scratch" / "benchmarks")
    parser.add_argument("--output", type=Path, help="a Markdown file; printed if not given")
    return parser.parse_args(arguments)


def _call(library: str, case: str, work: Path) -> str:
    command = [sys.executable, "-m", "benchmarks.imaging.worker", library, case]
    command.append(str((work / library).resolve()))
    done = subprocess.run(command, cwd=_TOP, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{case} of {library} failed:\n{done.stderr}")
    return done.stdout.strip().splitlines()[-1]


def _agree(measured: Mapping[str, Sequence[ImagingMeasurement]]) -> bool:
    return len({one.answer for several in measured.values() for one in several}) == 1


def _report(
    cases: Sequence[Case],
    measured: Mapping[str, Mapping[str, Sequence[ImagingMeasurement]]],
    facts: Sequence[str],
    repetitions: int,
) -> Iterator[str]:
    command = shlex.join(["scripts/benchmark", "imaging", *sys.argv[1:]])
    yield from ("# Images and catalogs", "", "Obtained by", "", "```", command, "```", "")
    yield from (f"* {fact}" for fact in facts)
    yield from ("", _INTRODUCTION.format(repetitions), "")
    heading = ["case"]
    for library in LIBRARIES:
        heading += [f"{library}: wall", "CPU", "memory", "peak/data"]
    heading += ["CPU ratio", "same result"]
    yield table_row(heading)
    yield table_row(["---"] * len(heading))
    for case in cases:
        yield _row(case, measured[case.name])
    yield ""
    yield from (f"* {case.title}: {case.note}" for case in cases if case.note)


def _row(case: Case, measured: Mapping[str, Sequence[ImagingMeasurement]]) -> str:
    cells = [case.title]
    cpu = {}
    for library, several in measured.items():
        wall, cpu[library] = (
            median(getattr(one, name) / one.operations for one in several)
            for name in ("wall_s", "cpu_s")
        )
        peak = median(one.peak_mb for one in several)
        ratio = median(one.peak_to_data for one in several)
        cells += [duration(wall), duration(cpu[library]), f"{peak:.0f} MB"]
        cells.append(f"{ratio:.2f}" if ratio else "")
    best = min(seconds for library, seconds in cpu.items() if library != _OURS)
    cells += [f"{cpu[_OURS] / best:.2f}", "yes" if _agree(measured) else "**NO**"]
    return table_row(cells)


if __name__ == "__main__":
    sys.exit(main())
