"""What a measurement algorithm is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pipelines.task import Config

if TYPE_CHECKING:
    from imaging.table.schemas.schema import Schema
    from pipelines.measurement.batch import Batch, Column, MeasuredColumns

__all__ = ["CatalogPlugin", "FluxPlugin", "PluginConfig", "SourcePlugin"]


class PluginConfig(Config):
    """The base of the configurations of plugins."""


class SourcePlugin:
    """An algorithm that measures sources of one exposure, many at a time.

    A plugin derives from this, names its configuration in ``ConfigClass``,
    adds its fields in ``add_fields`` and fills them in ``measure``. A package
    that declares it in the entry-point group ``skybutler.measurement_plugins``
    makes it known by its name there.

    Parameters
    ----------
    config
        Of its ``ConfigClass``.
    name
        What its fields begin with.
    schema
        Gets its fields.

    Notes
    -----
    The names of fields are ``NAME_x``, ``NAME_instFlux``, ``NAME_flag`` and so
    on; ``self.field("x")`` makes them.
    """

    ConfigClass: ClassVar[type[PluginConfig]] = PluginConfig
    execution_order: ClassVar[float] = 2.0
    """Positions are measured at 0, shapes at 1, fluxes at 2, what follows from those at 5."""

    def __init__(self, config: PluginConfig, name: str, schema: Schema) -> None:
        self.config, self.name, self.schema = config, name, schema
        self.add_fields()

    def field(self, *words: str) -> str:
        """Return the name of one of its fields."""
        return "_".join((self.name, *words))

    def add(self, suffix: str, kind: str, doc: str, units: str = "") -> None:
        """Add a field, unless it is there."""
        name = self.field(suffix)
        if name not in self.schema.names:
            self.schema.add_field(name, kind, doc, units)

    def add_flags(self, **docs: str) -> None:
        """Add flags; ``flag`` is the one that says whether the measurement failed."""
        for suffix, doc in docs.items():
            self.add(suffix, "Flag", doc)

    def alias(self, suffix: str, target: str) -> None:
        """Let one of its names stand for another field."""
        self.schema.aliases[self.field(suffix)] = target

    def add_fields(self) -> None:
        """Add its fields to the schema."""

    def reach(self, psf_sigma: float) -> float:  # noqa: ARG002 - for those who derive
        """Return how far from the peak of a source it looks at pixels of its stamp."""
        return 0.0

    def measure(self, batch: Batch) -> None:
        """Measure the sources of a batch.

        Parameters
        ----------
        batch
            The sources; results go to ``batch.columns`` by their names.
        """

    def put(self, batch: MeasuredColumns, **columns: Column) -> None:
        """Set columns of a batch, by the last words of their names."""
        for suffix, values in columns.items():
            batch.columns[self.field(suffix)] = values


class CatalogPlugin(SourcePlugin):
    """An algorithm that looks at other measurements alone, not at pixels.

    `CatalogCalculationTask` runs it again after those were corrected.
    """

    execution_order: ClassVar[float] = 5.0

    def measure(self, batch: MeasuredColumns) -> None:
        """Measure the sources of a batch, or of a catalog.

        Parameters
        ----------
        batch
            What is known of the sources; results go to ``batch.columns``.
        """


class FluxPlugin(SourcePlugin):
    """An algorithm that measures a flux, with its standard error and a flag."""

    has_aperture_correction: ClassVar[bool] = True
    """Whether its fluxes are to be corrected for the light that it does not see."""

    def add_fields(self) -> None:
        """Add flux, standard error and flag."""
        self.add("instFlux", "D", "flux", "count")
        self.add("instFluxErr", "D", "standard error of the flux", "count")
        self.add_flags(flag="the flux is not to be used")
        self.alias("flag_badCentroid", "slot_Centroid_flag")

    def put_flux(self, batch: Batch, flux: Column, error: Column, flag: Column) -> None:
        """Set flux, standard error and flag."""
        for suffix, values in ("instFlux", flux), ("instFluxErr", error), ("flag", flag):
            batch.columns[self.field(suffix)] = values
