"""The rim of the field, where the telescope lets no light through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from pipelines.isr.gains import required_detector
from pipelines.task import Config, Field, Struct, Task

if TYPE_CHECKING:
    from imaging.exposure.exposure import Exposure

__all__ = ["VignetteConfig", "VignetteTask"]


class VignetteConfig(Config):
    """The circle that gets light."""

    xCenter = Field[float](doc="Its centre in the focal plane, mm.", default=0.0)
    yCenter = Field[float](doc="Its centre in the focal plane, mm.", default=0.0)
    radius = Field[float](doc="Its radius, mm; all is inside if not positive.", default=0.0)
    maskPlane = Field[str](doc="The plane of pixels outside.", default="NO_DATA")


class VignetteTask(Task):
    """Flag pixels that the telescope lets no light through to."""

    ConfigClass: ClassVar[type[Config]] = VignetteConfig
    _DefaultName: ClassVar[str] = "vignette"
    config: VignetteConfig

    def run(self, exposure: Exposure) -> Struct:
        """Flag the pixels outside of the circle.

        Parameters
        ----------
        exposure
            Assembled, with its detector. Only its mask is changed.

        Returns
        -------
        Struct
            ``flagged``, the number of pixels.

        Raises
        ------
        InstrumentError
            If the exposure does not know its detector.
        """
        config, box = self.config, exposure.bbox
        detector = required_detector(exposure)
        corners = detector.focal_plane_corners
        reach = max(
            np.hypot(corner.x - config.xCenter, corner.y - config.yCenter) for corner in corners
        )
        if config.radius <= 0 or reach <= config.radius:
            return Struct(flagged=0)
        y, x = np.arange(box.min_y, box.end_y)[:, None], np.arange(box.min_x, box.end_x)[None, :]
        u, v = detector.pixel_to_focal_plane(x, y)
        outside = np.square(u - config.xCenter) + np.square(v - config.yCenter) > config.radius**2
        exposure.mask.add_plane(config.maskPlane)
        exposure.mask.set_plane(config.maskPlane, outside)
        return Struct(flagged=int(np.count_nonzero(outside)))
