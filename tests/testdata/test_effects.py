from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from testdata.detector import CROSSTALK, FULL_WELL_ADU, LINEARITY, brighter_fatter_kernel
from testdata.effects import Effects, add_crosstalk, bleed, shoot, spread_charge, unlinearize
from testdata.geometry import SMALL
from testdata.raw import SimulatedRaw, simulate_raw
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

SKY = replace(SkyModel.for_geometry(SMALL), star_magnitudes=(13.5, 17.5))
"""Bright stars, so that wells overflow."""


def raw_with(*names: str) -> SimulatedRaw:
    effects = replace(Effects.none(), **dict.fromkeys(names, True))
    return simulate_raw(903334, 16, geometry=SMALL, effects=effects, sky=SKY)


def data(raw: SimulatedRaw) -> NDArray[np.int64]:
    image = np.zeros(SMALL.ccd_shape, dtype=np.int64)
    for amplifier in SMALL.amplifiers:
        image[amplifier.assembled.slices] = raw.pixels[amplifier.data.slices]
    return image


@pytest.fixture(scope="module")
def clean() -> SimulatedRaw:
    return raw_with()


@pytest.fixture(scope="module")
def full(clean: SimulatedRaw) -> SimulatedRaw:
    """With full wells: what the effects on the signal are compared with."""
    assert clean.pixels.max() == 65535
    return raw_with("bleed")


def test_without_effects_the_overscan_is_constant(clean: SimulatedRaw) -> None:
    for amplifier, level in zip(
        SMALL.amplifiers, clean.truth.detector.bias_levels_adu, strict=True
    ):
        assert set(np.unique(clean.pixels[amplifier.overscan.slices])) == {round(level)}
    assert not clean.truth.flags.any()


@pytest.mark.parametrize(
    "name", ["cosmic_rays", "bleed", "brighter_fatter", "crosstalk", "nonlinearity", "defects"]
)
def test_effect_on_the_signal_leaves_overscan_and_truth_alone(
    name: str, clean: SimulatedRaw
) -> None:
    changed = raw_with(name)
    is_data = np.zeros(SMALL.raw_shape, dtype=bool)
    for amplifier in SMALL.amplifiers:
        is_data[amplifier.data.slices] = True
    assert (changed.pixels != clean.pixels)[is_data].any()
    np.testing.assert_array_equal(changed.pixels[~is_data], clean.pixels[~is_data])
    np.testing.assert_array_equal(changed.truth.sources, clean.truth.sources)


def test_noise_of_the_overscan_is_the_read_noise(clean: SimulatedRaw) -> None:
    noisy, detector = raw_with("noise"), clean.truth.detector
    for number, amplifier in enumerate(SMALL.amplifiers):
        scatter = np.std(noisy.pixels[amplifier.overscan.slices])
        # 1024 pixels: 2.2 % of scatter, four sigma.
        assert scatter == pytest.approx(
            detector.read_noise_e[number] / detector.gains[number], rel=0.09
        )


def test_cosmic_rays_change_only_what_the_truth_flags(clean: SimulatedRaw) -> None:
    struck = raw_with("cosmic_rays")
    change = data(struck) - data(clean)
    hit = struck.truth.flags == 1
    assert 5 < hit.sum() < 500
    # Less than 20 electrons stay unflagged: 6.6 ADU at the lowest gain.
    assert np.abs(change[~hit]).max() <= 7
    assert (change[hit & (data(clean) < 65535)] > 0).all()


def test_cosmic_rays_do_not_change_the_noise() -> None:
    noisy, struck = raw_with("noise"), raw_with("noise", "cosmic_rays")
    far = struck.truth.flags == 0
    assert np.abs((data(struck) - data(noisy))[far]).max() <= 7


def test_bleeding_stays_in_its_columns(clean: SimulatedRaw, full: SimulatedRaw) -> None:
    saturated = full.truth.flags == 2
    columns = saturated.any(axis=0)
    assert 0 < columns.sum() < SMALL.ccd_width
    np.testing.assert_array_equal(data(full)[:, ~columns], data(clean)[:, ~columns])
    assert data(full).max() <= FULL_WELL_ADU + 1200


def test_bleeding_conserves_charge_and_is_symmetric() -> None:
    gains = np.full((1, 5), 3.0, dtype=np.float32)
    electrons = np.full((101, 5), 100, dtype=np.float32)
    electrons[50, 2] = 11 * FULL_WELL_ADU * 3
    before = electrons.sum(dtype=float)
    flags = bleed(electrons, gains)
    assert electrons.sum(dtype=float) == pytest.approx(before, rel=1e-6)
    assert flags.sum() == 11
    assert set(np.flatnonzero(flags.any(axis=0))) == {2}
    np.testing.assert_allclose(electrons, electrons[::-1], rtol=1e-4)


def test_charge_that_reaches_the_edge_is_lost() -> None:
    electrons = np.zeros((10, 1), dtype=np.float32)
    electrons[2, 0] = 1e9
    assert bleed(electrons, np.ones((1, 1), dtype=np.float32)).all()
    assert electrons.max() == FULL_WELL_ADU


