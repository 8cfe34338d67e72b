"""Expose one CCD: from the sky to the numbers that the camera would have written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from testdata.detector import REFERENCE_GAIN, DetectorTruth, detector_truth
from testdata.effects import (
    Effects,
    add_cosmic_rays,
    add_crosstalk,
    bleed,
    shoot,
    spoil_defects,
    spread_charge,
    unlinearize,
)
from testdata.geometry import FULL, Geometry
from testdata.header import raw_header, raw_name
from testdata.observation import EXPOSURE_TIME_S, Observation, observe
from testdata.projection import Projection, true_projection
from testdata.psf import PsfModel
from testdata.randomness import DEFAULT_SEED, Stream, generator
from testdata.render import STAMP_MARGIN, Sources, draw
from testdata.sky import SkyBox, SkyModel
from testdata.truth import CcdTruth, PixelFlag, source_truth, write_truth

if TYPE_CHECKING:
    import datetime as dt

    from astropy.io.fits import Header
    from numpy.typing import NDArray

__all__ = ["SimulatedRaw", "ccd_sky_box", "place_sources", "simulate_raw", "write_raw"]

_ALL_ON: Final = Effects()
_DRIFT_ADU: Final = 2.0
_ADC_MAX: Final = 65_535


@dataclass(frozen=True, slots=True)
class SimulatedRaw:
    """A raw before it is written."""

    pixels: NDArray[np.uint16]
    header: Header
    truth: CcdTruth
    name: str
    """File name without ending, such as ``HSCA90333430``."""


def ccd_sky_box(projection: Projection, geometry: Geometry, margin_pix: float = 0) -> SkyBox:
    """Box on the sky that holds a CCD and a margin around it."""
    low, x1, y1 = -margin_pix, geometry.ccd_width + margin_pix, geometry.ccd_height + margin_pix
    ra, dec = projection.to_sky(np.array([low, x1, low, x1]), np.array([low, low, y1, y1]))
    return SkyBox(float(ra.min()), float(ra.max()), float(dec.min()), float(dec.max()))


def simulate_raw(
    visit: int,
    ccd: int,
    *,
    geometry: Geometry = FULL,
    effects: Effects = _ALL_ON,
    sky: SkyModel | None = None,
    seed: int = DEFAULT_SEED,
    filter_name: str | None = None,
    date_obs: dt.date | None = None,
    exposure_time_s: float = EXPOSURE_TIME_S,
    fwhm_pix: float | None = None,
) -> SimulatedRaw:
    """Simulate one CCD of one visit.

    Parameters
    ----------
    visit, ccd
        Any visit, and a ccd from 0 to 111.
    geometry
        ``FULL`` or ``SMALL``, or one's own.
    effects
        Which effects of the instrument to include.
    sky
        By default that of ``SkyModel.for_geometry``.
    seed
        The same seed always gives the same pixels, and the same sky, detectors and
        calibrations for all visits.
    filter_name, date_obs
        From the visit number if None.
    exposure_time_s
        In seconds.
    fwhm_pix
        Seeing; from the visit number if None.

    Raises
    ------
    CcdNumberError, VisitError
        If the camera cannot take such an exposure.
    """
    error_arcsec = 1.0 if effects.pointing_error else 0.0
    observation = observe(
        visit, geometry=geometry, seed=seed, filter_name=filter_name, date_obs=date_obs,
        exposure_time_s=exposure_time_s, fwhm_pix=fwhm_pix, pointing_error_arcsec=error_arcsec,
    )  # fmt: skip
    detector = detector_truth(ccd, geometry, seed)
    projection = true_projection(observation, ccd, geometry, has_distortion=effects.distortion)
    psf = PsfModel.of(observation, ccd, geometry, seed)
    model = sky or SkyModel.for_geometry(geometry, seed)
    table, sources = place_sources(model, projection, observation, geometry)
    light = draw(sources, psf, geometry.ccd_shape) + (background := detector.sky_e(observation))
    image, flags = _record(light, observation, detector, effects, seed)
    truth = CcdTruth(
        observation=observation,
        detector=detector,
        sources=source_truth(table, sources, psf, observation, geometry.ccd_shape),
        projection=projection,
        psf=psf,
        sky_adu=float(np.median(background[::5, ::5])) / REFERENCE_GAIN,
        flags=flags,
    )
    pixels = _read_out(image, observation, detector, effects, seed)
    return SimulatedRaw(pixels, raw_header(observation, detector), truth, raw_name(visit, ccd))


def place_sources(
    model: SkyModel, projection: Projection, observation: Observation, geometry: Geometry
) -> tuple[NDArray[np.void], Sources]:
    """Everything that throws light on the CCD, as rows of the sky and on the CCD."""
    table = model.objects([ccd_sky_box(projection, geometry, STAMP_MARGIN)])
    return table, Sources.of(table, projection, observation.band, observation.zero_point)


def _record(
    light: NDArray[np.float32],
    observation: Observation,
    detector: DetectorTruth,
    effects: Effects,
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Turn light into the signal of the assembled CCD, in ADU, and flag bad pixels."""
    keys = observation.visit, detector.ccd
    gains = detector.gain_map()
    electrons = np.maximum(light, 0) * detector.throughput(observation.band)
    electrons += detector.dark_e_per_s * np.float32(observation.exposure_time_s)
    if effects.noise:
        electrons = shoot(electrons, generator(seed, Stream.SHOT_NOISE, *keys))
    if effects.brighter_fatter:
        spread_charge(electrons, gains)
    flags = np.zeros(electrons.shape, dtype=np.uint8)
    if effects.cosmic_rays:
        rng = generator(seed, Stream.COSMIC_RAYS, *keys)
        hit = add_cosmic_rays(electrons, observation.exposure_time_s, rng)
        flags[hit] |= np.uint8(PixelFlag.COSMIC_RAY)
    if effects.defects:
        spoil_defects(electrons, detector)
        flags[detector.defect_mask()] |= np.uint8(PixelFlag.DEFECT)
    if effects.bleed:
        flags[bleed(electrons, gains)] |= np.uint8(PixelFlag.SATURATED)
    electrons /= gains
    if effects.crosstalk:
        add_crosstalk(electrons, detector.geometry)
    if effects.nonlinearity:
        unlinearize(electrons, detector.geometry)
    return electrons, flags


