from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import Box, Extent2I, Metadata, Point2D, Point2I
from imaging.errors import FormatVersionError, ParameterTypeError, ParameterValueError
from imaging.exposure.bounded_field import BoundedField, ChebyshevField
from imaging.exposure.photo_calib import NANOJANSKY_AT_MAGNITUDE_ZERO, Measurement, PhotoCalib

BOX = Box(Point2I(), Extent2I(100, 50))
FIELD = ChebyshevField(BOX, [[2.0, 0.5], [0.25, 0.0]])


def test_magnitude_zero_is_that_of_the_ab_system() -> None:
    # 3631 Jy is the rounded figure that everybody quotes
    assert pytest.approx(3631e9, rel=1e-4) == NANOJANSKY_AT_MAGNITUDE_ZERO


def test_counts_become_flux() -> None:
    calib = PhotoCalib(0.5)
    assert calib.inst_flux_to_nanojansky(10.0) == 5.0
    assert np.array_equal(calib.inst_flux_to_nanojansky([1.0, 2.0]), [0.5, 1.0])


def test_error_has_parts_of_counts_and_calibration() -> None:
    flux = PhotoCalib(2.0, 0.1).inst_flux_to_nanojansky(10.0, 2.0)
    assert flux == Measurement(20.0, math.hypot(2.0 * 2.0, 10.0 * 0.1))


def test_position_chooses_the_value_of_the_field() -> None:
    calib = PhotoCalib(field=FIELD)
    assert calib.calibration_mean == FIELD.mean
    assert not calib.is_constant
    assert calib.inst_flux_to_nanojansky(3.0, position=Point2D(10, 20)) == 3 * FIELD.evaluate(
        10, 20
    )
    at = (np.array([10.0, 30.0]), np.array([20.0, 40.0]))
    assert np.array_equal(
        calib.inst_flux_to_nanojansky([1.0, 1.0], position=at), FIELD.evaluate(*at)
    )
    assert calib.inst_flux_to_nanojansky(3.0) == 3 * FIELD.mean


def test_magnitudes_follow_from_the_zero_point() -> None:
    calib = PhotoCalib.from_flux_at_zero_magnitude(1e12)
    # 1e-12: two roundings of logarithms
    assert calib.inst_flux_to_magnitude(1e12) == pytest.approx(0.0, abs=1e-12)
    assert calib.inst_flux_to_magnitude(1e4) == pytest.approx(20.0, abs=1e-12)
    assert calib.magnitude_to_inst_flux(20.0) == pytest.approx(1e4, rel=1e-12)
    assert calib.inst_flux_at_zero_magnitude == pytest.approx(1e12, rel=1e-15)


def test_error_of_a_magnitude_is_the_relative_one() -> None:
    magnitude = PhotoCalib(1.0, 0.03).inst_flux_to_magnitude(100.0, 4.0)
    assert magnitude.error == pytest.approx(2.5 / math.log(10) * 0.05, rel=1e-14)


def test_negative_counts_have_no_magnitude() -> None:
    magnitudes = PhotoCalib(1.0).inst_flux_to_magnitude([-1.0, 0.0])
    assert np.isnan(magnitudes[0])
    assert magnitudes[1] == np.inf


def test_old_cards_give_the_zero_point() -> None:
    metadata = Metadata({"FLUXMAG0": 104525881029524.0, "FLUXMAG0ERR": 97162532120.004})
    calib = PhotoCalib.from_metadata(metadata)
    assert calib is not None
    assert calib.inst_flux_at_zero_magnitude == pytest.approx(104525881029524.0, rel=1e-15)
    relative = calib.calibration_error / calib.calibration_mean
    assert relative == pytest.approx(97162532120.004 / 104525881029524.0, rel=1e-14)


@pytest.mark.parametrize("cards", [{}, {"FLUXMAG0": 0.0}, {"FLUXMAG0": "x"}, {"FLUXMAG0": -1.0}])
def test_cards_without_a_zero_point_give_none(cards: dict[str, float]) -> None:
    assert PhotoCalib.from_metadata(Metadata(cards)) is None


