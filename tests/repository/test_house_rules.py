"""The tree keeps the house rules, and every rule is able to fail."""

from __future__ import annotations

import subprocess
import tomllib
import zipfile
from functools import cache
from typing import TYPE_CHECKING

import grimp
import pytest
from hatchling.builders.wheel import WheelBuilder
from support import house_rules
from support.shared_data import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PACKAGES = ("butler", "mappers", "imaging", "pipelines", "cli", "migrations")


@cache
def tracked_files() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    paths = [REPOSITORY / name for name in listing.stdout.split("\0") if name]
    return tuple(path for path in paths if path.is_file())


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for path in tracked_files()
        if path.suffix == ".py"
        and not path.match("mappers/*/config/**/*.py")  # configurations: no modules, but data
        and not path.match("mappers/*/config/*.py")
        and (not folders or path.relative_to(REPOSITORY).parts[0] in folders)
    ]


def complaints(rule: Callable[[str], list[str]], paths: Iterable[Path]) -> str:
    return "\n".join(
        f"{path.relative_to(REPOSITORY)}: {complaint}"
        for path in paths
        for complaint in rule(path.read_text(encoding="utf-8"))
    )


def text_files() -> list[Path]:
    return [
        path
        for path in tracked_files()
        if b"\0" not in path.read_bytes()[:4096]
        and path.relative_to(REPOSITORY).parts[0] != "testdata"  # headers keep what was written
    ]


def test_files_are_short() -> None:
    assert complaints(house_rules.too_many_lines, python_files()) == ""


def test_functions_are_short() -> None:
    assert complaints(house_rules.long_functions, python_files()) == ""


def test_every_module_of_the_packages_has_an_exact_all() -> None:
    modules = python_files(*(name for name in PACKAGES if name != "migrations"), "testdata")
    assert complaints(house_rules.inexact_exports, modules) == ""


def test_camel_case_lives_in_gen2_names_alone() -> None:
    paths = [path for path in python_files() if path.name != "gen2_names.py"]
    assert complaints(house_rules.camel_case_names, paths) == ""


def test_names_say_what_things_are() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {complaint}"
        for path in python_files()
        if path.name != "gen2_names.py"
        for complaint in house_rules.forbidden_words(path.read_text(), path.stem)
    ]
    assert "\n".join(found) == ""


def test_errors_that_the_packages_raise_say_something() -> None:
    assert complaints(house_rules.bare_errors, python_files(*PACKAGES)) == ""


def test_every_test_asserts_something() -> None:
    assert complaints(house_rules.vacuous_tests, python_files("tests")) == ""


def test_nothing_is_left_for_later() -> None:
    assert complaints(house_rules.unfinished_work, text_files()) == ""


def test_no_file_names_a_place_of_one_machine() -> None:
    assert complaints(house_rules.unwelcome_places, text_files()) == ""


def import_circles(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    """Imports that close a circle, those between a package and its own modules counted."""
    return [
        (module, imported)
        for module in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(module))
        if graph.chain_exists(importer=imported, imported=module)
    ]


def test_no_module_imports_itself_by_a_detour() -> None:
    present = [name for name in PACKAGES if python_files(name)]
    graph = grimp.build_graph(*present, cache_dir=None)
    assert import_circles(graph) == []


def test_wheel_holds_every_file_of_the_packages_and_nothing_else(tmp_path: Path) -> None:
    builder = WheelBuilder(str(REPOSITORY))
    (wheel,) = builder.build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = {path.relative_to(REPOSITORY).as_posix() for path in tracked_files()}
    expected = {name for name in tracked if name.partition("/")[0] in PACKAGES}
    assert expected <= shipped
    assert {name.partition("/")[0] for name in shipped} <= set(PACKAGES)


def test_coverage_of_the_import_contracts() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    checked = settings["tool"]["importlinter"]["root_packages"]
    assert {name for name in PACKAGES if python_files(name)} <= set(checked)


LONG = "def f():\n" + "    x = 1\n" * 39
DOCUMENTED = 'def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 36

