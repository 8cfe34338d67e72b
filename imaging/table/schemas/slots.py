"""Slots: names for the measurements that are recommended, whichever those are.

A slot is an alias in the schema: ``slot_Centroid`` for ``base_SdssCentroid``.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from imaging.table.schemas.gen2_names import SlotDefinitionNames, SlotValueNames

if TYPE_CHECKING:
    from imaging.table.schemas.aliases import AliasMap
    from imaging.table.schemas.fields import FieldValue

__all__ = ["SlotDefinitions", "SlotValues"]

_Real_co = TypeVar("_Real_co", covariant=True)
_Flag_co = TypeVar("_Flag_co", covariant=True)


class _Aliased(Protocol):
    @property
    def aliases(self) -> AliasMap: ...


class SlotDefinitions(SlotDefinitionNames):
    """What sets the slots of a schema, a table or a catalog.

    Each method takes the beginning of the names of a measurement, such as
    ``base_SdssCentroid``; its fields need not be there yet.
    """

    __slots__ = ()

    def define_centroid(self: _Aliased, name: str) -> None:
        """Let ``x`` and ``y`` be ``<name>_x`` and ``<name>_y``."""
        self.aliases["slot_Centroid"] = name

    def define_shape(self: _Aliased, name: str) -> None:
        """Let ``shape`` be ``<name>_xx``, ``<name>_yy`` and ``<name>_xy``."""
        self.aliases["slot_Shape"] = name

    def define_psf_flux(self: _Aliased, name: str) -> None:
        """Let ``psf_flux`` be ``<name>_instFlux``."""
        self.aliases["slot_PsfFlux"] = name

    def define_ap_flux(self: _Aliased, name: str) -> None:
        """Let ``ap_flux`` be ``<name>_instFlux``."""
        self.aliases["slot_ApFlux"] = name

    def define_gaussian_flux(self: _Aliased, name: str) -> None:
        """Let ``gaussian_flux`` be ``<name>_instFlux``."""
        self.aliases["slot_GaussianFlux"] = name

    def define_model_flux(self: _Aliased, name: str) -> None:
        """Let ``model_flux`` be ``<name>_instFlux``."""
        self.aliases["slot_ModelFlux"] = name

    def define_calib_flux(self: _Aliased, name: str) -> None:
        """Let ``calib_flux`` be ``<name>_instFlux``."""
        self.aliases["slot_CalibFlux"] = name


class SlotValues(SlotValueNames, Generic[_Real_co, _Flag_co]):
    """What reads the slots: a record gives single values, a catalog columns.

    Raises
    ------
    FieldNotFoundError
        If the slot is not defined, or the measurement has no such field.
    """

    __slots__ = ()

    @abstractmethod
    def _slot_value(self, name: str) -> FieldValue:
        """Return what a field of a slot holds."""

    def _slot_real(self, name: str) -> _Real_co:
        return cast("_Real_co", self._slot_value(name))

    def _slot_flag(self, name: str) -> _Flag_co:
        return cast("_Flag_co", self._slot_value(name))

    @property
    def x(self) -> _Real_co:
        """Column of the centroid, in pixels."""
        return self._slot_real("slot_Centroid_x")

    @property
    def y(self) -> _Real_co:
        """Row of the centroid, in pixels."""
        return self._slot_real("slot_Centroid_y")

    @property
    def ixx(self) -> _Real_co:
        """Second moment along x, in square pixels."""
        return self._slot_real("slot_Shape_xx")

    @property
    def iyy(self) -> _Real_co:
        """Second moment along y, in square pixels."""
        return self._slot_real("slot_Shape_yy")

    @property
    def ixy(self) -> _Real_co:
        """Second moment of x and y, in square pixels."""
        return self._slot_real("slot_Shape_xy")

    @property
    def centroid_flag(self) -> _Flag_co:
        """Whether the centroid failed."""
        return self._slot_flag("slot_Centroid_flag")

    @property
    def shape_flag(self) -> _Flag_co:
        """Whether the second moments failed."""
        return self._slot_flag("slot_Shape_flag")

    @property
    def psf_flux(self) -> _Real_co:
        """Instrumental PSF flux, in counts."""
        return self._slot_real("slot_PsfFlux_instFlux")

    @property
    def psf_flux_err(self) -> _Real_co:
        """Its standard error, in counts."""
        return self._slot_real("slot_PsfFlux_instFluxErr")

    @property
    def psf_flux_flag(self) -> _Flag_co:
        """Whether it failed."""
        return self._slot_flag("slot_PsfFlux_flag")

    @property
    def ap_flux(self) -> _Real_co:
        """Instrumental aperture flux, in counts."""
        return self._slot_real("slot_ApFlux_instFlux")

    @property
    def ap_flux_err(self) -> _Real_co:
        """Its standard error, in counts."""
        return self._slot_real("slot_ApFlux_instFluxErr")

    @property
    def ap_flux_flag(self) -> _Flag_co:
        """Whether it failed."""
        return self._slot_flag("slot_ApFlux_flag")

    @property
    def gaussian_flux(self) -> _Real_co:
        """Instrumental Gaussian flux, in counts."""
        return self._slot_real("slot_GaussianFlux_instFlux")

    @property
    def gaussian_flux_err(self) -> _Real_co:
        """Its standard error, in counts."""
        return self._slot_real("slot_GaussianFlux_instFluxErr")

    @property
    def gaussian_flux_flag(self) -> _Flag_co:
        """Whether it failed."""
        return self._slot_flag("slot_GaussianFlux_flag")

    @property
    def model_flux(self) -> _Real_co:
        """Instrumental model flux, in counts."""
        return self._slot_real("slot_ModelFlux_instFlux")

    @property
    def model_flux_err(self) -> _Real_co:
        """Its standard error, in counts."""
        return self._slot_real("slot_ModelFlux_instFluxErr")

    @property
    def model_flux_flag(self) -> _Flag_co:
        """Whether it failed."""
        return self._slot_flag("slot_ModelFlux_flag")

    @property
    def calib_flux(self) -> _Real_co:
        """Instrumental flux of the photometric calibration, in counts."""
        return self._slot_real("slot_CalibFlux_instFlux")

    @property
    def calib_flux_err(self) -> _Real_co:
        """Its standard error, in counts."""
        return self._slot_real("slot_CalibFlux_instFluxErr")

    @property
    def calib_flux_flag(self) -> _Flag_co:
        """Whether it failed."""
        return self._slot_flag("slot_CalibFlux_flag")
