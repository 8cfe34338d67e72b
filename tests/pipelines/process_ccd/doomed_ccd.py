"""Processing in which one worker dies half way, and another one asks for an interruption."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.process_ccd.task import ProcessCcdTask

if TYPE_CHECKING:
    from butler.data_ref import DataRef
    from pipelines.process_ccd.task import ProcessedCcd

__all__ = ["DoomedCcdTask"]


class DoomedCcdTask(ProcessCcdTask):
    """Finds what is to happen in a folder: ``kill-CCD``, and a pipe ``interrupt-CCD``.

    Each happens once, to one CCD.
    """

    def run_data_ref(self, ref: DataRef) -> ProcessedCcd:
        ccd = ref.data_id["ccd"]
        fate = Path(os.environ["FATE"])
        pipe, order = fate / f"interrupt-{ccd}", fate / f"kill-{ccd}"
        if pipe.exists():
            with pipe.open("w") as file:
                file.write("now")
            pipe.unlink()
        if order.exists():
            order.rename(fate / f"killed-{ccd}")
            self.calibrate.run = die  # icSrc is written by then
        return super().run_data_ref(ref)


def die(*_: object, **__: object) -> object:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
