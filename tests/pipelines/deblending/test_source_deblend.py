"""Taking apart blends of known stars and galaxies, and blends of real pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging import Box, Exposure, Extent2I, Image, MaskedImage, Point2I
from imaging.errors import FieldNotFoundError
from imaging.footprint.footprint import Footprint
from imaging.footprint.heavy import HeavyFootprint
from imaging.psf.gaussian import SingleGaussianPsf
from imaging.psf.kernel import KernelPsf
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.deblending.source_deblend import SourceDeblendTask
from pipelines.errors import ExposureError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from imaging.table.record import SourceRecord

SIGMA = 2.0
SHAPE = (60, 80)


def profile(x0: float, y0: float, flux: float, sigma: float = SIGMA) -> NDArray[np.float64]:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    squares = ((x - x0) ** 2 + (y - y0) ** 2) / (2 * sigma**2)
    return flux / (2 * np.pi * sigma**2) * np.exp(-squares)


def exposure_of(*parts: NDArray[np.float64], noise: float = 0.0) -> Exposure:
    image = sum(parts, np.zeros(SHAPE))
    image += noise * np.random.default_rng(11).normal(size=SHAPE)
    variance = Image(np.ones(SHAPE, np.float32))
    exposure = Exposure(MaskedImage(Image(image.astype(np.float32)), variance=variance))
    exposure.psf = SingleGaussianPsf(25, 25, SIGMA)
    return exposure


def deblend(
    exposure: Exposure,
    peaks: list[tuple[float, float]],
    box: Box | None = None,
    **fields: object,
) -> SourceCatalog:
    """A catalog with one footprint that has given peaks, after deblending."""
    schema = SourceTable.make_minimal_schema()
    config = SourceDeblendTask.ConfigClass()
    config.update(**fields)
    task = SourceDeblendTask(schema, config=config)
    catalog = SourceCatalog(SourceTable.make(schema))
    pixels, corner = exposure.image.array, exposure.bbox.min
    values = [(x, y, float(pixels[round(y) - corner.y, round(x) - corner.x])) for x, y in peaks]
    catalog.add_new().footprint = Footprint(exposure.bbox if box is None else box, values)
    task.run(exposure, catalog)
    return catalog


def heavy(record: SourceRecord) -> HeavyFootprint:
    footprint = record.footprint
    assert isinstance(footprint, HeavyFootprint)
    return footprint


def light(record: SourceRecord, box: Box) -> NDArray[np.float64]:
    return heavy(record).to_image(0.0, box).array.astype(float)


def test_a_peak_beside_its_footprint_becomes_no_child() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500), profile(70, 50, 500))
    box = Box(Point2I(20, 20), Extent2I(32, 20))
    catalog = deblend(exposure, [(35, 30), (42, 31), (70, 50)], box)
    assert catalog["deblend_nChild"].tolist() == [2, 0, 0]
    assert catalog["deblend_nPeaks"].tolist() == [3, 1, 1]


def test_every_peak_becomes_a_child_of_its_parent() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    catalog = deblend(exposure, [(35, 30), (42, 31)])
    assert catalog["deblend_nChild"].tolist() == [2, 0, 0]
    assert catalog["parent"].tolist() == [0, 1, 1]
    assert len(set(catalog["id"].tolist())) == 3
    assert [len(heavy(record).peaks) for record in catalog.get_children(1)] == [1, 1]


def test_children_add_up_to_the_parent() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500), noise=1.0)
    catalog = deblend(exposure, [(35, 30), (42, 31)])
    whole = sum(light(child, exposure.bbox) for child in catalog.get_children(1))
    # Shares of 32-bit numbers.
    assert np.allclose(whole, exposure.image.array, atol=1e-4)


def test_children_add_up_where_none_of_their_templates_reaches() -> None:
    """Two peaks at one end of a footprint that is long: 30 pixels from both there is light."""
    exposure = exposure_of(profile(12, 30, 1000), profile(18, 31, 500), noise=1.0)
    exposure.image.array[40:50, 55:65] += 20
    box = Box(Point2I(5, 15), Extent2I(65, 40))
    catalog = deblend(exposure, [(12, 30), (18, 31)], box)
    children = catalog.get_children(1)
    whole = sum(light(child, exposure.bbox) for child in children)
    assert np.allclose(whole[15:55, 5:70], exposure.image.array[15:55, 5:70], atol=1e-4)
    assert not whole[:, 70:].any()
    assert children["deblend_hasStrayFlux"][1]  # it goes to the nearer one
    assert light(children[1], exposure.bbox)[45, 60] > 10


@pytest.mark.parametrize("flux", [1000.0, 150.0])
def test_stars_get_their_own_light(flux: float) -> None:
    truth = profile(35.3, 30.1, 1000), profile(41.2, 31.4, flux)
    exposure = exposure_of(*truth, noise=1e-3)
    catalog = deblend(exposure, [(35, 30), (41, 31)])
    for child, true in zip(catalog.get_children(1), truth, strict=True):
        assert child["deblend_deblendedAsPsf"]
        weighted = (light(child, exposure.bbox) * true).sum() / (true**2).sum()
        # Neighbours are held where they were found the time before.
        assert weighted == pytest.approx(1, abs=0.003)
        assert child["deblend_psf_instFlux"] == pytest.approx(true.sum(), rel=0.003)


def test_the_place_of_a_star_is_fitted() -> None:
    exposure = exposure_of(profile(35.3, 30.1, 1000), profile(41.2, 31.4, 400))
    children = deblend(exposure, [(35, 30), (41, 31)]).get_children(1)
    places = [(c["deblend_psfCenter_x"], c["deblend_psfCenter_y"]) for c in children]
    # Neighbours are held where they were found the time before.
    assert np.allclose(places, [(35.3, 30.1), (41.2, 31.4)], atol=0.02)


def test_a_galaxy_is_no_star_and_keeps_its_light() -> None:
    galaxy, star = profile(35, 30, 20000, sigma=5.0), profile(53, 33, 1000)
    exposure = exposure_of(galaxy, star, noise=1.0)
    first, second = deblend(exposure, [(35, 30), (53, 33)]).get_children(1)
    assert not first["deblend_deblendedAsPsf"]
    assert second["deblend_deblendedAsPsf"]
    # A template that is the fainter of two noisy pixels gives some of its wings away.
    assert light(first, exposure.bbox).sum() == pytest.approx(20000, rel=0.03)
    weighted = (light(second, exposure.bbox) * star).sum() / (star**2).sum()
    assert weighted == pytest.approx(1, abs=0.05)


def test_a_source_with_one_peak_stays_whole() -> None:
    catalog = deblend(exposure_of(profile(35, 30, 1000)), [(35, 30)])
    assert len(catalog) == 1
    assert catalog["deblend_nChild"].tolist() == [0]
    assert catalog["deblend_nPeaks"].tolist() == [1]
    assert not catalog["deblend_skipped"].any()


def test_a_second_run_changes_nothing() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    schema = SourceTable.make_minimal_schema()
    task = SourceDeblendTask(schema)
    catalog = SourceCatalog(SourceTable.make(schema))
    catalog.add_new().footprint = Footprint(exposure.bbox, [(35, 30, 9.0), (42, 31, 5.0)])
    assert task.run(exposure, catalog).n_children == 2
    before = exposure.image.array.copy()
    assert task.run(exposure, catalog).n_children == 0
    assert len(catalog) == 3
    assert np.array_equal(exposure.image.array, before)


def test_only_the_brightest_peaks_become_children_where_there_are_too_many() -> None:
    exposure = exposure_of(*(profile(10 + 8 * n, 30, 900 - 50 * n) for n in range(6)))
    catalog = deblend(exposure, [(10 + 8 * n, 30) for n in range(6)], maxNumberOfPeaks=4)
    assert catalog["deblend_nChild"].tolist() == [4, 0, 0, 0, 0]
    assert catalog["deblend_tooManyPeaks"].tolist() == [True, False, False, False, False]
    assert catalog["deblend_peak_center_x"].tolist()[1:] == [10, 18, 26, 34]


@pytest.mark.parametrize(
    "fields", [{"maxFootprintArea": 100}, {"maxFootprintSize": 70}, {"minFootprintAxisRatio": 0.9}]
)
def test_a_parent_that_is_too_big_is_skipped(fields: dict[str, float]) -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    catalog = deblend(exposure, [(35, 30), (42, 31)], **fields)
    assert len(catalog) == 1
    assert catalog["deblend_parentTooBig"].tolist() == [True]
    assert catalog["deblend_skipped"].tolist() == [True]


def test_a_parent_without_data_is_skipped() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    exposure.mask.set_plane("NO_DATA", Box.from_shape((60, 30)))
    catalog = deblend(exposure, [(35, 30), (42, 31)])
    assert catalog["deblend_masked"].tolist() == [True]
    assert not catalog["deblend_parentTooBig"].any()


@pytest.mark.parametrize(
    ("handling", "flag"),
    [("ramp", "rampedTemplate"), ("noclip", "patchedTemplate"), ("clip", None)],
)
def test_a_galaxy_at_the_edge_of_the_image_is_marked(handling: str, flag: str | None) -> None:
    exposure = exposure_of(profile(4, 30, 6000, sigma=4), profile(25, 31, 2000, sigma=3))
    box = Box(Point2I(0, 10), Point2I(45, 50))
    catalog = deblend(exposure, [(4, 30), (25, 31)], box, edgeHandling=handling)
    for name in ("rampedTemplate", "patchedTemplate"):
        at_edge, _ = catalog.get_children(1)[f"deblend_{name}"]
        assert at_edge == (name == flag)
    whole = sum(light(child, exposure.bbox) for child in catalog.get_children(1))
    assert np.allclose(whole[10:51, :46], exposure.image.array[10:51, :46], atol=1e-3)


def test_galaxies_inside_of_the_image_are_not_marked() -> None:
    exposure = exposure_of(profile(35, 30, 6000, sigma=4), profile(50, 31, 2000, sigma=3))
    catalog = deblend(exposure, [(35, 30), (50, 31)], Box(Point2I(5, 10), Point2I(70, 50)))
    assert not catalog["deblend_rampedTemplate"].any()


def test_a_star_beside_a_faint_galaxy_gets_its_own_light_only() -> None:
    """The fainter of two noisy pixels is too faint: galaxies lost their outskirts to stars."""
    shares = []
    star, galaxy = profile(35, 30, 1500), profile(42, 33, 900, sigma=3.2)
    for seed in range(60):
        exposure = exposure_of(star, galaxy)
        noise = np.random.default_rng(seed).normal(size=SHAPE)
        exposure.image.array += noise.astype(np.float32)
        catalog = deblend(exposure, [(35, 30), (42, 33)], Box(Point2I(20, 15), Point2I(57, 48)))
        child = catalog.get_children(1)[0]
        weighted = (light(child, exposure.bbox) - noise) * star
        shares.append(weighted.sum() / (star**2).sum())
    # Their mean is known to 0.0006.
    assert np.median(shares) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("distance", [7, 10, 14, 18])
def test_a_galaxy_between_two_bright_stars_has_the_light_of_neither(distance: int) -> None:
    """Images of the PSF end 10 pixels from its centre; the wings of the stars do not."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]

    def wings(squares: NDArray[np.float64]) -> NDArray[np.float64]:
        return (1 + squares / 16) ** -2.5 * 1.5 / (16 * np.pi)

    stars = 1e5 * wings((x - 40 + distance) ** 2 + (y - 30) ** 2)
    stars += 8e4 * wings((x - 40 - distance) ** 2 + (y - 30) ** 2)
    steps = np.arange(-10, 11.0)
    exposure = exposure_of(stars, profile(40, 30, 3000, sigma=3), noise=1.0)
    kernel = wings(steps[:, None] ** 2 + steps**2)
    exposure.psf = KernelPsf(Image(kernel / kernel.sum()))
    catalog = deblend(exposure, [(40 - distance, 30), (40 + distance, 30), (40, 30)])
    galaxy = catalog.get_children(1)[2]
    assert light(galaxy, exposure.bbox).sum() == pytest.approx(3000, rel=0.06)


