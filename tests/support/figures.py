"""What a reliability suite has tried, what broke, and what was measured."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FIGURES_VARIABLE", "Trials", "percentile"]

FIGURES_VARIABLE: Final = "SKYBUTLER_FIGURES"
_MOST_KEPT = 50


@dataclass(slots=True)
class Trials:
    """The figures of one test of a suite.

    Parameters
    ----------
    suite
        Such as ``T1``.
    test
        Name of the test.
    """

    suite: str
    test: str
    trials: int = 0
    breaches: list[str] = field(default_factory=list)
    measured: dict[str, float | int | str] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    def add(self, breaches: Iterable[str] = (), *, of: str = "", count: int = 1) -> None:
        """Count trials and what they broke; ``of`` says which they were."""
        self.trials += count
        self.breaches += [f"{of}: {breach}" if of else breach for breach in breaches]

    def measure(self, **measured: float | str) -> None:
        """Record figures that are not promised, only seen."""
        self.measured.update(measured)

    def write(self) -> None:
        """Append one line to the file that the environment names, if it does."""
        path = os.environ.get(FIGURES_VARIABLE)
        if path is None:
            return
        known = {name: value for name, value in asdict(self).items() if not name.startswith("_")}
        seconds = round(time.monotonic() - self._began, 2)
        known |= {"broken": len(self.breaches), "breaches": self.breaches[:_MOST_KEPT]}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({**known, "seconds": seconds}, ensure_ascii=False) + "\n")


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
