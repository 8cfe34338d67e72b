"""Small tasks that need no pixels, with every kind of field and every kind of failure."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pipelines.task import (
    ChoiceField,
    CmdLineTask,
    Config,
    ConfigurableField,
    DictField,
    Field,
    ListField,
    RangeField,
    RegistryField,
    Struct,
    Task,
    make_registry,
)

if TYPE_CHECKING:
    from butler.data_ref import DataRef

__all__ = ["DoubleConfig", "DoubleTask", "EveryConfig", "EveryTask", "OtherScaleTask", "ScaleTask"]


class ScaleConfig(Config):
    factor = RangeField(doc="By how much it is scaled.", dtype=float, default=2.0, min=0.0)


class ScaleTask(Task):
    ConfigClass = ScaleConfig
    _DefaultName = "scale"
    config: ScaleConfig

    def run(self, number: float) -> Struct:
        return Struct(number=number * self.config.factor)


class OtherScaleConfig(ScaleConfig):
    offset = Field[float](doc="What is added afterwards.", default=1.0)


class OtherScaleTask(ScaleTask):
    ConfigClass = OtherScaleConfig


SCALES = make_registry("Ways to scale.")
SCALES.register("plain", ScaleTask)
SCALES.register("other", OtherScaleTask)


class EveryConfig(Config):
    doWrite = Field[bool](doc="Whether the result is written.", default=True)
    binSize = Field[int](doc="Size of a bin in pixels.", default=128)
    title = Field[str](doc="What it is called.", default="every")
    note = Field[str](doc="A text that may be missing.", default="n", optional=True)
    limit = RangeField(doc="Between nothing and one.", dtype=float, default=0.5, min=0.0, max=1.0)
    statistic = ChoiceField[str](
        doc="How values are averaged.", default="MEAN", allowed={"MEAN": "mean", "MEDIAN": "median"}
    )
    planes = ListField[str](doc="Names of mask planes.", default=["BAD"])
    radii = ListField[float](doc="Radii in pixels.", default=[3.0])
    gains = DictField[str, float](doc="Gain of each amplifier.", default={"A": 1.0})
    scale = ConfigurableField(doc="How to scale.", target=ScaleTask)
    choice: RegistryField = SCALES.makeField(doc="One way to scale.", default="plain")
    plugins: RegistryField = SCALES.makeField(
        doc="Several ways to scale.", default=["plain"], multi=True
    )


class EveryTask(Task):
    ConfigClass = EveryConfig
    _DefaultName = "every"
    config: EveryConfig


class DoubleConfig(Config):
    scale = ConfigurableField(doc="How to scale.", target=ScaleTask)
    warned = ListField[int](doc="These ccds are warned of.", default=[])
    failing = ListField[int](doc="The ccds whose run fails.", default=[])
    failing_until = Field[str](doc="A file: as long as it is not there, all fail.", default="")
    killing = ListField[int](doc="The ccds whose run kills its process.", default=[])
    killing_once = Field[str](doc="A file: who makes it kills its process.", default="")
    slow_s = Field[float](doc="How long each run takes, in seconds.", default=0.0)


class DoubleTask(CmdLineTask):
    """Reads ``summary``, writes ``notes`` with its number doubled."""

    ConfigClass = DoubleConfig
    _DefaultName = "double"
    config: DoubleConfig
    scale: ScaleTask
    data_type = "summary"

    def __init__(self, config: DoubleConfig | None = None, **keywords: object) -> None:
        super().__init__(config, **keywords)  # type: ignore[arg-type]
        self.make_subtask("scale")

    @classmethod
    def output_types(cls, config: Config) -> tuple[str, ...]:
        del config
        return ("notes",)

    def run(self, number: float) -> Struct:
        with self.timer("scaling"):
            return self.scale.run(number)

    def run_data_ref(self, ref: DataRef) -> Struct:
        self.log.info("doubling %s", ref.data_id)
        if ref.data_id["ccd"] in self.config.warned:
            self.log.warning("this one is odd")
        numbers = cast("dict[str, float]", ref.get("summary"))
        ref.put(
            {"early": True},
            "patchNotes",
            filter="HSC-R",
            tract=int(ref.data_id["ccd"]),
            patch="0,0",
        )
        time.sleep(self.config.slow_s)
        if ref.data_id["ccd"] in self.config.killing or self._is_first_to_die():
            os.kill(os.getpid(), signal.SIGKILL)
        until = self.config.failing_until
        if ref.data_id["ccd"] in self.config.failing or (until and not Path(until).exists()):
            raise ZeroDivisionError(f"ccd {ref.data_id['ccd']} is said to fail")
        result = self.run(numbers["n"])
        ref.put({"doubled": result.number}, "notes")
        return result

    def _is_first_to_die(self) -> bool:
        if not self.config.killing_once:
            return False
        try:
            Path(self.config.killing_once).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
