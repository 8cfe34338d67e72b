from __future__ import annotations

import numpy as np
import pytest
from astro_metadata_translator.translators import HscTranslator
from hypothesis import given
from hypothesis import strategies as st

from testdata.errors import CcdNumberError
from testdata.focalplane import N_CCDS, ccd_name, chip_place


def test_names_of_all_ccds_are_those_of_the_translator() -> None:
    names = [f"{half}_{number:02d}" for half, number in map(ccd_name, range(N_CCDS))]
    assert names == HscTranslator._DETECTOR_NUM_TO_UNIQUE_NAME


@pytest.mark.parametrize(("ccd", "crpix"), [(50, (1024.5, 4395.167)), (37, (-3220.833, 17801.167))])
def test_boresight_falls_where_real_headers_have_it(ccd: int, crpix: tuple[float, float]) -> None:
    zero = np.zeros(1)
    x, y = chip_place(ccd).to_pixel(zero, zero)
    # 0.02 pixel: the two real headers fix the grid to the digits that they give.
    assert (x[0] + 1, y[0] + 1) == pytest.approx(crpix, abs=0.02)


@pytest.mark.parametrize("ccd", [-1, 112])
def test_unknown_ccd_is_refused(ccd: int) -> None:
    with pytest.raises(CcdNumberError, match="ccds 0 to 111"):
        chip_place(ccd)
    with pytest.raises(CcdNumberError, match=f"no ccd {ccd}"):
        ccd_name(ccd)


@given(ccd=st.integers(0, N_CCDS - 1), x=st.floats(-9000, 9000), y=st.floats(-9000, 9000))
def test_focal_plane_position_goes_back_to_its_pixel(ccd: int, x: float, y: float) -> None:
    place = chip_place(ccd)
    back = place.to_pixel(*place.to_focal(np.array([x]), np.array([y])))
    # 1e-8 pixel: rounding of numbers up to 25000.
    assert (back[0][0], back[1][0]) == pytest.approx((x, y), abs=1e-8)


def test_science_ccds_do_not_overlap() -> None:
    centers = np.array([chip_place(ccd).center for ccd in range(100)])
    apart = np.abs(centers[:, None, :] - centers[None, :, :])
    overlap = (apart[..., 0] < 2048) & (apart[..., 1] < 4176)
    assert overlap.sum() == 100  # each with itself