def test_light_that_no_template_explains_goes_to_the_nearest_child() -> None:
    exposure = exposure_of(profile(20, 30, 1000), profile(60, 30, 500), profile(25, 50, 300, 1.0))
    first, second = deblend(exposure, [(20, 30), (60, 30)]).get_children(1)
    assert first["deblend_hasStrayFlux"]
    assert light(first, exposure.bbox)[50, 25] == pytest.approx(exposure.image.array[50, 25])
    assert light(second, exposure.bbox)[50, 25] == 0


def test_children_know_pixels_in_parent_coordinates() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    exposure.set_origin(Point2I(500, 600))
    children = deblend(exposure, [(535, 630), (542, 631)]).get_children(1)
    for child in children:
        assert exposure.bbox.contains(heavy(child).bbox)
    assert children[0]["deblend_psfCenter_x"] == pytest.approx(535, abs=0.01)


def test_masks_and_variances_of_children_are_those_of_the_image() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    exposure.variance.array[:] = np.arange(4800, dtype=np.float32).reshape(SHAPE) + 1
    exposure.mask.array[:] = np.arange(4800).reshape(SHAPE) % 7
    child = deblend(exposure, [(35, 30), (42, 31)]).get_children(1)[0]
    spans = heavy(child).spans
    assert np.array_equal(heavy(child).variance, spans.flatten(exposure.variance.array))
    assert np.array_equal(heavy(child).mask, spans.flatten(exposure.mask.array))


