"""Parts of datasets, spelled ``calexp.metadata`` or, as in Gen2, ``calexp_md``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["FILENAME", "GEN2_SUFFIXES", "DatasetName", "split_name"]

FILENAME = "filename"
"""The component that every dataset type with a file has."""

GEN2_SUFFIXES = {
    "_md": "metadata",
    "_bbox": "bbox",
    "_filename": FILENAME,
    "_len": "len",
    "_schema": "schema",
    "_sub": None,  # the dataset itself, with a bbox
    "_header_wcs": "header_wcs",  # before the next one, which is its end
    "_wcs": "wcs",
    "_photoCalib": "photo_calib",
    "_visitInfo": "visit_info",
    "_filterLabel": "filter",
    "_filter": "filter",
    "_detector": "detector",
}
"""What Gen2 appended to a dataset type, and the component that it means."""

_DOTTED = {
    "photoCalib": "photo_calib",
    "visitInfo": "visit_info",
    "filterLabel": "filter",
    "apCorrMap": "aperture_corrections",
    "validPolygon": "valid_polygon",
}


@dataclass(frozen=True, slots=True)
class DatasetName:
    """What a user wrote for a dataset type, taken apart.

    Parameters
    ----------
    dataset_type
        The dataset type itself.
    component
        The part that is meant, None for the whole.
    is_gen2_spelling
        Whether a suffix named the part.
    """

    dataset_type: str
    component: str | None = None
    is_gen2_spelling: bool = False

    @property
    def is_part(self) -> bool:
        """Whether less than the whole dataset is meant."""
        return self.component is not None or self.is_gen2_spelling


def split_name(name: str, known: Container[str]) -> DatasetName:
    """Take the name of a dataset type or of a part of one apart.

    Parameters
    ----------
    name
        As the user wrote it, aliases resolved.
    known
        The dataset types that exist; an exact match always wins, so that
        ``src_schema`` may be a dataset type of its own.

    Returns
    -------
    DatasetName
        Where nothing matches, the name stands as the dataset type, for the
        caller to complain about.
    """
    if name in known:
        return DatasetName(name)
    base, dot, component = name.partition(".")
    if dot and component:
        return DatasetName(base, _DOTTED.get(component, component))
    for suffix, part in GEN2_SUFFIXES.items():
        if name.endswith(suffix) and name.removesuffix(suffix) in known:
            return DatasetName(name.removesuffix(suffix), part, is_gen2_spelling=True)
    return DatasetName(name)
