"""``runIsr.py``: Gen2's command, as its users type it."""

from __future__ import annotations

from cli.gen2_task import make_command, run_command

__all__ = ["main"]

_EXAMPLE = "runIsr.py DATA --rerun isr --id visit=903334 ccd=16"


def main() -> None:
    """Run the command with the arguments of the process, and end the process."""
    run_command(make_command("runIsr.py", "runIsr", _EXAMPLE))
