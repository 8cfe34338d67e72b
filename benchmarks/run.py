"""Put the same cases to both systems and write down what they cost.

``scripts/benchmark --scale 0.1`` for a quick look, without options for the
table in ``benchmarks/RESULTS.md``.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cases import CASES
from benchmarks.inputs import CCDS
from benchmarks.measure import Measurement
from benchmarks.report import Outcome, load_average, machine_facts, write_report
from benchmarks.system import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case

__all__ = ["Runner", "main"]

logger = logging.getLogger(__name__)

_TOP = Path(__file__).resolve().parents[1]
_TIMEOUT_S = 3600


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs repetitions in fresh processes, each on a repository as prepared.

    Parameters
    ----------
    work
        Folder for the prepared repositories and their copies.
    inputs
        Folder of input files, kept between runs.
    header_file
        A real HSC header.
    """

    work: Path
    inputs: Path
    header_file: Path

    def repeat(self, outcome: Outcome, system: str) -> None:
        """Run one repetition and note what it gave, or why it failed."""
        try:
            measurement = self._measure(outcome.case, outcome.count, system)
        except subprocess.CalledProcessError as error:
            said = str(error.stderr).strip().splitlines()
            outcome.failures[system] = said[-1].partition(":")[0] if said else str(error)
            logger.warning("%s of %s failed:\n%s", outcome.case.name, system, error.stderr)
        else:
            outcome.measured.setdefault(system, []).append(measurement)
            logger.info("%-10s %-4s %s", outcome.case.name, system, measurement.to_json())

    def versions(self, system: str) -> str:
        """What the system says about itself."""
        return self._call(system, "versions")

    def _measure(self, case: Case, count: int, system: str) -> Measurement:
        root = self._prepared(case, count, system)
        if case.writes:
            copy = self.work / "copy"
            shutil.copytree(root, copy, symlinks=True)
            root = copy
        try:
            said = self._call(system, "measure", case.name, count, root)
        finally:
            if case.writes:
                shutil.rmtree(root)
        return Measurement.from_json(said.splitlines()[-1])

    def _prepared(self, case: Case, count: int, system: str) -> Path:
        if case.prepared is None:
            return self.work
        root = self.work / f"{system}-{case.prepared}-{count}"
        if not root.exists():
            try:
                self._call(system, "prepare", case.prepared, count, root)
            except subprocess.CalledProcessError:
                shutil.rmtree(root, ignore_errors=True)
                raise
        return root

    def _call(
        self, system: str, action: str, name: str = "", count: int = 0, root: Path = Path()
    ) -> str:
        command = [str(_interpreter(system)), "-m", "benchmarks.worker", action, system]
        command += ["--name", name, "--count", str(count), "--root", str(root)]
        command += ["--inputs", str(self.inputs), "--header-file", str(self.header_file)]
        done = subprocess.run(
            command, cwd=_TOP, capture_output=True, text=True, check=True, timeout=_TIMEOUT_S
        )
        return done.stdout.strip()


def _interpreter(system: str) -> Path:
    if system == "ours":
        return Path(sys.executable)
    python = _TOP / ".venv-peer" / "bin" / "python"
    if not python.exists():
        sys.exit("There is no .venv-peer: run benchmarks/setup-peer first.")
    return python


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = [case.name for case in CASES]
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data, 1 for all")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument("--cases", nargs="+", choices=names, default=names, metavar="CASE")
    parser.add_argument("--scratch", type=Path, default=_TOP / "scratch" / "benchmarks")
    parser.add_argument(
        "--header-file",
        type=Path,
        default=_TOP.parent / "shared" / "data" / "headers" / "fitsheader-hsc.yaml",
        help="a real HSC header",
    )
    parser.add_argument("--output", type=Path, help="a Markdown file; printed if not given")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, report, and return 1 if anything failed or two results differ."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    facts = [*machine_facts(), load_average("began")]
    inputs = options.scratch.resolve() / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with tempfile.TemporaryDirectory(dir=options.scratch) as work:
        runner = Runner(Path(work).resolve(), inputs, options.header_file.resolve())
        versions = {system: runner.versions(system) for system in options.systems}
        for case in (case for case in CASES if case.name in options.cases):
            count = max(CCDS, round(case.count * options.scale)) if case.count else 0
            outcome = Outcome(case, count)
            for repetition in range(options.repetitions):
                turn = 1 if repetition % 2 == 0 else -1
                for system in options.systems[::turn]:
                    runner.repeat(outcome, system)
            outcomes.append(outcome)
    facts.append(load_average("ended"))
    report = write_report(
        outcomes,
        systems=options.systems,
        versions=versions,
        command=shlex.join(["scripts/benchmark", *(sys.argv[1:])]),
        repetitions=options.repetitions,
        facts=facts,
    )
    if options.output is None:
        print(report)
    else:
        options.output.write_text(report, encoding="utf-8")
    return 0 if all(one.agrees() and not one.failures for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