@pytest.mark.parametrize("mean", [0.0, -1.0, math.nan, math.inf])
def test_calibration_is_positive(mean: float) -> None:
    with pytest.raises(ParameterValueError, match="positive"):
        PhotoCalib(mean)


def test_negative_or_unknown_errors_are_refused() -> None:
    for error in (-1.0, math.nan):
        with pytest.raises(ParameterValueError, match="not negative"):
            PhotoCalib(1.0, error)
    with pytest.raises(ParameterValueError, match="or a field"):
        PhotoCalib()
    with pytest.raises(ParameterValueError, match="positive"):
        PhotoCalib.from_flux_at_zero_magnitude(0.0)


def test_field_or_box_may_stand_where_the_lsst_stack_has_them() -> None:
    assert PhotoCalib(FIELD, 0.1) == PhotoCalib(calibration_error=0.1, field=FIELD)
    assert PhotoCalib(2.0, 0.1, BOX) == PhotoCalib(2.0, 0.1, bbox=BOX) == PhotoCalib(2.0, 0.1)
    assert PhotoCalib(2.0, 0.1, BOX).inst_flux_to_nanojansky(1.0, position=Point2D(9, 9)) == 2.0
    with pytest.raises(ParameterTypeError, match="field of nJy per count, not 'r'"):
        PhotoCalib(2.0, 0.1, "r")  # type: ignore[arg-type]


def test_calibration_cannot_get_attributes_by_mistake() -> None:
    with pytest.raises(AttributeError):
        PhotoCalib(1.0).mean = 2.0  # type: ignore[attr-defined]


def test_calibration_at_a_position_is_that_of_the_field() -> None:
    assert PhotoCalib(field=FIELD).calibration_at(Point2D(10, 20)) == FIELD.evaluate(10, 20)
    assert PhotoCalib(3.0).calibration_at((1.0, 2.0)) == 3.0


def test_position_in_place_of_an_error_is_explained() -> None:
    with pytest.raises(ParameterTypeError, match="Positions come last"):
        PhotoCalib(1.0).inst_flux_to_nanojansky(1.0, Point2D(1, 2))  # type: ignore[call-overload]


positive = st.floats(min_value=1e-300, max_value=1e300)
fields = st.sampled_from([None, FIELD, FIELD * FIELD, ChebyshevField.constant(BOX, 1.5)])


@given(positive, st.floats(min_value=0, max_value=1e300), fields)
def test_rows_come_back_bit_for_bit(mean: float, error: float, field: BoundedField | None) -> None:
    calib = PhotoCalib(mean, error, field)
    found = PhotoCalib.from_rows(calib.to_rows())
    assert found == calib
    assert (found.calibration_mean, found.calibration_error) == (mean, error)
    assert found.is_constant is (field is None)


def test_rows_of_a_newer_version_are_refused() -> None:
    rows = PhotoCalib(1.0).to_rows()
    rows.header["SBVERS"] = 2
    with pytest.raises(FormatVersionError, match=r"x\.fits.*update"):
        PhotoCalib.from_rows(rows, "x.fits")


def test_calibrations_are_equal_by_their_numbers() -> None:
    assert PhotoCalib(1.0, 0.1) == PhotoCalib(1.0, 0.1)
    assert PhotoCalib(1.0, 0.1) != PhotoCalib(1.0, 0.2)
    assert PhotoCalib(2.0, field=FIELD) != PhotoCalib(2.0)
    assert PhotoCalib(1.0) != 1.0
    assert "nJy per count" in repr(PhotoCalib(1.0))


def test_calibration_is_made_of_numbers() -> None:
    for arguments in (("a",), (1.0, "b"), ([1.0, 2.0],), (1.0, 1j)):
        with pytest.raises(ParameterTypeError, match="made of numbers"):
            PhotoCalib(*arguments)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ParameterTypeError, match="made of numbers"):
        PhotoCalib.from_flux_at_zero_magnitude("a")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ParameterTypeError, match="'abc'"):
        PhotoCalib(1.0).inst_flux_to_nanojansky("abc")
    with pytest.raises(ParameterTypeError, match="not 3"):
        PhotoCalib(1.0).calibrate_image(3)  # type: ignore[arg-type]  # the mistake
