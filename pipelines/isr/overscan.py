"""The level that an amplifier adds to every pixel, from pixels without light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from numpy.polynomial import Chebyshev, Legendre, Polynomial

from imaging.detector.assembly import raw_section
from pipelines.errors import InstrumentError
from pipelines.interpolation.curve import CURVES, evaluate_curve
from pipelines.isr.kernels import row_medians, subtract_rows
from pipelines.isr.section import section_bounds, writable_pixels
from pipelines.task import ChoiceField, Config, Field, Struct, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.detector.amplifier import Amplifier
    from imaging.image.image import Image

__all__ = ["OverscanConfig", "OverscanCorrectionTask", "OverscanResult", "fit_overscan"]

_POLYNOMIALS: Final = {"POLY": Polynomial, "CHEB": Chebyshev, "LEG": Legendre}
_CLIPPING_ROUNDS: Final = 3


class OverscanConfig(Config):
    """How the level is taken from the overscan."""

    fitType = ChoiceField[str](
        doc="What is subtracted.",
        allowed={
            "MEAN": "one number: the mean",
            "MEANCLIP": "one number: the mean of what is not clipped",
            "MEDIAN": "one number: the median",
            "MEDIAN_PER_ROW": "the median of each row",
            "POLY": "a polynomial along the rows' medians",
            "CHEB": "the same of Chebyshev polynomials",
            "LEG": "the same of Legendre polynomials",
            "NATURAL_SPLINE": "a natural spline through means of rows' medians",
            "CUBIC_SPLINE": "a cubic spline through them",
            "AKIMA_SPLINE": "Akima's spline through them",
        },
        default="MEDIAN",
        optional=False,
    )
    order = Field[int](
        doc="Order of a polynomial, or number of the means that a spline goes through.", default=1
    )
    numSigmaClip = Field[float](
        doc="Deviations beyond which pixels (rows, for curves) do not count.", default=3.0
    )
    leadingColumnsToSkip = Field[int](
        doc="Columns of the overscan nearest to the data that do not count.", default=0
    )
    trailingColumnsToSkip = Field[int](
        doc="Columns of the overscan farthest from the data that do not count.", default=0
    )


class OverscanResult(Struct):
    """What was subtracted."""

    levels: NDArray[np.float64]
    """ADU, one for each row of data."""
    noise: float
    """Standard deviation of the overscan round the levels, clipped, in ADU."""


class OverscanCorrectionTask(Task):
    """Subtract the level that an amplifier adds to every pixel."""

    ConfigClass: ClassVar[type[Config]] = OverscanConfig
    _DefaultName: ClassVar[str] = "overscan"
    config: OverscanConfig

    def run(self, image: Image, amplifier: Amplifier) -> OverscanResult:
        """Measure the overscan of an amplifier and subtract it from its data.

        Parameters
        ----------
        image
            The raw, in ADU, 32-bit; its data section is changed.
        amplifier
            Says which sections these are. The serial overscan is used.

        Returns
        -------
        OverscanResult
            The levels and the noise.

        Raises
        ------
        CameraError, InstrumentError
            As for `measure`.
        """
        result = self.measure(image, amplifier)
        data = section_bounds(image, amplifier.raw_data_bbox)
        subtract_rows(writable_pixels(image), *data, np.ascontiguousarray(result.levels))
        return result

    def measure(self, image: Image, amplifier: Amplifier) -> OverscanResult:
        """Measure the overscan of an amplifier.

        Parameters
        ----------
        image
            The raw, in ADU. Not changed.
        amplifier
            As for `run`.

        Returns
        -------
        OverscanResult
            The level of each row of the data, and the noise.

        Raises
        ------
        CameraError
            If the amplifier has no serial overscan, or the raw no such pixels.
        InstrumentError
            If no pixel of the overscan is a number, or too many columns are skipped.
        """
        config = self.config
        y0, y1, x0, x1 = self._used_columns(image, amplifier)
        part = np.ascontiguousarray(image.array[y0:y1, x0:x1], np.float32)
        medians = np.empty(y1 - y0)
        row_medians(part, 0, y1 - y0, 0, x1 - x0, medians)
        if not np.isfinite(medians).any():
            raise InstrumentError(
                f"No pixel of the overscan of the amplifier {amplifier.name!r} is a number. "
                "Switch the step off by doOverscan = False."
            )
        first, end, _, _ = section_bounds(image, amplifier.raw_data_bbox)
        wanted, rows = np.arange(first, end, dtype=np.float64), np.arange(y0, y1, dtype=np.float64)
        if config.fitType in {"MEAN", "MEANCLIP", "MEDIAN"}:
            level = _single_level(part, config.fitType, config.numSigmaClip)
            levels, model = np.full(len(wanted), level), np.full(len(rows), level)
        else:
            both = np.concatenate([wanted, rows])
            fitted = fit_overscan(
                rows, medians, both, config.fitType, config.order, config.numSigmaClip
            )
            levels, model = fitted[: len(wanted)], fitted[len(wanted) :]
        noise = float(np.std(_clipped((part - model[:, None]).ravel(), config.numSigmaClip)))
        self.metadata.add("level", float(np.median(levels)))
        self.metadata.add("noise", noise)
        return OverscanResult(levels=levels, noise=noise)

    def _used_columns(self, image: Image, amplifier: Amplifier) -> tuple[int, int, int, int]:
        overscan = raw_section(image, amplifier, "serial_overscan").bbox
        y0, y1, x0, x1 = section_bounds(image, overscan)
        first, last = self.config.leadingColumnsToSkip, self.config.trailingColumnsToSkip
        if overscan.min_x < amplifier.raw_data_bbox.min_x:  # the data lie to its right
            first, last = last, first
        if first + last >= x1 - x0:
            raise InstrumentError(
                f"The overscan of the amplifier {amplifier.name!r} has {x1 - x0} columns; "
                f"{first} and {last} of them are to be skipped, so none is left."
            )
        return y0, y1, x0 + first, x1 - last


def fit_overscan(
    rows: NDArray[np.float64],
    medians: NDArray[np.float64],
    wanted: NDArray[np.float64],
    fit: str,
    order: int,
    clip_sigma: float = 3.0,
) -> NDArray[np.float64]:
    """Return the level of an amplifier at some rows, by a curve through the medians of rows.

    Parameters
    ----------
    rows, medians
        Shape (n,): rows and their medians in ADU. NaN are ignored.
    wanted
        The rows at which the level is wanted; beyond the others it is
        extrapolated, for splines in a straight line.
    fit
        ``MEDIAN_PER_ROW``, ``POLY``, ``CHEB``, ``LEG`` or a spline.
    order
        As for `OverscanConfig`.
    clip_sigma
        Rows farther than so many deviations from the curve do not count: a
        bleed trail that runs into the overscan must not bend it.
    """
    keep = np.isfinite(medians)
    if fit == "MEDIAN_PER_ROW":
        return np.interp(wanted, rows[keep], medians[keep])
    for _ in range(_CLIPPING_ROUNDS):
        fitted = _one_curve(rows[keep], medians[keep], rows, fit, order)
        off = np.abs(medians - fitted)
        limit = clip_sigma * 1.4826 * float(np.median(off[keep]))
        closer = keep & (off <= max(limit, 1e-9))
        if closer.sum() in (0, keep.sum()) or limit == 0:
            break
        keep = closer
    return _one_curve(rows[keep], medians[keep], wanted, fit, order)


def _one_curve(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64], fit: str, order: int
) -> NDArray[np.float64]:
    if fit in _POLYNOMIALS:
        curve = _POLYNOMIALS[fit].fit(x, y, min(order, len(x) - 1))
        return np.asarray(curve(at), np.float64)
    groups = max(1, min(order, len(x)))
    sizes = np.full(groups, len(x) // groups) + (np.arange(groups) < len(x) % groups)
    begins = np.cumsum(sizes) - sizes
    knots, means = (np.add.reduceat(values, begins) / sizes for values in (x, y))
    return evaluate_curve(means, knots, fit if fit in CURVES else "AKIMA_SPLINE", at)


def _single_level(part: NDArray[np.float32], fit: str, clip_sigma: float) -> float:
    values = part[np.isfinite(part)].astype(np.float64)
    if fit == "MEDIAN":
        return float(np.median(values))
    return float(np.mean(values if fit == "MEAN" else _clipped(values, clip_sigma)))


def _clipped(values: NDArray[np.floating], sigma: float) -> NDArray[np.floating]:
    """Return what lies within some standard deviations of the mean, begun at the median."""
    values = values[np.isfinite(values)]
    middle, spread = np.median(values), 1.4826 * np.median(np.abs(values - np.median(values)))
    for _ in range(_CLIPPING_ROUNDS):
        if not (spread > 0 and math.isfinite(spread)):
            break
        kept = values[np.abs(values - middle) <= sigma * spread]
        if len(kept) in (0, len(values)):
            break
        values = kept
        middle, spread = values.mean(), values.std()
    return values
