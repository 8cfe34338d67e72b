from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time

from imaging.errors import ParameterValueError, ReferenceCatalogError
from imaging.reference.units import (
    epoch_format,
    epochs_in_mjd,
    fluxes_of_magnitudes,
    numbers,
    require_magnitudes,
    unit_factor,
)


@pytest.mark.parametrize(
    ("unit", "target", "factor"),
    [
        ("deg", "rad", np.pi / 180),
        ("mas/yr", "rad/yr", np.pi / 180 / 3.6e6),
        ("mas yr-1", "rad/yr", np.pi / 180 / 3.6e6),
        ("uJy", "nJy", 1e3),
        ("12.5 nJy", "nJy", 12.5),
        ("rad", "rad", 1.0),
    ],
)
def test_units_are_converted(unit: str, target: str, factor: float) -> None:
    assert unit_factor(unit, target, "x") == pytest.approx(factor, rel=1e-12)  # rounding


@pytest.mark.parametrize(("unit", "target"), [("mas", "nJy"), ("parsnip", "rad"), ("mag", "nJy")])
def test_units_of_something_else_are_refused_with_an_example(unit: str, target: str) -> None:
    with pytest.raises(ReferenceCatalogError, match=r"col: .*col\[(uJy|deg)\]"):
        unit_factor(unit, target, "col")


def test_magnitudes_are_those_of_astropy() -> None:
    magnitudes = np.array([0.0, 15.0, 22.5, np.nan])
    expected = (magnitudes * u.ABmag).to_value(u.nJy)
    # astropy's zero point is 3631 Jy, that of Oke & Gunn 3630.78 Jy: 6e-5 less
    np.testing.assert_allclose(fluxes_of_magnitudes(magnitudes), expected, rtol=7e-5)


@pytest.mark.parametrize("unit", ["mag(ST)", "Vega", "nJy"])
def test_other_magnitudes_than_ab_are_refused(unit: str) -> None:
    for right in ("", "mag", "ABmag", "mag(AB)"):
        require_magnitudes(right, "r")
    with pytest.raises(ReferenceCatalogError, match="only AB"):
        require_magnitudes(unit, "r")


@pytest.mark.parametrize(
    ("unit", "sample", "form"),
    [
        ("jyear", 1.0, "jyear"),
        ("yr", 2015.5, "jyear"),
        ("", 2015.5, "jyear"),
        ("", 57205.9, "mjd"),
        ("d", 57205.9, "mjd"),
        ("", 2457206.4, "jd"),
        ("", "2015-07-02", "iso"),
        ("unix", 1.4e9, "unix"),
    ],
)
def test_form_of_epochs_is_seen(unit: str, sample: object, form: str) -> None:
    found, note = epoch_format(unit, sample, "epoch")
    assert found == form
    assert bool(note) == (not unit)  # what was guessed is told


@pytest.mark.parametrize(("unit", "sample"), [("", 1.4e9), ("", 5.0), ("parsec", 2015.5)])
def test_form_that_is_in_doubt_is_refused(unit: str, sample: object) -> None:
    with pytest.raises(ReferenceCatalogError, match="epoch"):
        epoch_format(unit, sample, "epoch")


@pytest.mark.parametrize("form", ["jyear", "mjd", "jd", "unix"])
def test_epochs_are_those_of_astropy(form: str) -> None:
    time = Time(["2010-03-01T12:00:00", "2016-01-01T00:00:00"], scale="tai")
    values = np.array(getattr(time.utc if form == "unix" else time, form))
    found = epochs_in_mjd(values, form, "epoch", None)
    # whole leap seconds are left out of the account: at most 3 before 2017
    np.testing.assert_allclose(found, time.mjd, atol=4 / 86400)


def test_dates_are_read_and_gaps_are_none() -> None:
    texts = np.ma.MaskedArray(["2015-07-02", "", "J2016.0", "x"], [False, False, False, True])
    found = epochs_in_mjd(texts, "iso", "epoch", None)
    assert found[[0, 2]] == pytest.approx([57205 + 36 / 86400, 57388.5], abs=1e-8)  # rounding
    assert np.isnan(found[[1, 3]]).all()


def test_text_that_is_no_date_is_refused() -> None:
    with pytest.raises(ParameterValueError, match="no date"):
        epochs_in_mjd(np.array([b"soon"]), "iso", "epoch", None)


def test_numbers_that_stand_for_none_are_nan() -> None:
    values = np.ma.MaskedArray([1, -999, 3], [False, False, True])
    np.testing.assert_array_equal(numbers(values, "x", -999.0), [1.0, np.nan, np.nan])


def test_text_is_no_number() -> None:
    with pytest.raises(ReferenceCatalogError, match="x holds no numbers"):
        numbers(np.array(["a"]), "x", None)
