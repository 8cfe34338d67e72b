"""Loading what is known of the stars of an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, cast, runtime_checkable

import numpy as np

from butler.errors import DatasetNotFoundError
from imaging.errors import ColumnNotFoundError
from pipelines.errors import ConfigError
from pipelines.task import Config, DictField, Field, RangeField, Struct, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.reference.reference_catalog import ReferenceCatalog
    from imaging.table.source_catalog import SourceCatalog

__all__ = [
    "LoadReferenceObjectsConfig",
    "LoadReferenceObjectsTask",
    "ReferenceObjects",
    "ReferenceSource",
]


@runtime_checkable
class ReferenceSource(Protocol):
    """What has reference catalogs: a Butler."""

    def refcat(self, name: str) -> object:
        """Return a reference catalog."""


class ReferenceObjects(Struct):
    """Stars whose positions and fluxes are known, as arrays of shape (n,)."""

    if TYPE_CHECKING:
        ids: NDArray[np.int64]
        ra: NDArray[np.float64]
        """Degrees, at the date of the exposure."""
        dec: NDArray[np.float64]
        flux: NDArray[np.float64]
        """In the filter of the exposure, in nJy; NaN if it is not known."""
        name: str
        """Of the reference catalog."""
        catalog: SourceCatalog
        """Its rows."""


class LoadReferenceObjectsConfig(Config):
    """Which reference catalog is loaded; the names are those of the LSST stack."""

    ref_dataset_name = Field[str](doc="Name of the reference catalog.", default="cal_ref_cat")
    pixelMargin = RangeField[int](
        doc="Stars are loaded so many pixels around the image.", dtype=int, default=250, min=0
    )
    anyFilterMapsToThis = Field[str](
        doc="The filter of the catalog that stands for all of the camera.", optional=True
    )
    filterMap = DictField[str, str](
        doc="Filter of the camera to that of the catalog; others have their own name or band.",
        keytype=str,
        itemtype=str,
        default={},
    )


class LoadReferenceObjectsTask(Task):
    """Load the reference stars of an exposure.

    Parameters
    ----------
    butler
        Has the catalogs; may be set later.
    config, name, parent_task, log
        As for `pipelines.task.Task`.
    """

    ConfigClass: ClassVar[type[Config]] = LoadReferenceObjectsConfig
    _DefaultName: ClassVar[str] = "loadReferenceObjects"
    config: LoadReferenceObjectsConfig

    def __init__(self, butler: ReferenceSource | None = None, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.butler = butler
        self._open: tuple[ReferenceSource, ReferenceCatalog] | None = None

    def run(self, exposure: Exposure) -> ReferenceObjects:
        """Load stars.

        Parameters
        ----------
        exposure
            With a WCS that is right within ``pixelMargin``, and a filter.

        Raises
        ------
        ConfigError
            If no Butler was given, or the catalog has no fluxes in this filter.
        DatasetNotFoundError
            If there is no such catalog.
        """
        catalog = self.require_catalog()
        label = exposure.filter
        wanted = self.config.anyFilterMapsToThis or label
        if label is not None and wanted is label:
            names = [name for name in (label.physical, label.band) if name]
            known = self.config.filterMap
            wanted = next((known[name] for name in names if name in known), label)
        try:
            loaded = catalog.load_exposure(exposure, self.config.pixelMargin, filter=wanted)
        except ColumnNotFoundError as error:
            raise ConfigError(
                f"{catalog.name!r} has no fluxes in {wanted}; it has {', '.join(error.known)}. Say "
                f"which of them stands for it: {self.full_name}.filterMap = {{camera's filter: "
                "catalog's}, or anyFilterMapsToThis for all filters."
            ) from error
        found = cast("SourceCatalog", loaded)
        flux = np.asarray(found.values("camFlux"), np.float64) if wanted else None
        return ReferenceObjects(
            ids=np.asarray(found.values("id"), np.int64),
            ra=np.degrees(np.asarray(found.values("coord_ra"), np.float64)),
            dec=np.degrees(np.asarray(found.values("coord_dec"), np.float64)),
            flux=np.full(len(found), np.nan) if flux is None else flux,
            name=catalog.name,
            catalog=found,
        )

    def require_catalog(self) -> ReferenceCatalog:
        """Return the catalog, opened once for all exposures.

        Raises
        ------
        ConfigError
            If no Butler was given.
        DatasetNotFoundError
            If there is no such catalog; it says how to get one, or do without.
        """
        name, butler = self.config.ref_dataset_name, self.butler
        if not isinstance(butler, ReferenceSource):
            raise ConfigError(
                f"{self.full_name} has no Butler to load {name!r} from. Give one: butler=..., when "
                "the task is made."
            )
        if self._open is None or self._open[0] is not butler:
            try:
                self._open = butler, cast("ReferenceCatalog", butler.refcat(name))
            except DatasetNotFoundError as error:
                hint = f"{error.hint}\n{self._ways_on(name)}".lstrip()
                raise DatasetNotFoundError(
                    error.dataset_type, error.data_id, error.tried, hint
                ) from error
        return self._open[1]

    def _ways_on(self, name: str) -> str:
        """Return what may be done where there is no catalog of this name."""
        field = self.full_name.partition(".")[2] or self.full_name
        return (
            f"Link it into the repository as ref_cats/{name}, or make it of tables with butler "
            f"ingest-refcat. To take another one: {field}.ref_dataset_name=NAME; to do without: "
            "doAstrometry=False and doPhotoCal=False of calibrate."
        )
