"""A task over many data IDs: each done once, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.repositories import files_below
from support.tasks import DoubleConfig

from butler.butler import Butler
from butler.errors import DatasetNotFoundError
from butler.registry.condition import from_keywords
from butler.repository.native import NativeRepository
from pipelines.errors import MismatchError, RunError
from pipelines.execution.places import find_places
from pipelines.execution.preparation import Clobber
from pipelines.execution.run import plan_run, run_task

if TYPE_CHECKING:
    from pathlib import Path

    from butler.registry.rows import Provenance
    from tests.pipelines.execution.conftest import MakeRequest

CCDS = list(range(6))


def doubled(output: Path) -> dict[int, object]:
    with Butler(output) as butler:
        return {
            int(row.data_id["ccd"]): butler.get("notes", row.data_id)
            for row in butler.query("notes")
        }


def expected(*ccds: int, factor: float = 2.0) -> dict[int, object]:
    return {ccd: {"doubled": factor * ccd} for ccd in ccds}


def left_over(output: Path) -> list[str]:
    """Temporaries and whatever was set aside, and what the registry has of open intents."""
    found = [str(one) for one in output.rglob(".tmp-*")]
    found += [str(one) for one in (output / ".butler").glob("orphans/*")]
    with Butler(output) as butler:
        (repository, *_) = butler.repositories
        assert isinstance(repository, NativeRepository)
        return [*found, *map(str, repository.registry.intents())]


def provenance(output: Path, dataset_type: str, ccd: int) -> Provenance:
    with Butler(output) as butler:
        (repository, *_) = butler.repositories
        assert isinstance(repository, NativeRepository)
        row = butler.query(dataset_type, ccd=ccd).first()
        assert row is not None
        assert row.stored.id is not None
        found = repository.registry.provenance(row.stored.id)
        assert found is not None
        return found


@pytest.mark.parametrize("processes", [1, 2])
def test_every_data_id_is_done_once(
    make_request: MakeRequest, output: Path, processes: int
) -> None:
    report = run_task(make_request(processes=processes))
    assert (report.total, report.done, report.failed, report.skipped) == (6, 6, 0, 0)
    assert doubled(output) == expected(*CCDS)
    assert left_over(output) == []


def test_metadata_and_log_stand_beside_the_outputs(make_request: MakeRequest, output: Path) -> None:
    run_task(make_request())
    with Butler(output) as butler:
        metadata = butler.get("double_metadata", visit=903334, ccd=3)
        log = butler.get("double_log", visit=903334, ccd=3)
    assert isinstance(metadata, dict)
    assert metadata["double"].keys() == {"scaling_wall_s", "scaling_cpu_s"}
    assert "INFO double: doubling" in str(log)
    assert "ccd=3" in str(log)
    assert "ccd=4" not in str(log)


def test_finished_data_ids_are_skipped(make_request: MakeRequest, output: Path) -> None:
    ccds = from_keywords({"ccd": [1, 2]})
    run_task(make_request(conditions=[ccds]))
    report = run_task(make_request())
    assert (report.done, report.skipped) == (4, 2)
    assert doubled(output) == expected(*CCDS)


def test_data_id_whose_output_was_removed_is_done_again(
    make_request: MakeRequest, output: Path
) -> None:
    run_task(make_request())
    with Butler(output) as butler:
        butler.remove("notes", visit=903334, ccd=2)
    assert run_task(make_request()).done == 1
    assert doubled(output) == expected(*CCDS)


@pytest.mark.parametrize("processes", [1, 2])
def test_failure_stops_no_other_and_has_its_log(
    make_request: MakeRequest, output: Path, processes: int
) -> None:
    report = run_task(make_request({"failing": [1, 4]}, processes=processes))
    assert (report.done, report.failed) == (4, 2)
    assert {int(one.data_id["ccd"]) for one in report.failures} == {1, 4}
    assert doubled(output) == expected(0, 2, 3, 5)
    for one in report.failures:
        assert "is said to fail" in one.error
        with open(one.log_uri, encoding="utf-8") as file:
            text = file.read()
        assert "ZeroDivisionError" in text
        assert "Traceback" in text
        assert "doubling" in text
    assert left_over(output) == []


def test_failed_data_id_leaves_nothing_but_its_log(make_request: MakeRequest, output: Path) -> None:
    run_task(make_request({"failing": [1]}, conditions=[from_keywords({"ccd": 1})]))
    types = {"config/double.py", "config/double_selection.yaml", "config/packages.yaml"}
    assert {one for one in files_below(output) if one not in types} == {"double_log/903334-1.log"}


def test_failed_data_id_is_done_when_its_cause_is_gone(
    make_request: MakeRequest, output: Path, tmp_path: Path
) -> None:
    once = tmp_path / "once"
    fields: dict[str, object] = {"failing_until": str(once)}
    assert run_task(make_request(fields)).failed == 6
    once.touch()
    report = run_task(make_request(fields))
    assert (report.done, report.failed, report.skipped) == (6, 0, 0)
    with Butler(output) as butler:
        assert "Traceback" not in str(butler.get("double_log", visit=903334, ccd=3))


def test_worker_that_is_killed_costs_its_data_id_alone(
    make_request: MakeRequest, output: Path
) -> None:
    report = run_task(make_request({"killing": [3]}, processes=2))
    assert (report.done, report.failed) == (5, 1)
    assert doubled(output) == expected(0, 1, 2, 4, 5)
    (failure,) = report.failures
    assert "SIGKILL" in failure.error
    assert "2 times" in failure.error
    with open(failure.log_uri, encoding="utf-8") as file:
        assert "SIGKILL" in file.read()
    assert [one for one in left_over(output) if "patches" not in one] == []


def test_data_id_whose_worker_was_killed_once_is_run_again(
    make_request: MakeRequest, output: Path, tmp_path: Path
) -> None:
    report = run_task(make_request({"killing_once": str(tmp_path / "died")}, processes=2))
    assert (report.done, report.failed) == (6, 0)
    assert doubled(output) == expected(*CCDS)


def test_data_id_that_takes_too_long_is_given_up(make_request: MakeRequest) -> None:
    request = make_request({"slow_s": 60.0}, timeout_s=0.5, conditions=[from_keywords({"ccd": 1})])
    report = run_task(request)
    assert report.failed == 1
    assert "longer than 0.5 s" in report.failures[0].error


def test_another_configuration_is_refused_with_its_differences(
    make_request: MakeRequest, output: Path
) -> None:
    run_task(make_request())
    other = make_request()
    other.config.scale.factor = 3.0
    with pytest.raises(MismatchError, match=r"scale\.factor: 2\.0 -> 3\.0"):
        run_task(other)
    assert doubled(output) == expected(*CCDS)


def test_another_configuration_that_is_wanted_does_everything_again(
    make_request: MakeRequest, output: Path
) -> None:
    run_task(make_request())
    for conditions in ([from_keywords({"ccd": [0, 1]})], []):  # interrupted, so to say
        request = make_request(conditions=conditions, clobber=Clobber(config=True))
        request.config.scale.factor = 3.0
        run_task(request)
    assert doubled(output) == expected(*CCDS, factor=3.0)
    assert (output / "config" / "double.py~1").exists()


def test_stale_outputs_are_replaced_by_a_run_that_goes_on(
    make_request: MakeRequest, output: Path
) -> None:
    run_task(make_request())
    first = make_request(conditions=[from_keywords({"ccd": 0})], clobber=Clobber(config=True))
    first.config.scale.factor = 3.0
    run_task(first)
    rest = make_request()
    rest.config.scale.factor = 3.0
    report = run_task(rest)
    assert (report.done, report.skipped) == (5, 1)
    assert doubled(output) == expected(*CCDS, factor=3.0)


def test_other_versions_are_refused_unless_they_are_wanted(
    make_request: MakeRequest, output: Path
) -> None:
    run_task(make_request())
    with Butler(output) as butler:
        versions = butler.get("packages")
        assert isinstance(versions, dict)
        butler.put({**versions, "numpy": "0.1"}, "packages", replace=True)
    with pytest.raises(MismatchError, match=r"numpy: 0\.1 -> "):
        run_task(make_request())
    assert run_task(make_request(clobber=Clobber(versions=True))).skipped == 6
    assert run_task(make_request()).skipped == 6


def test_everything_can_be_done_again(make_request: MakeRequest, output: Path) -> None:
    run_task(make_request())
    assert run_task(make_request(redoes=True)).done == 6
    assert doubled(output) == expected(*CCDS)


def test_output_that_somebody_put_is_not_overwritten(
    make_request: MakeRequest, data: Path, output: Path
) -> None:
    with Butler(inputs=data, outputs=output) as butler:
        butler.put({"mine": 1}, "notes", visit=903334, ccd=2)
    report = run_task(make_request())
    assert (report.done, report.failed) == (5, 1)
    assert "there already with other content" in report.failures[0].error
    assert doubled(output)[2] == {"mine": 1}
    assert left_over(output) == []


def test_provenance_names_task_configuration_versions_inputs_and_times(
    make_request: MakeRequest, data: Path, output: Path
) -> None:
    run_task(make_request())
    made = provenance(output, "notes", 3)
    with Butler(data) as butler:
        uuid = butler.repositories[0].uuid
        row = butler.query("summary", ccd=3).first()
    assert row is not None
    assert made.task == "support.tasks.DoubleTask"
    assert "config.scale.factor=2.0" in str(made.configuration)
    assert "numpy:" in str(made.versions)
    (given,) = made.inputs
    assert given[:2] == (uuid, "summary")
    assert given.sha256 == row.stored.sha256
    assert made.started is not None
    assert made.wall_s is not None
    assert made.wall_s > 0


def test_first_failure_can_be_the_end(make_request: MakeRequest) -> None:
    report = run_task(make_request({"failing": [0]}, fail_fast=True))
    assert (report.done, report.failed, report.remaining) == (0, 1, 5)


def test_first_failure_can_be_raised(make_request: MakeRequest, output: Path) -> None:
    with pytest.raises(ZeroDivisionError, match="is said to fail"):
        run_task(make_request({"failing": [2]}, raises=True))
    assert doubled(output) == expected(0, 1)
    assert left_over(output) == []


def test_plan_says_what_would_be_done_and_writes_nothing(
    make_request: MakeRequest, output: Path
) -> None:
    plan = list(plan_run(make_request()))
    assert [one.action for one in plan] == ["run"] * 6
    assert not output.exists()
    run_task(make_request(conditions=[from_keywords({"ccd": [0, 1]})]))
    actions = [one.action for one in plan_run(make_request())]
    assert actions == ["skip"] * 2 + ["run"] * 4


def test_nothing_that_matches_is_an_error_that_says_why(
    make_request: MakeRequest, output: Path
) -> None:
    with pytest.raises(DatasetNotFoundError, match="999"):
        run_task(make_request(conditions=[from_keywords({"visit": 999})]))
    assert not output.exists()


def test_data_id_that_names_nothing_beside_others_is_a_warning(
    make_request: MakeRequest,
) -> None:
    conditions = [from_keywords({"ccd": 1}), from_keywords({"ccd": 77})]
    report = run_task(make_request(conditions=conditions))
    assert report.done == 1
    assert any("77" in line for line in report.warnings)


def test_output_that_is_not_declared_is_a_warning(make_request: MakeRequest) -> None:
    report = run_task(make_request())
    assert [one for one in report.warnings if "'patchNotes' without declaring" in one]
    assert len(report.warnings) == 1


def test_nothing_can_be_resumed_that_has_not_begun(make_request: MakeRequest) -> None:
    with pytest.raises(RunError, match="nothing to resume"):
        run_task(make_request(resumes=True))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "Say where"),
        ({"rerun": "a", "output": "b"}, "Say where"),
        ({"rerun": "a:b:c"}, "IN:NAME"),
        ({"rerun": "../a"}, "IN:NAME"),
        ({"rerun": ""}, "IN:NAME"),
    ],
)
def test_place_that_is_none_is_refused(data: Path, words: dict[str, str], message: str) -> None:
    with pytest.raises(RunError, match=message):
        find_places(str(data), **words)  # type: ignore[arg-type]


def test_output_that_is_the_input_is_refused(data: Path) -> None:
    with pytest.raises(RunError, match="place of their own"):
        find_places(str(data), output=str(data))


def test_rerun_may_stand_on_another(make_request: MakeRequest, data: Path) -> None:
    run_task(make_request())
    places = find_places(str(data), rerun="doubled:second")
    assert places.inputs == (str(data / "rerun" / "doubled"),)
    second = make_request()
    report = run_task(type(second)(second.task, DoubleConfig(), places))
    assert report.done == 6
    with Butler(data / "rerun" / "second") as butler:
        roots = [one.root for one in butler.repositories]
    assert roots == [str(data / "rerun" / "second"), str(data / "rerun" / "doubled"), str(data)]