def test_a_catalog_made_too_early_is_refused() -> None:
    schema = SourceTable.make_minimal_schema()
    catalog = SourceCatalog(SourceTable.make(schema))
    task = SourceDeblendTask(schema)
    catalog.add_new()
    with pytest.raises(FieldNotFoundError, match="make the table again"):
        task.run(exposure_of(profile(35, 30, 1000)), catalog)


def test_an_exposure_without_psf_is_refused() -> None:
    exposure = exposure_of(profile(35, 30, 1000))
    exposure.psf = None
    with pytest.raises(ExposureError, match="PSF"):
        deblend(exposure, [(35, 30), (40, 30)])


def test_pixels_without_a_value_do_no_harm() -> None:
    exposure = exposure_of(profile(35, 30, 1000), profile(42, 31, 500))
    exposure.image.array[29:31, 36:40] = np.nan
    exposure.variance.array[29:31, 36:40] = np.nan
    for child in deblend(exposure, [(35, 30), (42, 31)]).get_children(1):
        assert np.isfinite(heavy(child).image).all()


def test_variances_that_are_none_do_no_harm() -> None:
    galaxies = profile(35, 30, 4000, sigma=4), profile(50, 33, 3000, sigma=3)
    exposure = exposure_of(*galaxies, noise=1.0)
    exposure.variance.array[::3, ::2] = -1
    exposure.variance.array[1::3, ::2] = np.nan
    catalog = deblend(exposure, [(35, 30), (50, 33)])
    whole = sum(light(child, exposure.bbox) for child in catalog.get_children(1))
    assert np.allclose(whole, exposure.image.array, atol=1e-4)


