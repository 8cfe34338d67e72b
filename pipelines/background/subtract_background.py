"""Model the background of an exposure and subtract it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from pipelines.background.kernels import MEAN, MEANCLIP, MEDIAN, MODE, cell_statistics
from pipelines.background.model import Background, BackgroundList, Surface, cell_edges
from pipelines.errors import BackgroundError
from pipelines.interpolation.curve import CURVES
from pipelines.interpolation.interpolate import known_bits
from pipelines.task import (
    ChoiceField,
    Config,
    Field,
    ListField,
    RangeField,
    Struct,
    Task,
    time_method,
)

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure
    from imaging.image.masked_image import MaskedImage

__all__ = ["SubtractBackgroundConfig", "SubtractBackgroundResult", "SubtractBackgroundTask"]

_STATISTICS: Final = {"MEANCLIP": MEANCLIP, "MEDIAN": MEDIAN, "MEAN": MEAN, "MODE": MODE}
_SMOOTH: Final = 4
"""A background is smooth: each so many rows and columns tell its mean."""
_MIN_SHARE: Final = 0.02
"""Of a cell's pixels; with fewer good ones its level is not used where others are known."""


class SubtractBackgroundConfig(Config):
    """How the background is measured and modelled."""

    statisticsProperty = ChoiceField[str](
        doc="The level of a cell.",
        allowed={
            "MEANCLIP": "the mean of what is not clipped",
            "MEAN": "the mean",
            "MEDIAN": "the median",
            "MODE": "2.5 medians less 1.5 means of what is not clipped: least biased by sources",
        },
        default="MEANCLIP",
        optional=False,
    )
    undersampleStyle = ChoiceField[str](
        doc="What to do if there are too few cells for the model.",
        allowed={
            "THROW_EXCEPTION": "fail",
            "REDUCE_INTERP_ORDER": "take the next simpler model",
            "INCREASE_NXNYSAMPLE": "make the cells smaller",
        },
        default="REDUCE_INTERP_ORDER",
        optional=False,
    )
    binSize = RangeField[int](doc="Size of the cells, pixels.", dtype=int, default=128, min=1)
    binSizeX = RangeField[int](doc="The same along x; 0: binSize.", dtype=int, default=0, min=0)
    binSizeY = RangeField[int](doc="The same along y; 0: binSize.", dtype=int, default=0, min=0)
    algorithm = ChoiceField[str](
        doc="The curves through the levels, without useApprox.",
        allowed={
            "CONSTANT": "the level of the cell",
            "LINEAR": "straight lines",
            "NATURAL_SPLINE": "natural splines",
            "CUBIC_SPLINE": "cubic splines",
            "AKIMA_SPLINE": "Akima's splines",
            "NONE": "no background is subtracted",
        },
        default="AKIMA_SPLINE",
        optional=False,
    )
    useApprox = Field[bool](
        doc="Fit polynomials to the levels, not curves through them?", default=True
    )
    approxOrderX = Field[int](doc="Order of the polynomials along x.", default=6)
    approxOrderY = Field[int](doc="The same along y; -1: approxOrderX.", default=-1)
    weighting = Field[bool](doc="Do cells count by their errors in this fit?", default=True)
    ignoredPixelMask = ListField[str](
        doc="Pixels with these planes do not count.",
        default=["BAD", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "NO_DATA"],
    )
    isNanSafe = Field[bool](
        doc="Kept for older files: pixels that are no numbers never count.", default=False
    )
    numSigmaClip = Field[float](doc="Deviations beyond which pixels are clipped.", default=3.0)
    numIter = Field[int](doc="Rounds of clipping.", default=3)

    def validate(self) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        FieldValidationError, BackgroundError
            If a field is not valid.
        """
        super().validate()
        if self.useApprox and (self.approxOrderX < 0 or self.approxOrderY < -1):
            raise BackgroundError(
                f"Polynomials of the orders approxOrderX={self.approxOrderX}, "
                f"approxOrderY={self.approxOrderY} do not exist."
            )


class SubtractBackgroundResult(Struct):
    """What was subtracted."""

    background: BackgroundList


class SubtractBackgroundTask(Task):
    """Model the background of an exposure and subtract it."""

    ConfigClass: ClassVar[type[Config]] = SubtractBackgroundConfig
    _DefaultName: ClassVar[str] = "subtractBackground"
    config: SubtractBackgroundConfig

    @time_method
    def run(
        self,
        exposure: Exposure,
        background: BackgroundList | None = None,
        stats: bool = True,  # noqa: FBT001, FBT002 - the third argument in Gen2
    ) -> SubtractBackgroundResult:
        """Subtract the background in place.

        Parameters
        ----------
        exposure
            Its image is changed.
        background
            Models that were subtracted already; the new one is added to them.
        stats
            Whether mean and variance of the background go to the exposure's
            metadata, as BGMEAN and BGVAR.

        Returns
        -------
        SubtractBackgroundResult
            ``background``, all models; their sum is what the image has lost.

        Raises
        ------
        BackgroundError
            If no pixel is good, or there are too few cells for the model and
            ``undersampleStyle`` says THROW_EXCEPTION.
        """
        models = BackgroundList() if background is None else background
        config = self.config
        if config.algorithm == "NONE" and not config.useApprox:
            return SubtractBackgroundResult(background=models)
        model = self.fit_background(exposure.masked_image)
        image = model.image()
        exposure.image.array -= image.array
        models.append(model)
        level = float(np.nanmedian(model.levels))
        self.metadata["level"] = level
        self.log.debug("Background of %s: %.4g, %s", exposure.bbox, level, model)
        if stats:
            smooth = image.array[::_SMOOTH, ::_SMOOTH].astype(np.float64)
            exposure.metadata["BGMEAN"] = float(smooth.mean())
            exposure.metadata["BGVAR"] = float(smooth.var())
        return SubtractBackgroundResult(background=models)

    def fit_background(self, pixels: MaskedImage) -> Background:
        """Return a model of the background; nothing is changed.

        Parameters
        ----------
        pixels
            Any size.

        Raises
        ------
        BackgroundError
            As for `run`.
        """
        config = self.config
        shape = self.grid(pixels.bbox.shape)
        surface = self._surface(shape)
        level, error = np.empty(shape), np.empty(shape)
        counts = np.empty(shape, np.int64)
        rows, columns = (
            cell_edges(size, count) for size, count in zip(pixels.bbox.shape, shape, strict=True)
        )
        cell_statistics(
            np.ascontiguousarray(pixels.image.array, np.float32),
            np.ascontiguousarray(pixels.mask.array, np.int32),
            known_bits(pixels, config.ignoredPixelMask),
            rows,
            columns,
            _STATISTICS[config.statisticsProperty],
            config.numSigmaClip,
            config.numIter,
            config.numSigmaClip,
            level,
            error,
            counts,
        )
        sizes = np.outer(np.diff(rows), np.diff(columns))
        is_scarce = counts < _MIN_SHARE * sizes
        if not is_scarce.all():
            level[is_scarce] = error[is_scarce] = np.nan
        return Background(pixels.bbox, level, np.square(error), surface)

    def grid(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Return the numbers of rows and columns of cells of an image.

        Parameters
        ----------
        shape
            Rows and columns of the image.
        """
        config = self.config
        sizes = (config.binSizeY or config.binSize, config.binSizeX or config.binSize)
        counts = [max(1, math.ceil(n / size)) for n, size in zip(shape, sizes, strict=True)]
        if config.undersampleStyle == "INCREASE_NXNYSAMPLE":
            needed = self._needed()
            counts = [
                min(n, max(count, want))
                for n, count, want in zip(shape, counts, needed, strict=True)
            ]
        return counts[0], counts[1]

    def _needed(self) -> tuple[int, int]:
        """Return how many rows and columns of cells the model needs."""
        config = self.config
        if not config.useApprox:
            return CURVES[config.algorithm], CURVES[config.algorithm]
        order_y = config.approxOrderX if config.approxOrderY < 0 else config.approxOrderY
        return order_y + 1, config.approxOrderX + 1

    def _surface(self, shape: tuple[int, int]) -> Surface:
        """Return what goes through the levels; simpler ones are taken when it is evaluated."""
        config = self.config
        needed = self._needed()
        if shape[0] < needed[0] or shape[1] < needed[1]:
            if config.undersampleStyle == "THROW_EXCEPTION":
                raise BackgroundError(
                    f"{shape[1]} x {shape[0]} cells are too few: the model needs {needed[1]} x "
                    f"{needed[0]}. Take a smaller binSize, a simpler model, or another "
                    "undersampleStyle."
                )
            self.log.debug("%d x %d cells: a simpler model is taken", shape[1], shape[0])
        if not config.useApprox:
            return Surface(config.algorithm)
        return Surface("CHEBYSHEV", needed[1] - 1, needed[0] - 1, config.weighting)
