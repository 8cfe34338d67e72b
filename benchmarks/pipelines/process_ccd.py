"""One full CCD, raw to catalog: processor time, memory and throughput.

``python -m benchmarks.pipelines.process_ccd [--repetitions N] [--output FILE]``
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from threadpoolctl import threadpool_limits

from butler import Butler
from pipelines.configuration.build_config import build_config
from pipelines.process_ccd.task import ProcessCcdTask
from testdata.layout import write_tutorial_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imaging.exposure.exposure import Exposure

__all__ = ["main"]

_VISIT: Final = 903334
_CCDS: Final = (16, *range(20, 31), *range(40, 52))
_STEPS: Final = {
    "ISR": "processCcd.isr",
    "characterisation": "processCcd.charImage",
    "of which backgrounds, first": "processCcd.charImage.background",
    "of which cosmic rays, three times": "processCcd.charImage.repair",
    "of which detection, twice": "processCcd.charImage.detection",
    "of which deblending, twice": "processCcd.charImage.deblend",
    "of which measurement, three times": "processCcd.charImage.measurement",
    "of which PSF, twice": "processCcd.charImage.measurePsf",
    "calibration": "processCcd.calibrate",
    "of which detection": "processCcd.calibrate.detection",
    "of which deblending": "processCcd.calibrate.deblend",
    "of which measurement": "processCcd.calibrate.measurement",
    "of which astrometry": "processCcd.calibrate.astrometry",
    "of which zero point": "processCcd.calibrate.photoCal",
}
_NO_BYTECODE: Final = "PYTHONDONTWRITEBYTECODE"  # users keep compiled modules
_WATCHED: Final = """
from benchmarks.measure import peak_mb
from cli.main import main
try:
    main()
finally:
    print(peak_mb())
"""


def make_repository(folder: Path) -> Path:
    """Simulate raws, and make a repository of them."""
    data = write_tutorial_data(folder / "ci_hsc", {_VISIT: list(_CCDS)})
    root = folder / "DATA"
    _butler("create", root, "--camera", "hsc")
    _butler("ingest", root, data.raw_dir, "--mode", "link")
    (root / "CALIB").symlink_to(data.calib_dir)
    (root / "ref_cats").mkdir()
    (root / "ref_cats" / data.reference_dir.name).symlink_to(data.reference_dir)
    _butler("warm-up")
    return root


def _butler(*words: object) -> tuple[float, float, float]:
    """Run ``butler``; return processor seconds, seconds on the clock, and peak memory in MB."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _WATCHED, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != _NO_BYTECODE},
    )
    assert process.stdout is not None
    printed = process.stdout.read().split()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    wall = time.perf_counter() - began
    return usage.ru_utime + usage.ru_stime, wall, float(printed[-1])


def whole_process(root: Path, repetitions: int) -> list[str]:
    """Measure ``butler run processCcd`` of one CCD, from the start of the process to its end."""
    words = ("run", "processCcd", root, "--id", "ccd=16", "--rerun")
    found = [_butler(*words, f"whole{number}") for number in range(repetitions)]
    cpu, wall, memory = (statistics.median(column) for column in zip(*found, strict=True))
    return [
        f"| whole process, `butler run processCcd` | {cpu:.2f} | {wall:.2f} |",
        f"| peak memory of it, MB | {memory:.0f} | |",
    ]


def in_process(root: Path, repetitions: int) -> tuple[list[str], Exposure]:
    """Measure the task alone, warm, step by step."""
    seconds: dict[str, list[float]] = {}
    total, wall, n_sources = [], [], 0
    with Butler(root) as source:
        config, _ = build_config(ProcessCcdTask, source.repositories[0].mapper)
    task = ProcessCcdTask(config=config)
    for number in range(repetitions + 1):
        with Butler(inputs=str(root), outputs=str(root / "rerun" / f"in{number}")) as butler:
            task.empty_metadata()
            cpu, clock = time.process_time(), time.perf_counter()
            result = task.run_data_ref(butler.data_ref("raw", visit=_VISIT, ccd=16))
            if number:  # the first is a warm-up
                total.append(time.process_time() - cpu)
                wall.append(time.perf_counter() - clock)
                notes = task.full_metadata()
                for name, full_name in _STEPS.items():
                    seconds.setdefault(name, []).append(float(str(notes[full_name]["run_cpu_s"])))
    n_sources = 0 if result.sources is None else len(result.sources)
    medians = statistics.median(total), statistics.median(wall)
    rows = [f"| in one process, warm, {n_sources} sources | {medians[0]:.2f} | {medians[1]:.2f} |"]
    rows += [f"| {name} | {statistics.median(values):.3f} | |" for name, values in seconds.items()]
    return rows, result.exposure


