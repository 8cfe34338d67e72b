"""What is taken out of the images of a PSF, and what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipelines.psf.denoise import denoised

if TYPE_CHECKING:
    from numpy.typing import NDArray


def moffat(size: int = 41) -> NDArray[np.float64]:
    y, x = np.mgrid[:size, :size] - size // 2
    image = (1 + (x**2 + y**2) / 9.0) ** -3.0
    return np.asarray(image / image.sum())


def test_a_psf_without_noise_stays_as_it_is() -> None:
    planes = np.array([moffat(), np.roll(moffat(), 1, 0) - np.roll(moffat(), -1, 0)])
    # The tip of this Moffat and what its wings vary by: 0.2 % of the peak.
    assert np.allclose(denoised(planes, 2.0), planes, atol=2e-3 * planes[0].max())


def test_noise_becomes_less() -> None:
    noise = 0.01 * moffat().max() * np.random.default_rng(1).normal(size=(3, 41, 41))
    planes = np.array([moffat(), 0 * moffat(), 0 * moffat()])
    left = denoised(planes + noise, 2.0) - planes
    assert left.std() < 0.6 * noise.std()
    assert not left[1:, :8].any()


def test_light_of_wings_is_kept() -> None:
    planes = moffat()[None]
    assert denoised(planes, 2.0).sum() == pytest.approx(1, abs=1e-3)
