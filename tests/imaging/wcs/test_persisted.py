"""WCS in the tables of our own files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imaging.errors import FormatVersionError, UndecodableError
from imaging.fits.metadata import Metadata
from imaging.fits.persisted import describe
from imaging.fits.rows import read_rows_of
from imaging.fits.writer import RowsPart, write_parts
from imaging.wcs.parameters import Sip, WcsParameters
from imaging.wcs.persisted import wcs_from_rows
from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

if TYPE_CHECKING:
    from pathlib import Path

numbers = st.floats(-1e6, 1e6)
pairs = st.tuples(numbers, numbers)
poles = st.none() | numbers


def matrices(size: int) -> st.SearchStrategy[tuple[tuple[float, ...], ...]]:
    return st.tuples(*[st.tuples(*[numbers] * size)] * size)


sips = st.builds(Sip, *[st.integers(1, 3).flatmap(matrices)] * 2)
both_ways = st.builds(Sip, *[st.integers(1, 3).flatmap(matrices)] * 4)
parameters = st.builds(
    WcsParameters,
    crval=pairs,
    crpix=pairs,
    cd=st.tuples(*[numbers] * 4),
    projection=st.sampled_from(["TAN", "TPV"]),
    lonpole=poles,
    latpole=poles,
    radesys=st.sampled_from(["ICRS", "FK5"]),
    equinox=poles,
    sip=st.none() | sips | both_ways,
    pv=st.lists(st.tuples(st.integers(1, 2), st.integers(0, 39), numbers), max_size=3).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(parameters)
def test_wcs_comes_back_from_a_file_bit_for_bit(tmp_path: Path, made: WcsParameters) -> None:
    path = str(tmp_path / "wcs.fits")
    write_parts(path, Metadata(), [RowsPart(Wcs(made).to_rows(), "WCS")])
    again = wcs_from_rows(read_rows_of(path, "WCS"), path)
    assert isinstance(again, Wcs)
    assert repr(again.parameters) == repr(made)  # tells -0.0 from 0.0 too


def test_newer_and_unknown_tables_are_refused() -> None:
    rows = make_tan_wcs((10.0, 20.0), (0.0, 0.0), make_cd_matrix(1)).to_rows()
    with pytest.raises(FormatVersionError, match="version 99"):
        wcs_from_rows(describe(rows, "Wcs", 99), "f.fits")
    with pytest.raises(UndecodableError, match="AsTransWcs, Wcs"):
        wcs_from_rows(describe(rows, "Psf", 1), "f.fits")


@pytest.mark.parametrize("kind", ["Wcs", "AsTransWcs"])
def test_damaged_tables_are_refused(kind: str) -> None:
    rows = make_tan_wcs((10.0, 20.0), (0.0, 0.0), make_cd_matrix(1)).to_rows()
    other = describe(replace(rows, array=np.zeros(1, [("crval", "f8")])), kind, 1)
    with pytest.raises(UndecodableError, match="lacks"):
        wcs_from_rows(other, "f.fits")
    none = describe(replace(rows, array=rows.array[:0]), kind, 1)
    with pytest.raises(UndecodableError, match="has 0"):
        wcs_from_rows(none, "f.fits")
