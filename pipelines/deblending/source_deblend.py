"""Taking blended sources apart, and adding their parts to a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from imaging.footprint.heavy import HeavyFootprint
from pipelines.deblending.children import Child, make_children
from pipelines.deblending.config import SourceDeblendConfig
from pipelines.deblending.parent import Parent
from pipelines.deblending.profile_kernels import EDGE_CLIP, EDGE_NOCLIP, EDGE_RAMP
from pipelines.errors import ExposureError
from pipelines.keywords import renamed_keywords
from pipelines.stars.star_images import star_images
from pipelines.task import Config, Struct, Task, time_method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from imaging.exposure.exposure import Exposure
    from imaging.footprint.footprint import Footprint
    from imaging.psf.psf import Psf
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SourceCatalog
    from pipelines.stars.star_images import StarImages

__all__ = ["DeblendResult", "SourceDeblendTask"]

_FIELDS: Final = (
    ("deblend_nChild", "I", "number of children; 0 for what was not taken apart", ""),
    ("deblend_psfCenter_x", "D", "column of the fitted star, if it is one", "pixel"),
    ("deblend_psfCenter_y", "D", "row of the fitted star, if it is one", "pixel"),
    ("deblend_psf_instFlux", "D", "flux of the fitted star, if it is one", "count"),
    ("deblend_peak_center_x", "I", "column of the peak of a child", "pixel"),
    ("deblend_peak_center_y", "I", "row of the peak of a child", "pixel"),
    ("deblend_peakId", "I", "number of the peak of a child in its parent", ""),
    ("deblend_nPeaks", "I", "number of peaks of a parent", ""),
    ("deblend_parentNPeaks", "I", "number of peaks of the parent of a child", ""),
    ("deblend_deblendedAsPsf", "Flag", "the child was taken for a star", ""),
    ("deblend_tooManyPeaks", "Flag", "the parent has more peaks than children", ""),
    ("deblend_parentTooBig", "Flag", "the parent is too large to be taken apart", ""),
    ("deblend_masked", "Flag", "the parent has too many masked pixels", ""),
    ("deblend_skipped", "Flag", "the parent was not taken apart", ""),
    ("deblend_rampedTemplate", "Flag", "the image ends where the child goes on as its rest", ""),
    ("deblend_patchedTemplate", "Flag", "the image ends where the child has all light", ""),
    ("deblend_hasStrayFlux", "Flag", "the child has light that no template explains", ""),
)
_EDGES: Final = {"ramp": EDGE_RAMP, "noclip": EDGE_NOCLIP, "clip": EDGE_CLIP}
_EDGE_FLAGS: Final = (("deblend_rampedTemplate", "ramp"), ("deblend_patchedTemplate", "noclip"))
_PEAKS_AT_ONCE: Final = 2000
"""So many images of stars are made at a time: 13 MB of 41 x 41 pixels."""
_ROUNDS: Final = 3
"""Stars are fitted so often, the first time from the middles of pixels."""
_FIT_RADIUS: Final = 2.8
"""Radius of the pixels to which a star is fitted, in sigma of the PSF: its FWHM and a bit."""


class DeblendResult(Struct):
    """How much was taken apart."""

    if TYPE_CHECKING:
        n_parents: int
        """How many sources have children now."""
        n_children: int
        n_skipped: int
        """How many with several peaks were left as they are."""


class SourceDeblendTask(Task):
    """Share the light of sources with several peaks among children, one for each peak.

    Parameters
    ----------
    schema
        Of the catalogs that it will be given; gets the fields ``deblend_*``.
    config, name, parent_task, log
        As for `Task`.

    Notes
    -----
    A peak that a star fits gets the image of that star for a template; any
    other one gets a profile along ellipses, fitted together with those of its
    neighbours, and what is symmetric beyond the noise; see
    `pipelines.deblending.templates.make_templates`. Each pixel of the parent
    is shared in proportion to the templates, so that children add up to the
    parent. What no template covers goes to the nearest peak.
    """

    ConfigClass: ClassVar[type[Config]] = SourceDeblendConfig
    _DefaultName = "sourceDeblend"
    config: SourceDeblendConfig

    def __init__(self, schema: Schema, **keywords: object) -> None:
        super().__init__(**keywords)  # type: ignore[arg-type]  # Task names and checks them
        self.schema = schema
        for name, kind, doc, units in _FIELDS:
            if name not in schema:
                schema.add_field(name, kind, doc, units)

    @renamed_keywords(sources="catalog")
    @time_method
    def run(self, exposure: Exposure, catalog: SourceCatalog) -> DeblendResult:
        """Take the sources of a catalog apart and append their children.

        Parameters
        ----------
        exposure
            The image in which they were detected, with its PSF. Not changed.
        catalog
            Sources with footprints. Children get records at the end, with
            ``parent`` and a heavy footprint. What has children already, and
            children, are left as they are.

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
                "Blends are taken apart with the PSF, and the exposure has none. Set exposure.psf."
            )
        if len(catalog):
            catalog.values("deblend_skipped")  # an error before anything is changed
        counts = {"n_parents": 0, "n_children": 0, "n_skipped": 0}
        for group in self._groups(exposure, catalog, counts):
            children = self._deblend(psf, [parent for _, parent in group])
            for (row, parent), found in zip(group, children, strict=True):
                counts["n_children"] += self._add_children(catalog, row, parent, found)
                counts["n_parents"] += 1
        self.log.info(
            "Took %(n_parents)d sources apart into %(n_children)d; left %(n_skipped)d whole.",
            counts,
        )
        return DeblendResult(**counts)

    def _groups(
        self, exposure: Exposure, catalog: SourceCatalog, counts: dict[str, int]
    ) -> Iterator[list[tuple[int, Parent]]]:
        """Yield the blends and their places in the catalog, some at a time."""
        group: list[tuple[int, Parent]] = []
        n_peaks, most = 0, self.config.maxNumberOfPeaks
        for row in range(len(catalog)):
            record = catalog[row]
            footprint = record.footprint
            if footprint is None or record.parent or record["deblend_nChild"]:
                continue
            record["deblend_nPeaks"] = len(footprint.peaks)
            peaks = self._usable_peaks(footprint, exposure)
            if len(peaks) < 2:  # noqa: PLR2004 - no blend
                continue
            if flags := self._reasons_to_skip(footprint, exposure):
                for flag in (*flags, "deblend_skipped"):
                    record[flag] = True
                counts["n_skipped"] += 1
                continue
            if most and len(peaks) > most:
                record["deblend_tooManyPeaks"] = True
                peaks = peaks[:most]
            group.append((row, Parent(footprint, peaks, exposure)))
            n_peaks += len(peaks)
            if n_peaks >= _PEAKS_AT_ONCE:
                yield group
                group, n_peaks = [], 0
        if group:
            yield group

    @staticmethod
    def _usable_peaks(footprint: Footprint, exposure: Exposure) -> NDArray[np.void]:
        """Return the peaks that can become children, those within image and footprint.

        None if it is a child itself.
        """
        peaks = footprint.peaks.array
        if len(peaks) < 2 or isinstance(footprint, HeavyFootprint):  # noqa: PLR2004 - no blend
            return peaks[:0]
        x, y = peaks["i_x"], peaks["i_y"]
        return peaks[exposure.bbox.contains(x, y) & footprint.bbox.contains(x, y)]

    def _reasons_to_skip(self, footprint: Footprint, exposure: Exposure) -> list[str]:
        """Return the flags that say why a parent is not taken apart; none if it is."""
        config, area, box = self.config, footprint.area, footprint.bbox
        too_big = 0 < config.maxFootprintArea < area
        too_big |= 0 < config.maxFootprintSize < max(box.width, box.height)
        if config.minFootprintAxisRatio > 0:
            a, b, _ = footprint.shape.as_axes()
            too_big |= b < config.minFootprintAxisRatio * a
        reasons = ["deblend_parentTooBig"] if too_big else []
        mask = exposure.mask
        for plane, limit in config.maskLimits.items():
            if plane in mask.planes:
                pixels = footprint.spans.clipped_to(exposure.bbox).flatten(
                    mask.array, mask.bbox.min
                )
                if np.count_nonzero(pixels & mask.get_bit_mask(plane)) > limit * area:
                    reasons.append("deblend_masked")
        return reasons

    def _deblend(self, psf: Psf, parents: list[Parent]) -> list[list[Child | None]]:
        """Return the children of several parents."""
        sigma = psf.compute_shape().determinant_radius
        radius = max(int(_FIT_RADIUS * sigma + 0.5), 2)
        for _ in range(_ROUNDS):
            for parent, stars in _with_stars(psf, parents):
                parent.fit_stars(stars, radius, self.config.psfChisq1)
        edge = _EDGES[self.config.edgeHandling]
        return [
            make_children(parent, stars, sigma, edge) for parent, stars in _with_stars(psf, parents)
        ]

    def _add_children(
        self, catalog: SourceCatalog, row: int, parent: Parent, children: list[Child | None]
    ) -> int:
        """Append the children of a record, and return how many."""
        identifier, begin = catalog[row].id, len(catalog)
        present = [(number, child) for number, child in enumerate(children) if child is not None]
        catalog[row]["deblend_nChild"] = len(present)
        for number, child in present:
            record, peak = catalog.add_new(), parent.peaks[number]
            record.parent, record.footprint = identifier, child.footprint
            record["deblend_peak_center_x"] = int(peak["i_x"])
            record["deblend_peak_center_y"] = int(peak["i_y"])
            record["deblend_peakId"] = int(peak["id"])
            record["deblend_nPeaks"] = 1
            record["deblend_parentNPeaks"] = len(parent.footprint.peaks)
            record["deblend_hasStrayFlux"] = child.has_stray_flux
            for flag, handling in _EDGE_FLAGS:
                record[flag] = child.is_at_edge and self.config.edgeHandling == handling
            record["deblend_deblendedAsPsf"] = child.fit.is_star
            if child.fit.is_star:
                record["deblend_psfCenter_x"] = child.fit.x
                record["deblend_psfCenter_y"] = child.fit.y
                record["deblend_psf_instFlux"] = child.fit.flux
        return len(catalog) - begin


def _with_stars(psf: Psf, parents: list[Parent]) -> Iterator[tuple[Parent, StarImages]]:
    """Yield parents with the images of stars at the places of their peaks."""
    fits = [fit for parent in parents for fit in parent.fits]
    stars = star_images(psf, np.array([fit.x for fit in fits]), np.array([fit.y for fit in fits]))
    begin = 0
    for parent in parents:
        part = slice(begin, begin + len(parent.fits))
        begin = part.stop
        yield parent, type(stars)(stars.pixels[part], stars.x0[part], stars.y0[part])
