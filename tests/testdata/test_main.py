from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import testdata.simulator
from testdata.__main__ import main

REPOSITORY = Path(__file__).parents[2]


def test_command_writes_small_data_and_says_where(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "testdata", tmp_path, "--visit", "903334", "--ccd", "16", "--small"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"1 raws in {tmp_path / 'raw'}" in done.stdout
    assert (tmp_path / "raw" / "HSCA90333430.fits").is_file()


def test_impossible_ccd_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "data"), "--ccd", "112", "--visit", "903334", "--small"]) == 2
    assert "There is no ccd 112" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_clean_data_carry_no_cosmic_rays(tmp_path: Path) -> None:
    from astropy.io import fits

    assert main([str(tmp_path), "--visit", "903334", "--small", "--clean"]) == 0
    assert len(fits.getdata(tmp_path / "truth" / "HSCA90333430-truth.fits", "PIXELS")) == 0


def test_simulator_offers_what_it_lists() -> None:
    for name in testdata.simulator.__all__:
        assert hasattr(testdata.simulator, name)


@pytest.mark.parametrize(
    "package", ["imaging", "pipelines", "butler", "mappers", "astropy", "scipy"]
)
def test_importing_the_simulator_brings_in_nothing_that_it_feeds(package: str) -> None:
    code = f"import sys, testdata.simulator; sys.exit({package!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False)
    assert done.returncode == 0
