from __future__ import annotations

import pytest

from imaging import Metadata
from imaging.errors import MetadataError, ParameterTypeError
from imaging.exposure.filter_label import FilterLabel


def test_label_has_a_band_and_a_physical_name() -> None:
    label = FilterLabel("r", "HSC-R2")
    assert (label.band, label.physical, label.name) == ("r", "HSC-R2", "HSC-R2")
    assert str(label) == "band 'r', physical 'HSC-R2'"
    assert FilterLabel("r").name == "r"


def test_empty_names_are_unknown_ones() -> None:
    assert FilterLabel("", "  ") == FilterLabel()
    assert str(FilterLabel()) == "no filter"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("i", FilterLabel(band="i")),
        ("HSC-I", FilterLabel(physical="HSC-I")),
        ("_unknown_", None),
        ("", None),
        (3, None),
    ],
)
def test_card_names_a_band_or_a_glass(value: object, expected: FilterLabel | None) -> None:
    assert FilterLabel.from_metadata(Metadata({"FILTER": value})) == expected  # type: ignore[dict-item]
    assert FilterLabel.from_metadata(Metadata()) is None


def test_names_that_no_header_holds_are_refused() -> None:
    with pytest.raises(MetadataError, match="ASCII"):
        FilterLabel("ü")
    with pytest.raises(ParameterTypeError, match="text"):
        FilterLabel(3)  # type: ignore[arg-type]
