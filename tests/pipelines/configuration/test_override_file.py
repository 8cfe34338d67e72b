"""``-C file``: executed, therefore trusted by its owner and its permissions."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from support.tasks import EveryConfig

from pipelines.configuration.override_file import load_override_file, load_shipped_file
from pipelines.errors import ConfigError, UntrustedFileError

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser


@pytest.fixture
def overrides(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("config.binSize = 3 * 4\nconfig.scale.factor = 5.0\n")
    return path


def test_file_changes_the_configuration(overrides: Path) -> None:
    config = EveryConfig()
    loaded = load_override_file(config, overrides)
    assert (config.binSize, config.scale.factor) == (12, 5.0)
    assert loaded == (str(overrides), sha256(overrides.read_bytes()).hexdigest())


def test_file_may_load_one_that_lies_beside_it(overrides: Path) -> None:
    outer = overrides.with_name("outer.py")
    outer.write_text("config.load('mine.py')\n")
    config = EveryConfig()
    load_override_file(config, outer)
    assert config.binSize == 12


def test_file_that_everybody_may_write_is_refused(overrides: Path) -> None:
    overrides.chmod(0o666)
    config = EveryConfig()
    with pytest.raises(UntrustedFileError, match=r"chmod o-w"):
        load_override_file(config, overrides)
    assert config.binSize == 128


def test_file_of_another_user_is_refused(public_tmp_path: Path, other_user: OtherUser) -> None:
    path = public_tmp_path / "mine.py"
    path.write_text("config.binSize = 12\n")
    path.chmod(0o644)
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(path, other_user.user_id, -1)
    with pytest.raises(UntrustedFileError, match="belongs to another user"):
        load_override_file(EveryConfig(), path)


def test_shipped_file_is_trusted_as_the_code_beside_it(overrides: Path) -> None:
    overrides.chmod(0o666)
    config = EveryConfig()
    load_shipped_file(config, overrides)
    assert config.binSize == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nconfig.binSzie = 1\n", r"line 2: AttributeError"),
        ("config.limit = 7.0\n", r"line 1: FieldValidationError.*limit"),
        ("config.binSize = (\n", r"line 1: SyntaxError"),
        ("import no_such_module_here\n", r"line 1: ModuleNotFoundError"),
    ],
)
def test_what_fails_is_told_by_line(overrides: Path, text: str, message: str) -> None:
    overrides.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_override_file(EveryConfig(), overrides)


def test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_override_file(EveryConfig(), tmp_path / "none.py")


def test_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"directory|no file"):
        load_override_file(EveryConfig(), tmp_path)


GEN2 = """
from lsst.obs.subaru.isr import SubaruIsrTask
from lsst.pipe.tasks.colorterms import Colorterm, ColortermDict
config.isr.retarget(SubaruIsrTask)
config.calibrate.photoCal.colorterms.data = {
    "gaia*": ColortermDict(data={"HSC-G": Colorterm(primary="g", secondary="bp", c1=0.5)})
}
"""
LOAD = """
import sys
from pipelines.configuration.override_file import load_override_file
from pipelines.process_ccd.task import ProcessCcdTask
config = ProcessCcdTask.ConfigClass()
load_override_file(config, sys.argv[1])
print(config.isr.target.__name__)
print(config.calibrate.photoCal.colorterms.data["gaia*"].data["HSC-G"].secondary)
"""


def test_file_that_gen2_executed_is_executed(tmp_path: Path) -> None:
    (tmp_path / "gen2.py").write_text(GEN2)
    words = [sys.executable, "-c", LOAD, str(tmp_path / "gen2.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["SubaruIsrTask", "bp"], done.stderr
