from __future__ import annotations

from typing import TYPE_CHECKING

from astropy.io import fits

from benchmarks.inputs import CCDS, data_keys, json_files, levels, raw_files

if TYPE_CHECKING:
    from pathlib import Path


def test_every_level_of_a_chain_redoes_part_of_the_first() -> None:
    first, *others = levels(1000, 5)
    assert len(first) == 1000
    assert [len(level) for level in others] == [50] * 4
    assert all(set(level) < set(first) for level in others)
    assert others[0] != others[1]


def test_chain_is_the_same_on_every_run() -> None:
    assert levels(500, 3) == levels(500, 3)


def test_json_files_are_made_once(tmp_path: Path) -> None:
    files = json_files(tmp_path, 3)
    files[0][0].write_text("mine")
    assert json_files(tmp_path, 3) == files
    assert files[0][0].read_text() == "mine"
    assert [key for _, key in files] == data_keys(3)


def test_raw_files_differ_in_their_identity_alone(tmp_path: Path, shared_data: Path) -> None:
    header_file = shared_data / "headers" / "fitsheader-hsc.yaml"
    paths = raw_files(tmp_path, CCDS + 1, header_file)
    headers = [fits.getheader(path) for path in paths]
    assert len({header["FRAMEID"] for header in headers}) == CCDS + 1
    assert [header["DET-ID"] for header in headers] == [*range(CCDS), 0]
    assert {header["EXP-ID"] for header in headers} == {"HSCA90000000", "HSCA90000200"}
    assert {header["FILTER01"] for header in headers} == {"HSC-i"}
    assert len(headers[0]) > 130  # a real header, not a sketch of one