def peers(exposure: Exposure, repetitions: int) -> list[str]:
    """Let sep and photutils do what they have: background, detection, parts, ten apertures."""
    image = np.ascontiguousarray(exposure.image.array, np.float32)
    error = np.sqrt(exposure.variance.array)
    rows = []
    for name, work in (("sep", sep_objects), ("photutils", photutils_objects)):
        times, count = [], 0
        for _ in range(repetitions):
            begin = time.process_time()
            count = work(image, error)
            times.append(time.process_time() - begin)
        rows.append(f"| {name}, {count} objects | {statistics.median(times):.2f} | |")
    return rows


def sep_objects(image: np.ndarray, error: np.ndarray) -> int:
    """Background, detection with a filter, parts, and ten apertures of each object."""
    import sep

    sep.set_extract_pixstack(3_000_000)
    pixels = image - sep.Background(image, bw=128, bh=128).back()
    steps = np.arange(-5, 6)
    kernel = np.exp(-0.5 * (steps[:, None] ** 2 + steps**2) / 1.8**2)
    found = sep.extract(pixels, 5.0, err=error, filter_kernel=kernel, minarea=1)
    for radius in _RADII:
        sep.sum_circle(pixels, found["x"], found["y"], radius, err=error, subpix=5)
    return len(found)


def photutils_objects(image: np.ndarray, error: np.ndarray) -> int:
    """The same, without taking blends apart, which takes minutes there."""
    from astropy.convolution import Gaussian2DKernel, convolve_fft
    from photutils.aperture import CircularAperture, aperture_photometry
    from photutils.background import Background2D
    from photutils.segmentation import SourceCatalog, detect_sources

    pixels = image - Background2D(image, (128, 128)).background
    smooth = convolve_fft(pixels, Gaussian2DKernel(1.8, x_size=11, y_size=11))
    segments = detect_sources(smooth, 5.0 * error / (2 * np.sqrt(np.pi) * 1.8), 1)
    places = np.array(SourceCatalog(pixels, segments).centroid)
    places = places[np.isfinite(places).all(axis=1)]
    apertures = [CircularAperture(places, r=radius) for radius in _RADII]
    aperture_photometry(pixels, apertures, error=error, method="exact")
    return len(places)


_RADII: Final = (3.0, 4.5, 6.0, 9.0, 12.0, 17.0, 25.0, 35.0, 50.0, 70.0)


def throughput(root: Path) -> list[str]:
    """Measure four CCDs by one process and by two."""
    words = ("run", "processCcd", root, "--id", "--rerun")
    walls = {n: _butler(*words, f"by{n}", "-j", n)[1] for n in (1, 2)}
    return [
        f"| {len(_CCDS)} CCDs, `-j {n}`, CCDs a minute | | {60 * len(_CCDS) / wall:.1f} |"
        for n, wall in walls.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write a table."""
    parser = argparse.ArgumentParser(description="Time the processing of a full CCD.")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--output")
    options = parser.parse_args(arguments)
    write: Callable[[str], object] = sys.stdout.write
    with tempfile.TemporaryDirectory() as folder:
        root = make_repository(Path(folder))
        rows = whole_process(root, options.repetitions)
        with threadpool_limits(1):  # as workers have it; other threads would spin
            steps, exposure = in_process(root, options.repetitions)
            rows += [*steps, *peers(exposure, options.repetitions)]
        rows += throughput(root)
    load = os.getloadavg()[1]
    text = "\n".join(["| | CPU s | wall s |", "|---|---|---|", *rows, ""])
    text += f"\nLoad of the machine at the end: {load:.1f} on {os.cpu_count()} cores.\n"
    if options.output:
        Path(options.output).write_text(text, encoding="utf-8")
    write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
