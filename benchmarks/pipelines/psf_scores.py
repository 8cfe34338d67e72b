"""PSFs against the truth: ours, and one of piff fitted to the same stars."""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from imaging import Point2D
from imaging.psf.moments import adaptive_moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from benchmarks.pipelines.measurement_scenes import Found

__all__ = ["psf_rows"]

_PLACES = 60
_MARGIN = 60  # pixels at the edge of an image, where no place is
_GRID = 25  # pixels of piff's grid, as many as its authors use for such images


def psf_rows(all_found: Iterable[Found], beside_piff: Iterable[int]) -> Iterable[list[str]]:
    """Compare PSFs at places of each scene; those of piff for scenes of some seeds."""
    seeds = set(beside_piff) if find_spec("piff") else set()
    for found in all_found:
        scene = found.scene
        name = f"{scene.sky_e:g} e-, {scene.fwhm_pix} pixels, seed {scene.seed}"
        yield [name, *_scores(found, _drawn_by_us(found)), f"{found.seconds['psf']:.2f}"]
        if scene.seed in seeds:
            begin = time.process_time()
            draw = _fitted_by_piff(found)
            spent = time.process_time() - begin
            yield [f"{name}, piff", *_scores(found, draw), f"{spent:.1f}"]


def _scores(found: Found, draw: Callable[[float, float], NDArray[np.float64]]) -> list[str]:
    """Return means and standard deviations of the errors of size, e1 and e2."""
    rng = np.random.default_rng(found.scene.seed)
    height, width = found.ccd.image.shape
    errors = []
    for x, y in rng.uniform(
        (_MARGIN, _MARGIN), (width - _MARGIN, height - _MARGIN), (_PLACES, 2)
    ).tolist():
        true = _shape(found.ccd.psf_image(x, y).astype(float))
        made = _shape(draw(x, y))
        errors.append((made[0] / true[0] - 1, made[1] - true[1], made[2] - true[2]))
    return [f"{part.mean():+.5f}, {part.std():.5f}" for part in np.array(errors).T]


def _shape(image: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return size, e1 and e2 of an image with a star in its middle."""
    found = adaptive_moments(image, image.shape[1] // 2, image.shape[0] // 2)
    total = found.ixx + found.iyy
    size = (found.ixx * found.iyy - found.ixy**2) ** 0.25
    return size, (found.ixx - found.iyy) / total, 2 * found.ixy / total


def _drawn_by_us(found: Found) -> Callable[[float, float], NDArray[np.float64]]:
    def draw(x: float, y: float) -> NDArray[np.float64]:
        return found.psf.compute_kernel_image(Point2D(x, y)).array.astype(float)

    return draw


def _fitted_by_piff(found: Found) -> Callable[[float, float], NDArray[np.float64]]:
    """Fit a grid of pixels that vary as a polynomial of second order to the stars of our PSF."""
    import galsim
    import piff

    scale = galsim.PixelScale(1.0)
    stars = []
    for star in found.psf_stars:
        box = star.image.bbox
        corner = {"xmin": box.min_x, "ymin": box.min_y}
        variance = found.ccd.variance[box.min_y : box.max_y + 1, box.min_x : box.max_x + 1]
        image = galsim.Image(np.ascontiguousarray(star.image.array), **corner)
        image.wcs = scale
        place = galsim.PositionD(star.position.x, star.position.y)
        weight = galsim.Image(np.ascontiguousarray(1 / variance), **corner)
        stars.append(piff.Star(piff.StarData(image, place, weight=weight), None))
    psf = piff.SimplePSF(piff.PixelGrid(scale=1.0, size=_GRID), piff.BasisPolynomial(order=2))
    psf.fit(stars, {0: scale}, None)

    def draw(x: float, y: float) -> NDArray[np.float64]:
        image = psf.draw(x=x, y=y, chipnum=0, stamp_size=41, center=True)
        return np.asarray(image.array, np.float64)

    return draw
