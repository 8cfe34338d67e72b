"""Instrument signature removal for Hyper Suprime-Cam."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from pipelines.isr.config import IsrTaskConfig
from pipelines.isr.gains import required_detector
from pipelines.isr.task import IsrTask
from pipelines.task import ChoiceField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imaging.detector.amplifier import Amplifier
    from imaging.detector.detector import Detector
    from imaging.exposure.exposure import Exposure
    from imaging.fits.metadata import Metadata
    from pipelines.task import Config

__all__ = ["SubaruIsrConfig", "SubaruIsrTask", "detector_of_header"]

_SECTION_CARDS: Final = ("T_EFMN{0}1", "T_EFMX{0}1", "T_EFMN{0}2", "T_EFMX{0}2")
_OVERSCAN_CARDS: Final = ("T_OSMN{0}1", "T_OSMX{0}1", "T_OSMN{0}2", "T_OSMX{0}2")


class SubaruIsrConfig(IsrTaskConfig):
    """The same, and where gains come from."""

    gainSource = ChoiceField[str](
        doc="Where the gains come from.",
        allowed={
            "camera": "the description of the camera",
            "header": "the cards T_GAIN1 to 4 of the raw, where they are there",
        },
        default="camera",
        optional=False,
    )

    def setDefaults(self) -> None:
        """Do what Hyper Suprime-Cam needs."""
        super().setDefaults()
        self.update(doSuspect=True, doCrosstalk=True, doBrighterFatter=True)


class SubaruIsrTask(IsrTask):
    """Turn a raw of Hyper Suprime-Cam into an image of the sky."""

    ConfigClass: ClassVar[type[Config]] = SubaruIsrConfig
    config: SubaruIsrConfig

    def prepare(self, exposure: Exposure) -> Exposure:
        """Return a shallow copy whose detector has the sections of the header, and its gains.

        Parameters
        ----------
        exposure
            The raw. Sections matter for binned and partial readouts; a header
            without cards of sections leaves those of the camera.
        """
        made = super().prepare(exposure)
        detector = required_detector(made)
        made.detector = detector_of_header(
            detector, _all_cards(exposure), has_gains=self.config.gainSource == "header"
        )
        return made


def _all_cards(exposure: Exposure) -> dict[str, object]:
    return {**dict(exposure.image.metadata), **dict(exposure.metadata)}


def detector_of_header(
    detector: Detector, header: Mapping[str, object] | Metadata, *, has_gains: bool
) -> Detector:
    """Return a detector with the sections that a raw's header says, and maybe its gains.

    Parameters
    ----------
    detector
        Of the camera, with four amplifiers side by side.
    header
        Cards ``T_EFMNcd``, ``T_EFMXcd``, ``T_OSMNcd``, ``T_OSMXcd`` for the first
        and last data and overscan pixel, counted from 1, of channel c along axis
        d; and ``T_GAINc``.
    has_gains
        Whether the gains of the header count.

    Returns
    -------
    Detector
        The same one if the header says nothing else.
    """
    amplifiers = []
    for channel, amplifier in enumerate(detector, start=1):
        changed = _with_sections(amplifier, channel, header, len(detector))
        gain = header.get(f"T_GAIN{channel}")
        if has_gains and isinstance(gain, (int, float)) and gain > 0:
            changed = changed.replace(gain=float(gain))
        amplifiers.append(changed)
    if all(one is two for one, two in zip(amplifiers, detector, strict=True)):
        return detector
    whole = amplifiers[0].bbox
    for amplifier in amplifiers[1:]:
        whole.include(amplifier.bbox)
    return detector.replace(amplifiers=tuple(amplifiers), bbox=whole)


def _with_sections(
    amplifier: Amplifier, channel: int, header: Mapping[str, object] | Metadata, count: int
) -> Amplifier:
    """Return an amplifier with the sections of a header; itself if they are its own."""
    numbers = [header.get(card.format(channel)) for card in (*_SECTION_CARDS, *_OVERSCAN_CARDS)]
    if not all(isinstance(number, int) for number in numbers):
        return amplifier
    x0, x1, y0, y1, o0, o1, p0, p1 = (int(str(number)) for number in numbers)
    data = _box(x0, x1, y0, y1)
    if data == amplifier.raw_data_bbox:
        return amplifier
    overscan, above = _box(o0, o1, y0, y1), _box(x0, x1, p0, p1)
    whole = data.copy()
    for part in (overscan, above):
        whole.include(part)
    place = amplifier.bbox.min_x // amplifier.bbox.width if count > 1 else 0
    return amplifier.replace(
        bbox=Box(Point2I(place * data.width, 0), data.dimensions),
        raw_bbox=whole,
        raw_data_bbox=data,
        raw_serial_overscan_bbox=overscan,
        raw_parallel_overscan_bbox=above,
        raw_prescan_bbox=Box(),
    )


def _box(x0: int, x1: int, y0: int, y1: int) -> Box:
    """Return the box of first and last pixels that count from 1."""
    return Box(Point2I(x0 - 1, y0 - 1), Extent2I(x1 - x0 + 1, y1 - y0 + 1))
