"""Exercise 2: the PSF, measured from bright stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from examples.measure_exposure import clean_exposure, measure_sources
from imaging import SourceTable
from pipelines.psf.measure_psf import MeasurePsfTask

if TYPE_CHECKING:
    from imaging import Exposure
    from pipelines.psf.measure_psf import MeasuredPsf

__all__ = ["measure_psf"]

BRIGHT: Final = 50.0
"""Threshold in standard deviations: with fainter stars the PSF would be noisier."""


def measure_psf(exposure: Exposure) -> MeasuredPsf:
    """Measure the PSF of an exposure from its stars.

    Parameters
    ----------
    exposure
        A ``postISRCCD``. It is changed as by `measure_exposure`, and its PSF is the
        measured one.

    Returns
    -------
    MeasuredPsf
        The PSF, and the stars that show it (``candidates``).
    """
    clean_exposure(exposure)
    schema = SourceTable.make_minimal_schema()
    task = MeasurePsfTask(schema=schema)
    catalog = measure_sources(exposure, threshold=BRIGHT, schema=schema)
    return task.run(exposure, catalog)
