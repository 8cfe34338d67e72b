"""A Gen2 repository as the parent of one of ours, through the whole butler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler.butler import Butler
from butler.errors import DatasetNotFoundError, ReadOnlyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_rerun_of_ours_reads_a_gen2_parent_and_leaves_it_as_it_is(
    hsc_calib: Path, tmp_path: Path, untouched: Callable[[Path], Path]
) -> None:
    data = untouched(hsc_calib.parent)
    with Butler(inputs=str(data), outputs=str(tmp_path / "rerun")) as butler:
        assert butler.get_uri("raw", visit=903334, ccd=16) == (
            f"{data}/STRIPE82L/2013-11-02/00671/HSC-R/HSC-0903334-016.fits"
        )
        assert butler.get_uri("flat", visit=903986, ccd=16) == (
            f"{data}/CALIB/FLAT/2013-11-03/HSC-I/FLAT-2013-11-03-HSC-I-016.fits"
        )
        assert [row[1] for row in butler.query_metadata("raw", ["visit", "ccd"], visit=903334)] == [
            16,
            23,
        ]
        with pytest.raises(DatasetNotFoundError, match="table fringe: no row for"):
            butler.get("fringe", visit=903334, ccd=16)


def test_gen2_repository_is_no_output(hsc_root: Path, untouched: Callable[[Path], Path]) -> None:
    with pytest.raises(ReadOnlyError, match="is a Gen2 repository"):
        Butler(outputs=str(untouched(hsc_root)))
