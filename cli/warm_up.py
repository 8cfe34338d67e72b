"""``butler warm-up``."""

from __future__ import annotations

import time

import click

from cli.arguments import format_option
from cli.command import verb
from cli.exit_codes import ExitCode
from cli.output import write_rows
from cli.reporting import note

__all__ = ["warm_up"]


@verb
@click.option("-n", "--dry-run", is_flag=True, help="Only list the modules.")
@format_option
def warm_up(form: str, *, dry_run: bool) -> int:
    """Compile the kernels of all tasks, once after installing.

    Their machine code is kept, so that the first run does not wait for it.

    butler warm-up
    """
    from pipelines.warm_up import iter_kernels, kernel_modules

    began = time.monotonic()
    if dry_run:
        rows = [{"name": name, "module": module} for name, module in kernel_modules().items()]
        write_rows(rows, ("name", "module"), form)
        return ExitCode.DONE
    failed = 0
    shown: list[dict[str, object]] = []
    for one in iter_kernels():
        failed += bool(one.error)
        shown.append({"name": one.name, "module": one.module, "seconds": round(one.wall_s, 2)})
        if one.error:
            note(f"ERROR {one.module}: {one.error}")
    write_rows(shown, ("name", "module", "seconds"), form)
    note(f"{len(shown) - failed} ready, {failed} failed in {time.monotonic() - began:.1f} s")
    return ExitCode.SOME_FAILED if failed else ExitCode.DONE
