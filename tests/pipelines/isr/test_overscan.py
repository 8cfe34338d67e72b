"""Levels of amplifiers, from pixels without light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from imaging.detector.amplifier import Amplifier
from imaging.errors import CameraError
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.image import Image
from pipelines.errors import InstrumentError
from pipelines.isr.overscan import OverscanCorrectionTask, fit_overscan

if TYPE_CHECKING:
    from pathlib import Path

ROWS, DATA, OVERSCAN = 400, 30, 16
SPLINES = ("NATURAL_SPLINE", "CUBIC_SPLINE", "AKIMA_SPLINE")
POLYNOMIALS = ("POLY", "CHEB", "LEG")


def box(x: int, y: int, width: int, height: int) -> Box:
    return Box(Point2I(x, y), Extent2I(width, height))


def amplifier() -> Amplifier:
    return Amplifier(
        name="A",
        bbox=box(0, 0, DATA, ROWS),
        gain=2.0,
        raw_bbox=box(0, 0, DATA + OVERSCAN, ROWS),
        raw_data_bbox=box(0, 0, DATA, ROWS),
        raw_serial_overscan_bbox=box(DATA, 0, OVERSCAN, ROWS),
    )


def make_raw(levels: np.ndarray, noise: float = 3.0) -> Image:
    rng = np.random.default_rng(20131102)
    pixels = levels[:, None] + rng.normal(0, noise, (ROWS, DATA + OVERSCAN))
    pixels[:, :DATA] += 200
    return Image(pixels.astype(np.float32))


def make_task(fit: str, order: int = 1, **more: object) -> OverscanCorrectionTask:
    config = OverscanCorrectionTask.ConfigClass(fitType=fit, order=order, **more)
    return OverscanCorrectionTask(config=config)


@pytest.mark.parametrize(
    ("fit", "order", "error"),
    [("MEAN", 1, 0.04), ("MEANCLIP", 1, 0.04), ("MEDIAN", 1, 0.05), ("MEDIAN_PER_ROW", 1, 0.95)]
    + [(fit, 1, 0.1) for fit in POLYNOMIALS]
    + [(fit, 8, 0.25) for fit in SPLINES],
)
def test_a_constant_level_is_found(fit: str, order: int, error: float) -> None:
    # Errors: the noise over the root of the pixels that make one level, 6400 (medians 1.25 more),
    # 16 of a row, or of each eighth; at the ends curves are less certain
    raw = make_raw(np.full(ROWS, 1000.0))
    result = make_task(fit, order).run(raw, amplifier())
    assert np.std(result.levels - 1000) < error
    assert abs(np.mean(result.levels) - 1000) < 0.15
    assert np.median(raw.array[:, :DATA]) == pytest.approx(200, abs=0.2)


@pytest.mark.parametrize("fit", [*POLYNOMIALS, *SPLINES, "MEDIAN_PER_ROW"])
def test_a_level_that_drifts_is_followed(fit: str) -> None:
    t = np.linspace(-1, 1, ROWS)
    drift = 1000 + 5 * t + 8 * t**2
    order = 2 if fit in POLYNOMIALS else 10
    levels = make_task(fit, order).run(make_raw(drift), amplifier()).levels
    assert np.sqrt(np.mean((levels - drift) ** 2)) < (0.95 if fit == "MEDIAN_PER_ROW" else 0.3)


@pytest.mark.parametrize("fit", ["MEANCLIP", "MEDIAN", "MEDIAN_PER_ROW", *POLYNOMIALS, *SPLINES])
def test_a_bleed_trail_into_the_overscan_does_not_shift_the_level(fit: str) -> None:
    raw = make_raw(np.full(ROWS, 1000.0))
    raw.array[100:104, DATA : DATA + 6] += 30000
    levels = make_task(fit, 1 if fit in POLYNOMIALS else 8).run(raw, amplifier()).levels
    assert np.abs(levels - 1000).max() < 3.0  # of one row 16 pixels count, of which 6 are spoilt


def test_the_noise_is_that_of_the_overscan() -> None:
    drift = 1000 + np.linspace(0, 40, ROWS)
    result = make_task("AKIMA_SPLINE", 10).run(make_raw(drift, noise=4.2), amplifier())
    assert result.noise == pytest.approx(4.2, rel=0.03)  # 6400 pixels, clipped at 3 sigma


def test_skipped_columns_count_from_the_data() -> None:
    raw = make_raw(np.full(ROWS, 1000.0))
    raw.array[:, DATA : DATA + 3] += 500  # charge that is left behind
    levels = make_task("MEAN", leadingColumnsToSkip=3).run(raw, amplifier()).levels
    assert levels[0] == pytest.approx(1000, abs=0.2)


def test_skipped_columns_count_from_the_data_on_their_other_side() -> None:
    raw = make_raw(np.full(ROWS, 1000.0))
    raw.array[:] = raw.array[:, ::-1].copy()
    raw.array[:, OVERSCAN - 3 : OVERSCAN] += 500
    mirrored = amplifier().replace(
        raw_data_bbox=box(OVERSCAN, 0, DATA, ROWS),
        raw_serial_overscan_bbox=box(0, 0, OVERSCAN, ROWS),
    )
    levels = make_task("MEAN", leadingColumnsToSkip=3).run(raw, mirrored).levels
    assert levels[0] == pytest.approx(1000, abs=0.2)


def test_skipping_everything_is_refused() -> None:
    with pytest.raises(InstrumentError, match="has 16 columns; 10 and 6"):
        make_task("MEAN", leadingColumnsToSkip=10, trailingColumnsToSkip=6).run(
            make_raw(np.full(ROWS, 1000.0)), amplifier()
        )


def test_an_overscan_without_a_number_is_refused() -> None:
    raw = make_raw(np.full(ROWS, 1000.0))
    raw.array[:, DATA:] = np.nan
    with pytest.raises(InstrumentError, match="No pixel of the overscan of the amplifier 'A'"):
        make_task("MEDIAN").run(raw, amplifier())


def test_an_amplifier_without_an_overscan_is_refused() -> None:
    bare = amplifier().replace(raw_serial_overscan_bbox=Box())
    with pytest.raises(CameraError, match="no raw section 'serial_overscan'"):
        make_task("MEDIAN").run(make_raw(np.full(ROWS, 1000.0)), bare)


def test_few_rows_are_enough_for_a_spline() -> None:
    levels = fit_overscan(
        np.arange(3.0), np.array([1.0, 2.0, 3.0]), np.arange(3.0), "AKIMA_SPLINE", 30
    )
    np.testing.assert_allclose(levels, [1, 2, 3], atol=1e-9)


def test_the_overscan_of_a_real_raw_is_flat_afterwards(shared_data: Path) -> None:
    # SAAO 1.0 m: BIASSEC [4:13,1:520], TRIMSEC [17:528,1:520]
    with fits.open(shared_data / "raw_small" / "a8280271.fits") as file:
        raw = Image(file[0].data.astype(np.float32))
    real = Amplifier(
        name="STE3",
        bbox=box(0, 0, 512, 520),
        raw_bbox=box(0, 0, raw.width, raw.height),
        raw_data_bbox=box(16, 0, 512, 520),
        raw_serial_overscan_bbox=box(3, 0, 10, 520),
    )
    before = raw.array[:, 3:13].copy()
    result = make_task("LEG", 2).run(raw, real)
    assert np.median(before) == pytest.approx(214, abs=1)
    left = before - result.levels[:, None]
    assert abs(np.median(left)) < 0.5  # whole ADU
    thirds = [np.median(np.mean(part, axis=1)) for part in np.array_split(left, 3)]
    assert np.ptp(thirds) < 0.6
    assert result.noise < 6
