"""The commands that Gen2's users type to run tasks: ``processCcd.py`` and its steps."""

from __future__ import annotations

from cli.gen2_task import make_command, run_command

__all__ = ["calibrate", "characterize_image", "process_ccd", "run_isr"]


def run_isr() -> None:
    """Run ``runIsr.py`` with the arguments of the process, and end the process."""
    _run("runIsr", "DATA --rerun first --id visit=903334 ccd=16")


def characterize_image() -> None:
    """Run ``characterizeImage.py`` in the same way, on what ``runIsr.py`` has written."""
    _run("characterizeImage", "DATA --rerun first --id visit=903334 ccd=16")


def calibrate() -> None:
    """Run ``calibrate.py`` in the same way, on what ``characterizeImage.py`` has written."""
    _run("calibrate", "DATA --rerun first --id visit=903334 ccd=16")


def process_ccd() -> None:
    """Run ``processCcd.py`` in the same way: all three steps."""
    _run("processCcd", "DATA --rerun processCcd --id visit=903334 ccd=0..103 -j 4")


def _run(task: str, example: str) -> None:
    name = f"{task}.py"
    run_command(make_command(name, task, f"{name} {example}"))
