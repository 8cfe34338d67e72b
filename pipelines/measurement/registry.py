"""Which measurement algorithms there are."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from pipelines.measurement.plugin import PluginConfig, SourcePlugin
from pipelines.measurement.plugins.blendedness import Blendedness
from pipelines.measurement.plugins.centroids import NaiveCentroid, SdssCentroid, SkyCoord
from pipelines.measurement.plugins.extendedness import ClassificationExtendedness
from pipelines.measurement.plugins.fluxes import (
    CircularApertureFlux,
    GaussianFlux,
    PsfFlux,
)
from pipelines.measurement.plugins.kron_flux import KronFlux
from pipelines.measurement.plugins.local_background import LocalBackground
from pipelines.measurement.plugins.shapes import SdssShape
from pipelines.measurement.plugins.surroundings import (
    FootprintArea,
    PixelFlags,
    Variance,
)
from pipelines.task import make_registry

if TYPE_CHECKING:
    from pipelines.task import Registry

__all__ = ["DEFAULT_PLUGINS", "known_plugins", "plugin_registry"]

_GROUP: Final = "skybutler.measurement_plugins"
_OWN: Final[dict[str, type[SourcePlugin]]] = {
    "base_PixelFlags": PixelFlags,
    "base_SdssCentroid": SdssCentroid,
    "base_NaiveCentroid": NaiveCentroid,
    "base_SdssShape": SdssShape,
    "base_GaussianFlux": GaussianFlux,
    "base_PsfFlux": PsfFlux,
    "base_CircularApertureFlux": CircularApertureFlux,
    "ext_photometryKron_KronFlux": KronFlux,
    "base_Blendedness": Blendedness,
    "base_LocalBackground": LocalBackground,
    "base_Variance": Variance,
    "base_FootprintArea": FootprintArea,
    "base_SkyCoord": SkyCoord,
    "base_ClassificationExtendedness": ClassificationExtendedness,
}

DEFAULT_PLUGINS: Final = tuple(_OWN)
"""What is measured if nothing else is said: everything that this package has."""


def known_plugins() -> Registry:
    """Return a registry of our own plugins and those that other packages declare."""
    registry = make_registry("Algorithms that measure sources.", PluginConfig)
    for name, plugin in _OWN.items():
        registry.register(name, plugin)
    for entry in entry_points(group=_GROUP):
        if entry.name not in _OWN:
            registry.register(entry.name, entry.load())
    return registry


plugin_registry: Final = known_plugins()
