"""Tables that hold objects."""

from __future__ import annotations

import numpy as np
import pytest

from imaging.errors import FormatVersionError, UndecodableError
from imaging.fits.metadata import Metadata
from imaging.fits.persisted import TYPE_CARD, VERSION_CARD, check_kind, describe
from imaging.fits.rows import Rows

ROWS = Rows(np.zeros(1, [("sigma", "f8")]), Metadata({"EXTNAME": "PSF"}))
KNOWN = {"DoubleGaussianPsf": 1, "KlPsf": 3}


def test_kind_and_version_are_those_that_were_described() -> None:
    rows = describe(ROWS, "KlPsf", 2)
    assert (rows.header[TYPE_CARD], rows.header[VERSION_CARD]) == ("KlPsf", 2)
    assert rows.header["EXTNAME"] == "PSF"
    assert check_kind(rows, KNOWN, "a.fits") == ("KlPsf", 2)
    assert TYPE_CARD not in ROWS.header


def test_unknown_kinds_are_named() -> None:
    with pytest.raises(UndecodableError, match="'PSF' holds a 'PcaPsf'; known here are Double"):
        check_kind(describe(ROWS, "PcaPsf", 1), KNOWN, "a.fits")


def test_newer_versions_are_named() -> None:
    with pytest.raises(FormatVersionError, match=r"a\.fits: .*'KlPsf' of version 4, newer than 3"):
        check_kind(describe(ROWS, "KlPsf", 4), KNOWN, "a.fits")


@pytest.mark.parametrize("version", [0, -1, True, "1", None])
def test_versions_that_are_none_are_refused(version: object) -> None:
    rows = describe(ROWS, "KlPsf", 1)
    rows.header[VERSION_CARD] = version
    with pytest.raises(UndecodableError, match="is not a version"):
        check_kind(rows, KNOWN, "a.fits")


def test_tables_that_hold_no_object_are_refused() -> None:
    with pytest.raises(UndecodableError, match="has no card SBTYPE"):
        check_kind(ROWS, KNOWN, "a.fits")
