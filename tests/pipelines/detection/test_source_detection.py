"""Finding sources in an exposure whose sources are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Exposure, Image, MaskedImage, Point2I
from imaging.footprint.masks import footprints_from_mask
from imaging.footprint.span_set import SpanSet
from imaging.footprint.stencil import Stencil
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.table.table import SourceTable
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.errors import ExposureError, TaskSchemaError
from testdata.calibrated import simulate_calibrated
from testdata.geometry import Geometry
from testdata.sky import SkyModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipelines.detection.source_detection import DetectedSources

SIGMA = 2.0


def exposure_of(image: NDArray[np.float32], variance: float | NDArray[np.float32]) -> Exposure:
    noise = np.broadcast_to(np.float32(variance), image.shape).copy()
    exposure = Exposure(MaskedImage(Image(image), variance=Image(noise)))
    exposure.psf = SingleGaussianPsf(21, 21, SIGMA)
    return exposure


def starry(*stars: tuple[float, float, float], shape: tuple[int, int] = (80, 100)) -> Exposure:
    """An exposure without noise, of variance 1, with stars of given x, y and peak."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    image = np.zeros(shape)
    for x0, y0, height in stars:
        image += height * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * SIGMA**2))
    return exposure_of(image.astype(np.float32), 1.0)


def detect(exposure: Exposure, **fields: object) -> DetectedSources:
    schema = SourceTable.make_minimal_schema()
    config = SourceDetectionTask.ConfigClass(reEstimateBackground=False)
    config.update(**fields)
    task = SourceDetectionTask(schema=schema, config=config)
    return task.run(SourceTable.make(schema), exposure)


def detected(exposure: Exposure, plane: str = "DETECTED") -> NDArray[np.bool_]:
    return exposure.mask.get_plane(plane)


def covered(result: DetectedSources, exposure: Exposure) -> NDArray[np.bool_]:
    spans = SpanSet()
    for record in result.sources:
        assert record.footprint is not None
        spans |= record.footprint.spans
    return spans.to_array(exposure.bbox)


def test_a_star_is_one_source_with_a_peak_where_it_is() -> None:
    result = detect(starry((40, 30, 50)))
    (record,) = result.sources
    assert record.footprint is not None
    (peak,) = record.footprint.peaks
    assert (peak.i_x, peak.i_y) == (40, 30)


def test_a_peak_has_the_value_of_the_smoothed_image() -> None:
    (record,) = detect(starry((40, 30, 50))).sources
    assert record.footprint is not None
    # A Gaussian smoothed with itself has half its height; the kernel ends at 3.5 sigma.
    assert record.footprint.peaks[0].value == pytest.approx(25, rel=0.01)


def test_the_threshold_is_one_on_the_signal_to_noise_of_point_sources() -> None:
    # Of a star of flux F in noise of variance 1: F / sqrt(4 pi sigma^2).
    height = 5 * np.sqrt(4 * np.pi * SIGMA**2) / (2 * np.pi * SIGMA**2)
    assert len(detect(starry((40, 30, 1.02 * height))).sources) == 1
    assert len(detect(starry((40, 30, 0.98 * height))).sources) == 0


def test_the_plane_is_set_at_exactly_the_footprints() -> None:
    exposure = starry((40, 30, 50), (60, 50, 20))
    result = detect(exposure)
    assert np.array_equal(covered(result, exposure), detected(exposure))


def test_a_second_run_gives_the_same() -> None:
    exposure = starry((40, 30, 50), (60, 50, 20))
    exposure.mask.set_plane("DETECTED", Box.from_shape((5, 5)))
    first, second = detect(exposure), detect(exposure)
    assert [r.footprint for r in first.sources] == [r.footprint for r in second.sources]
    assert not detected(exposure)[:5, :5].any()


def test_what_was_detected_before_can_be_kept() -> None:
    exposure = starry((40, 30, 50))
    exposure.mask.set_plane("DETECTED", Box.from_shape((5, 5)))
    task = SourceDetectionTask()
    task.detect_footprints(exposure, clear_mask=False)
    assert detected(exposure)[:5, :5].all()


def test_footprints_that_touch_when_grown_are_one_with_both_peaks() -> None:
    exposure = starry((40, 30, 10), (54, 30, 8))
    (record,) = detect(exposure).sources
    assert record.footprint is not None
    assert [peak.i_x for peak in record.footprint.peaks] == [40, 54]
    assert len(detect(exposure, nSigmaToGrow=0.0).sources) == 2


def test_original_footprints_are_smaller_than_what_is_marked() -> None:
    exposure = starry((40, 30, 50))
    result = detect(exposure, returnOriginalFootprints=True)
    assert covered(result, exposure).sum() < 0.7 * detected(exposure).sum()


