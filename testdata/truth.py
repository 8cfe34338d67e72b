"""What really is on a simulated CCD, and the file that says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.detector import CROSSTALK, LINEARITY, REFERENCE_GAIN

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io.fits import Header
    from numpy.typing import NDArray

    from testdata.detector import DetectorTruth
    from testdata.observation import Observation
    from testdata.projection import Projection
    from testdata.psf import PsfModel
    from testdata.render import Sources

__all__ = ["TRUTH_DTYPE", "CcdTruth", "PixelFlag", "source_truth", "write_truth"]

TRUTH_DTYPE: Final = np.dtype(
    [
        ("id", "i8"),
        ("x", "f8"),
        ("y", "f8"),
        ("ra", "f8"),
        ("dec", "f8"),
        ("flux_e", "f8"),
        ("flux_adu", "f8"),
        ("magnitude", "f8"),
        ("is_star", "?"),
        ("half_light_radius_pix", "f8"),
        ("axis_ratio", "f8"),
        ("angle", "f8"),
        ("bulge_fraction", "f8"),
        ("psf_fwhm_pix", "f8"),
        ("psf_e1", "f8"),
        ("psf_e2", "f8"),
        ("blend_group", "i8"),
        ("group_size", "i4"),
        ("nearest_pix", "f8"),
    ]
)
"""One source: 0-based pixels of the assembled CCD; ra and dec in degrees; fluxes after
detrending; the angle of the major axis from x towards y in radians. Sources closer than
12 pixels share a blend group; ``nearest_pix`` is the distance of the nearest other
source that has at least 1 % of the flux."""

_LINKING_LENGTH_PIX: Final = 12.0
_CHUNK: Final = 512


class PixelFlag(IntFlag):
    """What is wrong with a pixel."""

    COSMIC_RAY = 1
    SATURATED = 2
    DEFECT = 4


@dataclass(frozen=True, slots=True)
class CcdTruth:
    """The truth of one raw."""

    observation: Observation
    detector: DetectorTruth
    sources: NDArray[np.void]
    """Rows of ``TRUTH_DTYPE``: the sources whose centre lies on the CCD."""
    projection: Projection
    psf: PsfModel
    sky_adu: float
    """Median sky after detrending."""
    flags: NDArray[np.uint8]
    """``PixelFlag`` of each pixel of the assembled CCD."""


def source_truth(
    table: NDArray[np.void],
    sources: Sources,
    psf: PsfModel,
    observation: Observation,
    shape: tuple[int, int],
) -> NDArray[np.void]:
    """List the sources on the CCD, with their neighbours."""
    ny, nx = shape
    shapes = psf.at(sources.x, sources.y)
    truth = np.zeros(len(table), TRUTH_DTYPE)
    for name in ("id", "ra", "dec", "is_star"):
        truth[name] = table[name]
    truth["x"], truth["y"] = sources.x, sources.y
    truth["flux_e"] = sources.flux_e
    truth["flux_adu"] = sources.flux_e / REFERENCE_GAIN
    truth["magnitude"] = table[f"mag_{observation.band}"]
    truth["half_light_radius_pix"] = sources.radius_pix
    truth["axis_ratio"], truth["angle"] = sources.axis_ratio, sources.angle
    truth["bulge_fraction"] = sources.bulge_fraction
    truth["psf_fwhm_pix"] = shapes.fwhm_pix
    truth["psf_e1"], truth["psf_e2"] = shapes.e1, shapes.e2
    _link(truth)
    on_ccd = (sources.x > -0.5) & (sources.x < nx - 0.5)  # noqa: PLR2004
    on_ccd &= (sources.y > -0.5) & (sources.y < ny - 0.5)  # noqa: PLR2004
    return truth[on_ccd]


def _link(truth: NDArray[np.void]) -> None:
    """Fill in the neighbour columns, in place: friends of friends."""
    x, y, flux = truth["x"], truth["y"], truth["flux_e"]
    nearest = np.full(len(truth), np.inf)
    pairs = []
    for first in range(0, len(truth), _CHUNK):
        part = slice(first, first + _CHUNK)
        distance = np.hypot(x[part, None] - x[None, :], y[part, None] - y[None, :])
        own = np.arange(distance.shape[0])
        distance[own, own + first] = np.inf
        pairs.append(np.argwhere(distance < _LINKING_LENGTH_PIX) + np.array([first, 0]))
        distance[flux[None, :] < 0.01 * flux[part, None]] = np.inf
        nearest[part] = distance.min(axis=1, initial=np.inf)
    group = np.arange(len(truth))
    linked = np.concatenate([np.zeros((0, 2), dtype=np.intp), *pairs])
    while True:
        merged = group.copy()
        np.minimum.at(merged, linked[:, 0], group[linked[:, 1]])
        if np.array_equal(merged, group):
            break
        group = merged
    truth["blend_group"] = truth["id"][group] if len(truth) else 0
    truth["group_size"] = np.bincount(group, minlength=len(truth))[group] if len(truth) else 0
    truth["nearest_pix"] = nearest


def write_truth(path: Path, truth: CcdTruth) -> None:
    """Write the sources, the flagged pixels and the numbers of the detector as FITS tables."""
    from astropy.io import fits

    y, x = np.nonzero(truth.flags)
    pixels = np.zeros(len(x), [("x", "i4"), ("y", "i4"), ("flags", "u1")])
    pixels["x"], pixels["y"], pixels["flags"] = x, y, truth.flags[y, x]
    hdus = fits.HDUList(
        [
            fits.PrimaryHDU(header=_truth_header(truth)),
            fits.BinTableHDU(truth.sources, name="SOURCES"),
            fits.BinTableHDU(pixels, name="PIXELS"),
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    hdus.writeto(path, overwrite=True)


def _truth_header(truth: CcdTruth) -> Header:
    """Numbers of the exposure and the detector, and the true projection."""
    from astropy.io.fits import Header

    header = Header()
    observation, detector = truth.observation, truth.detector
    header["VISIT"], header["CCD"] = observation.visit, detector.ccd
    header["FILTER"] = observation.filter_name
    header["SKYADU"] = (truth.sky_adu, "Median sky after detrending")
    header["ZPE"] = (observation.zero_point, "Magnitude of 1 electron")
    adu = observation.zero_point - 2.5 * float(np.log10(REFERENCE_GAIN))
    header["ZPADU"] = (adu, "Magnitude of 1 ADU after detrending")
    header["REFGAIN"] = (REFERENCE_GAIN, "Electrons per ADU after detrending")
    header["FWHM"] = (truth.psf.fwhm_pix, "At the centre [pixel]")
    for n in range(1, 5):
        header[f"GAIN{n}"] = detector.gains[n - 1]
        header[f"RDNOISE{n}"] = (detector.read_noise_e[n - 1], "[e]")
        header[f"BIAS{n}"] = (detector.bias_levels_adu[n - 1], "[ADU]")
        header[f"LINEAR{n}"] = (LINEARITY[n - 1], "true = measured + c measured^2")
        for m in range(1, 5):
            header[f"XTALK{n}_{m}"] = (CROSSTALK[n - 1][m - 1], "On the first from the second")
    for key, value in truth.projection.cards().items():
        header[key] = value
    return header
