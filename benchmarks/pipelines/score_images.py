"""Score ISR, background and cosmic rays on simulated CCDs, with peers in the same run.

``python -m benchmarks.pipelines.score_images --output benchmarks/RESULTS-pipelines.md``
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.ndimage import binary_dilation, label

from benchmarks.pipelines.scenes import SCENES, Scene
from imaging.psf.gaussian import SingleGaussianPsf
from pipelines.background.subtract_background import SubtractBackgroundTask
from pipelines.calibrate.calibrate import CalibrateTask
from pipelines.characterize.characterize_image import CharacterizeImageTask
from pipelines.detection.source_detection import SourceDetectionTask
from pipelines.isr.subaru import SubaruIsrTask
from pipelines.repair.task import RepairTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure

__all__ = ["main"]

_SIGMA_PER_FWHM: Final = 1 / 2.3548
_TUTORIAL_FWHM_PIX: Final = 0.7 / 0.168
_CLEAR: Final = 10
"""Sigma of the peak of rays that nobody should miss."""
_SEED: Final = 6
"""Sigma of the peak of rays that can begin anywhere."""
_PIXEL: Final = 3
"""Sigma of pixels that could be found one by one."""
_SQUARE: Final = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Line:
    """A line of a table: what did it, on which scene, CPU seconds, and numbers."""

    what: str
    scene: Scene
    cpu_s: float
    numbers: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "scene", replace(self.scene))  # without the pixels it has made


def timed(work: Callable[[], object]) -> float:
    """Return the least CPU seconds of three runs."""
    best = np.inf
    for _ in range(3):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return float(best)


def process(scene: Scene, **switches: bool) -> tuple[Exposure, float]:
    """Return the exposure of a raw and the CPU seconds it takes."""
    config = SubaruIsrTask.ConfigClass(
        doEmpiricalReadNoise=True, gainSource="header", doCrosstalk=True, **switches
    )
    config.overscan.update(fitType="AKIMA_SPLINE", order=30)
    task = SubaruIsrTask(config=config)
    cpu_s = timed(lambda: task.run(scene.raw, **scene.calibrations))
    return task.run(scene.raw, **scene.calibrations).exposure, cpu_s


def isr_lines(scene: Scene) -> tuple[Exposure, list[Line]]:
    """Score what is left of the instrument, in units of the noise."""
    lines = []
    for what, is_wanted in (("without brighter-fatter", False), ("all steps", True)):
        exposure, cpu_s = process(scene, doBrighterFatter=is_wanted)
        good = (exposure.mask.array == 0) & (scene.everything.truth.flags == 0)
        pulls = (exposure.image.array - scene.light)[good] / np.sqrt(exposure.variance.array[good])
        bright = scene.light[good] > scene.sky[good] + 1000
        numbers = (pulls.mean(), pulls.std(), pulls[bright].mean(), pulls[bright].std())
        lines.append(Line(what, scene, cpu_s, tuple(map(float, numbers))))
    return exposure, lines


def with_detections(exposure: Exposure, sigma: float) -> NDArray[np.bool_]:
    """Return where sources are found once a first background is subtracted."""
    copy = exposure.copy()
    SubtractBackgroundTask().run(copy)
    SourceDetectionTask().detect_footprints(copy, sigma=sigma)
    return copy.mask.get_plane("DETECTED")


def background_lines(scene: Scene, exposure: Exposure) -> list[Line]:
    """Score backgrounds outside objects, in units of the noise of the sky."""
    found = with_detections(exposure, scene.fwhm_pix * _SIGMA_PER_FWHM)
    noise = float(np.sqrt(np.median(exposure.variance.array)))
    empty = (np.abs(scene.light - scene.sky) < 0.05 * noise + 0.5) & (exposure.mask.array == 0)
    lines = []
    for what, is_masked, changes in (
        ("MEANCLIP, polynomials", False, {}),
        ("MEANCLIP, polynomials, masked", True, {}),
        ("MODE, polynomials", False, {"statisticsProperty": "MODE"}),
        ("MEANCLIP, Akima, masked", True, {"useApprox": False}),
        ("MEDIAN, Akima, masked", True, {"useApprox": False, "statisticsProperty": "MEDIAN"}),
        ("MODE, Akima, masked", True, {"useApprox": False, "statisticsProperty": "MODE"}),
    ):
        image = exposure.copy()
        if is_masked:
            image.mask.set_plane("DETECTED", found)
        task = SubtractBackgroundTask(config=SubtractBackgroundTask.ConfigClass(**changes))
        model = task.fit_background(image.masked_image).image().array
        cpu_s = timed(lambda task=task, image=image: task.run(image.copy(deep=False)))  # type: ignore[misc]
        lines.append(scored_background(what, scene, cpu_s, model, (empty, noise)))
    lines.append(final_line(scene, exposure, (empty, noise)))
    return lines + sep_lines(scene, exposure, found, (empty, noise))


def final_line(scene: Scene, exposure: Exposure, measure: tuple[NDArray[np.bool_], float]) -> Line:
    """Score all models that processCcd subtracts, as it is configured: those of the calexp."""
    image = exposure.copy()
    begin = time.process_time()
    characterize = CharacterizeImageTask()
    known = characterize.run(image)
    config = CalibrateTask.ConfigClass(doAstrometry=False, doPhotoCal=False)
    calibrate = CalibrateTask(config=config, source_schema=characterize.schema)
    models = calibrate.run(image, None, known.background, known.sources).background
    cpu_s = time.process_time() - begin
    what = "processCcd, the calexp in the end (time of all its steps)"
    return scored_background(what, scene, cpu_s, models.image().array, measure)


def sep_lines(
    scene: Scene,
    exposure: Exposure,
    found: NDArray[np.bool_],
    measure: tuple[NDArray[np.bool_], float],
) -> list[Line]:
    """Score sep in the same way."""
    import sep

    lines = []
    for what, mask in (
        ("sep 128, 3 x 3", exposure.mask.get_plane("BAD")),
        ("sep 128, 3 x 3, masked", exposure.mask.get_plane("BAD") | found),
    ):
        data = np.ascontiguousarray(exposure.image.array)
        arguments = {"mask": mask, "bw": 128, "bh": 128, "fw": 3, "fh": 3}
        cpu_s = timed(lambda: sep.Background(data, **arguments).back())  # noqa: B023
        model = sep.Background(data, **arguments).back()
        lines.append(scored_background(what, scene, cpu_s, model, measure))
    return lines


def scored_background(
    what: str,
    scene: Scene,
    cpu_s: float,
    model: NDArray[np.number],
    measure: tuple[NDArray[np.bool_], float],
) -> Line:
    """Return bias, rms and largest error of a model outside objects."""
    empty, noise = measure
    off = (model - scene.sky)[empty] / noise
    numbers = (np.median(off), np.std(off), np.abs(off).max())
    return Line(what, scene, cpu_s, tuple(map(float, numbers)))


def ray_lines(scene: Scene, exposure: Exposure) -> list[Line]:
    """Score cosmic rays: our task with two PSFs, and a peer if it is installed."""
    sky = SubtractBackgroundTask().run(exposure).background.image().array
    lines = []
    for what, fwhm in (
        ("RepairTask, right seeing", scene.fwhm_pix),
        ("RepairTask, 0.7 arcsec guessed", _TUTORIAL_FWHM_PIX),
    ):
        sigma = fwhm * _SIGMA_PER_FWHM
        image = exposure.copy()
        image.psf = SingleGaussianPsf(15, 15, sigma)
        task = RepairTask()
        cpu_s = timed(lambda task=task, image=image: task.find(image))  # type: ignore[misc]
        task.run(image)
        lines.append(scored_rays(what, scene, cpu_s, image.mask.get_plane("CR"), exposure))
    clear = scene.charge > _PIXEL * np.sqrt(exposure.variance.array)
    clear &= (scene.everything.truth.flags & 1) > 0
    what = f"every pixel whose true charge is {_PIXEL} sigma"
    lines.append(scored_rays(what, scene, 0.0, clear, exposure))
    return lines + scrappy_lines(scene, exposure, sky)


def scrappy_lines(scene: Scene, exposure: Exposure, sky: NDArray[np.number]) -> list[Line]:
    """Score astroscrappy (L.A.Cosmic) with its usual parameters; nothing if it is not here."""
    try:
        from astroscrappy import detect_cosmics
    except ImportError:
        return []
    bad = exposure.mask.get_plane("SAT", "BAD")
    begin = time.process_time()
    found, _ = detect_cosmics(
        exposure.image.array + sky,
        inmask=bad,
        invar=exposure.variance.array,
        sigclip=4.5,
        sigfrac=0.3,
        objlim=5.0,
        niter=4,
    )
    cpu_s = time.process_time() - begin
    return [scored_rays("astroscrappy, median", scene, cpu_s, found & ~bad, exposure)]


def scored_rays(
    what: str, scene: Scene, cpu_s: float, found: NDArray[np.bool_], exposure: Exposure
) -> Line:
    """Return found rays and charge, false regions, stars hit; saturated and bad pixels aside."""
    flags = scene.everything.truth.flags
    aside = binary_dilation((flags & 6) > 0, _SQUARE, 4)
    aside |= binary_dilation(exposure.mask.get_plane("SAT", "BAD"), _SQUARE, 4)
    true = ((flags & 1) > 0) & ~aside
    rays, count = label(true, _SQUARE)
    hit = np.bincount(rays[found], minlength=count + 1)[1:] > 0
    peak = np.zeros(count + 1)
    noise = np.sqrt(exposure.variance.array)
    np.maximum.at(peak, rays[true], (scene.charge / noise)[true])
    charge = np.where(true, scene.charge, 0)
    regions, n_regions = label(found & ~aside, _SQUARE)
    near = binary_dilation((flags & 1) > 0, _SQUARE)
    is_true = np.bincount(regions[near], minlength=n_regions + 1)[1:] > 0
    false = regions[(regions > 0) & ~near]
    false_pixels = np.isin(false, np.flatnonzero(~is_true) + 1).sum()
    numbers = (
        hit.mean(),
        hit[peak[1:] > _CLEAR].mean(),
        charge[found].sum() / charge.sum(),
        charge[found & (peak[rays] > _SEED)].sum() / charge[peak[rays] > _SEED].sum(),
        np.count_nonzero(~is_true),
        false_pixels,
        stars_hit(scene, found & ~near & ~aside),
    )
    return Line(what, scene, cpu_s, tuple(map(float, numbers)))


def stars_hit(scene: Scene, found: NDArray[np.bool_]) -> int:
    """Count stars with a false pixel within 3 pixels of their centre."""
    sources = scene.everything.truth.sources
    stars = sources[sources["is_star"]]
    wide = binary_dilation(found, np.hypot(*np.ogrid[-3:4, -3:4]) <= 3)  # noqa: PLR2004
    ny, nx = found.shape
    y = np.clip(np.rint(stars["y"]).astype(int), 0, ny - 1)
    x = np.clip(np.rint(stars["x"]).astype(int), 0, nx - 1)
    return int(np.count_nonzero(wide[y, x]))


TABLES: Final = {
    "Instrument signature removal": (
        "mean, std of pulls; the same of pixels 1000 ADU above the sky",
        ("mean", "std", "bright mean", "bright std"),
    ),
    "Background": (
        "model less truth outside objects, in units of the noise of the sky",
        ("bias", "rms", "largest"),
    ),
    "Cosmic rays": (
        "saturated and bad pixels and 4 pixels round them aside",
        (
            "found",
            f"peak > {_CLEAR} sigma",
            "charge",
            f"charge of rays with a peak > {_SEED} sigma",
            "false regions",
            "their pixels",
            "stars hit",
        ),
    ),
}


def table(title: str, lines: Iterable[Line]) -> str:
    """Return a table in Markdown: medians, and least and largest, of the scenes of one sky."""
    note, columns = TABLES[title]
    head = ("what", "sky [s]", "CPU [s]", *columns)
    groups: dict[tuple[str, float], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.what, line.scene.exposure_time_s), []).append(line)
    rows = [
        (
            what,
            f"{sky:g}",
            f"{np.median([line.cpu_s for line in found]):.3f}",
            *map(spread, zip(*(line.numbers for line in found), strict=True)),
        )
        for (what, sky), found in sorted(groups.items())
    ]
    text = ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]
    return f"## {title}\n\n{note[0].upper()}{note[1:]}.\n\n" + "\n".join(text) + "\n"


def spread(numbers: Sequence[float]) -> str:
    """Return median, least and largest as text; one number if they are the same."""
    middle, least, largest = (f"{f(numbers):.4g}" for f in (np.median, np.min, np.max))
    return middle if least == largest else f"{middle} ({least} to {largest})"


def versions() -> str:
    """Return the versions of what was compared."""
    found = []
    for name in ("skybutler", "numpy", "numba", "sep", "astroscrappy"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def main() -> int:
    """Score all scenes, or the first ones, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=len(SCENES), help="how many of them")
    parser.add_argument("--output", help="a file; by default the tables are printed")
    options = parser.parse_args()
    lines: dict[str, list[Line]] = {title: [] for title in TABLES}
    for known in SCENES[: options.scenes]:
        scene = replace(known)  # what it has made is forgotten with it
        sys.stderr.write(f"{scene}\n")
        exposure, isr = isr_lines(scene)
        lines["Instrument signature removal"] += isr
        lines["Background"] += background_lines(scene, exposure)
        lines["Cosmic rays"] += ray_lines(scene, exposure)
    text = f"{versions()}; {platform.processor() or platform.machine()}, Python "
    text += f"{platform.python_version()}\n\n"
    text += "\n".join(table(title, found) for title, found in lines.items())
    if options.output:
        Path(options.output).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
