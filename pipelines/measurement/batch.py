"""Some of the sources of a catalog while they are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.psf.psf import Psf
    from imaging.table.schemas.schema import Schema
    from pipelines.measurement.source_pixels import SourcePixels

__all__ = ["Batch", "Column", "ImagePlanes", "MeasuredColumns"]

Column: TypeAlias = "NDArray[np.float64] | NDArray[np.bool_] | NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class ImagePlanes:
    """What all sources of an exposure share.

    Parameters
    ----------
    exposure
        The image.
    psf
        Its PSF.
    psf_sigma
        Width of the PSF in the middle of the image, in pixels.
    variance, mask
        Shape (ny, nx), without gaps in memory. Infinite or negative variances are zero.
    """

    exposure: Exposure
    psf: Psf
    psf_sigma: float
    variance: NDArray[np.float32]
    mask: NDArray[np.int32]

    @classmethod
    def of(cls, exposure: Exposure, psf: Psf) -> ImagePlanes:
        """Collect the planes of an exposure."""
        variance = np.ascontiguousarray(exposure.variance.array, np.float32)
        if not np.isfinite(variance.sum()) or float(variance.min(initial=0)) < 0:
            variance = np.maximum(np.nan_to_num(variance, posinf=0, neginf=0), 0)
        sigma = psf.compute_shape(exposure.bbox.center).determinant_radius
        mask = np.ascontiguousarray(exposure.mask.array)
        return cls(exposure, psf, float(sigma), variance, mask)

    def bits(self, *planes: str) -> int:
        """Return the bits of mask planes; those that the mask does not have are left out."""
        known = [name for name in planes if name in self.exposure.mask.planes]
        return self.exposure.mask.get_bit_mask(*known) if known else 0


@dataclass(slots=True)
class MeasuredColumns:
    """What has been measured of sources.

    Parameters
    ----------
    schema
        By which names columns are known.
    columns
        What plugins have measured, by the names of the fields, shape (n,).
        Positions are in parent coordinates.
    """

    schema: Schema
    columns: dict[str, Column]

    def __contains__(self, name: str) -> bool:
        return self.schema.resolve(name) in self.columns

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Return a column of numbers by its name or alias, such as ``slot_Centroid_x``."""
        return cast("NDArray[np.float64]", self.columns[self.schema.resolve(name) or name])

    def flag(self, name: str) -> NDArray[np.bool_]:
        """Return a flag by its name or alias; False if nothing has measured it."""
        resolved = self.schema.resolve(name)
        if resolved not in self.columns:
            return np.zeros(self._count, np.bool_)
        return cast("NDArray[np.bool_]", self.columns[resolved])

    @property
    def _count(self) -> int:
        return len(next(iter(self.columns.values()), ()))


@dataclass(slots=True)
class Batch(MeasuredColumns):
    """Some sources of a catalog, their pixels, and what has been measured of them so far.

    Parameters
    ----------
    planes
        The image.
    sources
        The pixels of all sources.
    part
        Which of them these are.
    stamps
        Their pixels, with noise in place of all others, shape (n, size, size).
    corners
        First column and row of each stamp, as indices of the image, shape (n, 2).
    """

    planes: ImagePlanes
    sources: SourcePixels
    part: slice
    stamps: NDArray[np.float32]
    corners: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.stamps)

    @property
    def _count(self) -> int:
        return len(self)

    @property
    def peaks(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Column and row of the brightest peak, as indices; NaN without a footprint."""
        return self.sources.peak_x[self.part], self.sources.peak_y[self.part]

    @property
    def centers(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Column and row of the centroid in the slot, as indices of the image."""
        corner = self.planes.exposure.bbox.min
        return self["slot_Centroid_x"] - corner.x, self["slot_Centroid_y"] - corner.y

    @property
    def moments(self) -> NDArray[np.float64]:
        """Moments xx, yy and xy in the slot, shape (n, 3); the PSF's where there are none."""
        moments = np.column_stack([self[f"slot_Shape_{part}"] for part in ("xx", "yy", "xy")])
        round_ones = np.array([self.planes.psf_sigma**2, self.planes.psf_sigma**2, 0.0])
        return np.where(np.isfinite(moments.sum(axis=1, keepdims=True)), moments, round_ones)
