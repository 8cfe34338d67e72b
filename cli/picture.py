"""Pictures of datasets: what is read for them, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from butler import Butler, DataId
    from imaging import Box, Image, Mask
    from imaging.preview.limits import Limits

__all__ = ["PictureWish", "component_names", "draw_png"]


@dataclass(frozen=True, slots=True)
class PictureWish:
    """What a picture is to show.

    Parameters
    ----------
    bbox
        The part, None for all.
    planes
        Names of mask planes, or ``all``.
    size
        Pixels of the longer side, at most.
    limits
        What is black and what is white.
    """

    bbox: Box | None
    planes: tuple[str, ...]
    size: int
    limits: Limits


def component_names(butler: Butler, name: str) -> frozenset[str]:
    """Return the components that can be read of a dataset type, none if it is one itself.

    Raises
    ------
    UnknownDatasetTypeError
        If there is no such dataset type.
    """
    from butler.components import split_name
    from butler.formatter import find_formatter
    from butler.repository.chain import Chain

    chain = Chain(butler.repositories)
    parts = split_name(name, chain.dataset_type_names())
    kind = chain.lookup(parts.dataset_type).dataset_type
    if parts.is_part or kind.template is None or kind.composite is not None:
        return frozenset()
    return find_formatter(kind.storage_class).components


def draw_png(butler: Butler, name: str, data_id: DataId, wish: PictureWish) -> bytes:
    """Return a picture of a dataset as the content of a PNG file; only what it shows is read.

    Raises
    ------
    click.UsageError
        If it is no image, or has no such part or planes.
    MaskPlaneError, MissingLibraryError, ParameterValueError
        If it cannot be drawn.
    """
    from imaging.preview.pictures import make_picture, png_bytes

    image, mask = _read(butler, name, data_id, wish)
    picture = make_picture(
        image.array, longest=wish.size, limits=wish.limits, overlays=_overlays(mask, wish.planes)
    )
    return png_bytes(picture)


def _read(
    butler: Butler, name: str, data_id: DataId, wish: PictureWish
) -> tuple[Image | Mask, Mask | None]:
    """Return the pixels, and their mask if planes are wished."""
    from imaging import Exposure, Image, Mask, MaskedImage

    components = component_names(butler, name)
    parameters = {} if wish.bbox is None else {"bbox": wish.bbox}
    if wish.bbox is not None and "bbox" in components:
        _require_inside(wish.bbox, butler.get(f"{name}.bbox", data_id))
    whole = f"{name}.image" if "image" in components else name
    found = butler.get(whole, data_id, **parameters)
    if isinstance(found, MaskedImage | Exposure):
        return found.image, found.mask if wish.planes else None
    if isinstance(found, Mask):
        return found, found if wish.planes else None
    if not isinstance(found, Image):
        raise click.UsageError(
            f"{name} is no image but a {type(found).__name__}, so there is no picture of it. "
            f"Without --png it is shown as text."
        )
    if not wish.planes:
        return found, None
    if "mask" not in components:
        raise click.UsageError(f"{name} has no mask whose --planes could be shown.")
    mask = butler.get(f"{name}.mask", data_id, **parameters)
    return found, mask if isinstance(mask, Mask) else None


def _require_inside(part: Box, whole: object) -> None:
    from imaging import Box

    if isinstance(whole, Box) and not whole.contains(part):
        raise click.UsageError(f"--bbox {part} is not inside the image, which is {whole}.")


def _overlays(mask: Mask | None, planes: tuple[str, ...]) -> Mapping[str, NDArray[np.bool_]]:
    """Return colours and where they are; of all planes, those of few pixels lie on top."""
    if mask is None:
        return {}
    from imaging.image.mask_bits import used_bits
    from imaging.preview.colors import plane_color

    if planes == ("all",):
        used = used_bits(mask.array)
        flags = {name: mask.get_plane(name) for name, bit in mask.planes.items() if used >> bit & 1}
        counts = {name: int(where.sum()) for name, where in flags.items()}
        flags = {name: flags[name] for name in sorted(counts, key=lambda one: -counts[one])}
    else:
        flags = {name: mask.get_plane(name) for name in planes}
    overlays: dict[str, NDArray[np.bool_]] = {}
    for name, where in flags.items():
        color = plane_color(name, mask.planes[name])
        overlays[color] = overlays[color] | where if color in overlays else where
    return overlays
