from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from support.star_tables import gaia_table, write_table

from imaging.errors import ColumnNotFoundError, ReferenceCatalogError
from imaging.reference.column_map import ColumnMap
from imaging.reference.reference_input import ReferenceInput
from imaging.reference.shard_rows import read_shard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from imaging.table.content import TableContent

MAS = np.radians(1 / 3.6e6)


def rows_of(
    table: Table, folder: Path, columns: ColumnMap | None = None, form: str = "fits"
) -> TableContent:
    """What becomes of a table, written as one piece and read again."""
    source = ReferenceInput([write_table(table, folder / f"in.{form}")], columns or ColumnMap())
    rows = np.concatenate(list(source.iter_rows()))
    path = folder / "out.fits"
    path.unlink(missing_ok=True)
    source.write_piece(rows, str(path))
    return read_shard(str(path))


def options(*, roles: dict[str, str] | None = None, **more: Sequence[str]) -> ColumnMap:
    return ColumnMap.from_options(roles or {}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["fits", "csv", "ecsv", "parquet"])
def test_columns_of_gaia_are_known(form: str, tmp_path: Path) -> None:
    table = gaia_table(100)
    found = rows_of(table, tmp_path, form=form)
    array = found.array
    np.testing.assert_array_equal(array["id"], table["source_id"])
    # what is written to text has 17 digits, but a conversion may round otherwise
    np.testing.assert_allclose(array["coord_ra"], np.radians(table["ra"]), rtol=1e-14)
    np.testing.assert_allclose(array["pm_dec"], table["pmdec"] * MAS, rtol=1e-13)
    np.testing.assert_allclose(array["pm_raErr"], table["pmra_error"] * MAS, rtol=1e-6)  # single
    np.testing.assert_allclose(array["parallax"], table["parallax"] * MAS, rtol=1e-13)
    assert set(array["epoch"]) == {57388.5}
    magnitude = -2.5 * np.log10(table["phot_g_mean_flux"]) + 25.8010
    np.testing.assert_allclose(array["phot_g_mean_flux"], 10 ** (0.4 * (31.4 - magnitude)))
    assert not found.column("pm_flag").any()


def test_fluxes_of_another_release_of_gaia_are_not_guessed(tmp_path: Path) -> None:
    table = gaia_table(5)
    table["ref_epoch"] = 2015.5
    source = ReferenceInput([write_table(table, tmp_path / "in.fits")], ColumnMap())
    assert not source.columns.brightnesses
    assert any("not that of Gaia DR3" in note for note in source.notes)


def test_columns_of_pan_starrs_are_known(tmp_path: Path) -> None:
    table = Table(
        {
            "objID": [1, 2],
            "raMean": [10.0, 20.0],
            "decMean": [-5.0, 5.0],
            "raMeanErr": [0.1, 0.2],
            "decMeanErr": [0.1, 0.2],
            "epochMean": [56000.0, 56100.0],
            "gMeanPSFMag": [20.0, -999.0],
            "gMeanPSFMagErr": [0.1, -999.0],
        }
    )
    array = rows_of(table, tmp_path).array
    assert array["g_flux"][0] == pytest.approx(10 ** (0.4 * 11.4))  # rounding
    assert array["g_fluxErr"][0] == pytest.approx(array["g_flux"][0] * 0.1 * np.log(10) / 2.5)
    assert np.isnan(array["g_flux"][1])
    assert array["coord_raErr"] == pytest.approx(np.radians([0.1 / 3600, 0.2 / 3600]), rel=1e-6)
    assert array["epoch"].tolist() == [56000.0, 56100.0]


def test_catalog_of_the_stack_is_known(shared_data: Path) -> None:
    place = shared_data / "refcats_hsc_field" / "gaia_dr2_20200414" / "189584.fits"
    source = ReferenceInput([str(place)], ColumnMap())
    array = np.concatenate(list(source.iter_rows()))
    expected = read_shard(str(place)).array
    for name in ("id", "coord_ra", "coord_dec", "pm_ra", "pm_dec", "phot_g_mean_flux", "epoch"):
        np.testing.assert_array_equal(array[name], expected[name])


