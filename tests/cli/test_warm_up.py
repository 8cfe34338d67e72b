"""``butler warm-up``."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.commands import run_command

from pipelines import warm_up


def test_every_module_of_kernels_is_imported() -> None:
    rows = run_command("warm-up", "--format", "json").rows
    assert {"isr", "detection", "background"} <= {str(row["name"]) for row in rows}
    assert all(str(row["module"]) in sys.modules for row in rows)


def test_dry_run_lists_the_modules() -> None:
    rows = run_command("warm-up", "--dry-run", "--format", "json").rows
    assert {"name": "isr", "module": "pipelines.isr.kernels"} in rows


def test_module_that_cannot_be_imported_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"bad": "no_such_module_here", "good": "json"}
    monkeypatch.setattr(warm_up, "all_entry_points", lambda _group: known)
    done = run_command("warm-up", code=1)
    assert "no_such_module_here" in done.stderr
    assert "1 ready, 1 failed" in done.stderr


@pytest.mark.parametrize("module", ["butler", "butler.butler", "cli.main", "cli.run"])
def test_neither_library_nor_command_line_imports_numba_or_configuration(module: str) -> None:
    script = f"import sys, {module}; print([n for n in sys.modules if n in ('numba', 'lsst')])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
