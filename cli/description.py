"""What is in a dataset, as text for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cli.output import write_fields
from cli.picture import component_names

if TYPE_CHECKING:
    from butler import Butler, DataId
    from imaging import Image, Mask, VisitInfo

__all__ = ["write_description"]

_LINES = 30
_WIDTH = 100
_PARTS = (
    "bbox",
    "filter",
    "id",
    "visit_info",
    "detector",
    "wcs",
    "psf",
    "photo_calib",
    "aperture_corrections",
    "valid_polygon",
    "metadata",
)


def write_description(butler: Butler, name: str, data_id: DataId) -> None:
    """Write what a dataset is to stdout; of an exposure no pixels are read.

    Parameters
    ----------
    butler
        Where it is.
    name
        A dataset type, or a component of one.
    data_id
        Which one.
    """
    if "masked_image" in component_names(butler, name):
        _write_exposure(butler, name, data_id)
        return
    from imaging import Image, Mask, MaskedImage, VisitInfo

    found = butler.get(name, data_id)
    if isinstance(found, VisitInfo):
        write_fields(_visit_fields(found), "table")
    elif isinstance(found, Image | Mask):
        write_fields(_pixel_fields(found), "table")
    elif isinstance(found, MaskedImage):
        write_fields(_pixel_fields(found.image) | _pixel_fields(found.mask), "table")
    else:
        _write_text(_as_text(found))


def _write_text(text: str) -> None:
    import click

    from cli.safe_text import safe_text

    click.echo(safe_text(text.rstrip("\n"), keep_lines=True))


def _write_exposure(butler: Butler, name: str, data_id: DataId) -> None:
    from butler.errors import FormatterError

    fields: dict[str, object] = {}
    for part in _PARTS:
        try:
            found = butler.get(f"{name}.{part}", data_id)
        except FormatterError as error:
            if part == "bbox":  # nothing can be read of it
                raise
            found = f"cannot be read: {error}"
        fields.update(_part_fields(part, found))
    write_fields(fields, "table")


def _part_fields(part: str, found: object) -> dict[str, object]:
    from imaging import Box, Metadata, VisitInfo

    if isinstance(found, Box):
        return {"size": f"{found.width} x {found.height} pixels", "box": str(found)}
    if isinstance(found, VisitInfo):
        return _visit_fields(found)
    if isinstance(found, Metadata):
        return {"header": f"{len(found)} cards"}
    return {part.replace("_", " "): _as_line(found)}


def _as_line(found: object) -> str:
    """Return the text form without what marks it as an object of Python."""
    if found is None:
        return "none"
    if type(found).__str__ is not object.__str__:
        return str(found)
    text = " ".join(repr(found).split())
    return text[1:-1] if text.startswith("<") else text


def _visit_fields(info: VisitInfo) -> dict[str, object]:
    air = info.weather
    numbers = {
        "exposure time [s]": info.exposure_time_s,
        "right ascension [deg]": info.boresight_ra_deg,
        "declination [deg]": info.boresight_dec_deg,
        "airmass": info.boresight_airmass,
        "rotation [deg]": info.boresight_rotation_deg,
        "air temperature [C]": air.air_temperature_c,
        "air pressure [Pa]": air.air_pressure_pa,
        "humidity [%]": air.humidity_percent,
    }
    words = {
        "middle (TAI)": info.date_avg_text,
        "object": info.object,
        "type": info.observation_type,
        "program": info.science_program,
        "instrument": info.instrument_label,
    }
    fields: dict[str, object] = {} if info.id is None else {"visit": info.id}
    fields |= {name: word for name, word in words.items() if word}
    return fields | {
        name: round(value, 7) for name, value in numbers.items() if math.isfinite(value)
    }


def _pixel_fields(pixels: Image | Mask) -> dict[str, object]:
    import numpy as np

    from imaging import Mask

    array = pixels.array
    if isinstance(pixels, Mask):
        counts = [f"{name} {int(pixels.get_plane(name).sum())}" for name in pixels.planes]
        place = {"size": f"{pixels.width} x {pixels.height} pixels", "box": str(pixels.bbox)}
        return {**place, "pixels set": counts}
    fields: dict[str, object] = {
        "size": f"{pixels.width} x {pixels.height} pixels, {pixels.dtype}",
        "box": str(pixels.bbox),
        "header": f"{len(pixels.metadata)} cards",
    }
    finite = array[np.isfinite(array)]
    if finite.size:
        low, median, high = (float(f(finite)) for f in (np.min, np.median, np.max))
        fields |= {"minimum": low, "median": median, "maximum": high}
    return fields | {"not finite": f"{array.size - finite.size} pixels"}


def _as_text(found: object) -> str:
    if isinstance(found, str):
        return found
    if isinstance(found, dict | list | tuple):
        from butler.formatters.plain_data import as_plain_data
        from butler.safe_yaml import dump_yaml

        return dump_yaml(as_plain_data(found))
    pformat = getattr(found, "pformat", None)  # of a table of astropy
    if callable(pformat):
        lines = pformat(max_lines=_LINES, max_width=_WIDTH, show_unit=True)
        return "\n".join([*lines, f"{len(found)} rows"])  # type: ignore[arg-type]  # as tables have
    from imaging import Box

    if isinstance(found, Box) or type(found).__str__ is not object.__str__:
        return str(found)
    return repr(found)
