"""Gen2's spellings of tasks do what ours do, overridden or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pipelines.task import CmdLineTask, Config, ConfigurableField, Struct, Task, time_method
from pipelines.task.gen2_names import timeMethod

if TYPE_CHECKING:
    from butler.data_ref import DataRef


class BelowTask(Task):
    _DefaultName = "below"


class AboveConfig(Config):
    below = ConfigurableField(doc="A task.", target=BelowTask)


class AboveTask(CmdLineTask):
    ConfigClass = AboveConfig
    _DefaultName = "above"
    below: BelowTask

    def run_data_ref(self, ref: DataRef) -> Struct:
        return Struct(ref=ref)


def test_make_subtask_keeps_the_task_as_an_attribute() -> None:
    task = AboveTask()
    made = task.makeSubtask("below")
    assert made is task.below


def test_names_are_the_same() -> None:
    task = AboveTask()
    below = task.make_subtask("below")
    assert (below.getName(), below.getFullName()) == (below.name, below.full_name)
    assert task.getTaskDict() == task.all_tasks() == {"above": task, "above.below": below}


def test_metadata_is_the_same() -> None:
    task = AboveTask()
    task.metadata["count"] = 1
    assert task.getFullMetadata() == task.full_metadata() == {"above": {"count": 1}}
    task.emptyMetadata()
    assert task.full_metadata() == {"above": {}}


def test_schemas_are_the_same() -> None:
    task = AboveTask()
    assert task.getSchemaCatalogs() == task.schema_catalogs()
    assert task.getAllSchemaCatalogs() == task.all_schema_catalogs()


def test_run_data_ref_runs_what_overrides_ours() -> None:
    class Derived(AboveTask):
        def run_data_ref(self, ref: DataRef) -> Struct:
            return Struct(derived=ref)

    ref = cast("DataRef", "a ref")
    assert Derived().runDataRef(ref) == Struct(derived=ref)


def test_field_made_in_the_old_spelling_has_the_same_target() -> None:
    assert BelowTask.makeField("A task.").doc == BelowTask.make_field("A task.").doc


def test_time_method_is_the_same() -> None:
    assert timeMethod is time_method


def test_dataset_types_follow_from_the_default_name() -> None:
    assert (AboveTask.config_type(), AboveTask.metadata_type()) == (
        "above_config",
        "above_metadata",
    )