def test_units_of_the_file_count_and_those_of_the_user_more(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.5], "f": [2.0], "pm": [3.0]})
    table["ra"].unit = table["dec"].unit = "rad"
    table["f"].unit = "uJy"
    columns = options(roles={"pm_ra": "pm[arcsec/yr]", "pm_dec": "pm[mas/yr]"}, fluxes=["f=r"])
    array = rows_of(table, tmp_path, columns).array
    assert array["coord_ra"][0] == 1.0
    assert array["r_flux"][0] == pytest.approx(2000.0)  # rounding
    assert array["pm_ra"][0] == pytest.approx(3000 * MAS)  # rounding
    assert array["pm_dec"][0] == pytest.approx(3 * MAS)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (options(roles={"pm_ra": "x"}), r"x has no unit.*'x\[mas/yr\]'"),
        (options(roles={"parallax": "x"}), "x has no unit"),
        (options(fluxes=["x=r"]), r"x has no unit.*nJy"),
        (options(roles={"ra_err": "x[mag]"}), "no unit that becomes rad"),
        (options(magnitudes=["x[mag(ST)]=r"]), "only AB"),
        (options(roles={"epoch": "x"}), "no date that one would know"),
        (options(keep=["id"]), "there twice: id"),
        (options(fluxes=["x[nJy]=a-b"]), "cannot be the name of a filter"),
    ],
)
def test_what_is_in_doubt_is_refused(columns: ColumnMap, message: str, tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.5], "x": [2.0], "id": [1]})
    with pytest.raises(ReferenceCatalogError, match=message):
        rows_of(table, tmp_path, columns)


def test_position_that_is_not_found_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ReferenceCatalogError, match=r"which column is ra\?.*are: x, y"):
        rows_of(Table({"x": [1.0], "y": [2.0]}), tmp_path)


def test_two_positions_are_not_chosen_from(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [2.0], "RAJ2000": [1.0], "DEJ2000": [2.0]})
    with pytest.raises(ReferenceCatalogError, match="which column is ra"):
        rows_of(table, tmp_path)


def test_misspelt_column_gets_a_suggestion(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [2.0], "magnitude": [20.0]})
    with pytest.raises(ColumnNotFoundError, match="Did you mean 'magnitude'"):
        rows_of(table, tmp_path, options(magnitudes=["magnitud=r"]))


def test_rows_without_a_position_are_left_out_and_counted(tmp_path: Path) -> None:
    table = Table(
        {"ra": [1.0, np.nan, 3.0, 4.0], "dec": [0.0, 0.0, 91.0, -90.0], "n": [1, 2, 3, 4]}
    )
    path = write_table(table, tmp_path / "in.fits")
    source = ReferenceInput([path], options(roles={"id": "n"}))
    assert np.concatenate(list(source.iter_rows()))["id"].tolist() == [1, 4]
    assert source.left_out == 2
    assert len(list(source.iter_rows())) == 1  # and again from the beginning
    assert source.left_out == 2


def test_motions_that_are_not_known_are_flagged(tmp_path: Path) -> None:
    table = gaia_table(4)
    table["pmra"] = MaskedColumn(table["pmra"], mask=[True, False, False, False])
    table["pmdec_error"][1] = np.nan
    table["parallax"][2] = np.nan
    found = rows_of(table, tmp_path, form="ecsv")
    assert found.column("pm_flag").tolist() == [True, True, False, False]
    assert found.column("parallax_flag").tolist() == [False, False, True, False]
    assert np.isnan(found.array["pm_ra"][0])


def test_right_ascension_is_wrapped(tmp_path: Path) -> None:
    table = Table({"ra": [-10.0, 370.0, 360.0, -1e-15], "dec": [0.0] * 4})
    ra = np.degrees(rows_of(table, tmp_path).array["coord_ra"])
    assert ra == pytest.approx([350.0, 10.0, 0.0, 0.0], abs=1e-12)  # rounding
    assert (ra < 360).all()


def test_rows_are_numbered_across_files_where_there_is_no_identifier(tmp_path: Path) -> None:
    paths = [
        write_table(Table({"ra": [1.0, 2.0], "dec": [0.0, 1.0]}), tmp_path / f"{n}.csv")
        for n in range(2)
    ]
    source = ReferenceInput(paths, ColumnMap())
    assert np.concatenate(list(source.iter_rows()))["id"].tolist() == [1, 2, 3, 4]
    assert "numbered from 1" in " ".join(source.notes)


