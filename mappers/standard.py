"""Cameras whose raw files become exposures with all that the camera knows of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from butler.errors import IngestError
from butler.mapper import Mapper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from butler.data_id import DataId
    from butler.mapper import Header, ReadComponent
    from imaging.detector.camera import Camera
    from imaging.detector.detector import Detector
    from imaging.exposure.filter_label import FilterLabel
    from imaging.exposure.visit_info import VisitInfo
    from mappers.visit_cards import VisitCards

__all__ = ["StandardMapper"]


class StandardMapper(Mapper, ABC):
    """A camera that gives raw exposures their detector, filter, identifier and visit info.

    A camera derives from this and says where its headers have what
    (`visit_cards`), when an exposure began (`begin_ns`) and which detector
    a data ID means (`detector_key`). The WCS is that of the header.
    """

    visit_cards: ClassVar[VisitCards]

    @abstractmethod
    def begin_ns(self, header: Header) -> int | None:
        """Return when an exposure began, nanoseconds of TAI since 1970; None if not known."""

    @abstractmethod
    def detector_key(self, data_id: DataId) -> int | str:
        """Return the number or name of the detector that a data ID means."""

    def filter_label(self, data_id: DataId) -> FilterLabel | None:
        """Return the filter that a data ID means: its name is taken as that of the band."""
        from imaging.exposure.filter_label import FilterLabel

        name = data_id.get("filter")
        return None if name is None else FilterLabel(band=str(name))

    def read_raw(
        self,
        dataset_type: str,  # noqa: ARG002 - a camera may have several that differ
        data_id: DataId,
        component: str | None,
        read: ReadComponent,
    ) -> object:
        """Return a raw exposure or a component of it, completed.

        Parameters
        ----------
        dataset_type, data_id, component, read
            As for `butler.mapper.Mapper.read_raw`. What the file holds is
            returned as it is if it is no exposure, and so is visit info if
            the header is not of this camera.
        """
        parts: Mapping[str, Callable[[], object]] = {
            "detector": lambda: self._detector(data_id),
            "filter": lambda: self.filter_label(data_id) or read("filter"),
            "id": lambda: self._exposure_id(data_id),
        }
        if component is not None and component in parts:
            return parts[component]()
        if component == "visit_info":
            found = self._visit_info(data_id, read("metadata"))
            return read(component) if found is None else found
        if component is not None:
            return read(component)
        from imaging.exposure.exposure import Exposure

        exposure = read(None)
        if isinstance(exposure, Exposure):
            exposure.detector = self._detector(data_id)
            exposure.filter = self.filter_label(data_id) or exposure.filter
            exposure.id = self._exposure_id(data_id)
            found = self._visit_info(data_id, exposure.metadata)
            exposure.visit_info = exposure.visit_info if found is None else found
        return exposure

    def _detector(self, data_id: DataId) -> Detector:
        camera: Camera = self.camera()  # type: ignore[assignment]  # as every camera here
        return camera[self.detector_key(data_id)]

    def _exposure_id(self, data_id: DataId) -> int | None:
        if "ccdExposureId" not in self.computations():
            return None
        return int(str(self.compute("ccdExposureId", data_id)))

    def _visit_info(self, data_id: DataId, header: object) -> VisitInfo | None:
        """Return what a header tells, None if it is not one of this camera."""
        from imaging.fits.metadata import Metadata

        if not isinstance(header, Metadata):
            return None
        try:
            self.recognise(header)
        except IngestError:
            return None
        visit = data_id.get("visit")
        return self.visit_cards.read(
            header,
            self.begin_ns(header),
            visit=None if visit is None else int(visit),
            exposure_id=self._exposure_id(data_id),
        )
