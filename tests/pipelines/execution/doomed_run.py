"""A run in a process of its own, which dies or is interrupted at a named step."""

from __future__ import annotations

import os
import signal
import sys

from support.tasks import DoubleConfig, DoubleTask

from butler.storage.steps import observe_steps
from pipelines.execution.places import find_places
from pipelines.execution.run import RunRequest, run_task

__all__ = ["main"]


def main(root: str, processes: str, at: str, times: str, number: str) -> None:
    """Send this process a signal when a step is done for the so manieth time."""
    left = int(times)

    def observe(name: str) -> None:
        nonlocal left
        left -= name == at
        if left == 0:
            left = -1
            os.kill(os.getpid(), int(number))

    observe_steps(observe)
    places = find_places(root, rerun="doubled")
    report = run_task(RunRequest(DoubleTask, DoubleConfig(), places, processes=int(processes)))
    observe_steps(None)
    sys.stdout.write(f"{report.done} {report.failed} {report.remaining} {report.is_interrupted}\n")
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


if __name__ == "__main__":
    main(*sys.argv[1:])
