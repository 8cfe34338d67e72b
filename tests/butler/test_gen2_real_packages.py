"""The import lines of the tutorial with the real packages of the LSST stack, and without them.

Without means: in the process no finder finds anything called ``lsst``, as if
lsst-utils and lsst-pex-config were not installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mappers.hsc

pytest.importorskip("lsst.utils", reason="lsst-utils is not installed")

WITHOUT = """
import sys
class Hiding:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        is_hidden = name.partition(".")[0] == "lsst"
        return None if is_hidden else self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)
sys.meta_path[:] = [Hiding(finder) for finder in sys.meta_path]
"""
OURS, REAL = "import butler.gen2\n", "import lsst.utils, lsst.pex.config, lsst.pex\n"
FOUND = """
import os
from lsst.utils import getPackageDir
print(os.path.join(getPackageDir("obs_subaru"), "config", "hsc", "isr.py"))
"""


def run(code: str, **environment: str) -> str:
    """Return what a program prints that nobody has told where obs_subaru is."""
    inherited = {key: value for key, value in os.environ.items() if key != "OBS_SUBARU_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("order", [OURS + REAL, REAL + OURS], ids=["ours first", "real first"])
def test_real_packages_win_and_ours_are_beside_them_in_either_order(order: str) -> None:
    code = order + (
        "from lsst.pex.exceptions import LogicError\n"
        "from lsst.afw.image import Exposure\n"
        "from lsst.obs.subaru.isr import SubaruIsrTask\n"
        "print(lsst.utils.getPackageDir.__module__, lsst.pex.config.Config.__module__)\n"
        "print(LogicError.__module__, Exposure.__module__)\n"
        "print(issubclass(SubaruIsrTask.ConfigClass, lsst.pex.config.Config))"
    )
    real, ours, is_config = run(code).splitlines()
    assert real == "lsst.utils._packaging lsst.pex.config.config"
    assert all(name.startswith("imaging.") for name in ours.split())
    assert is_config == "True"


@pytest.mark.parametrize(
    "order",
    [OURS, OURS + REAL, REAL + OURS, WITHOUT + OURS],
    ids=["ours", "ours first", "real first", "without"],
)
def test_the_package_of_the_camera_has_the_configuration_of_the_tutorial(order: str) -> None:
    found = Path(run(order + FOUND).strip())
    assert found == Path(mappers.hsc.__file__).parent / "config" / "hsc" / "isr.py"
    assert found.is_file()


@pytest.mark.parametrize("order", [OURS, WITHOUT + OURS], ids=["real", "without"])
def test_a_folder_that_the_user_has_set_counts(order: str) -> None:
    assert run(order + FOUND, OBS_SUBARU_DIR="/mine") == "/mine/config/hsc/isr.py\n"


def test_without_real_packages_images_and_butlers_are_there() -> None:
    code = (
        "from lsst.afw.image import Exposure\n"
        "from lsst.afw.table import SourceTable\n"
        "from lsst.meas.algorithms import SingleGaussianPsf\n"
        "from lsst.daf.persistence import Butler\n"
        "import lsst\n"
        "print(Exposure.__name__, Butler.__name__, getattr(lsst, '__file__', None))"
    )
    assert run(WITHOUT + OURS + code) == "Exposure Butler None\n"


def test_without_real_packages_a_task_says_what_to_install() -> None:
    found = run(WITHOUT + OURS + "from lsst.obs.subaru.isr import SubaruIsrTask")
    assert "A task needs lsst-pex-config" in found
    assert "pip install 'skybutler[pipelines]'" in found


@pytest.mark.parametrize("order", [OURS, WITHOUT + OURS], ids=["real", "without"])
def test_a_package_that_nobody_knows_is_a_lookup_error(order: str) -> None:
    code = order + (
        "from lsst.utils import getPackageDir\n"
        "try:\n    getPackageDir('obs_nothing')\n"
        "except LookupError as error:\n    print(error)"
    )
    assert "obs_nothing" in run(code)


@pytest.mark.parametrize(
    "spelling",
    [
        "from lsst.pipe.tasks import MeasurePsfTask",
        "import lsst.pipe.tasks\nMeasurePsfTask = lsst.pipe.tasks.MeasurePsfTask",
        "from lsst.pipe.tasks.measurePsf import MeasurePsfTask",
    ],
)
def test_the_task_that_measures_the_psf_is_found_as_the_tutorial_spells_it(spelling: str) -> None:
    code = (
        OURS
        + spelling
        + (
            "\nfrom pipelines.psf.measure_psf import MeasurePsfTask as ours\n"
            "print(MeasurePsfTask is ours, MeasurePsfTask().getName())"
        )
    )
    assert run(code) == "True measurePsf\n"
