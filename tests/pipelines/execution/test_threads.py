"""Linear algebra uses one thread beside others, and processes share what they import."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from pipelines.execution.threads import one_thread, one_thread_for_children

NAMES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "LSST_ALLOW_IMPLICIT_THREADS",
)

# Prints what a process has imported before it is asked to do anything.
_SCRIPT = """
from pipelines.execution.process_executor import ProcessExecutor
from tests.pipelines.execution.test_threads import imported
with ProcessExecutor(1, imports={imports!r}) as executor:
    print(executor.submit(imported, "colorsys").result(), executor.submit(imported, "os").result())
"""


def imported(name: str) -> bool:
    return name in sys.modules


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> object:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    np.linalg.inv(np.eye(3))  # so that the library is there
    with threadpool_limits(2):
        yield


def threads_of_algebra() -> set[int]:
    return {int(library["num_threads"]) for library in threadpool_info()}


@pytest.mark.usefixtures("two_threads")
def test_linear_algebra_has_one_thread_inside_and_its_own_again_outside() -> None:
    before = threads_of_algebra()
    with one_thread():
        assert threads_of_algebra() == {1}
    assert threads_of_algebra() == before != {1}


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("name", ["LSST_ALLOW_IMPLICIT_THREADS", "OMP_NUM_THREADS"])
def test_the_environment_has_the_last_word(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "2")
    before = threads_of_algebra()
    with one_thread():
        assert threads_of_algebra() == before


def test_children_are_told_and_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    before = dict(os.environ)
    with one_thread_for_children():
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert os.environ["MKL_NUM_THREADS"] == "3"
    assert dict(os.environ) == before


@pytest.mark.parametrize("is_shared", [True, False])
def test_processes_share_what_they_were_told_to_import(is_shared: bool) -> None:
    script = _SCRIPT.format(imports=["colorsys"] if is_shared else [])
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == [str(is_shared), "True"]