def test_dark_sources_are_found_and_told_apart() -> None:
    exposure = starry((40, 30, 50), (70, 50, -50))
    result = detect(exposure, thresholdPolarity="both")
    assert result.sources["flags_negative"].tolist() == [True, False]
    assert (result.numPos, result.numNeg) == (1, 1)
    assert detected(exposure, "DETECTED_NEGATIVE")[50, 70]
    assert not detected(exposure)[50, 70]


def test_dark_sources_alone_leave_the_bright_ones_out() -> None:
    result = detect(starry((40, 30, 50), (70, 50, -50)), thresholdPolarity="negative")
    assert result.positive is None
    assert result.fpSets.numNeg == 1


def test_small_footprints_are_left_out() -> None:
    exposure = starry((40, 30, 50), (70, 50, 1.5))
    assert len(detect(exposure).sources) == 2
    assert len(detect(exposure, minPixels=9).sources) == 1


def test_footprints_can_be_low_where_a_high_peak_is() -> None:
    exposure = starry((40, 30, 50), (70, 50, 3))
    assert len(detect(exposure, includeThresholdMultiplier=3.0).sources) == 1


@pytest.mark.parametrize(
    ("kind", "value"), [("value", 5.0), ("variance", 25.0), ("stdev", 5.0), ("pixel_stdev", 5.0)]
)
def test_every_type_of_threshold_finds_a_bright_star(kind: str, value: float) -> None:
    exposure = starry((40, 30, 50))
    noise = np.random.default_rng(8).normal(size=exposure.image.array.shape)
    exposure.image.array += noise.astype(np.float32)
    sources = detect(exposure, thresholdType=kind, thresholdValue=value).sources
    assert len(sources) == 1


def test_a_threshold_in_standard_deviations_does_not_trust_the_variance_plane() -> None:
    noise = np.random.default_rng(7).normal(size=(200, 200)).astype(np.float32)
    exposure = exposure_of(noise, 0.01)
    assert detect(exposure, thresholdType="pixel_stdev").numPosPeaks > 20
    assert detect(exposure, thresholdType="stdev").numPosPeaks <= 1


def test_pixels_without_a_value_hide_nothing_but_themselves() -> None:
    exposure = starry((40, 30, 50))
    exposure.image.array[60, 70] = np.nan
    exposure.variance.array[60, 70] = np.nan
    assert len(detect(exposure).sources) == 1


def test_coordinates_are_those_of_the_parent() -> None:
    exposure = starry((40, 30, 50))
    exposure.set_origin(Point2I(1000, 2000))
    (record,) = detect(exposure).sources
    assert record.footprint is not None
    assert record.footprint.peaks[0].pixel == Point2I(1040, 2030)
    assert record.footprint.region == exposure.bbox


def test_a_part_of_an_exposure_can_be_searched() -> None:
    exposure = starry((40, 30, 50), (70, 50, 30))
    box = Box(Point2I(20, 10), Point2I(60, 55))
    (record,) = detect(exposure[box]).sources
    assert record.footprint is not None
    assert record.footprint.peaks[0].pixel == Point2I(40, 30)
    assert detected(exposure)[30, 40]


def test_the_margin_is_marked_and_not_searched() -> None:
    exposure = starry((2, 30, 5))
    assert len(detect(exposure).sources) == 0
    assert exposure.mask.get_plane("EDGE")[:, :7].all()
    assert not exposure.mask.get_plane("EDGE")[10:-10, 10:-10].any()


def filled_border(columns: int) -> Exposure:
    """Noise, whose first columns are bad, and filled with the value of the next one."""
    image = np.random.default_rng(5).normal(0, 1, (2000, 120)).astype(np.float32)
    image[:, :columns] = image[:, columns : columns + 1]
    exposure = exposure_of(image, 1.0)
    exposure.mask.array[:, :columns] |= exposure.mask.get_bit_mask("BAD")
    return exposure


def test_noise_that_was_copied_into_a_bad_border_is_no_source() -> None:
    exposure = filled_border(24)
    assert len(detect(exposure, thresholdValue=4.5).sources) == 0
    margin = 24 + 7
    assert exposure.mask.get_plane("EDGE")[:, :margin].all()
    assert not exposure.mask.get_plane("EDGE")[7:-7, margin:-7].any()
    exposure.mask.array[:] = 0  # and it would be some: smoothing along the rows does nothing to it
    assert len(detect(exposure, thresholdValue=4.5).sources) > 5


def test_sources_behind_a_bad_border_and_on_bad_columns_within_are_found() -> None:
    exposure = starry((40, 30, 50), (70, 50, 50))
    exposure.mask.array[:, :20] |= exposure.mask.get_bit_mask("BAD")
    exposure.mask.array[:, 69:72] |= exposure.mask.get_bit_mask("BAD")
    assert len(detect(exposure).sources) == 2