BAD_SAMPLES = [
    pytest.param(house_rules.too_many_lines, "x = 1\n" * 500, id="500 lines"),
    pytest.param(house_rules.long_functions, LONG, id="function of 40 lines"),
    pytest.param(house_rules.inexact_exports, "def f(): ...", id="no __all__"),
    pytest.param(house_rules.inexact_exports, "__all__ = []\ndef f(): ...", id="f is missing"),
    pytest.param(house_rules.inexact_exports, "__all__ = ['f', 'g']\ndef f(): ...", id="no g"),
    pytest.param(
        house_rules.inexact_exports, "__all__ = []\nif x:\n    class A: ...", id="conditional"
    ),
    pytest.param(house_rules.camel_case_names, "def getIt(): ...", id="function"),
    pytest.param(house_rules.camel_case_names, "def f(bBox): ...", id="argument"),
    pytest.param(house_rules.camel_case_names, "for dataRef in (): ...", id="variable"),
    pytest.param(house_rules.camel_case_names, "self._dataRef = 1", id="attribute"),
    pytest.param(house_rules.camel_case_names, "class A:\n    doWrite = 1", id="no Config"),
    pytest.param(house_rules.bare_errors, "raise RuntimeError('no')", id="RuntimeError"),
    pytest.param(house_rules.bare_errors, "raise Exception", id="Exception"),
    pytest.param(house_rules.bare_errors, "def f():\n    raise NotImplementedError", id="stub"),
    pytest.param(house_rules.vacuous_tests, "def test_x():\n    f()", id="asserts nothing"),
    pytest.param(house_rules.unfinished_work, "x = 1  # TO" + "DO: later", id="later"),
    pytest.param(house_rules.unwelcome_places, "see /ho" + "me/me/data", id="path"),
    pytest.param(house_rules.unwelcome_places, "from py" + "pi.org", id="index"),
]
GOOD_SAMPLES = [
    pytest.param(house_rules.too_many_lines, "x = 1\n" * 499, id="499 lines"),
    pytest.param(house_rules.long_functions, LONG.removesuffix("    x = 1\n"), id="39 lines"),
    pytest.param(house_rules.long_functions, DOCUMENTED, id="docstring not counted"),
    pytest.param(
        house_rules.inexact_exports,
        "from m import A\n__all__ = ['A', 'B', 'f']\nB: int = 1\ndef f(): ...\ndef _g(): ...",
        id="exact",
    ),
    pytest.param(house_rules.camel_case_names, "class A:\n    def visit_Name(self): ...", id="ast"),
    pytest.param(house_rules.camel_case_names, "f(dataRef=x.getIt())", id="names of others"),
    pytest.param(
        house_rules.camel_case_names,
        "class A(pexConfig.Config):\n    doWrite = Field()\n    def setDefaults(self): ...",
        id="Config",
    ),
    pytest.param(
        house_rules.bare_errors,
        "class A(Protocol):\n    def f(self):\n        raise NotImplementedError",
        id="Protocol",
    ),
    pytest.param(house_rules.bare_errors, "raise MyError('x')\nraise", id="own error"),
    pytest.param(house_rules.vacuous_tests, "def test_x():\n    assert f()", id="assert"),
    pytest.param(
        house_rules.vacuous_tests, "def test_x():\n    with pytest.raises(E): f()", id="raises"
    ),
    pytest.param(house_rules.vacuous_tests, "def test_x():\n    check_it(f())", id="check_"),
    pytest.param(house_rules.unwelcome_places, "a/work" + "/b and ~/data", id="relative path"),
]


@pytest.mark.parametrize(("rule", "source"), BAD_SAMPLES)
def test_rule_sees_what_it_forbids(rule: Callable[[str], list[str]], source: str) -> None:
    assert rule(source) != []


@pytest.mark.parametrize(("rule", "source"), GOOD_SAMPLES)
def test_rule_accepts_what_is_right(rule: Callable[[str], list[str]], source: str) -> None:
    assert rule(source) == []


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("class FrameReader: ...", "reader"),
        ("def list_items(): ...", "listing"),
        ("", "string_utils"),
        ("class A:\n    async def handler(self): ...", "a"),
    ],
)
def test_forbidden_words_are_seen(source: str, module: str) -> None:
    assert house_rules.forbidden_words(source, module) != []


def test_words_that_only_contain_a_forbidden_one_are_accepted() -> None:
    source = "class A(Mapping):\n    def items(self): ...\n\ndef to_dataframe(): ..."
    assert house_rules.forbidden_words(source, "utility") == []


def test_undocumented_commands_are_seen() -> None:
    text = "Run `butler ingest DATA` first."
    assert house_rules.undocumented_commands(["ingest", "ls"], text) == ["ls"]


def test_circle_through_a_package_is_seen() -> None:
    graph = grimp.ImportGraph()
    for name in ("a", "a.b", "a.c"):
        graph.add_module(name)
    graph.add_import(importer="a", imported="a.b")
    graph.add_import(importer="a.b", imported="a.c")
    assert import_circles(graph) == []
    graph.add_import(importer="a.c", imported="a")
    assert import_circles(graph) == [("a", "a.b"), ("a.b", "a.c"), ("a.c", "a")]
