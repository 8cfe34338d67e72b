"""Cameras are found among what is installed, and nothing else is ever imported."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from butler.errors import PolicyError, UnknownMapperError
from butler.mapper_lookup import canonical_name, find_mapper, mapper_names

if TYPE_CHECKING:
    from pathlib import Path

ALIASES = {
    "lsst.obs.hsc.HscMapper": "hsc",
    "lsst.obs.hsc.hscMapper.HscMapper": "hsc",
    "lsst.obs.subaru.HscMapper": "hsc",
    "lsst.obs.subaru.hscMapper.HscMapper": "hsc",
    "lsst.obs.sdss.SdssMapper": "sdss",
    "lsst.obs.sdss.sdssMapper.SdssMapper": "sdss",
    "lsst.obs.test.TestMapper": "obs_test",
    "lsst.obs.test.testMapper.TestMapper": "obs_test",
}


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, entry: str, module: str = "") -> None:
    """Put a distribution with one entry point on the import path."""
    metadata = folder / "camera_for_tests-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: camera\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[skybutler.mappers]\n{entry}\n")
    (folder / "camera_for_tests.py").write_text(module)
    monkeypatch.syspath_prepend(str(folder))


def test_the_cameras_of_the_distribution_are_installed() -> None:
    assert {"hsc", "obs_test", "sdss"} <= set(mapper_names())


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_names_of_gen2_mean_the_same_mapper(alias: str, name: str) -> None:
    assert canonical_name(alias) == name
    assert find_mapper(alias) is find_mapper(name)


def test_every_name_that_a_policy_claims_is_known() -> None:
    claimed = {
        alias: name for name in mapper_names() for alias in find_mapper(name).policy.gen2_names
    }
    assert {
        alias: name for alias, name in claimed.items() if name in set(ALIASES.values())
    } == ALIASES
    assert all(canonical_name(alias) == name for alias, name in claimed.items())


def test_a_short_name_is_canonical() -> None:
    assert canonical_name("hsc") == "hsc"


def test_an_unknown_camera_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(UnknownMapperError, match=r"'hcs'\. Did you mean 'hsc'\? .*obs_test"):
        find_mapper("hcs")


@pytest.mark.parametrize("name", ["os.system", "camera_that_is_a_trap.Mapper", "", "../hsc", "HSC"])
def test_a_name_that_nobody_installed_is_not_imported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "camera_that_is_a_trap.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UnknownMapperError):
        find_mapper(name)
    assert "camera_that_is_a_trap" not in sys.modules


@pytest.mark.parametrize(
    ("entry", "module", "message"),
    [
        ("broken_a = camera_for_tests:Missing", "", "cannot be loaded from 'camera_for_tests:Mis"),
        ("broken_b = module_that_is_absent:Mapper", "", "cannot be loaded"),
        ("broken_c = camera_for_tests:Thing", "class Thing: pass\n", "which is no Mapper"),
    ],
)
def test_a_broken_camera_is_named(
    entry: str, module: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, entry, module)
    monkeypatch.delitem(sys.modules, "camera_for_tests", raising=False)
    with pytest.raises(PolicyError, match=message):
        find_mapper(entry.split(maxsplit=1)[0])
    sys.modules.pop("camera_for_tests", None)
