from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

import pytest

from butler.errors import RepositoryError, RepositoryNotFoundError
from butler.repository.gen2.repository_cfg import (
    check_parents,
    describe_repository,
    parse_repository_cfg,
    read_repository_cfg,
)

if TYPE_CHECKING:
    from pathlib import Path

# What Butler(inputs="DATA", outputs="DATA/rerun/isr") wrote.
RERUN = """\
!RepositoryCfg_v1
_mapper: &id001 !!python/name:lsst.obs.hsc.hscMapper.HscMapper ''
_mapperArgs: {}
_parents:
- !RepositoryCfg_v1
  _mapper: *id001
  _mapperArgs: {}
  _parents: []
  _policy: null
  _root: /absolute/path/DATA
  dirty: true
_policy: null
_root: null
dirty: true
"""
POLICY_OBJECT = """\
!RepositoryCfg_v1
_mapper: !!python/name:lsst.obs.test.testMapper.TestMapper ''
_mapperArgs: null
_parents: []
_policy: !!python/object:lsst.daf.persistence.policy.Policy
  data:
    exposures:
      raw: {template: raw/v%(visit)d_f%(filter)s.fits.gz}
_root: null
"""
DECAM = """\
!RepositoryCfg_v1
_mapper: !!python/name:lsst.obs.decam.decamMapper.DecamMapper ''
_mapperArgs:
  calibRoot: /data/calibingested
_parents:
- ../../ingested
_policy: null
_root: null
dirty: true
"""


def test_rerun_with_a_parent_of_the_older_form(tmp_path: Path) -> None:
    cfg = parse_repository_cfg(RERUN, str(tmp_path))
    assert cfg.root == str(tmp_path)
    assert cfg.mapper_name == "lsst.obs.hsc.hscMapper.HscMapper"
    assert cfg.parents == ("/absolute/path/DATA",)
    assert (cfg.mapper_args, cfg.dataset_types) == ({}, {})


def test_nothing_that_the_file_names_is_imported(tmp_path: Path) -> None:
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')\n")
    text = (
        "_mapper: !!python/name:trap.Mapper ''\n"
        "_mapperArgs: {x: !!python/object/apply:trap.go [1], y: !!python/module:trap ''}\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        cfg = parse_repository_cfg(text, str(tmp_path))
    finally:
        sys.path.remove(str(tmp_path))
    assert cfg.mapper_args == {"x": [1], "y": "trap"}
    assert cfg.mapper_name == "trap.Mapper"
    assert "trap" not in sys.modules


def test_relative_parent_starts_at_the_location(tmp_path: Path) -> None:
    location = tmp_path / "calibingested/dummy"
    location.mkdir(parents=True)
    cfg = parse_repository_cfg(DECAM, str(location))
    assert cfg.parents == (str(tmp_path / "ingested"),)
    assert cfg.mapper_args == {"calibRoot": "/data/calibingested"}


def test_relative_parent_of_a_linked_location_starts_behind_the_link(tmp_path: Path) -> None:
    (tmp_path / "real/a/b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real/a/b")
    cfg = parse_repository_cfg(DECAM, str(tmp_path / "link"))
    assert cfg.parents == (str(tmp_path / "real/ingested"),)


def test_policy_object_gives_its_dataset_types(tmp_path: Path) -> None:
    cfg = parse_repository_cfg(POLICY_OBJECT, str(tmp_path))
    assert cfg.dataset_types == {
        "raw": {"template": "raw/v%(visit)d_f%(filter)s.fits.gz", "category": "exposures"}
    }


def test_plain_policy_gives_its_dataset_types(tmp_path: Path) -> None:
    text = "_mapper: hsc\n_policy: {datasets: {mine: {template: 'm/%(visit)d.py', x: 1}}}\n"
    cfg = parse_repository_cfg(text, str(tmp_path))
    assert cfg.dataset_types["mine"]["template"] == "m/%(visit)d.py"


def test_mapper_as_text_and_legacy_marks_are_read(tmp_path: Path) -> None:
    text = "!RepositoryCfg_v1\n_isLegacyRepository: true\n_mapper: lsst.obs.test.TestMapper\n"
    cfg = parse_repository_cfg(text + "_parents: [../a, ../a, ../b]\n", str(tmp_path / "c"))
    assert cfg.mapper_name == "lsst.obs.test.TestMapper"
    assert cfg.parents == (str(tmp_path / "a"), str(tmp_path / "b"))


def test_root_may_lie_elsewhere(tmp_path: Path) -> None:
    cfg = parse_repository_cfg("_mapper: hsc\n_root: data\n", str(tmp_path))
    assert cfg.root == str(tmp_path / "data")


def test_result_can_be_sent_to_another_process(tmp_path: Path) -> None:
    cfg = parse_repository_cfg(POLICY_OBJECT, str(tmp_path))
    assert pickle.loads(pickle.dumps(cfg)) == cfg


def test_aliases_that_explode_are_refused(tmp_path: Path) -> None:
    lines = ["_mapper: hsc", "a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(RepositoryError, match="once its aliases are written out"):
        parse_repository_cfg("\n".join(lines), str(tmp_path))


def test_alias_to_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="once its aliases are written out"):
        parse_repository_cfg("_mapper: hsc\na: &a [*a]\n", str(tmp_path))


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=r"nested too deeply|nesting depth"):
        parse_repository_cfg("_mapper: " + "[" * 5000, str(tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "has no _mapper"),
        (b"- a\n- b\n", "has no _mapper"),
        (b"_mapper: [", "cannot be read as YAML"),
        (b"\xff\xfe\xff", "cannot be read as YAML"),
        (b"_mapper: {a: 1}\n", "not the name of a class"),
        (b"_mapper: hsc\n_parents: [{_mapper: x}]\n", "a parent is a path or a block"),
        (b"_mapper: hsc\n_policy: 3\n", "_policy is not a mapping"),
        (b"_mapper: hsc\n#" + b"x" * (1 << 20), "is larger than"),
    ],
)
def test_what_is_no_cfg_is_refused_by_name(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "repositoryCfg.yaml").write_bytes(text)
    with pytest.raises(RepositoryError, match=said) as caught:
        read_repository_cfg(str(tmp_path))
    assert str(tmp_path / "repositoryCfg.yaml") in str(caught.value)


def test_both_forms_are_described_alike(tmp_path: Path) -> None:
    (tmp_path / "DATA").mkdir()
    (tmp_path / "DATA/_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/_parent").symlink_to("../DATA")
    (tmp_path / "new").mkdir()
    (tmp_path / "new/repositoryCfg.yaml").write_text(
        "_mapper: lsst.obs.hsc.HscMapper\n_parents: [../DATA]\n"
    )
    old, new = (
        describe_repository(str(tmp_path / "old")),
        describe_repository(str(tmp_path / "new")),
    )
    assert (old.mapper_name, old.parents) == (new.mapper_name, new.parents)


def test_lost_parent_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError, match="names the parent /gone/DATA"):
        check_parents(str(tmp_path), ("/gone/DATA",))
    check_parents(str(tmp_path), (str(tmp_path),))


def test_moved_tree_is_recognised(tmp_path: Path) -> None:
    moved = tmp_path / "moved/DATA"
    (moved / "rerun/isr").mkdir(parents=True)
    (moved / "_mapper").write_text("hsc\n")
    with pytest.raises(RepositoryNotFoundError, match=f"{moved} looks like that parent"):
        check_parents(str(moved / "rerun/isr"), ("/old/place/DATA",))
