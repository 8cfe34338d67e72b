"""Catalogs of sources and of known stars of one image, made without pixels, and their truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from imaging import Box, Exposure, Point2D, make_cd_matrix, make_tan_wcs
from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from imaging.wcs.parameters import Sip
from imaging.wcs.wcs import Wcs
from pipelines.reference_objects.load import ReferenceObjects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imaging.table.schemas.schema import Schema

__all__ = ["StarField", "StarFieldRecipe", "make_star_field", "star_schema"]

_NJY_PER_COUNT: Final = 10 ** (0.4 * (31.4 - 30.5))
_MARGIN: Final = 250.0  # pixels around the image in which stars are known


@dataclass(frozen=True)
class StarFieldRecipe:
    """What is in an image, and how wrong its WCS is.

    Lengths are in pixels and angles in degrees where no unit is named.
    """

    seed: int = 1
    common: int = 300
    """Stars in the image that are known and measured."""
    only_known: int = 150
    """Known stars, in the image and around it, that no source belongs to."""
    only_measured: int = 150
    """Sources in the image that are no known star."""
    shape: tuple[int, int] = (4176, 2048)
    scale_arcsec: float = 0.168
    centre: tuple[float, float] = (150.0, 2.0)
    distortion: float = 1.0
    """Times that of a CCD far from the axis, about a pixel at the corners."""
    offset_arcsec: float = 0.0
    turn: float = 0.0
    stretch: float = 1.0
    is_mirrored: bool = False
    bright_missing: int = 0
    """So many of the brightest known stars of the image are saturated, and no sources."""
    photometric_scatter: float = 0.01
    fwhm: float = 4.0
    part: tuple[float, float] = (1.0, 1.0)
    """Stars fill this part of the image, from its first corner."""


@dataclass(frozen=True)
class StarField:
    """Sources, known stars, and where both are in truth."""

    exposure: Exposure
    """Without pixels that matter, with the WCS to begin with."""
    sources: SourceCatalog
    """The first `StarFieldRecipe.common` rows are the first of ``stars``."""
    stars: ReferenceObjects
    truth: Wcs
    errors: NDArray[np.float64]
    """Standard errors of the positions of the sources, in each axis."""
    zero_point: float = 30.5


def star_schema() -> Schema:
    """Return the schema of the sources: centroids and fluxes in their slots."""
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y", "f_instFlux", "f_instFluxErr"):
        schema.add_field(name, "D", "value")
    for name in ("c_xErr", "c_yErr"):
        schema.add_field(name, "F", "error")
    schema.add_field("f_flag", "Flag", "no flux")
    schema.aliases["slot_Centroid"] = "c"
    schema.aliases["slot_PsfFlux"] = "f"
    schema.aliases["slot_CalibFlux"] = "f"
    return schema


def make_star_field(recipe: StarFieldRecipe, schema: Schema | None = None) -> StarField:
    """Make the catalogs of a field.

    Parameters
    ----------
    recipe
        What is in it.
    schema
        Of the sources: `star_schema`, with what tasks have added.
    """
    rng = np.random.default_rng(recipe.seed)
    height, width = recipe.shape
    truth = _true_wcs(recipe)
    place = rng.uniform(0, 1, (recipe.common, 2)) * np.array(recipe.part)
    place = place * np.array([width - 1.0, height - 1.0])
    around = rng.uniform(0, 1, (recipe.only_known, 2))
    around = around * np.array([width + 2 * _MARGIN, height + 2 * _MARGIN]) - _MARGIN
    flux = _fluxes(rng, recipe.common + recipe.only_known)
    ra, dec = truth.pixel_to_sky(*np.concatenate([place, around]).T)
    stars = ReferenceObjects(ids=np.arange(len(flux)) + 1000, ra=ra, dec=dec, flux=flux)
    sources, errors = _measure(recipe, rng, place, flux[: recipe.common], schema or star_schema())
    exposure = Exposure(Box.from_shape(recipe.shape))
    exposure.wcs = _guess(recipe, rng)
    return StarField(exposure, sources, stars, truth, errors)


def _fluxes(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return fluxes in nJy of a power law, twice as many stars for each magnitude."""
    return np.asarray(4e3 * (1 - rng.uniform(0, 0.999, count)) ** (-1 / 0.75))


