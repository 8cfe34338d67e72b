"""Background models in FITS files, in the layout and with the cards of the LSST stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from imaging.errors import FitsFileError
from imaging.fits.hdus import iter_hdus
from imaging.fits.metadata import Metadata
from imaging.fits.planes import Plane, plane_of
from imaging.fits.source import open_source
from imaging.fits.writer import PlanePart, write_parts
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.image.mask import Mask
from pipelines.background.model import Background, BackgroundList, Surface

if TYPE_CHECKING:
    from imaging.fits.hdus import Hdu

__all__ = ["read_backgrounds", "write_backgrounds"]

_STYLES: Final = {
    "CONSTANT": 0,
    "LINEAR": 1,
    "NATURAL_SPLINE": 2,
    "CUBIC_SPLINE": 3,
    "AKIMA_SPLINE": 5,
}
"""The numbers that the stack writes."""
_NO_POLYNOMIALS: Final = -1
_REDUCE_ORDER: Final = 1
_PLANES: Final = 3


def write_backgrounds(backgrounds: BackgroundList, path: str) -> None:
    """Write models to a file: levels, flags and variances of the cells of each.

    Parameters
    ----------
    backgrounds
        At least one.
    path
        The file; one that exists is replaced by the whole of it, or not at all.

    Raises
    ------
    FitsFileError
        If it cannot be written.
    """
    if not len(backgrounds):
        raise FitsFileError(path, "a list without a background cannot be written")
    parts: list[PlanePart] = []
    for background in backgrounds:
        mask = Mask(np.zeros(background.levels.shape, np.int32))
        mask.set_plane("BAD", ~np.isfinite(background.levels))
        cards = Metadata(_cards(background))
        parts += [
            PlanePart(Plane(background.levels, Point2I(0, 0), cards), "IMAGE"),
            PlanePart(mask.to_plane(), "MASK"),
            PlanePart(Plane(background.variance, Point2I(0, 0), Metadata()), "VARIANCE"),
        ]
    write_parts(path, Metadata(), parts)


def _cards(background: Background) -> dict[str, int | bool]:
    surface, bbox = background.surface, background.bbox
    is_polynomial = surface.style == "CHEBYSHEV"
    return {
        "INTERPSTYLE": _STYLES["AKIMA_SPLINE" if is_polynomial else surface.style],
        "UNDERSAMPLESTYLE": _REDUCE_ORDER,
        "BKGD_X0": bbox.min_x,
        "BKGD_Y0": bbox.min_y,
        "BKGD_WIDTH": bbox.width,
        "BKGD_HEIGHT": bbox.height,
        "APPROXSTYLE": 0 if is_polynomial else _NO_POLYNOMIALS,
        "APPROXORDERX": surface.order_x,
        "APPROXORDERY": surface.order_y,
        "APPROXWEIGHTING": surface.is_weighted,
    }


def read_backgrounds(path: str) -> BackgroundList:
    """Read what `write_backgrounds` wrote, or the LSST stack.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FitsFileError
        If it cannot be read, or is no list of backgrounds.
    """
    with open_source(path) as source:
        found = [
            (hdu, plane_of(source, hdu, hdu, None, "local").array)
            for hdu in iter_hdus(source)
            if hdu.image_shape is not None
        ]
        source.finish()
    if not found or len(found) % _PLANES:
        raise FitsFileError(
            path, f"{len(found)} images are no list of backgrounds, which have three images each"
        )
    return BackgroundList(
        _background(path, found[place][0], found[place][1], found[place + 2][1])
        for place in range(0, len(found), _PLANES)
    )


def _background(
    path: str,
    hdu: Hdu,
    levels: np.typing.NDArray[np.number],
    variance: np.typing.NDArray[np.number],
) -> Background:
    header = hdu.header
    try:
        corner = Point2I(int(str(header["BKGD_X0"])), int(str(header["BKGD_Y0"])))
        size = Extent2I(int(str(header["BKGD_WIDTH"])), int(str(header["BKGD_HEIGHT"])))
        number = int(str(header["INTERPSTYLE"]))
    except (LookupError, ValueError) as error:
        reason = f"HDU {hdu.index} is no background: {error}"
        raise FitsFileError(path, reason.rstrip(".")) from error
    styles = {value: name for name, value in _STYLES.items()}
    is_polynomial = int(str(header.get("APPROXSTYLE", _NO_POLYNOMIALS))) >= 0
    order = int(str(header.get("APPROXORDERX", 6)))
    surface = Surface(
        "CHEBYSHEV" if is_polynomial else styles.get(number, "AKIMA_SPLINE"),
        order,
        int(str(header.get("APPROXORDERY", order))),
        bool(header.get("APPROXWEIGHTING", True)),
    )
    return Background(
        Box(corner, size), levels.astype(np.float32), variance.astype(np.float32), surface
    )
