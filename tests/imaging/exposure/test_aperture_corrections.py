from __future__ import annotations

import pytest

from imaging import Box, Extent2I, Point2I
from imaging.errors import ParameterTypeError, ParameterValueError, UndecodableError
from imaging.exposure.aperture_corrections import ApertureCorrections
from imaging.exposure.bounded_field import ChebyshevField
from imaging.exposure.photo_calib import PhotoCalib

BOX = Box(Point2I(), Extent2I(100, 50))
FIELD = ChebyshevField(BOX, [[1.0, 0.5]])


def test_it_is_a_mapping_of_names_to_fields() -> None:
    corrections = ApertureCorrections({"psf": FIELD})
    corrections["gauss"] = FIELD * FIELD
    del corrections["psf"]
    assert list(corrections) == ["gauss"]
    assert len(corrections) == 1
    assert corrections.get("psf") is None
    assert "gauss" in repr(corrections)


def test_copy_changes_by_itself() -> None:
    corrections = ApertureCorrections({"psf": FIELD})
    other = corrections.copy()
    assert other == corrections
    del other["psf"]
    assert "psf" in corrections


def test_scale_multiplies_every_field() -> None:
    corrections = ApertureCorrections({"a": FIELD, "b": FIELD * FIELD})
    corrections.scale(2.0)
    assert corrections["a"].evaluate(3, 4) == 2 * FIELD.evaluate(3, 4)
    assert corrections["b"].evaluate(3, 4) == 2 * (FIELD * FIELD).evaluate(3, 4)


def test_values_that_are_no_fields_are_refused() -> None:
    with pytest.raises(ParameterTypeError, match="a field"):
        ApertureCorrections({"a": 1.0})  # type: ignore[dict-item]
    for name in ("", "a ", "\0"):
        with pytest.raises(ParameterValueError, match="cannot be the name"):
            ApertureCorrections({name: FIELD})


@pytest.mark.parametrize("names", [(), ("psf",), ("b", "größer", "a")])
def test_rows_come_back_in_their_order(names: tuple[str, ...]) -> None:
    corrections = ApertureCorrections(
        (name, FIELD * FIELD if name == "b" else FIELD) for name in names
    )
    found = ApertureCorrections.from_rows(corrections.to_rows())
    assert found == corrections
    assert list(found) == list(names)


def test_rows_of_another_kind_are_refused() -> None:
    with pytest.raises(UndecodableError, match="PhotoCalib"):
        ApertureCorrections.from_rows(PhotoCalib(1.0).to_rows(), "x.fits")