def _centre(recipe: StarFieldRecipe) -> Point2D:
    height, width = recipe.shape
    return Point2D((width - 1) / 2, (height - 1) / 2)


def _true_wcs(recipe: StarFieldRecipe) -> Wcs:
    plain = make_tan_wcs(recipe.centre, _centre(recipe), make_cd_matrix(recipe.scale_arcsec))
    size = recipe.distortion * (2088 / (max(recipe.shape) / 2)) ** 2
    a = ((0, 0, 0, 0), (0, 0, 1e-10 * size, 0), (0, 0, 0, 0), (2e-10 * size, 0, 0, 0))
    b = ((0, 0, 0, 1.5e-10 * size), (0, 0, 0, 0), (0, 1e-10 * size, 0, 0), (0, 0, 0, 0))
    parameters = plain.parameters
    return Wcs(
        type(parameters)(
            crval=parameters.crval,
            crpix=parameters.crpix,
            cd=parameters.cd,
            lonpole=180.0,
            sip=Sip(a, b) if recipe.distortion else None,
        )
    )


def _guess(recipe: StarFieldRecipe, rng: np.random.Generator) -> Wcs:
    """Return the WCS to begin with: off in a direction by chance."""
    direction = rng.uniform(0, 2 * np.pi)
    shift = recipe.offset_arcsec / recipe.scale_arcsec
    middle = _centre(recipe)
    place = Point2D(middle.x + shift * np.cos(direction), middle.y + shift * np.sin(direction))
    cd = make_cd_matrix(recipe.scale_arcsec * recipe.stretch, recipe.turn)
    if recipe.is_mirrored:
        cd = np.asarray(cd) @ np.diag([-1.0, 1.0])
    return make_tan_wcs(recipe.centre, place, cd)


def _measure(
    recipe: StarFieldRecipe,
    rng: np.random.Generator,
    place: NDArray[np.float64],
    flux: NDArray[np.float64],
    schema: Schema,
) -> tuple[SourceCatalog, NDArray[np.float64]]:
    """Return the sources, with errors as a PSF of Gaussian shape has them."""
    height, width = recipe.shape
    other = rng.uniform(0, 1, (recipe.only_measured, 2)) * np.array([width - 1.0, height - 1.0])
    place = np.concatenate([place, other])
    flux = np.concatenate([flux, _fluxes(rng, recipe.only_measured)]) / _NJY_PER_COUNT
    flux_error = np.sqrt(90.0**2 + flux / 3.0)
    errors = recipe.fwhm / 2.355 * np.sqrt(2) * flux_error / flux
    errors = np.sqrt(errors**2 + 0.005**2)
    place = place + rng.normal(0, 1, place.shape) * errors[:, np.newaxis]
    scatter = rng.normal(0, recipe.photometric_scatter, len(flux))
    sources = SourceCatalog(SourceTable.make(schema))
    sources.resize(len(flux))
    sources["id"] = np.arange(len(flux)) + 1
    sources["c_x"], sources["c_y"] = place.T
    sources["c_xErr"] = sources["c_yErr"] = errors.astype(np.float32)
    sources["f_instFlux"] = flux * 10 ** (0.4 * scatter) + rng.normal(0, 1, len(flux)) * flux_error
    sources["f_instFluxErr"] = flux_error
    flags = np.zeros(len(flux), np.bool_)
    flags[np.argsort(-flux[: recipe.common])[: recipe.bright_missing]] = True
    sources["f_flag"] = flags
    return sources, errors
