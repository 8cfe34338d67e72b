"""Echoes of an amplifier's counts in the others that are read at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.detector.amplifier import ReadoutCorner
from pipelines.errors import ConfigError, InstrumentError
from pipelines.isr.kernels import subtract_crosstalk
from pipelines.isr.section import section_bounds, writable_pixels
from pipelines.task import ChoiceField, Config, Field, ListField, Struct, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.detector.detector import Detector
    from imaging.image.image import Image
    from imaging.image.masked_image import MaskedImage

__all__ = ["CrosstalkConfig", "CrosstalkTask", "readout_places"]

_TOP: Final = (ReadoutCorner.UPPER_LEFT, ReadoutCorner.UPPER_RIGHT)
_RIGHT: Final = (ReadoutCorner.LOWER_RIGHT, ReadoutCorner.UPPER_RIGHT)


class CrosstalkConfig(Config):
    """What is subtracted, and which pixels are flagged."""

    minPixelToMask = Field[float](
        doc="ADU from which the echo of a pixel is flagged.", default=45000.0
    )
    crosstalkMaskPlane = Field[str](doc="The plane for echoes.", default="CROSSTALK")
    crosstalkBackgroundMethod = ChoiceField[str](
        doc="What is subtracted from the sources of echoes before.",
        allowed={
            "None": "nothing",
            "AMP": "the median of the amplifier",
            "DETECTOR": "the median of the detector",
        },
        default="None",
        optional=False,
    )
    useConfigCoefficients = Field[bool](
        doc="Whether crosstalkValues count, not what the camera says.", default=False
    )
    crosstalkValues = ListField[float](
        doc="Row by row for each amplifier: the fractions of the others' counts that appear in it.",
        default=[0.0],
    )
    crosstalkShape = ListField[int](doc="Rows and columns of crosstalkValues.", default=[1, 1])

    def matrix(self, detector: Detector) -> NDArray[np.float64]:
        """Return ``[victim, source]``: the fraction of the source's counts in the victim.

        Raises
        ------
        ConfigError
            If the values of the configuration are not of the detector's amplifiers.
        InstrumentError
            If the camera does not know it.
        """
        count = len(detector)
        if self.useConfigCoefficients:
            values = np.array(list(self.crosstalkValues), np.float64)
            if values.size != count**2 or tuple(self.crosstalkShape) != (count, count):
                raise ConfigError(
                    f"crosstalkValues has {values.size} values of crosstalkShape "
                    f"{list(self.crosstalkShape)}; the {count} amplifiers of the detector "
                    f"{detector.name!r} need {count} x {count}."
                )
            return values.reshape(count, count)
        if detector.crosstalk is None:
            raise InstrumentError(
                f"The camera does not know the crosstalk of the detector {detector.name!r}. Give "
                "it by crosstalk.crosstalkValues with useConfigCoefficients = True, or switch the "
                "step off by doCrosstalk = False."
            )
        return np.array(detector.crosstalk, np.float64)


class CrosstalkTask(Task):
    """Subtract the echoes of each amplifier's counts from the others."""

    ConfigClass: ClassVar[type[Config]] = CrosstalkConfig
    _DefaultName: ClassVar[str] = "crosstalk"
    config: CrosstalkConfig

    def run(self, pixels: MaskedImage, detector: Detector) -> Struct:
        """Subtract echoes in place, and flag those of bright pixels.

        Parameters
        ----------
        pixels
            Assembled, in ADU above the bias.
        detector
            Its amplifiers must be of one size.

        Returns
        -------
        Struct
            ``flagged``, the number of flagged pixels.

        Raises
        ------
        BoxError
            If the pixels are not those of the whole detector.
        ConfigError, InstrumentError
            As for `CrosstalkConfig.matrix`; or if amplifiers differ in size.

        Notes
        -----
        What is subtracted is a fraction of the measured counts, which hold
        echoes themselves: an error of the square of the coefficients.
        """
        config = self.config
        matrix, places = config.matrix(detector), readout_places(detector)
        bounds = [section_bounds(pixels.image, amplifier.bbox) for amplifier in detector]
        places[:, :2] = [(y0, x0) for y0, _, x0, _ in bounds]
        pixels.mask.add_plane(config.crosstalkMaskPlane)
        flagged = subtract_crosstalk(
            writable_pixels(pixels.image),
            pixels.mask.array,
            places,
            np.ascontiguousarray(matrix),
            self._levels(pixels.image, detector),
            config.minPixelToMask,
            pixels.mask.get_bit_mask(config.crosstalkMaskPlane),
        )
        return Struct(flagged=flagged)

    def _levels(self, image: Image, detector: Detector) -> NDArray[np.float32]:
        """Return what is subtracted from each amplifier before its echoes are."""
        method = self.config.crosstalkBackgroundMethod
        if method == "DETECTOR":
            return np.full(len(detector), np.nanmedian(image.array), np.float32)
        if method == "AMP":
            medians = [np.nanmedian(image.subset(one.bbox).array) for one in detector]
            return np.array(medians, np.float32)
        return np.zeros(len(detector), np.float32)


def readout_places(detector: Detector) -> NDArray[np.int64]:
    """Return where amplifiers lie, in which directions they are read, and their shape.

    Parameters
    ----------
    detector
        With amplifiers.

    Returns
    -------
    numpy.ndarray
        A row (first row, first column, is read from the top, is read from the
        right, number of rows, of columns) for each amplifier, in the
        detector's coordinates.

    Raises
    ------
    InstrumentError
        If amplifiers differ in size.
    """
    shapes = {amplifier.bbox.shape for amplifier in detector}
    if len(shapes) != 1:
        raise InstrumentError(
            f"The amplifiers of the detector {detector.name!r} are not of one size, so it is not "
            "known which pixels are read together. Switch the step off by doCrosstalk = False."
        )
    rows = [
        (
            amplifier.bbox.min_y,
            amplifier.bbox.min_x,
            int(amplifier.readout_corner in _TOP),
            int(amplifier.readout_corner in _RIGHT),
            *amplifier.bbox.shape,
        )
        for amplifier in detector
    ]
    return np.array(rows, np.int64)
