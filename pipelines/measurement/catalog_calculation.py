"""Measuring again what follows from other measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from pipelines.measurement.batch import MeasuredColumns
from pipelines.measurement.plugin import CatalogPlugin
from pipelines.measurement.registry import plugin_registry
from pipelines.task import Config, RegistryField, Task, time_method

if TYPE_CHECKING:
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.measurement.batch import Column

__all__ = ["CatalogCalculationConfig", "CatalogCalculationTask"]


class CatalogCalculationConfig(Config):
    """What is measured again; the names are those of the LSST stack."""

    plugins = RegistryField(
        doc="What is measured from the catalog alone.",
        registry=plugin_registry,
        default=["base_ClassificationExtendedness"],
        multi=True,
    )

    def validate(self) -> None:
        """Refuse plugins that need pixels."""
        super().validate()
        names = sorted(self.plugins.names)
        wrong = [name for name in names if not issubclass(plugin_registry[name], CatalogPlugin)]
        if wrong:
            raise ValueError(
                f"plugins.names has {', '.join(wrong)}, which look at pixels. Their place is "
                "measurement.plugins; here are those that look at the catalog alone."
            )


class CatalogCalculationTask(Task):
    """Measure what follows from other measurements, after these were corrected.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the fields of the plugins.
    config, name, parent_task, log
        As for `Task`.
    """

    ConfigClass: ClassVar[type[Config]] = CatalogCalculationConfig
    _DefaultName = "catalogCalculation"
    config: CatalogCalculationConfig

    def __init__(self, schema: Schema, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.plugins: list[CatalogPlugin] = [
            plugin_registry[name](config=self.config.plugins[name], name=name, schema=schema)
            for name in sorted(self.config.plugins.names)
        ]

    @time_method
    def run(self, catalog: SourceCatalog) -> None:
        """Fill in the fields of the plugins, in place.

        Parameters
        ----------
        catalog
            Measured sources.

        Raises
        ------
        FieldNotFoundError
            If the catalog was made before this task, and lacks its fields.
        """
        schema = catalog.schema
        columns = {name: cast("Column", catalog.values(name)) for name in schema.names}
        measured = MeasuredColumns(schema, columns)
        for plugin in self.plugins:
            plugin.measure(measured)
            for name in schema.names:
                if name.startswith(f"{plugin.name}_"):
                    catalog.set(name, measured.columns[name])
