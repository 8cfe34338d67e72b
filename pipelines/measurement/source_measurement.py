"""Measuring the sources of one exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from pipelines.errors import ExposureError
from pipelines.keywords import renamed_keywords
from pipelines.measurement.batch import Batch, ImagePlanes
from pipelines.measurement.config import SourceMeasurementConfig
from pipelines.measurement.registry import plugin_registry
from pipelines.measurement.source_pixels import SourcePixels
from pipelines.task import Config, Task, time_method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imaging.exposure.exposure import Exposure
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.measurement.batch import Column
    from pipelines.measurement.plugin import SourcePlugin

__all__ = ["SourceMeasurementTask"]

_BYTES_OF_STAMPS: Final = 4_000_000
"""Stamps of so many bytes are made at a time: they stay in the processor's cache."""


class SourceMeasurementTask(Task):
    """Measure the sources of a catalog with all plugins of the configuration.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the fields of the plugins and the slots.
    config, name, parent_task, log
        As for `Task`.

    Notes
    -----
    Each source is measured with all others replaced by noise; a child with
    the pixels of its heavy footprint, any other source with those of the
    image in its footprint.
    """

    ConfigClass: ClassVar[type[Config]] = SourceMeasurementConfig
    _DefaultName = "measurement"
    config: SourceMeasurementConfig

    def __init__(self, schema: Schema, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.schema = schema
        self.config.slots.define(schema)
        names = sorted(self.config.plugins.names)  # a set: other processes have another order
        made: list[SourcePlugin] = [
            plugin_registry[name](config=self.config.plugins[name], name=name, schema=schema)
            for name in names
        ]
        self.plugins: list[SourcePlugin] = sorted(made, key=lambda plugin: plugin.execution_order)
        """In the order in which they run."""

    @renamed_keywords(measCat="catalog", exposureId="exposure_id")
    @time_method
    def run(self, catalog: SourceCatalog, exposure: Exposure, exposure_id: int = 0) -> None:
        """Measure the sources of a catalog, in place.

        Parameters
        ----------
        catalog
            Sources with footprints.
        exposure
            The image in which they were detected, with its PSF. Not changed.
        exposure_id
            Makes the noise in place of other sources another one for each exposure.

        Raises
        ------
        ExposureError
            If the exposure has no PSF.
        FieldNotFoundError
            If the catalog was made before this task, and lacks its fields.
        """
        psf = exposure.psf
        if psf is None:
            raise ExposureError(
                "Sources are measured with the PSF, and the exposure has none. Set exposure.psf."
            )
        for name in self._field_names():
            catalog.table.field(name)  # an error before anything is measured
        replacer = self.config.noiseReplacer if self.config.doReplaceWithNoise else None
        sources = SourcePixels.of(catalog, exposure, replacer, exposure_id)
        planes = ImagePlanes.of(exposure, psf)
        columns: dict[str, list[Column]] = {}
        for batch in self._batches(sources, planes):
            for plugin in self.plugins:
                plugin.measure(batch)
            for name, values in batch.columns.items():
                columns.setdefault(name, []).append(values)
        for name, parts in columns.items():
            catalog.set(name, np.concatenate(parts))
        self.log.info("Measured %d sources with %d plugins.", len(catalog), len(self.plugins))

    def _field_names(self) -> list[str]:
        """Return the fields that plugins fill."""
        return [
            name
            for name in self.schema.names
            if any(name.startswith(f"{plugin.name}_") for plugin in self.plugins)
        ]

    def _batches(self, sources: SourcePixels, planes: ImagePlanes) -> Iterator[Batch]:
        """Yield the sources with their stamps, some at a time."""
        reach = max(plugin.reach(planes.psf_sigma) for plugin in self.plugins)
        reach = max(reach, max(planes.psf.dimensions) / 2 + 4)
        size = 2 * int(np.ceil(reach)) + 1
        step = max(_BYTES_OF_STAMPS // (4 * size * size), 1)
        for begin in range(0, len(sources), step):
            part = slice(begin, min(begin + step, len(sources)))
            stamps, corners = sources.stamps(part, size)
            yield Batch(self.schema, {}, planes, sources, part, stamps, corners)
