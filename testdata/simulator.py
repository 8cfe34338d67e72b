"""The simulator: what tests, benchmarks and the tutorial import.

Examples
--------
>>> from testdata.simulator import SMALL, write_tutorial_data
>>> data = write_tutorial_data("ci_hsc", {903334: [16, 22]}, geometry=SMALL)  # doctest: +SKIP
"""

from __future__ import annotations

from testdata.calibs import CalibDate, flat_date, write_calibs
from testdata.detector import (
    CROSSTALK,
    LINEARITY,
    REFERENCE_GAIN,
    Defect,
    DetectorTruth,
    brighter_fatter_kernel,
    detector_truth,
)
from testdata.effects import Effects
from testdata.errors import CcdNumberError, GeometryError, SimulationError, VisitError
from testdata.geometry import FULL, SMALL, Amplifier, Geometry, Section
from testdata.header import exposure_name, raw_name
from testdata.htm import htm_index
from testdata.layout import TutorialData, write_tutorial_data
from testdata.observation import CI_HSC_VISITS, TARGET_DEG, Observation, observe
from testdata.projection import Projection, header_projection, true_projection
from testdata.psf import PsfModel
from testdata.randomness import DEFAULT_SEED
from testdata.raw import SimulatedRaw, simulate_raw, write_raw
from testdata.refcat import REFERENCE_NAME, write_reference_catalog
from testdata.sky import SkyBox, SkyModel
from testdata.truth import CcdTruth, PixelFlag

__all__ = [
    "CI_HSC_VISITS",
    "CROSSTALK",
    "DEFAULT_SEED",
    "FULL",
    "LINEARITY",
    "REFERENCE_GAIN",
    "REFERENCE_NAME",
    "SMALL",
    "TARGET_DEG",
    "Amplifier",
    "CalibDate",
    "CcdNumberError",
    "CcdTruth",
    "Defect",
    "DetectorTruth",
    "Effects",
    "Geometry",
    "GeometryError",
    "Observation",
    "PixelFlag",
    "Projection",
    "PsfModel",
    "Section",
    "SimulatedRaw",
    "SimulationError",
    "SkyBox",
    "SkyModel",
    "TutorialData",
    "VisitError",
    "brighter_fatter_kernel",
    "detector_truth",
    "exposure_name",
    "flat_date",
    "header_projection",
    "htm_index",
    "observe",
    "raw_name",
    "simulate_raw",
    "true_projection",
    "write_calibs",
    "write_raw",
    "write_reference_catalog",
    "write_tutorial_data",
]