@pytest.mark.parametrize("kind", ["pixel_stdev", "value"])
def test_an_exposure_of_bad_pixels_has_no_sources(kind: str) -> None:
    exposure = starry((40, 30, 50))
    exposure.mask.array[:] |= exposure.mask.get_bit_mask("BAD")
    assert len(detect(exposure, thresholdType=kind).sources) == 0


def test_an_image_without_sources_gives_an_empty_catalog() -> None:
    result = detect(starry(), thresholdPolarity="both")
    assert (len(result.sources), result.numPos, result.numNegPeaks) == (0, 0, 0)


def test_identifiers_come_from_the_table() -> None:
    sources = detect(starry((40, 30, 50), (70, 50, 30))).sources
    assert sources["id"].tolist() == [1, 2]
    assert sources["parent"].tolist() == [0, 0]


def test_an_exposure_without_psf_is_refused_with_advice() -> None:
    exposure = starry((40, 30, 50))
    exposure.psf = None
    with pytest.raises(ExposureError, match="SingleGaussianPsf"):
        detect(exposure)


def test_a_width_can_be_given_in_place_of_a_psf() -> None:
    exposure = starry((40, 30, 50))
    exposure.psf = None
    schema = SourceTable.make_minimal_schema()
    result = SourceDetectionTask(schema=schema).run(SourceTable.make(schema), exposure, sigma=SIGMA)
    assert len(result.sources) == 1


def test_a_table_made_too_early_is_refused() -> None:
    schema = SourceTable.make_minimal_schema()
    table = SourceTable.make(schema)
    config = SourceDetectionTask.ConfigClass(thresholdPolarity="both")
    task = SourceDetectionTask(schema=schema, config=config)
    with pytest.raises(TaskSchemaError, match="flags_negative"):
        task.run(table, starry((40, 30, 50)))


def test_the_background_is_estimated_anew_without_what_was_detected() -> None:
    exposure = exposure_of(np.zeros((400, 400), np.float32), 1.0)
    y, x = np.mgrid[:400, :400]
    star = 5000 * np.exp(-((x - 150) ** 2 + (y - 180) ** 2) / (2 * SIGMA**2))
    noise = np.random.default_rng(5).normal(size=(400, 400))
    exposure.image.array[:] = star + noise + 0.2
    result = detect(exposure, reEstimateBackground=True)
    assert result.background is not None
    # The noise of 160,000 pixels is 0.003; a clipped mean sees wings of the star.
    assert np.median(exposure.image.array) == pytest.approx(0, abs=0.03)
    assert result.background.image().array.mean() == pytest.approx(0.2, abs=0.03)
    assert exposure.image.array[180, 150] == pytest.approx(5000, abs=5)


def test_a_second_run_finds_little_left_to_subtract_and_a_third_nothing() -> None:
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:400, :400]
    image = rng.normal(size=(400, 400)) + 0.3
    for x0, y0, height in zip(*rng.uniform(20, 380, (2, 60)), rng.uniform(2, 90, 60), strict=True):
        image += height * np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * SIGMA**2))
    exposure = exposure_of(image.astype(np.float32), 1.0)
    exposure.metadata["BGMEAN"] = 1234.5
    found = []
    for _ in range(4):
        result = detect(exposure, reEstimateBackground=True)
        assert result.background is not None
        assert np.array_equal(detected(exposure), covered(result, exposure))
        found.append(result.background.image().array.astype(float))
    assert found[0].mean() == pytest.approx(0.3, abs=0.03)
    # A lower sky has other footprints; the noise of the sky is 1.
    assert [round(abs(one).max(), 2) for one in found[2:]] == [0, 0]
    assert exposure.metadata["BGMEAN"] == 1234.5  # of the background that this corrects


@pytest.mark.parametrize("is_round", [True, False])
def test_footprints_that_grow_apart_keep_their_peaks_and_overlap(*, is_round: bool) -> None:
    stars = (40, 30, 50), (60, 30, 40), (20, 60, 30)
    together, apart = starry(*stars), starry(*stars)
    joined = detect(together, isotropicGrow=is_round)
    result = detect(apart, combinedGrow=False, isotropicGrow=is_round)
    assert sorted(len(r.footprint.peaks) for r in joined.sources if r.footprint) == [1, 2]
    footprints = [r.footprint for r in result.sources if r.footprint]
    assert [len(footprint.peaks) for footprint in footprints] == [1, 1, 1]
    assert np.array_equal(detected(together), detected(apart))
    small = detect(starry(*stars), nSigmaToGrow=0)
    radius = int(2.4 * SIGMA + 0.5)
    stencil = Stencil.CIRCLE if is_round else Stencil.MANHATTAN
    for footprint, core in zip(footprints, (r.footprint for r in small.sources), strict=True):
        assert core is not None
        assert footprint.spans == core.spans.dilated(radius, stencil)
        assert footprint.contains(Point2I(footprint.peaks[0].i_x, footprint.peaks[0].i_y))


