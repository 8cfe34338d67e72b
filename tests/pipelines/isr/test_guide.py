"""The page about instrument signature removal names what there is."""

from __future__ import annotations

import re

import pytest
from support.shared_data import REPOSITORY

from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.isr.subaru import SubaruIsrTask
from pipelines.repair.task import RepairTask

PAGE = (REPOSITORY / "docs" / "instrument-signature-removal.md").read_text(encoding="utf-8")
OLDER = {"isNanSafe", "numIter", "numSigmaClip"}  # self-explanatory, or kept for older files


@pytest.mark.parametrize("task", [SubaruIsrTask, SubtractBackgroundTask, RepairTask])
def test_every_field_is_named(task: type) -> None:
    config = task.ConfigClass()
    fields = {*config, *(config.cosmicray if task is RepairTask else ())} - OLDER
    missing = [name for name in sorted(fields) if not re.search(rf"\b{name}\b", PAGE)]
    assert missing == []
