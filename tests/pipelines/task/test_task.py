"""Tasks: configuration, sub-tasks, logging, metadata."""

from __future__ import annotations

import logging
import pickle

import pytest

from pipelines.errors import ConfigError, PipelineError, SubtaskError
from pipelines.task import (
    Config,
    ConfigurableField,
    Field,
    RangeField,
    RegistryField,
    Struct,
    Task,
    make_registry,
    time_method,
)


class ScaleConfig(Config):
    factor = RangeField(doc="By how much.", dtype=float, default=2.0, min=0.0)


class ScaleTask(Task):
    ConfigClass = ScaleConfig
    _DefaultName = "scale"
    config: ScaleConfig

    def __init__(self, schema: list[str] | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]
        if schema is not None:
            schema.append(f"{self.name}_factor")

    @time_method
    def run(self, number: float) -> Struct:
        return Struct(number=number * self.config.factor)

    def schema_catalogs(self) -> dict[str, object]:
        return {"scaled": []}


class OtherScaleConfig(ScaleConfig):
    offset = Field[float](doc="Added afterwards.", default=1.0)


class OtherScaleTask(ScaleTask):
    ConfigClass = OtherScaleConfig


SCALES = make_registry("Ways to scale.")
SCALES.register("plain", ScaleTask)
SCALES.register("other", OtherScaleTask)


class TopConfig(Config):
    scale = ConfigurableField(doc="How to scale.", target=ScaleTask)
    choice: RegistryField = SCALES.makeField(doc="How to scale, by name.", default="plain")
    title = Field[str](doc="What it is called.", default="top")

    def setDefaults(self) -> None:
        super().setDefaults()
        self.scale.factor = 3.0


class TopTask(Task):
    ConfigClass = TopConfig
    _DefaultName = "top"
    config: TopConfig
    scale: ScaleTask

    def __init__(self, config: TopConfig | None = None, schema: list[str] | None = None) -> None:
        super().__init__(config)
        self.make_subtask("scale", schema=schema)


def test_task_without_a_configuration_takes_the_defaults() -> None:
    assert ScaleTask().run(2.0).number == 4.0


def test_subtask_is_configured_by_the_task_above() -> None:
    assert TopTask().scale.run(2.0).number == 6.0


def test_subtask_can_be_retargeted() -> None:
    config = TopConfig()
    config.scale.retarget(OtherScaleTask)
    config.scale.offset = 5.0
    assert type(TopTask(config).scale) is OtherScaleTask


def test_subtask_is_chosen_from_a_registry_by_name() -> None:
    config = TopConfig()
    config.choice.name = "other"
    task = TopTask(config)
    assert type(task.make_subtask("choice")) is OtherScaleTask


def test_subtask_knows_its_full_name_and_logs_to_it(caplog: pytest.LogCaptureFixture) -> None:
    task = TopTask()
    with caplog.at_level(logging.INFO):
        task.scale.log.info("scaled")
    assert task.scale.full_name == "top.scale"
    assert [record.name for record in caplog.records] == ["top.scale"]


def test_log_of_the_caller_is_the_root_of_the_task() -> None:
    task = ScaleTask(log=logging.getLogger("mine"))
    assert task.log.name == "mine.scale"


def test_field_that_holds_no_task_is_no_subtask() -> None:
    with pytest.raises(SubtaskError, match=r"'title'.*scale, choice, title|'title'.*fields are"):
        TopTask().make_subtask("title")


def test_configuration_of_another_class_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"ScaleConfig, not by TopConfig"):
        ScaleTask(config=TopConfig())


def test_configuration_that_is_not_valid_names_the_field() -> None:
    config = TopConfig()
    config.title = None  # type: ignore[assignment]
    with pytest.raises(ConfigError, match="title"):
        TopTask(config)


def test_configuration_of_a_task_is_frozen() -> None:
    task = ScaleTask()
    with pytest.raises(ValueError, match="frozen"):
        task.config.factor = 1.0


def test_schema_is_handed_to_the_subtasks() -> None:
    schema: list[str] = []
    TopTask(schema=schema)
    assert schema == ["scale_factor"]


def test_schema_catalogs_of_the_tasks_below_are_collected() -> None:
    assert TopTask().all_schema_catalogs() == {"scaled": []}


def test_time_of_a_step_is_in_the_metadata() -> None:
    task = ScaleTask()
    task.run(1.0)
    assert set(task.metadata) == {"run_wall_s", "run_cpu_s"}


def test_times_of_a_repeated_step_add_up() -> None:
    task = ScaleTask()
    task.metadata["step_wall_s"] = 1000.0
    with task.timer("step"):
        pass
    total = task.metadata["step_wall_s"]
    assert isinstance(total, float)
    assert total >= 1000.0


def test_step_that_fails_is_timed_too() -> None:
    task = ScaleTask()
    with pytest.raises(KeyError), task.timer("step"):
        raise KeyError
    assert "step_wall_s" in task.metadata


def test_metadata_of_all_tasks_is_found_under_their_full_names() -> None:
    task = TopTask()
    task.scale.metadata.add("count", 1)
    task.scale.metadata.add("count", 2)
    assert task.full_metadata() == {"top": {}, "top.scale": {"count": [1, 2]}}


def test_metadata_can_be_emptied_before_another_run() -> None:
    task = TopTask()
    task.scale.metadata["count"] = 1
    task.empty_metadata()
    assert task.full_metadata() == {"top": {}, "top.scale": {}}


def test_task_makes_a_field_for_the_task_above() -> None:
    assert ScaleTask.make_field("How to scale.").doc.startswith("How to scale.")


def test_errors_share_a_root_and_survive_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(SubtaskError("no such thing")))
    assert isinstance(error, PipelineError)
    assert (str(error), error.code) == ("no such thing", "subtask")
