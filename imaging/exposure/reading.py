"""Exposures, and parts of them, from files."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from imaging.errors import (
    FitsFileError,
    ParameterTypeError,
    ParameterValueError,
    WcsError,
    closest_words,
)
from imaging.exposure.contents import PLANES, TABLES, read_contents
from imaging.exposure.derived_cards import without_derived, without_wcs
from imaging.exposure.part_decoder import PART_TABLES, PartDecoder
from imaging.fits.metadata import Metadata
from imaging.geometry.box import Box
from imaging.geometry.origin import Origin, local_begin
from imaging.geometry.points import Point2I
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.mask_planes import MaskPlanes
from imaging.image.masked_image import MaskedImage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imaging.detector.detector import Detector
    from imaging.exposure.aperture_corrections import ApertureCorrections
    from imaging.exposure.contents import Contents
    from imaging.exposure.filter_label import FilterLabel
    from imaging.exposure.info import ExposureInfo
    from imaging.exposure.photo_calib import PhotoCalib
    from imaging.exposure.visit_info import VisitInfo
    from imaging.fits.planes import Plane
    from imaging.geometry.polygon import Polygon
    from imaging.psf.psf import Psf
    from imaging.wcs.projection import SkyProjection

__all__ = ["COMPONENTS", "Component", "ComponentName", "read_component", "read_exposure"]

logger = logging.getLogger(__name__)

ComponentName: TypeAlias = Literal[
    "aperture_corrections",
    "bbox",
    "detector",
    "filter",
    "header_wcs",
    "id",
    "image",
    "mask",
    "masked_image",
    "metadata",
    "photo_calib",
    "psf",
    "valid_polygon",
    "variance",
    "visit_info",
    "wcs",
]
Component: TypeAlias = (
    "ApertureCorrections | Box | Detector | FilterLabel | Image | Mask | MaskedImage | Metadata"
    " | PhotoCalib | Polygon | Psf | SkyProjection | VisitInfo | int | None"
)

COMPONENTS: frozenset[str] = frozenset(get_args(ComponentName))
"""Names of what can be read alone."""

_PLANES = {
    "image": ("IMAGE",),
    "mask": ("MASK",),
    "variance": ("VARIANCE",),
    "masked_image": PLANES,
}


def read_exposure(
    path: str, bbox: Box | None = None, origin: Origin = "parent"
) -> tuple[MaskedImage, ExposureInfo]:
    """Read an exposure; see `imaging.exposure.exposure.Exposure.read_fits`."""
    contents = read_contents(path, (*PLANES, *TABLES), bbox=bbox, origin=origin)
    info = PartDecoder(contents).decode()
    _warn(path, info.undecoded)
    return _masked_image(contents), info


def _warn(path: str, undecoded: Mapping[str, str]) -> None:
    if undecoded:
        parts = "; ".join(f"{name} ({reason})" for name, reason in undecoded.items())
        logger.warning("%s: could not be decoded: %s", path, parts)


def read_component(
    path: str, name: str, bbox: Box | None = None, origin: Origin = "parent"
) -> Component:
    """Read one part; see `imaging.exposure.exposure.Exposure.read_component`."""
    if not isinstance(name, str):
        message = f"The name of a component is a text, not {name!r}."
        raise ParameterTypeError(message)
    if name not in COMPONENTS:
        message = (
            f"An exposure has no component {name!r}.{closest_words(name, COMPONENTS)} "
            f"There are {', '.join(sorted(COMPONENTS))}."
        )
        raise ParameterValueError(message)
    if name in _PLANES:
        contents = read_contents(path, _PLANES[name], bbox=bbox, origin=origin)
        return _plane_component(contents, name, _part(contents, bbox, origin))
    wanted = ("IMAGE", *([PART_TABLES[name]] if name in PART_TABLES else []))
    contents = read_contents(path, wanted, headers_only=True)
    if name == "bbox":
        return contents.bbox
    decoder = PartDecoder(contents)
    if name == "header_wcs":
        try:
            return decoder.header_wcs()
        except WcsError as error:
            raise FitsFileError(path, f"its WCS cannot be used: {error}".rstrip(".")) from error
    found = cast("Component", decoder.find(name))
    _warn(path, decoder.undecoded)
    return found


def _part(contents: Contents, bbox: Box | None, origin: Origin) -> Box:
    """Return what was read, in parent coordinates."""
    whole = contents.bbox or Box()
    if bbox is None:
        return whole
    offset = local_begin(bbox, whole, origin) - Point2I()
    return Box(whole.min + offset, bbox.dimensions)


def _plane_component(contents: Contents, name: str, part: Box) -> Component:
    if name == "masked_image":
        return _masked_image(contents)
    if name == "image":
        return _image(contents, "IMAGE")
    plane = name.upper()
    if plane in contents.planes:
        return _mask(contents) if name == "mask" else _image(contents, plane)
    return Mask(part) if name == "mask" else Image(part)


def _masked_image(contents: Contents) -> MaskedImage:
    image = _image(contents, "IMAGE")
    if "MASK" not in contents.planes:
        return MaskedImage(image)
    variance = _image(contents, "VARIANCE")
    if variance.dtype.kind != "f":
        variance = Image(variance, dtype="f4", deep=True)
    return MaskedImage(image, _mask(contents), variance)


def _image(contents: Contents, name: str) -> Image:
    plane = contents.planes[name]
    header = _plane_header(contents, plane)
    if contents.layout == "lsst":  # old files have those of the mask in all planes
        header = MaskPlanes.without_cards(header)
    return Image(plane.array, plane.origin, header)


def _mask(contents: Contents) -> Mask:
    plane = contents.planes["MASK"]
    return Mask.from_plane(replace(plane, header=_plane_header(contents, plane)), contents.path)


def _plane_header(contents: Contents, plane: Plane) -> Metadata:
    """Return the cards that are about one plane alone."""
    if contents.layout == "plain":
        return Metadata()
    header = plane.header.without({"EXTNAME", "EXTTYPE", "EXTVER"})
    if contents.layout == "own":
        return without_derived(header)
    if not contents.inherits:  # its cards are about the exposure
        return Metadata(card for card in header.cards if card.name.startswith("MP_"))
    return without_wcs(header)