def test_a_wide_background_hides_scattered_light_and_leaves_the_image() -> None:
    y, x = np.mgrid[:700, :700]
    scattered = 12 * np.exp(-((x - 350) ** 2 + (y - 350) ** 2) / (2 * 250**2))
    star = 100 * np.exp(-((x - 150) ** 2 + (y - 180) ** 2) / (2 * SIGMA**2))
    noise = np.random.default_rng(5).normal(size=(700, 700))
    exposure = exposure_of((scattered + star + noise).astype(np.float32), 1.0)
    exposure.mask.add_plane("NO_DATA")
    exposure.mask.array[:, 500:560] |= exposure.mask.get_bit_mask("NO_DATA")
    exposure.image.array[:, 500:560] = 0
    before = exposure.image.array.copy()
    plain = detect(exposure)
    wide = SourceDetectionTask.ConfigClass().tempWideBackground.value
    assert wide.binSize == 512
    assert "DETECTED" not in wide.ignoredPixelMask
    wide.update(binSize=128)
    result = detect(exposure, doTempWideBackground=True, tempWideBackground=wide)
    assert np.array_equal(exposure.image.array, before)
    assert max(r.footprint.area for r in plain.sources if r.footprint) > 100_000
    areas = [r.footprint.area for r in result.sources if r.footprint]
    assert max(areas) < 2000
    peaks = [peak for r in result.sources if r.footprint for peak in r.footprint.peaks]
    assert any(abs(peak.i_x - 150) < 2 and abs(peak.i_y - 180) < 2 for peak in peaks)
    assert not any(505 < peak.i_x < 555 for peak in peaks)


def test_a_temporary_background_leaves_the_image_as_it_was() -> None:
    y, x = np.mgrid[:400, :400]
    halo = 300 * np.exp(-((x - 200) ** 2 + (y - 200) ** 2) / (2 * 90**2))
    star = 100 * np.exp(-((x - 150) ** 2 + (y - 180) ** 2) / (2 * SIGMA**2))
    noise = np.random.default_rng(5).normal(size=(400, 400))
    exposure = exposure_of((halo + star + noise).astype(np.float32), 1.0)
    before = exposure.image.array.copy()
    wide, local = detect(exposure), detect(exposure, doTempLocalBackground=True)
    assert np.array_equal(exposure.image.array, before)

    def largest(result: DetectedSources) -> int:
        return max(r.footprint.area for r in result.sources if r.footprint)

    assert largest(local) < 0.5 * largest(wide)


def test_gen2_finds_the_same_footprints() -> None:
    exposure = starry((40, 30, 50))
    task = SourceDetectionTask()
    old = task.detectFootprints(exposure, doSmooth=True, sigma=SIGMA, clearMask=True)
    new = task.detect_footprints(exposure, sigma=SIGMA)
    assert old.positive.get(0) == new.positive.get(0)


def test_footprints_are_the_connected_regions_of_the_plane() -> None:
    exposure = starry((40, 30, 50), (54, 30, 40), (20, 60, 9))
    result = detect(exposure)
    regions = footprints_from_mask(exposure.mask, "DETECTED")
    assert {r.footprint.spans for r in result.sources if r.footprint} == {
        footprint.spans for footprint in regions if footprint
    }


def test_isolated_stars_of_a_simulated_sky_are_found() -> None:
    geometry = Geometry(amp_width=128, amp_height=512)
    sky = SkyModel(geometry=geometry, star_density=100_000, clusters_per_ccd=0)
    ccd = simulate_calibrated(903336, 40, geometry=geometry, sky=sky)
    exposure = exposure_of(ccd.image, ccd.variance)
    result = detect(exposure)
    peaks = np.concatenate([r.footprint.peaks.array for r in result.sources if r.footprint])
    truth = ccd.sources
    inside = abs(truth["x"] - 256) < 230
    inside &= abs(truth["y"] - 256) < 230
    # 1500 electrons in a noise of 25 and a PSF of 28 pixels: about 11 sigma.
    bright = truth[inside & truth["is_star"] & (truth["flux_e"] > 1500)]
    bright = bright[bright["nearest_pix"] > 15]
    distance = np.hypot(
        bright["x"][:, None] - peaks["f_x"], bright["y"][:, None] - peaks["f_y"]
    ).min(axis=1)
    assert len(bright) > 20
    assert (distance < 2).all()
