"""Score detection, deblending, measurement and PSFs on simulated CCDs, beside other libraries.

.venv/bin/python benchmarks/pipelines/score_measurement.py --output FILE
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import ndtr

sys.path.insert(0, str(Path(__file__).parents[2]))  # the checkout: testdata is not installed

from benchmarks.pipelines.measurement_scenes import (
    CROWDED,
    SCENES,
    Found,
    process,
    signal_to_noise,
)
from benchmarks.pipelines.psf_scores import psf_rows
from imaging.psf.moments import adaptive_moments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

_BINS = ((6.0, 15.0), (15.0, 50.0), (50.0, 300.0), (300.0, np.inf))
_DETECTION_BINS = {"6-10": (6.0, 10.0), "10-30": (10.0, 30.0), "above 30": (30.0, np.inf)}
_BLEND_BINS = ((10.0, 30.0), (30.0, 100.0), (100.0, 300.0), (300.0, np.inf))
_SCALE_BETWEEN = (50.0, 1000.0)  # signal to noise of stars that give the scale of fluxes
_MARGIN = 40  # pixels at the edge of an image that are left out
_ALONE = 15  # pixels: no other source of 1 % of the flux is nearer
_SHARE = 0.1  # of the height of a star with nothing else on it: what others add there
_OWN = 2.5  # pixels between a source and the peak that is its own
_FOUND = 3.0  # pixels between a star and a peak that is its own
_MATCHED = 2.0  # pixels between a star and its source
_CHILD = 1.5  # pixels between a blended star and its child
_FALSE = 4.0  # pixels between a spurious peak and the nearest source
_BESIDE_PIFF = (101, 103)  # seeds of the scenes whose PSF is fitted by piff, too
_VISIBLE = 2.0  # signal to noise of sources that can make a peak


def scatter(values: NDArray[np.float64]) -> float:
    """The standard deviation of a Gaussian with the same median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def seconds_of(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


class Truth:
    """The true sources of a scene."""

    def __init__(self, found: Found) -> None:
        self.sources = found.ccd.sources
        self.signal = signal_to_noise(found.ccd)
        height, width = found.ccd.image.shape
        x, y = self.sources["x"], self.sources["y"]
        self.inside = (x > _MARGIN) & (x < width - _MARGIN)
        self.inside &= (y > _MARGIN) & (y < height - _MARGIN)
        self.stars = self.sources["is_star"] & self.inside
        self.alone = self.stars & (self.sources["nearest_pix"] > _ALONE)
        # A star of a hundred times the flux throws more light on it from 20 pixels.
        self.clear = self.alone & (self._light_of_others(found) < _SHARE)

    def _light_of_others(self, found: Found) -> NDArray[np.float64]:
        """Return the light of other sources at each one's place, in units of its own height."""
        rows, columns = (np.rint(self.sources[axis]).astype(int) for axis in "yx")
        height, width = found.ccd.image.shape
        whole = found.ccd.variance - found.ccd.variance.min()
        light = whole[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
        x, y = self.sources["x"][:, None], self.sources["y"][:, None]
        shapes = found.ccd.psf.at(x[:, 0], y[:, 0])
        own = shapes.evaluate(columns[:, None] - x, rows[:, None] - y)[:, 0, 0]
        height_of_own = self.sources["flux_e"] * own
        return np.asarray(light / height_of_own - 1, np.float64)

    def separated(self, peaks: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return for each source whether all of 1 % of its flux that are near have own peaks."""
        tree, flux = cKDTree(self.places), self.sources["flux_e"]
        distance, peak = cKDTree(peaks).query(self.places)
        has_own = distance < _OWN
        result = np.zeros(len(flux), np.bool_)
        for number in np.flatnonzero(self.stars).tolist():
            near = np.array(tree.query_ball_point(self.places[number], _ALONE))
            near = near[(near != number) & (flux[near] > 0.01 * flux[number])]
            result[number] = bool(np.all(has_own[near] & (peak[near] != peak[number])))
        return result

    @property
    def places(self) -> NDArray[np.float64]:
        return np.column_stack([self.sources["x"], self.sources["y"]])


def ours(found: Found) -> NDArray[np.float64]:
    peaks = found.peaks
    return np.column_stack([peaks["f_x"], peaks["f_y"]]).astype(float)


def sep_objects(found: Found) -> NDArray[np.float64]:
    """Objects of sep: a filter as wide as the PSF, a threshold of five sigma after it."""
    import sep

    sigma = found.psf.compute_shape().determinant_radius
    steps = np.arange(-int(3 * sigma), int(3 * sigma) + 1)
    kernel = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * sigma**2))
    kernel /= kernel.sum()
    sep.set_extract_pixstack(3_000_000)
    objects = sep.extract(
        np.ascontiguousarray(found.ccd.image),
        5 * float(np.sqrt((kernel**2).sum())),
        err=np.ascontiguousarray(np.sqrt(found.ccd.variance)),
        filter_kernel=kernel,
        filter_type="conv",
        deblend_cont=1e-4,
        minarea=1,
        clean=False,
    )
    return np.column_stack([objects["x"], objects["y"]])


def photutils_objects(found: Found) -> NDArray[np.float64]:
    """Peaks of photutils on the image smoothed with a Gaussian as wide as the PSF."""
    from photutils.detection import find_peaks
    from scipy.ndimage import gaussian_filter

    sigma = found.psf.compute_shape().determinant_radius
    smooth = gaussian_filter(found.ccd.image, sigma, truncate=3.5)
    noise = np.sqrt(found.ccd.variance / (4 * np.pi * sigma**2))
    table = find_peaks(smooth, 5 * noise, box_size=3)
    return np.column_stack([table["x_peak"], table["y_peak"]]).astype(float)


def detection_rows(all_found: list[Found], truths: list[Truth]) -> Iterable[list[str]]:
    signal = np.concatenate([truth.signal[truth.clear] for truth in truths])
    limits = [
        ndtr(signal[(signal > low) & (signal <= high)] - 5)
        for low, high in _DETECTION_BINS.values()
    ]
    expected = (f"{100 * np.mean(part):.1f} %" for part in limits)
    yield ["a value of five sigma at the true place", *expected, "", ""]
    for name, finder in ("skybutler", ours), ("sep", sep_objects), ("photutils", photutils_objects):
        hits: dict[str, list[bool]] = {key: [] for key in _DETECTION_BINS}
        spurious, count, spent = 0, 0, 0.0
        for found, truth in zip(all_found, truths, strict=True):
            begin = time.process_time()
            places = finder(found)
            spent += found.seconds["detection"] if finder is ours else time.process_time() - begin
            distance, _ = cKDTree(places).query(truth.places)
            for key, (low, high) in _DETECTION_BINS.items():
                chosen = truth.clear & (truth.signal > low) & (truth.signal <= high)
                hits[key] += (distance[chosen] < _FOUND).tolist()
            real = truth.places[truth.signal > _VISIBLE]
            away, _ = cKDTree(real).query(places)
            spurious += int((away > _FALSE).sum())
            count += len(places)
        yield [
            name,
            *(f"{100 * np.mean(found):.1f} % of {len(found)}" for found in hits.values()),
            f"{100 * spurious / count:.1f} % of {count}",
            f"{spent / len(all_found):.2f}",
        ]


class Matched:
    """Isolated true stars and the sources that are theirs."""

    def __init__(self, found: Found, truth: Truth) -> None:
        catalog = found.catalog
        leaves = np.flatnonzero(np.asarray(catalog["deblend_nChild"]) == 0)
        x, y = (np.asarray(catalog[f"base_SdssCentroid_{axis}"])[leaves] for axis in "xy")
        chosen = np.flatnonzero(truth.alone)
        distance, nearest = cKDTree(np.column_stack([x, y])).query(truth.places[chosen])
        near = distance < _MATCHED
        self.rows, self.stars = leaves[nearest[near]], truth.sources[chosen[near]]
        self.signal, self.found = truth.signal[chosen[near]], found
        self.true_shapes = np.array([self._shape(star) for star in self.stars])

    def _shape(self, star: np.void) -> tuple[float, float, float]:
        image = self.found.ccd.psf_image(star["x"], star["y"], 20).astype(float)
        moments = adaptive_moments(image, 20, 20)
        return moments.ixx, moments.iyy, moments.ixy

    def column(self, name: str) -> NDArray[np.float64]:
        return np.asarray(np.asarray(self.found.catalog[name], np.float64)[self.rows])

    def pulls(self) -> dict[str, NDArray[np.float64]]:
        """Deviations from the truth in units of the errors."""
        pulls = {}
        flux = self.stars["flux_e"]
        for label, name in (
            ("PSF flux, aperture corrected", "base_PsfFlux"),
            ("Gaussian flux, aperture corrected", "base_GaussianFlux"),
            ("flux within 9 pixels", "base_CircularApertureFlux_9_0"),
        ):
            value = self.column(f"{name}_instFlux")
            scale = self.scale(value / flux)
            pulls[label] = (value - scale * flux) / self.column(f"{name}_instFluxErr")
        for axis in "xy":
            value = self.column(f"base_SdssCentroid_{axis}") - self.stars[axis]
            pulls[axis] = value / self.column(f"base_SdssCentroid_{axis}Err")
        for number, part in enumerate(("xx", "yy", "xy")):
            value = self.column(f"base_SdssShape_{part}") - self.true_shapes[:, number]
            pulls[f"moment {part}"] = value / self.column(f"base_SdssShape_{part}Err")
        return pulls

    def scale(self, ratio: NDArray[np.float64]) -> float:
        """The light that no aperture sees is one number for a scene, by its bright stars."""
        low, high = _SCALE_BETWEEN
        bright = (self.signal > low) & (self.signal < high)
        return float(np.median(ratio[bright]))

    def peers(self) -> dict[str, NDArray[np.float64]]:
        """Return the same of other libraries, in units of our errors where they have none."""
        import galsim
        import sep

        image = np.ascontiguousarray(self.found.ccd.image)
        x, y = self.stars["x"].astype(float), self.stars["y"].astype(float)
        sigma = self.found.psf.compute_shape().determinant_radius
        win_x, _, flag = sep.winpos(image, np.rint(x), np.rint(y), sigma)
        pulls = {"x, sep.winpos": (win_x - x) / self.column("base_SdssCentroid_xErr")}
        pulls["x, sep.winpos"][flag != 0] = np.nan
        error = np.ascontiguousarray(np.sqrt(self.found.ccd.variance))
        flux, flux_error, _ = sep.sum_circle(image, x, y, 9.0, err=error, subpix=0)
        scale = self.scale(flux / self.stars["flux_e"])
        pulls["flux within 9 pixels, sep"] = (flux - scale * self.stars["flux_e"]) / flux_error
        moments = np.full(len(x), np.nan)
        for number, (column, row) in enumerate(np.rint(np.column_stack([x, y])).astype(int)):
            stamp = image[row - 24 : row + 25, column - 24 : column + 25]
            found = galsim.hsm.FindAdaptiveMom(galsim.Image(stamp), strict=False)
            if found.error_message == "":
                shape = found.observed_shape
                moments[number] = found.moments_sigma**2 * (1 + shape.e1)
                moments[number] /= np.sqrt(1 - shape.e1**2 - shape.e2**2)
        value = moments - self.true_shapes[:, 0]
        pulls["moment xx, galsim.hsm"] = value / self.column("base_SdssShape_xxErr")
        return pulls


def pull_rows(matched: list[Matched]) -> Iterable[list[str]]:
    signal = np.concatenate([part.signal for part in matched])
    tables = [part.pulls() | part.peers() for part in matched]
    for name in tables[0]:
        values = np.concatenate([table[name] for table in tables])
        cells = []
        for low, high in _BINS:
            chosen = values[(signal > low) & (signal <= high) & np.isfinite(values)]
            cells.append(f"{np.median(chosen):+.2f}, {scatter(chosen):.2f} ({chosen.size})")
        yield [name, *cells]


def deblending_rows(all_found: list[Found], truths: list[Truth]) -> Iterable[list[str]]:
    """PSF fluxes of stars with a neighbour, against isolated stars of the same scenes."""
    for label, which in (("ordinary scenes", slice(None, -1)), ("crowded field", slice(-1, None))):
        pairs = zip(all_found[which], truths[which], strict=True)
        parts = [blended_fluxes(found, truth) for found, truth in pairs]
        ratio, signal, separated = (np.concatenate(part) for part in zip(*parts, strict=True))
        for name, wanted in (("", separated), (", all blends", np.ones_like(separated))):
            cells = []
            for low, high in _BLEND_BINS:
                chosen = ratio[wanted & (signal > low) & (signal <= high)]
                error = 125 * scatter(chosen) / np.sqrt(chosen.size)
                cells.append(f"{100 * np.median(chosen):+.2f} +- {error:.2f} % ({chosen.size})")
            yield [label + name, *cells]


def blended_fluxes(
    found: Found, truth: Truth
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return deviation, signal to noise and whether all neighbours were found, of blended stars."""
    catalog = found.catalog
    children = np.flatnonzero(np.asarray(catalog["parent"]) != 0)
    x, y = (np.asarray(catalog[f"base_SdssCentroid_{axis}"])[children] for axis in "xy")
    blended = np.flatnonzero(truth.stars & (truth.sources["nearest_pix"] < _ALONE))
    distance, nearest = cKDTree(np.column_stack([x, y])).query(truth.places[blended])
    near = distance < _CHILD
    flux = np.asarray(catalog["base_PsfFlux_instFlux"])[children[nearest[near]]]
    alone, blended = Matched(found, truth), blended[near]
    scale = alone.scale(alone.column("base_PsfFlux_instFlux") / alone.stars["flux_e"])
    ratio = flux / truth.sources["flux_e"][blended] / scale - 1
    return ratio, truth.signal[blended], truth.separated(ours(found))[blended]


def time_rows(found: Found) -> Iterable[list[str]]:
    """CPU seconds of one crowded scene, scaled to 5,000 sources where it says so."""
    import galsim
    import sep
    from photutils.aperture import CircularAperture, aperture_photometry

    catalog, image = found.catalog, np.ascontiguousarray(found.ccd.image)
    count = len(catalog)
    radii = (3.0, 4.5, 6.0, 9.0, 12.0, 17.0, 25.0, 35.0, 50.0, 70.0)
    x, y = (np.asarray(catalog[f"base_SdssCentroid_{axis}"]) for axis in "xy")
    some = slice(0, 500)
    error = np.ascontiguousarray(np.sqrt(found.ccd.variance))
    yield ["detection", f"{found.seconds['detection']:.2f}", ""]
    yield ["deblending", f"{found.seconds['deblending']:.2f}", f"{count} sources"]
    spent = found.seconds["measurement"]
    yield ["measurement, all plugins", f"{spent:.2f}", f"{count} sources"]
    yield ["measurement, all plugins, for 5,000", f"{5000 * spent / count:.2f}", "scaled"]
    hsm = seconds_of(
        lambda: [_moments(image, a, b, galsim) for a, b in zip(x[some], y[some], strict=True)]
    )
    yield ["galsim.hsm.FindAdaptiveMom for 5,000", f"{10 * hsm:.2f}", "scaled from 500"]
    circles = seconds_of(
        lambda: [sep.sum_circle(image, x[some], y[some], r, err=error, subpix=5) for r in radii]
    )
    yield [
        "sep.sum_circle, the same ten radii, for 5,000",
        f"{10 * circles:.2f}",
        "scaled from 500",
    ]
    places = np.column_stack([x[some], y[some]])
    exact = seconds_of(
        lambda: aperture_photometry(
            image, [CircularAperture(places, r=r) for r in radii], error=error
        )
    )
    yield [
        "photutils, the same ten radii, exact, for 5,000",
        f"{10 * exact:.2f}",
        "scaled from 500",
    ]


def _moments(image: NDArray[np.float32], x: float, y: float, galsim: object) -> object:
    column, row = round(float(x)), round(float(y))
    stamp = image[max(row - 24, 0) : row + 25, max(column - 24, 0) : column + 25]
    return galsim.hsm.FindAdaptiveMom(galsim.Image(stamp), strict=False)  # type: ignore[attr-defined]


def failures(all_found: list[Found]) -> str:
    flags = np.concatenate([np.asarray(f.catalog["base_SdssShape_flag"]) for f in all_found])
    return f"{100 * flags.mean():.1f} % of {flags.size} sources have no moments"


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def scene_text(found: Found) -> str:
    scene = found.scene
    return (
        f"sky {scene.sky_e:g} e-, seeing {scene.fwhm_pix} pixels, "
        f"{scene.star_density:g} stars per square degree, seed {scene.seed}"
    )


def introduction(both: list[Found]) -> str:
    return (
        "Written by `.venv/bin/python benchmarks/pipelines/score_measurement.py --output "
        "benchmarks/RESULTS-measurement.md`\n"
        f"on {platform.processor() or platform.machine()}, Python {platform.python_version()}.\n\n"
        "Full CCDs of 2048 x 4176 pixels, each with its own seed, none of which was used while the "
        "algorithms\nwere written. Sky and variance are known, the PSF is not. CPU seconds of a "
        "shared machine, one process.\n\n" + "\n".join(f"* {scene_text(found)}" for found in both)
    )


_DETECTION = """## Detection

Isolated stars that have a peak within 3 pixels, by signal to noise: no other source of 1 % of
their flux within 15 pixels, and of the light of all others less than a tenth of their height at
their place. Spurious: peaks with no source of a signal to noise above 2 within 4 pixels."""
_PULLS = """## Fluxes, positions and moments of isolated stars

Median and width of the deviation from the truth in units of the error, by signal to noise (stars).
Widths are those of Gaussians of the same median absolute deviation, known to 1.17 by the root of
the number of stars. Fluxes are compared after one scale for each scene. Other libraries give no
errors of positions and moments: ours are used."""
_BLENDS = """## PSF fluxes of deblended stars

Median of the relative deviation from isolated stars, for stars with a neighbour of at least 1 % of
their flux within 15 pixels, by signal to noise (stars): where each such neighbour has a peak of
its own, and for all. What has no peak cannot be taken apart: its light stays with the star."""
_PSFS = """## The PSF

Mean and standard deviation at 60 places of the relative error of the size, and of the errors of
both ellipticities; CPU seconds of the fit. Piff fits a grid of 25 x 25 pixels, which vary as a
polynomial of second order, to the same stars; for two scenes only, because it takes long."""


def report(all_found: list[Found], crowded: Found) -> str:
    truths = [Truth(found) for found in all_found]
    matched = [Matched(found, truth) for found, truth in zip(all_found, truths, strict=True)]
    both, both_truths = [*all_found, crowded], [*truths, Truth(crowded)]
    bins = [names_of(low, high) for low, high in _BINS]
    found_bins = [*_DETECTION_BINS, "spurious", "CPU s per CCD"]
    blend_bins = [names_of(low, high) for low, high in _BLEND_BINS]
    parts = (
        "# Detection, deblending, measurement and PSFs against the truth",
        introduction(both),
        _DETECTION,
        table(["", *found_bins], detection_rows(all_found, truths)),
        f"{_PULLS} {failures(all_found)}.",
        table(["", *bins], pull_rows(matched)),
        _BLENDS,
        table(["", *blend_bins], deblending_rows(both, both_truths)),
        _PSFS,
        table(["", "size", "e1", "e2", "CPU s"], psf_rows(both, _BESIDE_PIFF)),
        f"## CPU seconds, crowded field of {len(crowded.catalog)} sources",
        table(["", "s", ""], time_rows(crowded)),
    )
    return "\n\n".join(parts)


def names_of(low: float, high: float) -> str:
    return f"{low:g}-{high:g}" if np.isfinite(high) else f"above {low:g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="write the report there")
    parser.add_argument("--quick", action="store_true", help="one of the scenes only")
    arguments = parser.parse_args()
    scenes = SCENES[:1] if arguments.quick else SCENES
    process(scenes[0])  # once for nothing: libraries are loaded
    text = report([process(scene) for scene in scenes], process(CROWDED)) + "\n"
    if arguments.output:
        arguments.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
