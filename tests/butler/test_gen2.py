"""The import lines of the LSST stack's second generation, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from butler.gen2 import Gen2Finder

if TYPE_CHECKING:
    from pathlib import Path


def run(code: str, folder: Path) -> str:
    """Return what a program prints that finds packages in ``folder`` too."""
    setup = f"import sys; sys.path.insert(0, {str(folder)!r})\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", setup + code],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def real_packages(tmp_path: Path) -> Path:
    """A package ``lsst`` as others ship it, with one module."""
    (tmp_path / "lsst").mkdir()
    (tmp_path / "lsst" / "__init__.py").write_text(
        "import pkgutil\n__path__ = pkgutil.extend_path(__path__, __name__)\nis_real = True\n"
    )
    (tmp_path / "lsst" / "utils.py").write_text("is_real = True\n")
    return tmp_path


def test_the_butler_is_imported_by_its_old_name(tmp_path: Path) -> None:
    code = (
        "import butler.gen2\n"
        "from lsst.daf.persistence import Butler, NoResults\n"
        "import butler\n"
        "print(Butler is butler.Butler, NoResults.__module__)"
    )
    assert run(code, tmp_path) == "True butler.errors\n"


def test_a_module_with_its_parents_is_reached_by_attributes(tmp_path: Path) -> None:
    code = (
        "import butler.gen2\n"
        "import lsst.daf.persistence\n"
        "print(lsst.daf.persistence.Butler.__name__, lsst.daf.persistence.__all__[0])"
    )
    assert run(code, tmp_path) == "Butler Butler\n"


@pytest.mark.parametrize(
    "order", ["import butler.gen2\nimport lsst.utils", "import lsst.utils\nimport butler.gen2"]
)
def test_a_real_package_wins_in_either_order(order: str, real_packages: Path) -> None:
    code = (
        f"{order}\n"
        "import lsst\n"
        "from lsst.daf.persistence import Butler\n"
        "print(lsst.is_real, lsst.utils.is_real, Butler.__module__)"
    )
    assert run(code, real_packages) == "True True butler.butler\n"


def test_nothing_is_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    code = (
        "import butler.gen2, sys\n"
        "print([name for name in sys.modules if name.startswith(('lsst', 'imaging', 'numpy'))])"
    )
    assert run(code, tmp_path) == "[]\n"


def test_a_module_that_nobody_declares_is_not_found(tmp_path: Path) -> None:
    found = run("import butler.gen2\nimport lsst.daf.nothing", tmp_path)
    assert "ModuleNotFoundError: No module named 'lsst.daf.nothing'" in found


def test_objects_of_an_old_name_are_pickled_by_their_own(tmp_path: Path) -> None:
    code = (
        "import butler.gen2, pickle, pickletools\n"
        "from lsst.daf.persistence import NoResults\n"
        "print(b'butler.errors' in pickle.dumps(NoResults), b'lsst' in pickle.dumps(NoResults))"
    )
    assert run(code, tmp_path) == "True False\n"


def test_the_finder_is_asked_last_and_stands_there_once(tmp_path: Path) -> None:
    code = (
        "import importlib, sys, butler.gen2\n"
        "butler.gen2.install()\n"
        "names = [type(finder).__name__ for finder in sys.meta_path]\n"
        "print(names.count('Gen2Finder'), names[-1])"
    )
    assert run(code, tmp_path) == "1 Gen2Finder\n"


def test_the_packages_above_a_module_exist() -> None:
    finder = Gen2Finder({"lsst.afw.geom.ellipses": "a", "lsst.afw.geom": "b"})
    assert finder.packages == {"lsst", "lsst.afw", "lsst.afw.geom"}
    assert finder.find_spec("lsst.afw.image") is None


ADDED = """
import sys
from butler.gen2 import Gen2Finder
sys.meta_path.insert(
    0,  # before the one of the entry points, whose modules have the same names
    Gen2Finder(
        {
            "lsst.meas.algorithms": "shlex",
            "lsst.meas.algorithms.Decoder": "json.decoder:JSONDecoder",
            "lsst.meas.algorithms.Parser": "html.parser:HTMLParser",
            "lsst.pipe.tasks.read.Reader": "csv:DictReader",
        }
    ),
)
"""


def test_names_are_added_to_the_module_of_another(tmp_path: Path) -> None:
    code = ADDED + (
        "from lsst.meas.algorithms import Decoder, split\n"
        "import json, shlex; print(Decoder is json.JSONDecoder, split is shlex.split)"
    )
    assert run(code, tmp_path) == "True True\n"


def test_an_added_name_is_not_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    code = ADDED + (
        "import lsst.meas.algorithms as module\n"
        "print('html.parser' in sys.modules, 'Parser' in dir(module), 'Parser' in module.__all__)\n"
        "module.Parser; print('html.parser' in sys.modules, 'Parser' in vars(module))"
    )
    assert run(code, tmp_path) == "False True True\nTrue True\n"


def test_a_module_may_have_added_names_alone(tmp_path: Path) -> None:
    code = ADDED + (
        "from lsst.pipe.tasks.read import *\n"
        "import csv, lsst.pipe.tasks.read; print(Reader is csv.DictReader)\n"
        "lsst.pipe.tasks.read.Writer"
    )
    found = run(code, tmp_path)
    assert found.startswith("True\n")
    assert "module 'lsst.pipe.tasks.read' has no attribute 'Writer'" in found


def test_the_folder_of_a_package_of_the_stack_is_named_unless_it_is_set(tmp_path: Path) -> None:
    code = (
        "import os; os.environ.pop('OBS_SUBARU_DIR', None); import butler.gen2\n"
        "from pathlib import Path; import mappers\n"
        "print(Path(os.environ['OBS_SUBARU_DIR']) == Path(mappers.__file__).with_name('hsc'))\n"
        "os.environ['OBS_SUBARU_DIR'] = 'mine'; butler.gen2.install()\n"
        "print(os.environ['OBS_SUBARU_DIR'], 'mappers.hsc' in sys.modules)"
    )
    assert run(code, tmp_path) == "True\nmine False\n"
