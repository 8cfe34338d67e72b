from __future__ import annotations

import pytest

from imaging.errors import ReferenceCatalogError
from imaging.reference.column_map import ROLES, Brightness, ColumnMap, ColumnSource


@pytest.mark.parametrize(
    ("text", "column", "unit"),
    [
        ("ra", "ra", ""),
        ("pmra[mas/yr]", "pmra", "mas/yr"),
        (" a b [ deg ] ", "a b", "deg"),
        ("x[]", "x", ""),
    ],
)
def test_column_and_unit_are_taken_apart(text: str, column: str, unit: str) -> None:
    assert ColumnSource.parse(text) == ColumnSource(column, unit)


def test_no_column_is_refused() -> None:
    with pytest.raises(ReferenceCatalogError, match="names no column"):
        ColumnSource.parse("")


def test_options_and_file_say_the_same() -> None:
    options = ColumnMap.from_options(
        {"ra": "RA[deg]", "pm_ra": "PM[mas/yr]"},
        fluxes=["F[uJy]=g", "i"],
        flux_errors=["dF[uJy]=g"],
        magnitudes=["R=r"],
        magnitude_errors=["dR=r"],
        keep=["class"],
        missing=-999.0,
    )
    content = {
        "ra": "RA[deg]",
        "pm_ra": {"column": "PM", "unit": "mas/yr"},
        "fluxes": {
            "g": {"column": "F", "unit": "uJy", "error": "dF", "error_unit": "uJy"},
            "i": "i",
        },
        "magnitudes": {"r": {"column": "R", "error": "dR"}},
        "keep": ["class"],
        "missing": -999.0,
    }
    assert ColumnMap.from_mapping(content, "map.yaml") == options
    assert options.describe() == ColumnMap.from_mapping(content, "other.yaml").describe()


def test_what_options_say_counts_more_than_the_rest() -> None:
    first = ColumnMap({"ra": ColumnSource("a")}, (Brightness("r", ColumnSource("x")),), ("k",))
    other = ColumnMap(
        {"ra": ColumnSource("b"), "dec": ColumnSource("d")},
        (Brightness("r", ColumnSource("y")), Brightness("i", ColumnSource("z"))),
        ("k", "l"),
        -1.0,
    )
    both = first.over(other)
    assert both.roles == {"ra": ColumnSource("a"), "dec": ColumnSource("d")}
    assert [one.source.column for one in both.brightnesses] == ["x", "z"]
    assert (both.keep, both.missing) == (("k", "l"), -1.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "no mapping"),
        ({"raa": "x"}, "Did you mean 'ra'"),
        ({"ra": {"col": "x"}}, "takes column and unit"),
        ({"fluxes": "x"}, "mapping of filters"),
        ({"fluxes": {"r": {"error": "x"}}}, "takes column, unit, error, error_unit"),
        ({"keep": "x"}, "list of columns"),
        ({"missing": "x"}, "missing is a number"),
    ],
)
def test_file_that_cannot_be_understood_is_refused(content: object, message: str) -> None:
    with pytest.raises(ReferenceCatalogError, match=message):
        ColumnMap.from_mapping(content, "map.yaml")


def test_error_without_a_flux_is_refused() -> None:
    with pytest.raises(ReferenceCatalogError, match="error but no flux for: g"):
        ColumnMap.from_options({}, fluxes=["r"], flux_errors=["dg=g"])


@pytest.mark.parametrize("fluxes", [["x=r", "y=r"], ["x=r/i"], ["phot g"]])
def test_filters_that_cannot_be_fields_are_refused(fluxes: list[str]) -> None:
    with pytest.raises(ReferenceCatalogError, match="filter"):
        ColumnMap.from_options({}, fluxes=fluxes).check()


def test_fields_are_called_as_in_catalogs_of_the_stack() -> None:
    assert [role.field for role in ROLES.values()][:4] == [
        "id",
        "coord_ra",
        "coord_dec",
        "coord_raErr",
    ]
