"""The configuration of measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.measurement.noise import NoiseReplacerConfig
from pipelines.measurement.registry import DEFAULT_PLUGINS, plugin_registry
from pipelines.task import Config, ConfigField, Field, RegistryField

if TYPE_CHECKING:
    from imaging.table.schemas.schema import Schema

__all__ = ["SourceMeasurementConfig", "SourceSlotConfig"]

_ALIASES: Final = {
    "centroid": ("slot_Centroid",),
    "shape": ("slot_Shape",),
    "apFlux": ("slot_ApFlux",),
    "modelFlux": ("slot_ModelFlux",),
    "psfFlux": ("slot_PsfFlux",),
    "gaussianFlux": ("slot_GaussianFlux",),
    "calibFlux": ("slot_CalibFlux",),
}


class SourceSlotConfig(Config):
    """Which measurements the slots of a catalog stand for; None for an empty slot."""

    centroid = Field[str](doc="Plugin of positions.", default="base_SdssCentroid", optional=True)
    shape = Field[str](doc="Plugin of moments.", default="base_SdssShape", optional=True)
    apFlux = Field[str](
        doc="Aperture fluxes.", default="base_CircularApertureFlux_12_0", optional=True
    )
    modelFlux = Field[str](doc="Model fluxes.", default="base_GaussianFlux", optional=True)
    psfFlux = Field[str](doc="PSF fluxes.", default="base_PsfFlux", optional=True)
    gaussianFlux = Field[str](doc="Gaussian fluxes.", default="base_GaussianFlux", optional=True)
    calibFlux = Field[str](
        doc="Fluxes for photometric calibration.",
        default="base_CircularApertureFlux_12_0",
        optional=True,
    )

    def define(self, schema: Schema) -> None:
        """Define the slots as aliases of a schema."""
        for name, aliases in _ALIASES.items():
            target = getattr(self, name)
            if target is not None:
                for alias in aliases:
                    schema.aliases[alias] = target


class SourceMeasurementConfig(Config):
    """What is measured, and how; the names are those of the LSST stack."""

    plugins = RegistryField(
        doc="What is measured: names in plugins.names, configurations in plugins[NAME].",
        registry=plugin_registry,
        default=list(DEFAULT_PLUGINS),
        multi=True,
    )
    slots = ConfigField[SourceSlotConfig](
        doc="Which measurements are the recommended ones.", dtype=SourceSlotConfig
    )
    doReplaceWithNoise = Field[bool](
        doc="Measure each source with noise in place of all others.", default=True
    )
    noiseReplacer = ConfigField[NoiseReplacerConfig](
        doc="What stands in place of other sources.", dtype=NoiseReplacerConfig
    )

    def validate(self) -> None:
        """Refuse slots whose measurements are not made."""
        super().validate()
        names = list(self.plugins.names)
        for slot in ("centroid", "shape"):
            target = getattr(self.slots, slot)
            if target is None or target not in names:
                raise ValueError(
                    f"slots.{slot} is {target!r}, which is not among plugins.names: {names}. "
                    "Positions and moments are what other measurements begin with."
                )
        for slot in ("apFlux", "modelFlux", "psfFlux", "gaussianFlux", "calibFlux"):
            target = getattr(self.slots, slot)
            if target is not None and not any(target.startswith(name) for name in names):
                raise ValueError(
                    f"slots.{slot} is {target!r}, which no plugin of plugins.names measures: "
                    f"{names}. Add it, or set the slot to None."
                )
