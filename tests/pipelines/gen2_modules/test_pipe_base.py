"""The import lines of tasks that were written for Gen2 work, and so do the tasks."""

from __future__ import annotations

import subprocess
import sys

import pytest

TASK = """
import lsst.pex.config as pexConfig
import lsst.pipe.base as pipeBase

class ScaleConfig(pexConfig.Config):
    factor = pexConfig.Field(dtype=int, default=2, doc="By how much.")

class ScaleTask(pipeBase.Task):
    ConfigClass = ScaleConfig
    _DefaultName = "scale"

    @pipeBase.timeMethod
    def run(self, number):
        return pipeBase.Struct(number=number * self.config.factor)

class TopConfig(pexConfig.Config):
    scale = pexConfig.ConfigurableField(target=ScaleTask, doc="How to scale.")

class TopTask(pipeBase.CmdLineTask):
    ConfigClass = TopConfig
    _DefaultName = "top"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.makeSubtask("scale")

    def runDataRef(self, dataRef):
        return self.scale.run(dataRef)

    def getSchemaCatalogs(self):
        return {"src": []}

    @classmethod
    def applyOverrides(cls, config):
        config.scale.factor = 5

task = TopTask()
assert task.run_data_ref(3) == task.runDataRef(3) == pipeBase.Struct(number=6)
assert task.all_schema_catalogs() == {"src": []}
config = TopConfig()
TopTask.apply_overrides(config)
assert config.scale.factor == 5
assert "run_wall_s" in task.getFullMetadata()["top.scale"]
"""


@pytest.mark.parametrize("first", ["butler.gen2", "lsst.pex.config"])
def test_task_written_for_gen2_works_in_both_orders_of_import(first: str) -> None:
    script = f"import {first}\nimport butler.gen2\n{TASK}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


REFUSED = """
import butler.gen2
import lsst.pipe.base as pipeBase
from pipelines.errors import NotOfferedError

try:
    from lsst.pipe.base import PipelineTask
except NotOfferedError as error:
    assert "Derive from CmdLineTask" in str(error), error
else:
    raise SystemExit("not refused")
assert not hasattr(pipeBase, "NoSuchThing")

class SelectTask(pipeBase.CmdLineTask):
    _DefaultName = "select"

    def runDataRef(self, dataRef): pass

    @classmethod
    def _makeArgumentParser(cls):
        parser = super()._makeArgumentParser()
        parser.add_id_argument("--id", "src")
        parser.add_id_argument("--selectId", "calexp")
        return parser

assert "declares --selectId of a kind" in str(SelectTask.refused)

class OptionTask(SelectTask):
    @classmethod
    def _makeArgumentParser(cls):
        parser = pipeBase.ArgumentParser(name="option")
        parser.add_argument("--batch-type")
        return parser

assert "declares the option --batch-type" in str(OptionTask.refused)

class MyRunner(pipeBase.TaskRunner):
    @staticmethod
    def getTargetList(parsedCmd, **kwargs): return []

class RunnerTask(pipeBase.CmdLineTask):
    RunnerClass = MyRunner
    def runDataRef(self, dataRef): pass

assert "driven by MyRunner" in str(RunnerTask.refused)
try:
    pipeBase.ArgumentParser(name="a").parse_args(config=None)
except NotOfferedError as error:
    assert "parseAndRun" in str(error)
"""


def test_what_has_no_place_here_is_refused_with_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", REFUSED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
