"""Images, catalogs and what is known about them, and their files. Knows no butler.

::

    from imaging import Box, Exposure, display

    exposure = Exposure.read_fits("calexp.fits")
    display(exposure, planes="CR")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imaging.detector.amplifier import Amplifier
    from imaging.detector.assembly import assemble, raw_section
    from imaging.detector.camera import Camera
    from imaging.detector.camera_file import load_camera
    from imaging.detector.detector import Detector, DetectorType
    from imaging.detector.headers import detector_from_headers
    from imaging.detector.raw_file import read_amplifiers
    from imaging.errors import ImagingError
    from imaging.exposure.aperture_corrections import ApertureCorrections
    from imaging.exposure.bounded_field import ChebyshevField
    from imaging.exposure.exposure import Exposure
    from imaging.exposure.filter_label import FilterLabel
    from imaging.exposure.photo_calib import PhotoCalib
    from imaging.exposure.visit_info import VisitInfo
    from imaging.figures.display import display
    from imaging.fits.metadata import Metadata
    from imaging.footprint.footprint import Footprint
    from imaging.footprint.heavy import HeavyFootprint
    from imaging.footprint.masks import footprints_from_mask, footprints_to_mask
    from imaging.footprint.peaks import Peak, PeakCatalog
    from imaging.footprint.span import Span
    from imaging.footprint.span_set import SpanSet
    from imaging.footprint.stencil import Stencil
    from imaging.geometry.box import Box
    from imaging.geometry.ellipses import Axes, Ellipse, Quadrupole
    from imaging.geometry.points import Extent2D, Extent2I, Point2D, Point2I
    from imaging.geometry.polygon import Polygon
    from imaging.geometry.real_box import Box2D
    from imaging.image.ccddata import from_ccddata, to_ccddata
    from imaging.image.image import Image
    from imaging.image.mask import Mask
    from imaging.image.mask_planes import MaskPlanes
    from imaging.image.masked_image import MaskedImage
    from imaging.psf.gaussian import DoubleGaussianPsf, SingleGaussianPsf
    from imaging.psf.kernel import KernelPsf, PolynomialPsf
    from imaging.psf.kl import read_psfield
    from imaging.psf.persisted import read_psf
    from imaging.psf.psf import Psf
    from imaging.psf.psfex import PsfexPsf, read_psfex
    from imaging.psf.varying_pixels import SpatialBasis
    from imaging.sky.angle import Angle
    from imaging.sky.sphere_point import SpherePoint
    from imaging.table.ids import IdFactory
    from imaging.table.record import SimpleRecord, SourceRecord
    from imaging.table.schemas.aliases import AliasMap
    from imaging.table.schemas.fields import Field, Key, SchemaEntry
    from imaging.table.schemas.mapping import SchemaMapper
    from imaging.table.schemas.schema import Schema
    from imaging.table.source_catalog import SimpleCatalog, SourceCatalog, read_catalog
    from imaging.table.table import SimpleTable, SourceTable
    from imaging.wcs.approximation import fit_tan_sip
    from imaging.wcs.astrans import read_astrans
    from imaging.wcs.projection import SkyProjection
    from imaging.wcs.wcs import Wcs, make_cd_matrix, make_tan_wcs

__all__ = [
    "AliasMap",
    "Amplifier",
    "Angle",
    "ApertureCorrections",
    "Axes",
    "Box",
    "Box2D",
    "Camera",
    "ChebyshevField",
    "Detector",
    "DetectorType",
    "DoubleGaussianPsf",
    "Ellipse",
    "Exposure",
    "Extent2D",
    "Extent2I",
    "Field",
    "FilterLabel",
    "Footprint",
    "HeavyFootprint",
    "IdFactory",
    "Image",
    "ImagingError",
    "KernelPsf",
    "Key",
    "Mask",
    "MaskPlanes",
    "MaskedImage",
    "Metadata",
    "Peak",
    "PeakCatalog",
    "PhotoCalib",
    "Point2D",
    "Point2I",
    "Polygon",
    "PolynomialPsf",
    "Psf",
    "PsfexPsf",
    "Quadrupole",
    "Schema",
    "SchemaEntry",
    "SchemaMapper",
    "SimpleCatalog",
    "SimpleRecord",
    "SimpleTable",
    "SingleGaussianPsf",
    "SkyProjection",
    "SourceCatalog",
    "SourceRecord",
    "SourceTable",
    "Span",
    "SpanSet",
    "SpatialBasis",
    "SpherePoint",
    "Stencil",
    "VisitInfo",
    "Wcs",
    "assemble",
    "detector_from_headers",
    "display",
    "fit_tan_sip",
    "footprints_from_mask",
    "footprints_to_mask",
    "from_ccddata",
    "load_camera",
    "make_cd_matrix",
    "make_tan_wcs",
    "raw_section",
    "read_amplifiers",
    "read_astrans",
    "read_catalog",
    "read_psf",
    "read_psfex",
    "read_psfield",
    "to_ccddata",
]

_PLACES = {
    "AliasMap": "imaging.table.schemas.aliases",
    "Amplifier": "imaging.detector.amplifier",
    "Angle": "imaging.sky.angle",
    "ApertureCorrections": "imaging.exposure.aperture_corrections",
    "Axes": "imaging.geometry.ellipses",
    "Box": "imaging.geometry.box",
    "Box2D": "imaging.geometry.real_box",
    "Camera": "imaging.detector.camera",
    "ChebyshevField": "imaging.exposure.bounded_field",
    "Detector": "imaging.detector.detector",
    "DetectorType": "imaging.detector.detector",
    "DoubleGaussianPsf": "imaging.psf.gaussian",
    "Ellipse": "imaging.geometry.ellipses",
    "Exposure": "imaging.exposure.exposure",
    "Extent2D": "imaging.geometry.points",
    "Extent2I": "imaging.geometry.points",
    "Field": "imaging.table.schemas.fields",
    "FilterLabel": "imaging.exposure.filter_label",
    "Footprint": "imaging.footprint.footprint",
    "HeavyFootprint": "imaging.footprint.heavy",
    "IdFactory": "imaging.table.ids",
    "Image": "imaging.image.image",
    "ImagingError": "imaging.errors",
    "KernelPsf": "imaging.psf.kernel",
    "Key": "imaging.table.schemas.fields",
    "Mask": "imaging.image.mask",
    "MaskPlanes": "imaging.image.mask_planes",
    "MaskedImage": "imaging.image.masked_image",
    "Metadata": "imaging.fits.metadata",
    "Peak": "imaging.footprint.peaks",
    "PeakCatalog": "imaging.footprint.peaks",
    "PhotoCalib": "imaging.exposure.photo_calib",
    "Point2D": "imaging.geometry.points",
    "Point2I": "imaging.geometry.points",
    "Polygon": "imaging.geometry.polygon",
    "PolynomialPsf": "imaging.psf.kernel",
    "Psf": "imaging.psf.psf",
    "PsfexPsf": "imaging.psf.psfex",
    "Quadrupole": "imaging.geometry.ellipses",
    "Schema": "imaging.table.schemas.schema",
    "SchemaEntry": "imaging.table.schemas.fields",
    "SchemaMapper": "imaging.table.schemas.mapping",
    "SimpleCatalog": "imaging.table.source_catalog",
    "SimpleRecord": "imaging.table.record",
    "SimpleTable": "imaging.table.table",
    "SingleGaussianPsf": "imaging.psf.gaussian",
    "SkyProjection": "imaging.wcs.projection",
    "SourceCatalog": "imaging.table.source_catalog",
    "SourceRecord": "imaging.table.record",
    "SourceTable": "imaging.table.table",
    "Span": "imaging.footprint.span",
    "SpanSet": "imaging.footprint.span_set",
    "SpatialBasis": "imaging.psf.varying_pixels",
    "SpherePoint": "imaging.sky.sphere_point",
    "Stencil": "imaging.footprint.stencil",
    "VisitInfo": "imaging.exposure.visit_info",
    "Wcs": "imaging.wcs.wcs",
    "assemble": "imaging.detector.assembly",
    "detector_from_headers": "imaging.detector.headers",
    "display": "imaging.figures.display",
    "fit_tan_sip": "imaging.wcs.approximation",
    "footprints_from_mask": "imaging.footprint.masks",
    "footprints_to_mask": "imaging.footprint.masks",
    "from_ccddata": "imaging.image.ccddata",
    "load_camera": "imaging.detector.camera_file",
    "make_cd_matrix": "imaging.wcs.wcs",
    "make_tan_wcs": "imaging.wcs.wcs",
    "raw_section": "imaging.detector.assembly",
    "read_amplifiers": "imaging.detector.raw_file",
    "read_astrans": "imaging.wcs.astrans",
    "read_catalog": "imaging.table.source_catalog",
    "read_psf": "imaging.psf.persisted",
    "read_psfex": "imaging.psf.psfex",
    "read_psfield": "imaging.psf.kl",
    "to_ccddata": "imaging.image.ccddata",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: all of it takes a fifth of a second."""
    if name not in _PLACES:
        raise AttributeError(f"module 'imaging' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_PLACES[name]), name)
    return found


def __dir__() -> list[str]:
    """Offer what there is to users, imported already or not, to who completes names."""
    return list(__all__)