def test_crosstalk_echoes_a_bright_pixel_at_the_same_read_time() -> None:
    image = np.zeros(SMALL.ccd_shape, dtype=np.float32)
    image[30, 10] = 50_000
    add_crosstalk(image, SMALL)
    width = SMALL.amp_width
    echoes = [image[30, 2 * width - 1 - 10], image[30, 2 * width + 10], image[30, -1 - 10]]
    np.testing.assert_allclose(echoes, [50_000 * CROSSTALK[n][0] for n in (1, 2, 3)], rtol=1e-5)
    assert np.count_nonzero(image) == 4


def test_crosstalk_is_small_and_negative(full: SimulatedRaw) -> None:
    change = data(raw_with("bleed", "crosstalk")) - data(full)
    assert change.max() <= 0
    # Three neighbours at full well: 25 ADU.
    assert -26 <= change.min() < -2


def test_non_linearity_is_undone_by_its_formula() -> None:
    true = np.linspace(0, 50_000, SMALL.ccd_width, dtype=np.float32)[None, :].repeat(128, axis=0)
    measured = true.copy()
    unlinearize(measured, SMALL)
    coefficients = np.repeat(LINEARITY, SMALL.amp_width)
    # 0.02 ADU: single precision at 50000.
    np.testing.assert_allclose(measured + coefficients * measured**2, true, rtol=0, atol=0.02)
    assert (true - measured)[:, -1].min() > 200


def test_brighter_fatter_lowers_peaks_conserves_charge_and_is_undone_by_its_kernel() -> None:
    y, x = np.mgrid[-32:32, -32:32]
    star = (1000 + 80_000 * np.exp(-(x**2 + y**2) / 8)).astype(np.float32)
    observed = star.copy()
    spread_charge(observed, np.full((1, 64), 3.0, dtype=np.float32))
    assert observed.sum(dtype=float) == pytest.approx(star.sum(dtype=float), rel=1e-6)
    drop = 1 - observed[32, 32] / star[32, 32]
    assert 0.003 < drop < 0.05
    restored = observed.astype(float)
    transform = np.fft.rfft2(np.pad(brighter_fatter_kernel(), ((0, 47), (0, 47))))
    for _ in range(5):
        potential = np.fft.irfft2(np.fft.rfft2(restored) * transform, s=(64, 64))
        potential = np.roll(potential, (-8, -8), axis=(0, 1))
        (iy, ix), (py, px) = np.gradient(restored), np.gradient(potential)
        laplacian = sum(
            np.roll(potential, step, axis=axis) for step in (-1, 1) for axis in (0, 1)
        ) - (4 * potential)
        restored = observed + 0.5 * (iy * py + ix * px + restored * laplacian)
    # The correction differs from the effect in second order and in its gradients.
    assert abs(restored[32, 32] / star[32, 32] - 1) < 0.2 * drop


def test_kernel_is_symmetric_and_negative() -> None:
    kernel = brighter_fatter_kernel()
    assert kernel.shape == (17, 17)
    np.testing.assert_allclose(kernel, kernel.T)
    np.testing.assert_allclose(kernel, kernel[::-1])
    assert kernel.argmin() == kernel.size // 2
    assert (kernel < 0).all()


def test_defects_change_only_the_regions_that_are_listed(clean: SimulatedRaw) -> None:
    spoilt = raw_with("defects")
    mask = spoilt.truth.detector.defect_mask()
    change = data(spoilt) != data(clean)
    assert not change[~mask].any()
    assert change[mask].mean() > 0.9
    np.testing.assert_array_equal(spoilt.truth.flags == 4, mask)


def test_overscan_drift_moves_whole_rows(clean: SimulatedRaw) -> None:
    drift = raw_with("overscan_drift").pixels.astype(int) - clean.pixels
    rows = np.median(drift, axis=1, keepdims=True)
    assert np.ptp(rows) >= 3
    is_unclipped = clean.pixels < 65000
    # Both are rounded to whole ADU.
    assert np.abs(drift - rows)[is_unclipped].max() <= 1


@pytest.mark.parametrize("name", ["distortion", "pointing_error"])
def test_astrometric_errors_move_sources_and_change_nothing_else(
    name: str, clean: SimulatedRaw
) -> None:
    moved, still = raw_with(name).truth.sources, clean.truth.sources
    common, i, j = np.intersect1d(moved["id"], still["id"], return_indices=True)
    assert len(common) > 20
    for column in ("ra", "dec", "flux_e", "magnitude"):
        np.testing.assert_array_equal(moved[column][i], still[column][j])
    shift = np.hypot(moved["x"][i] - still["x"][j], moved["y"][i] - still["y"][j])
    assert 0.05 < shift.max() < 30


def test_shot_noise_has_the_variance_of_its_light() -> None:
    light = np.repeat(np.float32([[2.0], [30.0], [1000.0]]), 40_000, axis=1)
    noisy = shoot(light, np.random.default_rng(3))
    # 40000 draws: the mean is good to 0.7 %, the variance to 3 %, at four sigma and more.
    np.testing.assert_allclose(noisy.mean(axis=1), light[:, 0], rtol=0.02)
    np.testing.assert_allclose(noisy.var(axis=1), light[:, 0], rtol=0.05)