@pytest.mark.parametrize("values", [[1.5], ["a"], [2**63 + 5], [float("nan")]])
def test_identifiers_that_are_no_integers_are_refused(values: list[object], tmp_path: Path) -> None:
    dtype = np.uint64 if values == [2**63 + 5] else None
    table = Table({"ra": [1.0], "dec": [0.0], "n": np.array(values, dtype)})
    path = write_table(table, tmp_path / "in.parquet")
    source = ReferenceInput([path], options(roles={"id": "n"}))
    with pytest.raises(ReferenceCatalogError, match="n holds"):
        list(source.iter_rows())


def test_column_of_text_that_is_called_id_is_not_taken_for_one(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.0], "id": ["a"]})
    assert rows_of(table, tmp_path).array["id"].tolist() == [1]
    notes = ReferenceInput([str(tmp_path / "in.fits")], ColumnMap()).notes
    assert "Not taken as identifiers: id holds no integers." in notes


def test_one_of_two_columns_of_identifiers_has_to_be_named(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.0], "ID": [7], "objID": [8]})
    path = write_table(table, tmp_path / "in.csv")
    notes = ReferenceInput([path], ColumnMap()).notes
    assert "Not taken as identifiers: ID, objID could be meant: say which by --id." in notes
    assert "numbered" not in " ".join(ReferenceInput([path], options(roles={"id": "ID"})).notes)


def test_file_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    path = write_table(Table({"ra": [1.0], "dec": [0.0]}), tmp_path / "in.csv")
    (tmp_path / "again.csv").symlink_to(path)
    with pytest.raises(ReferenceCatalogError, match=r"again\.csv is named twice"):
        ReferenceInput([path, str(tmp_path / "again.csv")], ColumnMap())


@pytest.mark.parametrize("form", ["fits", "csv", "parquet"])
def test_other_columns_are_kept(form: str, tmp_path: Path) -> None:
    table = Table({"ra": [1.0, 2.0], "dec": [0.0, 1.0], "n": [5, 6], "t": ["ab", "cde"]})
    found = rows_of(table, tmp_path, options(keep=["n", "t"]), form)
    assert found.array["n"].tolist() == [5, 6]
    assert found.column("t").tolist() == ["ab", "cde"]
    assert found.array["n"].dtype.kind == ("f" if form == "csv" else "i")  # text has no types


def test_kept_text_that_is_too_long_is_refused(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.0], "t": ["x" * 65]})
    with pytest.raises(ValueError, match="t"):
        rows_of(table, tmp_path, options(keep=["t"]), "csv")


@pytest.mark.parametrize("epoch", ["J2016.0", "2016.0[jyear]", "57388.5", "57388.5[mjd]"])
def test_epoch_may_be_the_same_for_all(epoch: str, tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.0]})
    array = rows_of(table, tmp_path, options(roles={"epoch": epoch})).array
    assert array["epoch"].tolist() == [57388.5]


def test_second_file_that_lacks_a_column_is_named(tmp_path: Path) -> None:
    table = Table({"ra": [1.0], "dec": [0.0], "m": [20.0]})
    paths = [write_table(table, tmp_path / "a.csv")]
    table.remove_column("m")
    paths.append(write_table(table, tmp_path / "b.csv"))
    source = ReferenceInput(paths, options(magnitudes=["m=r"]))
    with pytest.raises(ColumnNotFoundError, match=r"b\.csv"):
        list(source.iter_rows())


def test_schema_says_what_bounds_the_motion(tmp_path: Path) -> None:
    table = gaia_table(50)
    source = ReferenceInput([write_table(table, tmp_path / "in.fits")], ColumnMap())
    list(source.iter_rows())
    source.write_schema(str(tmp_path / "schema.fits"), {"REFCAT_ROWS": 50})
    content = read_shard(str(tmp_path / "schema.fits"))
    fastest = np.max(np.hypot(table["pmra"], table["pmdec"])) * MAS
    assert len(content.array) == 0
    assert content.metadata["REFCAT_PM_MAX"] == pytest.approx(fastest)  # rounding
    assert content.metadata["REFCAT_EPOCH_MIN"] == content.metadata["REFCAT_EPOCH_MAX"] == 57388.5
    assert content.metadata["REFCAT_ROWS"] == 50


def test_no_files_are_refused() -> None:
    with pytest.raises(ReferenceCatalogError, match="no files"):
        ReferenceInput([], ColumnMap())
