from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.calibrations import write_calibration
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

FLAT = ("flat", "--id", "visit=903334", "ccd=16")


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    return write_calibration(tmp_path / "mine.fits")


def test_a_named_file_is_got_shown_and_explained(data: Path, flat: Path, tmp_path: Path) -> None:
    words = (data, *FLAT, "--user-calib", f"flat:{flat}")
    assert run_command("get", *words).stdout.strip() == str(flat)
    assert "named by the user" in run_command("explain", *words).stdout
    assert "100" in run_command("show", *words).stdout
    run_command("get", *words, "--to", tmp_path / "copy.fits")
    assert (tmp_path / "copy.fits").read_bytes() == flat.read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("flat",), 2, "--user-calib is like flat:my-flat.fits"),
        ((":x",), 2, "--user-calib is like flat:my-flat.fits"),
        (("flat:absent.fits",), 3, "absent.fits"),
        (("flta:absent.fits",), 2, "Did you mean 'flat'"),
        (("flat:a", "flat:b"), 2, "names 'flat' twice"),
    ],
)
def test_what_cannot_be_is_refused(
    data: Path, words: tuple[str, ...], code: int, text: str
) -> None:
    options = [part for word in words for part in ("--user-calib", word)]
    assert text in run_command("get", data, *FLAT, *options, code=code).stderr
