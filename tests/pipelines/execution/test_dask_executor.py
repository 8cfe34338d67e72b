"""The same runs on the workers of a real Dask cluster."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from butler import Butler
from butler.errors import MissingDependencyError
from butler.registry.condition import from_keywords
from pipelines.errors import ClosedExecutorError, RunError, WorkerDiedError
from pipelines.execution.dask_executor import DaskExecutor, connect_dask, start_dask
from pipelines.execution.run import run_task
from tests.pipelines.execution.test_run import CCDS, doubled, expected, left_over, provenance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import LocalCluster

    from tests.pipelines.execution.conftest import MakeRequest

distributed = pytest.importorskip("distributed", reason="distributed is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers that tests share, as a cluster of somebody else."""
    import dask

    with (
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 0,
                "distributed.scheduler.worker-saturation": 1.0,
            }
        ),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as made,
    ):
        yield made


def test_outputs_are_those_of_processes(
    make_request: MakeRequest, output: Path, cluster: LocalCluster
) -> None:
    report = run_task(make_request(engine=f"dask={cluster.scheduler_address}"))
    assert (report.done, report.failed) == (6, 0)
    assert doubled(output) == expected(*CCDS)
    assert left_over(output) == []
    made = provenance(output, "notes", 3)
    assert made.task == "support.tasks.DoubleTask"
    assert [one.dataset_type for one in made.inputs] == ["summary"]
    with Butler(output) as butler:
        assert "doubling" in str(butler.get("double_log", visit=903334, ccd=3))
    assert run_task(make_request(engine="processes")).skipped == 6


def test_failures_are_reported_with_their_logs(
    make_request: MakeRequest, output: Path, cluster: LocalCluster
) -> None:
    request = make_request({"failing": [1, 4]}, engine=f"dask={cluster.scheduler_address}")
    report = run_task(request)
    assert (report.done, report.failed) == (4, 2)
    assert sorted(doubled(output)) == [0, 2, 3, 5]
    for failure in report.failures:
        assert "ZeroDivisionError" in failure.error
        with open(failure.log_uri, encoding="utf-8") as file:
            assert "Traceback" in file.read()


def test_lost_worker_costs_one_more_try_and_is_reported(
    make_request: MakeRequest, output: Path, cluster: LocalCluster
) -> None:
    request = make_request({"killing": [2]}, engine=f"dask={cluster.scheduler_address}")
    report = run_task(request)
    (failure,) = report.failures
    assert failure.data_id["ccd"] == 2
    assert "The process that ran it has died" in failure.error
    assert "So it did 2 times" in failure.error
    assert sorted(doubled(output)) == [0, 1, 3, 4, 5]
    assert left_over(output) == []


def test_worker_that_is_lost_once_stops_nothing(
    make_request: MakeRequest, output: Path, tmp_path: Path, cluster: LocalCluster
) -> None:
    fields = {"killing_once": str(tmp_path / "died")}
    report = run_task(make_request(fields, engine=f"dask={cluster.scheduler_address}"))
    assert (report.done, report.failed) == (6, 0)
    assert doubled(output) == expected(*CCDS)
    assert left_over(output) == []


def test_workers_of_its_own_end_with_the_run(make_request: MakeRequest, output: Path) -> None:
    conditions = [from_keywords({"ccd": ccd}) for ccd in (0, 1)]
    report = run_task(make_request(engine="dask", processes=2, conditions=conditions))
    assert report.done == 2
    assert doubled(output) == expected(0, 1)


def test_executor_tells_what_came_of_each_call(cluster: LocalCluster) -> None:
    with connect_dask(cluster.scheduler_address) as executor:
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        assert isinstance(executor.submit(divmod, 7, 0).exception(), ZeroDivisionError)
        assert isinstance(executor.submit(os._exit, 3).exception(), WorkerDiedError)
        assert executor.submit(os.getpid).result() != os.getpid()
    with pytest.raises(ClosedExecutorError):
        executor.submit(os.getpid)
    with distributed.Client(cluster) as client:  # another's cluster is still there
        assert client.submit(divmod, 7, 2).result() == (3, 1)


def test_calls_that_are_given_up_say_so() -> None:
    executor = start_dask(1)
    handler = executor.submit(signal.getsignal, signal.SIGINT).result()
    assert handler == signal.SIG_IGN  # Ctrl-C is for the driver to answer
    future = executor.submit(time.sleep, 60)
    executor.kill()
    assert "Dask gave it up" in str(future.exception())


def test_client_of_any_cluster_may_be_given(
    make_request: MakeRequest, output: Path, cluster: LocalCluster
) -> None:
    with distributed.Client(cluster) as client:
        report = run_task(make_request(), executor=DaskExecutor(client))
    assert report.done == 6
    assert doubled(output) == expected(*CCDS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "slurm"}, "dask or dask=ADDRESS"),
        ({"engine": "dask="}, "dask or dask=ADDRESS"),
        ({"engine": "processes=4"}, "dask or dask=ADDRESS"),
        ({"engine": "dask", "timeout_s": 3.0}, "no time limit"),
        ({"engine": "dask=nowhere"}, "No scheduler of Dask answers at nowhere"),
    ],
)
def test_unusable_executor_is_told(
    make_request: MakeRequest, output: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(RunError, match=message):
        run_task(make_request(**options))
    assert output.exists() == (options["engine"] == "dask=nowhere")  # it is asked at last


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r"skybutler\[dask\]"):
        start_dask(1)
