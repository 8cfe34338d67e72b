"""What a camera's package ships for a task."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mappers.hsc import HscMapper
from pipelines.configuration.camera_overrides import camera_overrides

if TYPE_CHECKING:
    from pathlib import Path

    from butler.mapper import Mapper


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapper:
    package = tmp_path / "my_camera_for_tests"
    (package / "config" / "hsc").mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from mappers.hsc import HscMapper\nclass MyMapper(HscMapper): pass\n"
    )
    (package / "config" / "every.py").write_text("config.binSize = 1\n")
    (package / "config" / "hsc" / "every.py").write_text("config.binSize = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    import my_camera_for_tests  # type: ignore[import-not-found]

    yield my_camera_for_tests.MyMapper()
    del sys.modules["my_camera_for_tests"]


def test_file_of_the_package_comes_before_that_of_the_camera(
    camera: Mapper, tmp_path: Path
) -> None:
    folder = tmp_path / "my_camera_for_tests" / "config"
    expected = [str(folder / "every.py"), str(folder / "hsc" / "every.py")]
    assert camera_overrides(camera, "every") == expected


@pytest.mark.parametrize("name", ["noSuchTask", "../every", "hsc/every"])
def test_task_without_files_has_none(camera: Mapper, name: str) -> None:
    assert camera_overrides(camera, name) == []


def test_camera_without_a_folder_has_none() -> None:
    assert camera_overrides(HscMapper(), "noSuchTask") == []
