from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from testdata.errors import VisitError
from testdata.geometry import FULL, SMALL, Geometry
from testdata.observation import CI_HSC_VISITS, TARGET_DEG, observe
from testdata.projection import header_projection


def test_tutorial_visit_is_that_of_ci_hsc() -> None:
    observation = observe(903334)
    assert observation.filter_name == "HSC-R"
    assert observation.date_obs == dt.date(2013, 11, 2)
    assert observation.pointing == 671
    assert observation.field == "STRIPE82L"
    assert observation.sky_adu == 220


@pytest.mark.parametrize("geometry", [FULL, SMALL])
@pytest.mark.parametrize("visit", CI_HSC_VISITS)
def test_visits_of_ci_hsc_see_the_target_between_their_ccds(visit: int, geometry: Geometry) -> None:
    observation = observe(visit, geometry=geometry)
    corners = [
        header_projection(observation, ccd, geometry).to_pixel(
            np.array([TARGET_DEG[0]]), np.array([TARGET_DEG[1]])
        )
        for ccd in CI_HSC_VISITS[visit]
        if ccd < 100
    ]
    nearest = min(
        np.hypot(x[0] / geometry.ccd_width - 0.5, y[0] / geometry.ccd_height - 0.5)
        for x, y in corners
    )
    # Within 0.9 CCD of the centre of one of them: the place where four CCDs meet is 0.71 away.
    assert nearest < 0.9


def test_dates_of_all_visits_lie_in_the_validity_of_the_calibrations() -> None:
    for visit in range(1, 2_000_000, 9_973):
        observation = observe(visit)
        assert dt.date(2013, 5, 7) <= observation.date_obs <= dt.date(2013, 12, 14)
        assert int(observation.mjd_end) == int(observation.mjd_start)


@pytest.mark.parametrize("visit", [0, -5, 26_000_000])
def test_impossible_visit_is_refused(visit: int) -> None:
    with pytest.raises(VisitError, match="between 1 and 25999999"):
        observe(visit)


def test_unknown_filter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(VisitError, match="HSC-G, HSC-R, HSC-I, HSC-Z, HSC-Y"):
        observe(1, filter_name="HSC-U")


def test_filter_and_date_can_be_chosen() -> None:
    observation = observe(42, filter_name="HSC-Z", date_obs=dt.date(2015, 10, 10))
    assert (observation.band, observation.pointing) == ("z", 1378)


def test_sky_grows_with_the_exposure_time() -> None:
    assert observe(903334, exposure_time_s=60).sky_adu == pytest.approx(440)


def test_the_seeing_can_be_chosen() -> None:
    assert observe(903334, fwhm_pix=5.5).fwhm_pix == 5.5
    assert observe(903334, fwhm_pix=5.5).sky_adu == observe(903334).sky_adu
