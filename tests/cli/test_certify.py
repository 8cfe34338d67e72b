from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.calibrations import write_flats
from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

FLAT = ("--id", "calibDate=2013-11-03", "filter=HSC-R", "ccd=16")
RANGE = ("--begin", "2013-05-07", "--end", "2014-05-03")


@pytest.fixture
def flats(data: Path, tmp_path: Path) -> Path:
    """A repository with a flat that has no range."""
    (path,) = write_flats(tmp_path / "new", "2013-11-03")
    run_command("put", data, "flat", path, *FLAT)
    return data


def test_what_is_certified_serves_observations(flats: Path) -> None:
    output = run_command("certify", flats, "flat", *RANGE, *FLAT)
    assert "1 flat certified" in output.stderr
    run_command("get", flats, "flat", "--id", "visit=903334", "ccd=16")


def test_the_command_that_an_error_names_works(flats: Path) -> None:
    error = run_command("get", flats, "flat", "--id", "visit=903334", "ccd=16", code=3).stderr
    (line,) = (line for line in error.splitlines() if "butler certify" in line)
    times = iter(("2013-01-01", "2014-01-01"))
    words = line.split("butler certify ")[1].split()
    run_command("certify", *(next(times) if word == "TIME" else word for word in words))
    found = run_command("get", flats, "flat", "--id", "visit=903334", "ccd=16")
    assert "FLAT-2013-11-03" in found.stdout


def test_an_overlap_is_a_conflict_that_names_both_ranges(flats: Path, tmp_path: Path) -> None:
    run_command("certify", flats, "flat", *RANGE, *FLAT)
    (path,) = write_flats(tmp_path / "new", "2014-01-01")
    other = ("--id", "calibDate=2014-01-01", "filter=HSC-R", "ccd=16")
    run_command("put", flats, "flat", path, *other)
    for more in ((), ("--dry-run",)):
        output = run_command(
            "certify", flats, "flat", "--begin", "2014-01-01", *other, *more, code=4
        )
        assert "[2014-01-01, open)" in output.stderr
        assert "[2013-05-07, 2014-05-03)" in output.stderr


def test_a_dry_run_certifies_nothing(flats: Path) -> None:
    output = run_command("certify", flats, "flat", *RANGE, *FLAT, "--dry-run")
    assert "1 flat would be certified" in output.stderr
    run_command("get", flats, "flat", "--id", "visit=903334", "ccd=16", code=3)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--begin", "2013-01-01"), "Say which calibrations"),
        (FLAT, "Say --begin, --end, or both"),
        (("--begin", "soon", *FLAT), "'soon' is no time"),
        (("--begin", "2013-01-01", "--end", "2012-01-01", *FLAT), "is empty"),
        (("--begin", "2013-01-01", "--id", "cdc=16"), "Did you mean 'ccd'"),
    ],
)
def test_what_cannot_be_understood_is_refused(
    flats: Path, words: tuple[str, ...], text: str
) -> None:
    assert text in run_command("certify", flats, "flat", *words, code=2).stderr


def test_what_is_decertified_serves_nobody(flats: Path) -> None:
    run_command("certify", flats, "flat", *RANGE, *FLAT)
    output = run_command("decertify", flats, "flat", *FLAT, "--format", "json")
    assert [row["calibDate"] for row in output.rows] == ["2013-11-03"]
    assert "1 flat decertified" in output.stderr
    run_command("get", flats, "flat", "--id", "visit=903334", "ccd=16", code=3)
    run_command("get", flats, "flat", *FLAT)


def test_decertify_asks_which(flats: Path) -> None:
    assert "Say which" in run_command("decertify", flats, "flat", code=2).stderr
