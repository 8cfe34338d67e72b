"""From defaults over the camera to the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from support.tasks import DoubleConfig, DoubleTask

from pipelines.configuration.build_config import Override, build_config
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.mapper import Mapper
    from pipelines.task import Config


class EagerTask(DoubleTask):
    @classmethod
    def apply_overrides(cls, config: Config) -> None:
        assert isinstance(config, DoubleConfig)
        config.slow_s += 100.0


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapper]:
    package = tmp_path / "configured_camera"
    (package / "config" / "hsc").mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from mappers.hsc import HscMapper\nclass MyMapper(HscMapper): pass\n"
    )
    (package / "config" / "double.py").write_text("config.slow_s = 1.0\nconfig.failing = [1]\n")
    (package / "config" / "hsc" / "double.py").write_text("config.slow_s += 10.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    import configured_camera  # type: ignore[import-not-found]

    yield configured_camera.MyMapper()
    del sys.modules["configured_camera"]


def test_package_comes_before_camera_and_both_before_the_task(camera: Mapper) -> None:
    config, loaded = build_config(EagerTask, camera)
    assert isinstance(config, DoubleConfig)
    assert config.slow_s == 111.0
    assert [one.path.rsplit("configured_camera/")[1] for one in loaded] == [
        "config/double.py",
        "config/hsc/double.py",
    ]


def test_command_line_comes_last_in_its_own_order(camera: Mapper, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("config.slow_s = 2.0\nconfig.failing = [2]\n")
    field, file = Override("field", "slow_s=3"), Override("file", str(path))
    for overrides, slow_s in (([field, file], 2.0), ([file, field], 3.0)):
        config, loaded = build_config(EagerTask, camera, overrides)
        assert isinstance(config, DoubleConfig)
        assert config.slow_s == slow_s
        assert list(config.failing) == [2]
        assert loaded[-1].path == str(path)


def test_configuration_that_is_not_valid_as_a_whole_is_refused(camera: Mapper) -> None:
    with pytest.raises(ConfigError, match="factor"):
        build_config(EagerTask, camera, [Override("field", "scale.factor=None")])