def _read_out(
    image_adu: NDArray[np.float32],
    observation: Observation,
    detector: DetectorTruth,
    effects: Effects,
    seed: int,
) -> NDArray[np.uint16]:
    """Lay the assembled signal out as the camera reads it, with bias and overscans."""
    geometry = detector.geometry
    keys = observation.visit, detector.ccd
    raw = np.zeros(geometry.raw_shape, dtype=np.float32)
    if effects.noise:
        rng = generator(seed, Stream.READ_NOISE, *keys)
        rng.standard_normal(dtype=np.float32, out=raw)
    drift = _row_drift(geometry, seed, keys) if effects.overscan_drift else np.float32(0)
    for amplifier in geometry.amplifiers:
        number = amplifier.channel - 1
        part = raw[amplifier.raw.slices]
        part *= np.float32(detector.read_noise_e[number] / detector.gains[number])
        part += np.float32(detector.bias_levels_adu[number]) + drift
        data = raw[amplifier.data.slices]
        data += image_adu[amplifier.assembled.slices]
        data += detector.bias_adu[amplifier.assembled.slices]
    np.rint(raw, out=raw)
    np.clip(raw, 0, _ADC_MAX, out=raw)
    return raw.astype(np.uint16)


def _row_drift(geometry: Geometry, seed: int, keys: tuple[int, int]) -> NDArray[np.float32]:
    """Slow wander of the bias level while the rows are read, shape (rows, 1)."""
    rng = generator(seed, Stream.OVERSCAN_DRIFT, *keys)
    phase = rng.uniform(0, 2 * np.pi, 2)
    t = np.linspace(0, 2 * np.pi, geometry.raw_shape[0])[:, None]
    wander = np.sin(t + phase[0]) + 0.4 * np.sin(3 * t + phase[1]) + 2 * np.exp(-2 * t)
    return np.asarray(_DRIFT_ADU * wander, dtype=np.float32)


def write_raw(
    path_or_dir: Path | str,
    visit: int,
    ccd: int,
    *,
    geometry: Geometry = FULL,
    effects: Effects = _ALL_ON,
    sky: SkyModel | None = None,
    seed: int = DEFAULT_SEED,
    filter_name: str | None = None,
    date_obs: dt.date | None = None,
    exposure_time_s: float = EXPOSURE_TIME_S,
    truth_dir: Path | str | None = None,
) -> Path:
    """Simulate one CCD of one visit and write it, with its truth.

    Parameters
    ----------
    path_or_dir
        A path that ends in ``.fits``, or a directory, in which the file gets its
        camera's name: ``HSCA90333430.fits`` for visit 903334, ccd 16. Directories
        are made, an existing file is replaced.
    visit, ccd, geometry, effects, sky, seed, filter_name, date_obs, exposure_time_s
        As for :func:`simulate_raw`.
    truth_dir
        Where ``<name>-truth.fits`` goes; by default ``truth`` beside the raw.

    Returns
    -------
    pathlib.Path
        The raw file.
    """
    from astropy.io import fits

    raw = simulate_raw(
        visit,
        ccd,
        geometry=geometry,
        effects=effects,
        sky=sky,
        seed=seed,
        filter_name=filter_name,
        date_obs=date_obs,
        exposure_time_s=exposure_time_s,
    )
    path = Path(path_or_dir)
    if path.suffix != ".fits":
        path /= f"{raw.name}.fits"
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(raw.pixels, header=raw.header).writeto(path, overwrite=True)
    truth_parent = path.parent / "truth" if truth_dir is None else Path(truth_dir)
    write_truth(truth_parent / f"{path.stem}-truth.fits", raw.truth)
    return path
