"""skybutler's imaging package."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from benchmarks.imaging.wcs_cards import WCS_CARDS
from butler.version import __version__
from imaging import (
    Box,
    Exposure,
    Extent2I,
    Image,
    Mask,
    MaskedImage,
    Metadata,
    Point2I,
    Schema,
    SourceCatalog,
    SourceTable,
    Wcs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LIBRARY", "SkybutlerLibrary"]


class SkybutlerLibrary:
    """The adapter; see `benchmarks.imaging.library.Library`."""

    def version(self) -> str:
        return __version__

    def write_exposure(self, path: str, planes: Sequence[NDArray[np.generic]], recipe: str) -> None:
        image, mask, variance = planes
        pixels = MaskedImage(Image(image), Mask(mask), Image(variance))
        exposure = Exposure(pixels, wcs=Wcs.from_metadata(Metadata(WCS_CARDS), Point2I(0, 0)))
        exposure.write_fits(path, compression="rice" if recipe == "rice" else None)

    def read_exposure(self, path: str) -> Sequence[NDArray[np.generic]]:
        exposure = Exposure.read_fits(path)
        return [exposure.image.array, exposure.mask.array, exposure.variance.array]

    def read_mask(self, path: str) -> NDArray[np.generic]:
        return cast("Mask", Exposure.read_component(path, "mask")).array

    def read_sky_position(self, path: str, x: float, y: float) -> tuple[float, float]:
        wcs = cast("Wcs", Exposure.read_component(path, "wcs"))
        ra, dec = wcs.pixel_to_sky(x, y)
        return float(ra), float(dec)

    def read_cutout(self, path: str, x: int, y: int, side: int) -> Sequence[NDArray[np.generic]]:
        exposure = Exposure.read_fits(path, bbox=Box(Point2I(x, y), Extent2I(side, side)))
        return [exposure.image.array, exposure.mask.array, exposure.variance.array]

    def make_catalog(self, columns: Mapping[str, NDArray[np.generic]]) -> SourceCatalog:
        schema: Schema = SourceTable.make_minimal_schema()
        for name, column in columns.items():
            if name != "id":
                kind = "Flag" if column.dtype.kind == "b" else "D"
                schema.add_field(name, type=kind, doc="measured")
        catalog = SourceCatalog(schema)
        catalog.resize(len(columns["id"]))
        for name, column in columns.items():
            catalog[name] = column
        return catalog

    def write_catalog(self, path: str, catalog: SourceCatalog) -> None:
        catalog.write_fits(path)

    def read_catalog(self, path: str) -> SourceCatalog:
        return SourceCatalog.read_fits(path)

    def column(self, catalog: SourceCatalog, name: str) -> NDArray[np.generic]:
        return catalog[name]

    def count_flagged(self, catalog: SourceCatalog, flag: str, name: str) -> tuple[int, float]:
        flag_key = catalog.schema.find(flag).key
        key = catalog.schema.find(name).key
        count, total = 0, 0.0
        for record in catalog:
            if record.get(flag_key):
                count += 1
                total += cast("float", record.get(key))
        return count, float(total)


LIBRARY = SkybutlerLibrary()
