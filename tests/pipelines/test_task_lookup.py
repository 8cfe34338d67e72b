"""Installed tasks by their names, and where they are before they are imported."""

from __future__ import annotations

import subprocess
import sys

from pipelines.task_lookup import find_task, task_module, task_names


def test_module_of_each_installed_task_is_that_of_its_class() -> None:
    names = task_names()
    assert "processCcd" in names
    for name in names:
        assert find_task(name).__module__ == task_module(name)


def test_tasks_that_are_not_installed_have_no_module() -> None:
    assert task_module("nothing") == ""
    assert task_module("pipelines.run_isr.task:RunIsrTask") == ""


def test_module_is_found_without_being_imported() -> None:
    code = (
        "import sys; from pipelines.task_lookup import task_module; "
        "print(task_module('processCcd') in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
