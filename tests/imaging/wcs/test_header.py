"""WCS in headers."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.wcs import WCS, FITSFixedWarning

from imaging.errors import WcsError
from imaging.fits.metadata import Metadata
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from imaging.fits.cards import CardValue

BASE: dict[str, CardValue] = {
    "CTYPE1": "RA---TAN",
    "CTYPE2": "DEC--TAN",
    "CRVAL1": 150.0,
    "CRVAL2": 2.0,
    "CRPIX1": 1024.5,
    "CRPIX2": 2048.0,
    "CUNIT1": "deg",
    "CUNIT2": "deg",
}
CD: dict[str, CardValue] = {"CD1_1": -5e-5, "CD1_2": 1e-6, "CD2_1": 2e-6, "CD2_2": 5e-5}
SIP: dict[str, CardValue] = {
    "A_ORDER": 2,
    "A_2_0": 1e-6,
    "A_0_2": -2e-6,
    "B_ORDER": 3,
    "B_1_1": 3e-6,
    "B_0_3": 1e-10,
}
CDELT: dict[str, CardValue] = {"CDELT1": -5e-5, "CDELT2": 4e-5}
ROTATION: dict[str, CardValue] = {"PC1_1": 0.8, "PC1_2": -0.6, "PC2_1": 0.6, "PC2_2": 0.8}
SCAMP: dict[str, CardValue] = {
    "PV1_0": 1e-5,
    "PV1_1": 1.001,
    "PV1_4": 1e-4,
    "PV2_1": 0.999,
    "PV2_5": 1e-4,
}


def sky(cards: dict[str, CardValue]) -> np.ndarray:
    wcs = Wcs.from_metadata(Metadata(cards))
    return np.array(wcs.pixel_to_sky(np.array([0.0, 300.0]), np.array([10.0, 1500.0])))


def astropy_sky(cards: dict[str, CardValue]) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        wcs = WCS(Metadata(cards).to_header())
    return np.array(wcs.all_pix2world([0.0, 300.0], [10.0, 1500.0], 0))


@pytest.mark.parametrize(
    "cards",
    [
        BASE | CD,
        BASE | {"CD1_1": -5e-5, "CD2_2": 5e-5},
        BASE | CDELT,
        BASE | CDELT | {"CROTA2": 25.0},
        BASE | CDELT | ROTATION,
        BASE | CDELT | {"PC1_2": 0.1},
        BASE | CD | SIP | {"CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP"},
        BASE | CD | SCAMP,
        BASE | CD | SCAMP | {"CTYPE1": "RA---TPV", "CTYPE2": "DEC--TPV"},
        BASE | CD | {"LONPOLE": 90.0},
        BASE | CD | {"CTYPE1": "RA---ZPN", "CTYPE2": "DEC--ZPN", "PV2_1": 1.0, "PV2_3": 50.0},
    ],
)
def test_header_is_read_as_astropy_reads_it(cards: dict[str, CardValue]) -> None:
    assert np.allclose(sky(cards), astropy_sky(cards), rtol=0, atol=1e-11)


def test_declination_may_come_first() -> None:
    turned = BASE | {
        "CTYPE1": "DEC--TAN",
        "CTYPE2": "RA---TAN",
        "CRVAL1": 2.0,
        "CRVAL2": 150.0,
        "CD1_1": 2e-6,
        "CD1_2": 5e-5,
        "CD2_1": -5e-5,
        "CD2_2": 1e-6,
    }
    assert np.allclose(sky(turned), sky(BASE | CD), rtol=0, atol=1e-12)
    assert np.allclose(sky(turned), astropy_sky(turned)[::-1], rtol=0, atol=1e-11)


def test_distortion_counts_although_ctype_does_not_say_sip() -> None:
    said = BASE | CD | SIP | {"CTYPE1": "RA---TAN-SIP", "CTYPE2": "DEC--TAN-SIP"}
    assert np.array_equal(sky(BASE | CD | SIP), sky(said))
    assert np.array_equal(sky(said | SCAMP), sky(said))


@pytest.mark.parametrize(
    ("unit", "size"), [("degree", 1.0), (" DEG ", 1.0), ("arcsec", 3600.0), ("rad", math.pi / 180)]
)
def test_units_are_made_degrees(unit: str, size: float) -> None:
    numbers = {name: BASE[name] for name in ("CRVAL1", "CRVAL2")} | CD
    scaled = {name: float(str(value)) * size for name, value in numbers.items()}
    cards = BASE | scaled | {"CUNIT1": unit, "CUNIT2": unit}
    assert np.allclose(sky(cards), sky(BASE | CD), rtol=0, atol=1e-11)


def test_units_may_be_missing() -> None:
    cards = {name: value for name, value in (BASE | CD).items() if not name.startswith("CUNIT")}
    assert np.array_equal(sky(cards), sky(BASE | CD))


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        ({}, ("ICRS", None)),
        ({"RADESYS": "FK5", "EQUINOX": 2000.0}, ("FK5", 2000.0)),
        ({"RADECSYS": "FK5"}, ("FK5", None)),
        ({"EQUINOX": 2000}, ("FK5", 2000.0)),
        ({"EPOCH": 1950.0}, ("FK4", 1950.0)),
        ({"RADESYS": "ICRS", "EQUINOX": 2000.0}, ("ICRS", None)),
        ({"RADESYS": "GAPPT"}, ("GAPPT", None)),
    ],
)
def test_system_of_coordinates_follows_the_standard(
    cards: dict[str, CardValue], expected: tuple[str, float | None]
) -> None:
    wcs = Wcs.from_metadata(BASE | CD | cards)
    assert (wcs.radesys, wcs.equinox) == expected


def test_crpix_counts_from_one_and_from_the_first_pixel_of_the_array() -> None:
    assert tuple(Wcs.from_metadata(BASE | CD).pixel_origin) == (1023.5, 2047)
    assert tuple(Wcs.from_metadata(BASE | CD, (100, 50)).pixel_origin) == (1123.5, 2097)


@pytest.mark.parametrize(
    "cards", [{}, {"CTYPE1": "LINEAR", "CTYPE2": "LINEAR", "CRVAL1": 1.0}, {"CTYPE1": "PIXEL"}]
)
def test_header_that_does_not_speak_of_the_sky_has_no_wcs(cards: dict[str, CardValue]) -> None:
    assert Wcs.find_in(cards) is None
    with pytest.raises(WcsError, match="no WCS"):
        Wcs.from_metadata(cards)


@pytest.mark.parametrize(
    ("cards", "reason"),
    [
        ({"CTYPE2": "FREQ"}, "'RA---TAN' and 'FREQ'"),
        ({"CTYPE1": "GLON-TAN", "CTYPE2": "GLAT-TAN"}, "right ascension and declination"),
        ({"CTYPE1": "RA---SIN"}, "different projections"),
        ({"CTYPE1": "RA---TNX", "CTYPE2": "DEC--TNX"}, "TNX is not known"),
        ({"CRVAL1": "12:00:00"}, "CRVAL1 = '12:00:00'"),
        ({"CRPIX2": math.nan}, "CRPIX2 = nan"),
        ({"CUNIT1": "pixel"}, "CUNIT1 = 'PIXEL'"),
        ({"CD1_1": 0.0, "CD2_1": 0.0}, "no inverse"),
        ({"A_ORDER": 12}, "A_ORDER = 12"),
        ({"CPDIS1": "LOOKUP"}, "CPDIS1"),
    ],
)
def test_wcs_that_cannot_be_used_is_refused_with_the_reason(
    cards: dict[str, CardValue], reason: str
) -> None:
    with pytest.raises(WcsError, match=reason):
        Wcs.find_in(BASE | CD | cards)


def test_missing_cards_are_all_named() -> None:
    with pytest.raises(WcsError, match="CRVAL2, CRPIX1 missing"):
        Wcs.from_metadata({k: v for k, v in (BASE | CD).items() if k not in {"CRVAL2", "CRPIX1"}})
    with pytest.raises(WcsError, match="CDELT1, CDELT2 missing"):
        Wcs.from_metadata(BASE)
