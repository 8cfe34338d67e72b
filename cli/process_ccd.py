"""``processCcd.py``: Gen2's command, as its users type it."""

from __future__ import annotations

from cli.gen2_task import make_command, run_command

__all__ = ["main"]

_EXAMPLE = "processCcd.py DATA --rerun processCcd --id visit=903334 ccd=0..103 -j 4"


def main() -> None:
    """Run the command with the arguments of the process, and end the process."""
    run_command(make_command("processCcd.py", "processCcd", _EXAMPLE))
