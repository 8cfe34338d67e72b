"""``lsst.meas.algorithms``."""

from __future__ import annotations

from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf
from imaging.psf.psfex import PsfexPsf

__all__ = [
    "DoubleGaussianPsf",
    "KernelPsf",
    "PsfexPsf",
    "SingleGaussianPsf",
]
