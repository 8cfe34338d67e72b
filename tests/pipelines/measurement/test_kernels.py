"""Each kernel against a plain statement of the same thing, or an independent library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import galsim
import numpy as np
import pytest
import sep

from pipelines.measurement.aperture_kernels import (
    circle_part,
    circular_fluxes,
    elliptical_fluxes,
    kron_radii,
    psf_fluxes,
)
from pipelines.measurement.flag_kernels import (
    bits_at_centers,
    bits_in_footprints,
    median_variances,
)
from pipelines.measurement.moment_kernels import (
    CONVERGED,
    NO_LIGHT,
    adaptive_shapes,
    gaussian_fluxes,
    windowed_centroids,
)
from pipelines.measurement.stamp_kernels import (
    covered_pixels,
    cut_stamps,
    pixels_in_spans,
    write_spans,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 61


def blob(
    x0: float, y0: float, moments: tuple[float, float, float] = (4.0, 5.0, 0.7), size: int = SIZE
) -> NDArray[np.float64]:
    y, x = np.mgrid[:size, :size]
    dx, dy = x - x0, y - y0
    xx, yy, xy = moments
    determinant = xx * yy - xy**2
    exponent = (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / determinant
    return np.exp(-exponent / 2) / (2 * np.pi * np.sqrt(determinant))


def noise(seed: int = 1, size: int = SIZE) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(size, size))


def stamps_of(*images: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.array(images, np.float32)


ONES = np.ones((SIZE, SIZE), np.float32)
NO_PIXELS = np.empty((0, 0), np.float32)


def corner(count: int = 1) -> NDArray[np.int64]:
    return np.zeros((count, 2), np.int64)


def place(value: float) -> NDArray[np.float64]:
    return np.array([float(value)])


def test_pixels_of_spans_are_read_and_written_back() -> None:
    image = noise().astype(np.float32)
    spans = np.array([[3, 2, 5], [4, 0, 0], [-1, 0, 3], [5, 59, 62]], np.int32)
    values = pixels_in_spans(image, spans)
    inside = [*image[3, 2:6], image[4, 0], 0, 0, 0, 0, *image[5, 59:61], 0, 0]
    assert np.array_equal(values, np.array(inside, np.float32))
    copy = np.zeros_like(image)
    write_spans(copy, spans, values)
    assert np.array_equal(np.nonzero(copy), np.nonzero(np.where(copy, image, 0)))
    assert copy[3, 2] == image[3, 2]
    expected = np.zeros(image.shape, bool)
    for y, first, last in spans.tolist():
        expected[y, first : last + 1] = y >= 0
    assert np.array_equal(covered_pixels(spans, *image.shape), expected)


def test_pixels_of_spans_beside_the_image_cover_nothing() -> None:
    spans = np.array([[1, -9, -5], [2, 12, 15], [3, -3, 2], [7, 0, 3]], np.int32)
    assert np.argwhere(covered_pixels(spans, 5, 10)).tolist() == [[3, 0], [3, 1], [3, 2]]


def test_a_stamp_has_its_own_pixels_and_around_them_those_of_the_image() -> None:
    image = np.arange(100, dtype=np.float32).reshape(10, 10)
    spans = np.array([[2, 1, 3], [3, 2, 9]], np.int32)
    values = -np.arange(1, 12, dtype=np.float32)
    stamps = cut_stamps(
        image, spans, np.array([0, 2]), values, np.array([0, 11]), np.array([[-1, 1]]), 5
    )
    expected = np.zeros((5, 5), np.float32)
    expected[:, 1:] = image[1:6, :4]
    expected[1, 2:5] = [-1, -2, -3]
    expected[2, 3:5] = [-4, -5]
    assert np.array_equal(stamps[0], expected)


def test_a_windowed_centroid_is_where_the_weighted_offsets_cancel() -> None:
    image = 5000 * blob(30.3, 29.6) + noise()
    found = windowed_centroids(stamps_of(image), ONES, corner(), place(30), place(30), 2.0, 3.0)[0]
    y, x = np.mgrid[:SIZE, :SIZE]
    weight = np.exp(-((x - found[0]) ** 2 + (y - found[1]) ** 2) / 8)
    weight[(abs(x - found[0]) > 8) | (abs(y - found[1]) > 8)] = 0
    assert found[4] == CONVERGED
    # The iteration ends at a ten thousandth of a pixel.
    assert (weight * image * (x - found[0])).sum() / (weight * image).sum() < 1e-4
    slope = (weight * image * (1 - (x - found[0]) ** 2 / 4)).sum()
    assert found[2] == pytest.approx(
        np.sqrt((weight**2 * (x - found[0]) ** 2).sum()) / slope, rel=1e-3
    )


def test_errors_of_centroids_are_those_of_repeated_measurements() -> None:
    images = [300 * blob(30.3, 29.6) + noise(seed) for seed in range(200)]
    start = np.full(200, 30.0)
    found = windowed_centroids(stamps_of(*images), ONES, corner(200), start, start, 2.0, 3.0)
    pulls = (found[:, :2] - [30.3, 29.6]) / found[:, 2:4]
    # 400 deviates: their width is known to 3.5 %, their mean to 0.05.
    assert abs(pulls.mean()) < 0.2
    assert pulls.std() == pytest.approx(1, abs=0.12)


def test_a_place_without_light_has_no_centroid() -> None:
    image = stamps_of(-np.ones((SIZE, SIZE)))
    assert windowed_centroids(image, ONES, corner(), place(30), place(30), 2.0, 3.0)[0, 4] == (
        NO_LIGHT
    )
    none = place(np.nan)
    assert windowed_centroids(image, ONES, corner(), none, none, 2.0, 3.0)[0, 4] != CONVERGED


@pytest.mark.parametrize("moments", [(3.0, 3.0, 0.0), (9.0, 4.0, 2.0), (2.5, 30.0, -3.0)])
def test_the_shape_of_a_gaussian_is_its_own(moments: tuple[float, float, float]) -> None:
    image = stamps_of(1e4 * blob(30.2, 29.7, moments))
    found = shapes_of(image, place(30), place(30))[0]
    # 32-bit pixels and sums over four sigma.
    assert found[2:5] == pytest.approx(moments, rel=2e-3, abs=2e-3)
    assert found[:2] == pytest.approx((30.2, 29.7), abs=1e-3)
    assert found[5] == pytest.approx(1e4, rel=2e-3)


@pytest.mark.parametrize("seed", range(8))
def test_shapes_are_those_of_an_independent_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    profile = galsim.Exponential(half_light_radius=2.5, flux=4000).shear(g1=0.1, g2=-0.15)
    galaxy = galsim.Convolve(profile, galsim.Moffat(beta=3, fwhm=3.5))
    image = galaxy.drawImage(nx=SIZE, ny=SIZE, scale=1).array.astype(float)
    image += rng.normal(size=image.shape)
    middle = place(30.0)
    found = shapes_of(stamps_of(image), middle, middle)[0]
    theirs = galsim.hsm.FindAdaptiveMom(galsim.Image(image.astype(np.float32)))
    xx, yy, xy = found[2:5]
    # Sums end at four sigma here and at five there.
    assert (xx * yy - xy**2) ** 0.25 == pytest.approx(theirs.moments_sigma, rel=5e-3)
    assert (xx - yy) / (xx + yy) == pytest.approx(theirs.observed_shape.e1, abs=5e-3)
    assert 2 * xy / (xx + yy) == pytest.approx(theirs.observed_shape.e2, abs=5e-3)


@pytest.mark.parametrize("profile", [None, 3.0])
@pytest.mark.parametrize("moments", [(4.0, 4.0, 0.0), (9.0, 4.0, 2.0)])
def test_errors_of_shapes_follow_from_how_they_answer_to_each_pixel(
    moments: tuple[float, float, float], profile: float | None
) -> None:
    size = 41
    image = 1e4 * (blob(20, 20, moments, size) if profile is None else moffat(moments, size))
    variance = np.random.default_rng(2).uniform(0.5, 2, (size, size)) + 0.1 * image
    step = 2.0
    bumps = step * np.eye(size * size).reshape(-1, size, size)
    stamps = (np.concatenate([bumps, -bumps, np.zeros((1, size, size))]) + image).astype(np.float32)
    start = np.full(len(stamps), 20.0)
    found = adaptive_shapes(
        stamps,
        variance.astype(np.float32),
        corner(len(stamps)),
        start,
        start,
        (4.0, 4.0, 0.0),
        3.0,
        np.zeros(len(stamps)),
    )
    half, parts = size * size, [5, 2, 3, 4]
    answers = (found[:half, parts] - found[half:-1, parts]) / (2 * step)
    covariance = (answers * variance.reshape(-1, 1)).T @ answers
    # The answers of a profile that is elliptical and no Gaussian are those of a round one.
    close = 0.01 if profile is None else 0.06
    assert found[-1, 6:10] == pytest.approx(np.sqrt(np.diag(covariance)), rel=close)
    largest = np.sqrt(covariance[0, 0] * np.diag(covariance)[1:])
    assert np.abs(found[-1, 10:13] - covariance[0, 1:]).max() < close * largest.max()


def moffat(moments: tuple[float, float, float], size: int) -> NDArray[np.float64]:
    """Return a Moffat profile of beta 3, elliptical as moments say, of a flux of about 1."""
    y, x = np.mgrid[:size, :size] - size // 2
    xx, yy, xy = moments
    determinant = xx * yy - xy**2
    squares = (yy * x**2 - 2 * xy * x * y + xx * y**2) / determinant
    profile = (1 + squares / 5) ** -3.0
    return profile / profile.sum()


def test_a_source_that_noise_made_narrow_has_the_errors_of_the_psf() -> None:
    image = stamps_of(1000 * blob(30, 30, (2.0, 3.0, 0.4)))
    wider = stamps_of(1000 * blob(30, 30, (8.0, 12.0, 1.6)))
    middle = place(30)
    own, as_psf, of_wider = (
        shapes_of(stamps, middle, middle, narrowest)[0]
        for stamps, narrowest in ((image, 0.0), (image, 96**0.25), (wider, 96**0.25))
    )
    # The wider one has four times the area, and moments as often; the same form, flux and noise.
    assert (own[7:10] < as_psf[7:10]).all()
    assert as_psf[6:13] == pytest.approx(of_wider[6:13], rel=0.02)


def test_errors_of_faint_sources_are_those_of_repeated_measurements() -> None:
    count, flux = 600, 8 * np.sqrt(4 * np.pi * 4)
    images = [flux * blob(30.3, 29.6, (4.0, 4.0, 0.0)) + noise(seed) for seed in range(count)]
    start = np.full(count, 30.0)
    found = shapes_of(stamps_of(*images), start, start, 2.0)
    found = found[found[:, 13] == CONVERGED]
    assert len(found) > 0.95 * count
    for part, true in enumerate((4.0, 4.0, 0.0)):
        pulls = (found[:, 2 + part] - true) / found[:, 7 + part]
        # 600 deviates of a signal to noise of 8: their width is known to 3 %, with tails.
        assert pulls.std() == pytest.approx(1, abs=0.15)


def shapes_of(
    stamps: NDArray[np.float32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    narrowest: float = 0.0,
) -> NDArray[np.float64]:
    count = len(stamps)
    least = np.full(count, narrowest)
    return adaptive_shapes(stamps, ONES, corner(count), x, y, (4.0, 4.0, 0.0), 3.0, least)


def test_errors_of_shapes_are_those_of_repeated_measurements() -> None:
    moments, count = (4.0, 5.0, 0.7), 300
    images = [1000 * blob(30.3, 29.6, moments) + noise(seed) for seed in range(count)]
    start = np.full(count, 30.0)
    found = shapes_of(stamps_of(*images), start, start)
    assert (found[:, 13] == CONVERGED).all()
    for part, true in enumerate((1000.0, *moments)):
        values, errors = found[:, [5, 2, 3, 4][part]], found[:, 6 + part]
        # 300 deviates: their width is known to 4 %.
        assert ((values - true) / errors).std() == pytest.approx(1, abs=0.12)
    covariance = np.cov(found[:, 5], found[:, 2])[0, 1]
    assert np.median(found[:, 10]) == pytest.approx(covariance, rel=0.35)


def test_shapes_are_found_at_least_as_often_as_by_an_independent_library() -> None:
    rng = np.random.default_rng(7)
    ours = theirs = 0
    for _ in range(150):
        flux = 10 ** rng.uniform(1.9, 3)
        image = flux * blob(30 + rng.uniform(-1, 1), 30 + rng.uniform(-1, 1))
        image += flux * rng.uniform(0, 0.5) * blob(*(30 + rng.uniform(-9, 9, 2)))
        image += rng.normal(size=image.shape)
        found = adaptive_shapes(
            stamps_of(image),
            NO_PIXELS,
            corner(),
            place(30),
            place(30),
            (4.0, 4.0, 0.0),
            5.0,
            place(0),
        )
        ours += found[0, 13] == CONVERGED
        other = galsim.hsm.FindAdaptiveMom(
            galsim.Image(image.astype(np.float32), xmin=0, ymin=0),
            guess_centroid=galsim.PositionD(30, 30),
            guess_sig=2.0,
            strict=False,
        )
        theirs += other.error_message == ""
    assert ours >= theirs


def test_a_gaussian_flux_is_a_least_squares_fit() -> None:
    moments = (4.0, 5.0, 0.7)
    image = 900 * blob(30.3, 29.6) + noise()
    variance = np.random.default_rng(2).uniform(0.5, 2, (SIZE, SIZE)).astype(np.float32)
    flux, error = gaussian_fluxes(
        stamps_of(image), variance, corner(), place(30.3), place(29.6), np.array([moments])
    )[0]
    template = blob(30.3, 29.6, moments)
    y, x = np.mgrid[:SIZE, :SIZE]
    template[(abs(x - 30.3) > 8) | (abs(y - 29.6) > 4 * np.sqrt(5))] = 0
    squares = (template**2).sum()
    assert flux == pytest.approx((template * image).sum() / squares, rel=1e-5)
    assert error == pytest.approx(np.sqrt((template**2 * variance).sum()) / squares, rel=1e-5)


def test_a_narrow_slanted_trail_is_measured_whole() -> None:
    moments = (113.22, 113.22, 111.78)  # 15 and 1.2 pixels wide
    stamps = stamps_of(1e5 * blob(100, 100, moments, 201))
    variance, middle = np.ones((201, 201), np.float32), np.array([100.0])
    corners, first = np.zeros((1, 2), np.int64), (9.0, 9.0, 0.0)
    found = adaptive_shapes(stamps, variance, corners, middle, middle, first, 5.0, np.ones(1))[0]
    assert found[13] == CONVERGED
    assert found[2:5] == pytest.approx(moments, rel=1e-4)  # of pixels for an integral
    ((flux, error),) = gaussian_fluxes(
        stamps, variance, corners, middle, middle, np.array([moments])
    )
    area = 4 * np.pi * np.sqrt(moments[0] * moments[1] - moments[2] ** 2)
    assert flux == pytest.approx(1e5, rel=1e-3)
    assert error == pytest.approx(np.sqrt(area), rel=1e-3)


def test_a_gaussian_flux_of_no_ellipse_is_no_number() -> None:
    image = stamps_of(blob(30, 30))
    impossible = np.array([[1.0, 1.0, 2.0]])
    result = gaussian_fluxes(image, ONES, corner(), place(30), place(30), impossible)
    assert np.isnan(result).all()


@pytest.mark.parametrize("radius", [0.4, 1.0, 3.0, 4.5, 5.9])
def test_parts_of_pixels_add_up_to_the_area_of_the_circle(radius: float) -> None:
    cells = range(-8, 9)
    area = sum(circle_part(i - 0.3, j + 0.4, radius) for i in cells for j in cells)
    assert area == pytest.approx(np.pi * radius**2, rel=1e-12)


@pytest.mark.parametrize("radius", [2.5, 6.0, 12.0, 33.0])
def test_a_part_of_a_pixel_is_what_counting_finds(radius: float) -> None:
    steps = (np.arange(200) + 0.5) / 200 - 0.5
    for angle in np.linspace(0, 2 * np.pi, 25):
        for offset in (-0.6, -0.3, 0.0, 0.2, 0.5):
            dx, dy = (radius + offset) * np.cos(angle), (radius + offset) * np.sin(angle)
            inside = (dx + steps)[None, :] ** 2 + (dy + steps)[:, None] ** 2 < radius**2
            # Counting is good to 1/200; from 6 pixels on the edge is a straight line: 1 %.
            assert circle_part(dx, dy, radius) == pytest.approx(inside.mean(), abs=0.015)


def test_circular_fluxes_are_those_of_an_independent_library() -> None:
    image = (4000 * blob(30.3, 29.6) + noise()).astype(np.float32)
    radii = np.array([1.5, 3.0, 4.5, 6.0, 9.0, 12.0, 17.0, 25.0])
    found = circular_fluxes(stamps_of(image), ONES, corner(), place(30.3), place(29.6), radii)[0]
    for (flux, error, cut), radius in zip(found, radii, strict=True):
        theirs, their_error, _ = sep.sum_circle(image, [30.3], [29.6], radius, err=1.0, subpix=0)
        # Straight edges from 6 pixels on: a hundredth of the error.
        assert flux == pytest.approx(float(theirs[0]), abs=0.02 * float(their_error[0]))
        assert error == pytest.approx(float(their_error[0]), rel=1e-3)
        assert cut == 0


def test_circles_beyond_the_image_are_marked() -> None:
    image = stamps_of(np.ones((SIZE, SIZE)))
    radii = np.array([5.0, 9.9])
    found = circular_fluxes(image, ONES, corner(), place(8.0), place(30.0), radii)[0]
    assert found[:, 2].tolist() == [0, 1]


def test_circles_far_beside_the_image_have_no_light() -> None:
    variance, far = np.ones((SIZE, SIZE), np.float32), np.array([-1e5, 1e5])
    stamps, middle = stamps_of(blob(30, 30), blob(30, 30)), np.array([30.0, 30.0])
    corners, radii = np.zeros((2, 2), np.int64), np.array([2.0, 9.0])
    found = circular_fluxes(stamps, variance, corners, far, middle, radii)
    assert found.reshape(4, 3).tolist() == [[0, 0, 1]] * 4


def test_stamps_that_hang_over_the_image_are_cut_there() -> None:
    stamp = stamps_of(np.ones((21, 21)))
    variance = np.ones((30, 30), np.float32)
    found = circular_fluxes(
        stamp, variance, np.array([[-8, 4]]), place(2.0), place(14.0), np.array([4.0])
    )[0, 0]
    whole = sum(circle_part(i - 2.0, j - 14.0, 4.0) for i in range(30) for j in range(30))
    assert found[0] == pytest.approx(whole)
    assert found[2] == 1


def test_elliptical_fluxes_are_those_of_an_independent_library() -> None:
    image = (9000 * blob(30.3, 29.6, (16.0, 8.0, 3.0)) + noise()).astype(np.float32)
    moments = np.array([[16.0, 8.0, 3.0]])
    size = (16 * 8 - 9) ** 0.25
    flux, error, cut = elliptical_fluxes(
        stamps_of(image), ONES, corner(), place(30.3), place(29.6), moments, place(2.5 * size)
    )[0]
    values, vectors = np.linalg.eigh([[16, 3], [3, 8]])
    b, a = np.sqrt(values)
    angle = np.arctan2(vectors[1, 1], vectors[0, 1])
    theirs, their_error, _ = sep.sum_ellipse(
        image, [30.3], [29.6], a, b, (angle + np.pi / 2) % np.pi - np.pi / 2, 2.5, err=1.0, subpix=9
    )
    # The edge is a line one pixel wide here, and counted in 81 points there.
    assert flux == pytest.approx(float(theirs[0]), abs=0.15 * float(their_error[0]))
    assert error == pytest.approx(float(their_error[0]), rel=0.01)
    assert cut == 0


def test_the_kron_radius_of_a_gaussian_is_known() -> None:
    moments = np.array([[9.0, 4.0, 1.0]])
    image = stamps_of(1e4 * blob(30.0, 30.0, (9.0, 4.0, 1.0)))
    radius = kron_radii(image, corner(), place(30.0), place(30.0), moments, 6.0)[0]
    assert radius == pytest.approx(np.sqrt(np.pi / 2) * (36 - 1) ** 0.25, rel=5e-3)
    assert np.isnan(kron_radii(-image, corner(), place(30.0), place(30.0), moments, 6.0)[0])


def test_a_psf_flux_is_a_least_squares_fit() -> None:
    star = blob(10, 10, (4.0, 4.0, 0.0), 21).astype(np.float32)
    image = noise()
    image[20:41, 20:41] += 700 * star
    variance = np.random.default_rng(2).uniform(0.5, 2, (SIZE, SIZE)).astype(np.float32)
    mask = np.zeros((SIZE, SIZE), np.int32)
    mask[30, 31], mask[29, 30] = 6, 2
    flux, error, area, count, cut = psf_fluxes(
        stamps_of(image), variance, mask, 4, corner(), star[None], np.array([[20, 20]])
    )[0]
    part, used = image[20:41, 20:41], mask[20:41, 20:41] & 4 == 0
    squares = (star[used].astype(float) ** 2).sum()
    assert flux == pytest.approx((star * part)[used].sum() / squares, rel=1e-5)
    noise_sum = (star[used] ** 2 * variance[20:41, 20:41][used]).sum()
    assert error == pytest.approx(np.sqrt(noise_sum) / squares, rel=1e-5)
    assert area == pytest.approx(star[used].sum() / squares, rel=1e-5)
    assert (count, cut) == (440, 0)


def test_bits_of_footprints_and_centres_are_joined() -> None:
    mask = np.zeros((12, 12), np.int32)
    mask[3, 4], mask[3, 9], mask[6, 6] = 1, 2, 4
    spans = np.array([[3, 4, 9], [6, 0, 5], [20, 0, 3]], np.int32)
    assert bits_in_footprints(mask, spans, np.array([0, 1, 3])).tolist() == [3, 0]
    x, y = np.array([4.6, 6.4, -0.6, np.nan]), np.array([3.4, 7.4, 4.0, 4.0])
    assert bits_at_centers(mask, x, y).tolist() == [1, 4, -1, -1]


def test_the_variance_around_a_source_is_a_median() -> None:
    variance = np.random.default_rng(4).uniform(1, 9, (40, 40)).astype(np.float32)
    mask = np.random.default_rng(5).integers(0, 4, (40, 40), np.int32)
    y, x = np.mgrid[:40, :40]
    inside = ((x - 20.2) ** 2 / 4 + (y - 19.1) ** 2 / 9 <= 9) & (mask & 2 == 0)
    moments = np.array([[4.0, 9.0, 0.0]])
    found = median_variances(variance, mask, 2, place(20.2), place(19.1), moments, 3.0)
    assert found[0] == pytest.approx(np.median(variance[inside]))
    everywhere = np.full((40, 40), 2, np.int32)
    assert np.isnan(median_variances(variance, everywhere, 2, place(20), place(19), moments, 3)[0])
