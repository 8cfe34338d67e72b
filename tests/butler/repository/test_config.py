"""``butler.yaml``: data that decide what is opened, and never run."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository

from butler.butler import Butler
from butler.errors import PolicyError, RepositoryError, UnknownMapperError
from butler.repository.config import (
    RepositoryConfig,
    format_config,
    parse_config,
    read_config,
    replace_config,
    write_config,
)

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "format: 1\ncamera: hsc\n"


def test_a_configuration_comes_back(tmp_path: Path) -> None:
    config = RepositoryConfig(
        "hsc", "u", ("../..", "/a b"), "r.sqlite3", "fast", {"x": {"template": "{visit}"}}
    )
    write_config(str(tmp_path), config)
    assert read_config(str(tmp_path)) == config
    assert parse_config(format_config(config), "x") == config


def test_a_new_configuration_is_never_written_over_another(tmp_path: Path) -> None:
    write_config(str(tmp_path), RepositoryConfig("hsc", "first"))
    with pytest.raises(FileExistsError):
        write_config(str(tmp_path), RepositoryConfig("hsc", "second"))
    assert read_config(str(tmp_path)).uuid == "first"
    replace_config(str(tmp_path), RepositoryConfig("hsc", "third"))
    assert read_config(str(tmp_path)).uuid == "third"
    assert [path.name for path in tmp_path.iterdir()] == ["butler.yaml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not the configuration"),
        ("[]", "not the configuration"),
        ("camera: hsc", "not the configuration"),
        ("format: 99\ncamera: hsc", "format 99; this version of skybutler knows up to 1"),
        ("format: x\ncamera: hsc", "format x"),
        (HEAD + "parent: [..]", "mean nothing here: parent"),
        (HEAD + "parents: ..", "parents is a list"),
        (HEAD + "dataset_types: []", "dataset_types is a mapping"),
        (HEAD + "parents: [&a x, *a]", "aliases"),
        (HEAD + "x" * (1 << 20), "longer than"),
        (HEAD + 'parents: ["a\\0b"]', "NUL"),
        (HEAD + 'registry: "a\\0b"', "NUL"),
        ("{", "not YAML"),
    ],
)
def test_a_bad_configuration_is_refused_with_its_place(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "butler.yaml").write_text(text)
    with pytest.raises(RepositoryError, match=message) as caught:
        Butler(tmp_path)
    assert str(tmp_path / "butler.yaml") in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "uuid: !!python/object/apply:os.system ['touch canary']",
        "parents: !!python/object/apply:subprocess.call [[touch, canary]]",
        "dataset_types: !!python/name:os.system ''",
    ],
)
def test_opening_a_repository_runs_no_tag(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "butler.yaml").write_text(f"{HEAD}{line}\n")
    with pytest.raises(RepositoryError, match="line 3: tags"):
        Butler(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["butler.yaml"]


@pytest.mark.parametrize("name", ["antigravity", "canary_module.Mapper", "canary_module:Mapper"])
def test_a_strange_camera_imports_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "canary_module.py").write_text("open('canary', 'w')\nclass Mapper: pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "butler.yaml").write_text(f"format: 1\ncamera: {name}\n")
    with pytest.raises(UnknownMapperError):
        Butler(tmp_path)
    (tmp_path / "butler.yaml").unlink()
    (tmp_path / "_mapper").write_text(f"{name}\n")
    with pytest.raises((UnknownMapperError, RepositoryError)):
        Butler(tmp_path)
    assert "canary_module" not in sys.modules
    assert "antigravity" not in sys.modules
    assert not (tmp_path / "canary").exists()


def test_bad_dataset_types_are_named_with_their_file(tmp_path: Path) -> None:
    text = HEAD + "dataset_types:\n  x: {template: '{nokey}.json', storage_class: Json}\n"
    (tmp_path / "butler.yaml").write_text(text)
    with pytest.raises(PolicyError, match="nokey"):
        Butler(tmp_path)


def test_a_registry_of_another_repository_is_refused(tmp_path: Path) -> None:
    for name in ("A", "B"):
        make_repository(tmp_path / name).close()
    (tmp_path / "A" / "registry.sqlite3").rename(tmp_path / "B" / "registry.sqlite3")
    with pytest.raises(RepositoryError, match="belongs to another repository"):
        Butler(tmp_path / "B").put(1, "settings")


def test_a_camera_that_is_not_the_one_of_the_registry_is_refused(tmp_path: Path) -> None:
    make_repository(tmp_path, types={}).close()
    config = read_config(str(tmp_path))
    replace_config(str(tmp_path), replace(config, camera="sdss"))
    with pytest.raises(RepositoryError, match="of the camera 'hsc'"):
        Butler(tmp_path).query("fpC").count()
    replace_config(str(tmp_path), replace(config, camera="lsst.obs.hsc.HscMapper"))
    assert Butler(tmp_path).query("raw").count() == 0
