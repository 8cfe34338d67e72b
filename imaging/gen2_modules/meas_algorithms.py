"""``lsst.meas.algorithms``."""

from __future__ import annotations

from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
from imaging.psf.kernel import KernelPsf

__all__ = [
    "DoubleGaussianPsf",
    "KernelPsf",
    "SingleGaussianPsf",
]
