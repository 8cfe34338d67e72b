"""Images are shown where the user's module asks for them."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest

from imaging import Box, Exposure, Extent2I, Point2I
from pipelines.characterize.characterize_image import CharacterizeImageTask
from pipelines.isr.subaru import SubaruIsrTask
from pipelines.task.debug import display_for_debugging, import_debug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEBUG = """
import lsstDebug

def DebugInfo(name):
    info = lsstDebug.getInfo(name)
    if name == "lsst.pipe.tasks.characterizeImage":
        info.display = {"repair": 1, "measure": False}
    return info

lsstDebug.Info = DebugInfo
"""


@pytest.fixture
def exposure() -> Exposure:
    made = Exposure(Box(Point2I(0, 0), Extent2I(40, 30)))
    made.image.array[:] = np.random.default_rng(1).normal(size=(30, 40))
    return made


@pytest.fixture
def titles() -> Iterator[list[str]]:
    """The titles of what is shown."""
    mpl.use("agg")
    import matplotlib.pyplot as plt

    class Titles(list[str]):
        def __eq__(self, other: object) -> bool:
            found = [plt.figure(number).axes[0].get_title() for number in plt.get_fignums()]
            return found == other

        __hash__ = None  # type: ignore[assignment]

    yield Titles()
    plt.close("all")


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither module stays for other tests."""
    for name in ("debug", "lsstDebug"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    finders = list(sys.meta_path)
    yield
    sys.meta_path[:] = finders
    for name in ("debug", "lsstDebug"):
        sys.modules.pop(name, None)


def test_what_the_module_asks_for_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exposure: Exposure, titles: list[str]
) -> None:
    (tmp_path / "debug.py").write_text(DEBUG)
    monkeypatch.syspath_prepend(tmp_path)
    assert import_debug()
    task = CharacterizeImageTask()
    assert display_for_debugging(task, "repair", exposure)
    assert not display_for_debugging(task, "measure", exposure)
    assert not display_for_debugging(task, "psf_iter", exposure)
    assert not display_for_debugging(SubaruIsrTask(), "repair", exposure)
    assert titles == ["characterizeImage: repair"]


def test_module_is_that_of_the_class_or_of_one_it_derives_from(
    exposure: Exposure, titles: list[str]
) -> None:
    assert not import_debug()
    import lsstDebug

    lsstDebug.Info("lsst.ip.isr.isrTask").display = {"postISRCCD": 3}
    try:
        assert display_for_debugging(SubaruIsrTask(), "postISRCCD", exposure)
    finally:
        lsstDebug.Info("lsst.ip.isr.isrTask").display = False
    assert titles == ["isr: postISRCCD"]


def test_nothing_is_shown_unasked(exposure: Exposure, titles: list[str]) -> None:
    assert not display_for_debugging(CharacterizeImageTask(), "repair", exposure)
    assert titles == []


def test_module_that_is_not_there_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not import_debug()
    assert "no module 'debug'" in caplog.text


def test_module_that_fails_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "debug.py").write_text("import no_such_module_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        import_debug()
