from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from butler.policies.template import Template
from butler.repository.gen2.template_scan import Directories, existing_path, scan_template

if TYPE_CHECKING:
    from pathlib import Path

CALEXP = Template("%(pointing)05d/%(filter)s/corr/CORR-%(visit)07d-%(ccd)03d.fits")


def touch(root: Path, *names: str) -> str:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return str(root)


def test_files_are_found_with_their_keys(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "00671/HSC-R/corr/CORR-0903334-016.fits",
        "00671/HSC-I/corr/CORR-0903986-016.fits.fz",
        "00671/HSC-R/corr/BKGD-0903334-016.fits",
        "00671/HSC-R/corr/CORR-903334-016.fits",
        "00671/HSC-R/other/CORR-0903334-023.fits",
        "672/HSC-R/corr/CORR-0903334-016.fits",
    )
    assert {path: str(data_id) for path, data_id in scan_template(root, CALEXP, {})} == {
        "00671/HSC-R/corr/CORR-0903334-016.fits": ("pointing=671 filter=HSC-R visit=903334 ccd=16"),
        "00671/HSC-I/corr/CORR-0903986-016.fits.fz": (
            "pointing=671 filter=HSC-I visit=903986 ccd=16"
        ),
    }


def test_fixed_keys_narrow_the_search(tmp_path: Path) -> None:
    root = touch(
        tmp_path, *(f"00671/HSC-{f}/corr/CORR-0000001-00{n}.fits" for f in "RI" for n in range(3))
    )
    directories = Directories()
    found = list(scan_template(root, CALEXP, {"filter": "HSC-I", "ccd": 2, "x": 1}, directories))
    assert [path for path, _ in found] == ["00671/HSC-I/corr/CORR-0000001-002.fits"]
    assert f"{root}/00671/HSC-R/" not in directories._names


def test_a_file_hides_its_compressed_forms(tmp_path: Path) -> None:
    root = touch(tmp_path, "a-1.fits.fz", "a-1.fits.gz", "a-1.fits", "a-2.fits.fz", "a-2.fits.gz")
    found = [path for path, _ in scan_template(root, Template("a-{visit:d}.fits"), {})]
    assert sorted(found) == ["a-1.fits", "a-2.fits.gz"]


def test_template_without_keys_is_one_file(tmp_path: Path) -> None:
    template = Template("schema/src.fits")
    assert list(scan_template(str(tmp_path), template, {})) == []
    root = touch(tmp_path, "schema/src.fits")
    assert [path for path, _ in scan_template(root, template, {})] == ["schema/src.fits"]


def test_prefix_is_not_looked_for(tmp_path: Path) -> None:
    root = touch(tmp_path, "BIAS/BIAS-016.fits")
    template = Template("CALIB/BIAS/BIAS-{ccd:03d}.fits")
    ((path, data_id),) = scan_template(root, template, {}, prefix="CALIB/")
    assert (path, data_id["ccd"]) == ("BIAS/BIAS-016.fits", 16)


def test_patterns_in_names_are_taken_literally(tmp_path: Path) -> None:
    root = touch(tmp_path, "[a]/1.fits", "a/1.fits", "[*]/1.fits", "x/1.fits")
    template = Template("%(filter)s/%(visit)d.fits")
    for name in ("[a]", "[*]"):
        found = [path for path, _ in scan_template(root, template, {"filter": name})]
        assert found == [f"{name}/1.fits"]


def test_working_directory_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = touch(tmp_path, "00671/HSC-R/corr/CORR-0903334-016.fits")
    monkeypatch.setattr(os, "chdir", lambda _: pytest.fail("the directory was changed"))
    assert len(list(scan_template(root, CALEXP, {}))) == 1


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    root = touch(tmp_path, *(f"{n:05d}/g/corr/CORR-0000001-001.fits" for n in range(20)))
    directories = Directories(10)
    assert list(scan_template(root, CALEXP, {}, directories)) == []
    assert directories.is_exhausted


@pytest.mark.parametrize("suffix", ["", ".gz", ".fz"])
def test_compressed_forms_are_tried(tmp_path: Path, suffix: str) -> None:
    root = touch(tmp_path, f"a.fits{suffix}")
    assert existing_path(root, "a.fits") == f"a.fits{suffix}"
    assert existing_path(root, "b.fits") is None


def test_a_directory_is_no_dataset(tmp_path: Path) -> None:
    (tmp_path / "a.fits").mkdir()
    assert existing_path(str(tmp_path), "a.fits") is None