def test_a_crowd_is_taken_apart_with_bounded_templates() -> None:
    rng = np.random.default_rng(3)
    places = [(float(x), float(y)) for x in range(6, 76, 7) for y in range(6, 56, 7)]
    parts = [profile(x, y, rng.uniform(500, 3000)) for x, y in places]
    catalog = deblend(exposure_of(*parts, noise=1.0), places, maxNumberOfPeaks=0)
    assert catalog["deblend_nChild"][0] == len(places)


def test_real_blends_are_taken_apart_without_failure(shared_data: Path) -> None:
    files = sorted((shared_data / "hsc_cosmos_blends").glob("*.npz"))
    assert files
    for path in files:
        with np.load(path) as data:
            images, weights, peaks, psfs = (
                data[name] for name in ("images", "weights", "peaks", "psfs")
            )
        names = peaks.dtype.names
        places = peaks if names is None else np.column_stack([peaks["x"], peaks["y"]])
        for image, weight, psf in zip(images, weights, psfs, strict=True):
            with np.errstate(divide="ignore"):
                variance = np.where(weight > 0, 1 / weight, 0).astype(np.float32)
            exposure = Exposure(
                MaskedImage(Image(image.astype(np.float32)), variance=Image(variance))
            )
            exposure.psf = KernelPsf(Image(psf.astype(float)))
            catalog = deblend(exposure, [(float(x), float(y)) for x, y in places])
            children = catalog.get_children(1)
            assert len(children) >= 0.9 * len(places)
            whole = sum(light(child, exposure.bbox) for child in children)
            assert (np.abs(whole) <= np.abs(image) * (1 + 1e-5)).all()
