"""Catalogs in FITS files: ours, the LSST stack's and other programs'."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.shared_data import find_shared_data

from imaging.errors import (
    ColumnNotFoundError,
    FitsFileError,
    FormatVersionError,
    HduNotFoundError,
    UndecodableError,
)
from imaging.footprint.footprint import Footprint
from imaging.geometry.box import Box
from imaging.geometry.points import Extent2I, Point2I
from imaging.table import files
from imaging.table.catalog import BaseCatalog
from imaging.table.schemas.fields import Field, element_type
from imaging.table.schemas.schema import Schema
from imaging.table.source_catalog import SimpleCatalog, SourceCatalog, read_catalog
from imaging.table.table import SourceTable

FROZEN = Path(__file__).parent / "data" / "catalog_version_1.fits.gz"
SRC = "catalogs/src_HSC_i_HSC-I_903986_0_31_HSC_runs_ci_hsc_20210407T021858Z.fits"


@pytest.fixture(scope="module")
def shared() -> Path:
    found = find_shared_data()
    if found is None:
        pytest.skip("this machine has no shared data")
    return found


def make_catalog(count: int = 5) -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    schema.add_field("a_flag", "Flag", "it failed")
    schema.add_field("a_instFlux", "D", "flux", "count")
    schema.add_field("b_flag", "Flag")
    schema.add_field("n", "I", "a count")
    schema.define_psf_flux("a")
    catalog = SourceCatalog(schema)
    catalog.resize(count)
    catalog["id"] = np.arange(count) + 1
    catalog["a_instFlux"] = np.arange(count) / 3
    catalog["a_flag"] = np.arange(count) % 2 == 0
    catalog["b_flag"] = np.arange(count) % 3 == 0
    return catalog


def make_footprint(x: int) -> Footprint:
    footprint = Footprint(Box(Point2I(x, 2), Extent2I(3, 4)))
    footprint.add_peak(x + 1.0, 3.0, 7.5)
    return footprint


def same_values(first: BaseCatalog, second: BaseCatalog) -> bool:
    return len(first) == len(second) and all(
        first.values(name).tobytes() == second.values(name).tobytes() for name in first.schema.names
    )


KINDS = st.sampled_from(
    ["B", "U", "I", "L", "F", "D", "Angle", "Flag", "String", "ArrayI", "ArrayF", "ArrayD"]
)
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)


@st.composite
def catalogs(draw: st.DrawFn) -> BaseCatalog:
    names = draw(st.lists(WORDS, max_size=12, unique_by=str.lower))
    schema = Schema()
    for name in names:
        kind = draw(KINDS)
        has_size = kind == "String" or kind.startswith("Array")
        doc, unit = draw(st.sampled_from(["", "it's said"])), draw(st.sampled_from(["", "pixel"]))
        size = draw(st.integers(1, 5)) if has_size else None
        if name != "flags":
            schema.add_field(Field(name, kind, doc, "" if kind == "Flag" else unit, size))
    if schema.names:
        schema.aliases["slot"] = draw(st.sampled_from(schema.names))
    count = draw(st.integers(0, 9))
    catalog = BaseCatalog(schema)
    catalog.resize(count)
    for entry in schema:
        catalog[entry.key] = draw(values_of(entry.field, count))
    return catalog


def values_of(field: Field, count: int) -> st.SearchStrategy[np.ndarray]:
    if field.type == "Flag":
        return arrays.arrays(np.bool_, count)
    if field.type == "String":
        letters = st.text(st.characters(codec="ascii", categories=["L"]), max_size=field.size)
        return st.lists(letters, min_size=count, max_size=count).map(
            lambda texts: np.array(texts, np.str_)
        )
    shape = (count, field.element_count) if field.is_array else count
    return arrays.arrays(element_type(field.type), shape)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(catalogs())
def test_any_catalog_is_read_as_it_was_written(tmp_path: Path, catalog: BaseCatalog) -> None:
    path = str(tmp_path / "a.fits")
    catalog.write_fits(path)
    read = BaseCatalog.read_fits(path)
    assert read.schema == catalog.schema
    assert same_values(catalog, read)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(catalogs())
def test_astropy_reads_the_columns_that_were_written(tmp_path: Path, catalog: BaseCatalog) -> None:
    path = str(tmp_path / "a.fits")
    catalog.write_fits(path)
    flags = catalog.schema.flag_names
    with fits.open(path) as opened:
        opened.verify("exception")
        data = opened["CATALOG"].data
        for entry in catalog.schema:
            field = entry.field
            if field.type == "Flag":
                found = (
                    data["flags"][:, flags.index(field.name)] if len(data) else np.zeros(0, bool)
                )
            else:
                found = data[field.name]
            wanted = catalog.values(entry.key)
            if field.is_array:
                found = found.reshape(wanted.shape)
            np.testing.assert_array_equal(np.asarray(found), wanted)


def test_metadata_and_footprints_come_back(tmp_path: Path) -> None:
    catalog = make_catalog()
    catalog.metadata["OBSERVER"] = "nobody"
    catalog[1].footprint = make_footprint(4)
    path = str(tmp_path / "a.fits")
    catalog.write_fits(path)
    read = SourceCatalog.read_fits(path)
    assert dict(read.metadata) == {"OBSERVER": "nobody"}
    assert [record.footprint is None for record in read] == [True, False, True, True, True]
    footprint = read[1].footprint
    assert footprint is read[1].footprint
    assert footprint.spans == make_footprint(4).spans
    assert footprint.peaks[0].value == 7.5


def test_catalog_that_was_read_is_written_with_all_its_footprints(tmp_path: Path) -> None:
    catalog = make_catalog()
    for number in (0, 1, 3):
        catalog[number].footprint = make_footprint(number)
    first, second = str(tmp_path / "a.fits"), str(tmp_path / "b.fits")
    catalog.write_fits(first)
    read = SourceCatalog.read_fits(first)
    read[3].footprint.shift(100)
    read[4].footprint = make_footprint(50)
    read[0].footprint = None
    read[np.array([4, 3, 1, 0])].write_fits(second)
    last = SourceCatalog.read_fits(second)
    assert [record.id for record in last] == [5, 4, 2, 1]
    found = [record.footprint for record in last]
    assert [one and one.bbox.min_x for one in found] == [50, 103, 1, None]


def test_footprints_of_a_file_that_was_replaced_are_not_mixed_up(tmp_path: Path) -> None:
    catalog = make_catalog()
    catalog[0].footprint = make_footprint(1)
    path = str(tmp_path / "a.fits")
    catalog.write_fits(path)
    read = SourceCatalog.read_fits(path)
    catalog.resize(2)
    catalog.write_fits(path + ".new")
    os.replace(path + ".new", path)
    with pytest.raises(FitsFileError, match="read it again"):
        read[0].footprint  # noqa: B018 - the property raises


def test_some_columns_are_read_by_name_and_alias(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    catalog = make_catalog()
    catalog.write_fits(path)
    part = SourceCatalog.read_fits(path, columns=["b_flag", "slot_PsfFlux_instFlux", "id"])
    assert part.schema.names == ("b_flag", "a_instFlux", "id")
    assert part["b_flag"].tolist() == catalog["b_flag"].tolist()
    assert part["a_flux"].tolist() == catalog["a_instFlux"].tolist()
    part.write_fits(str(tmp_path / "b.fits"))
    again = SourceCatalog.read_fits(str(tmp_path / "b.fits"))
    assert same_values(part, again)
    assert again.schema == part.schema
    with pytest.raises(ColumnNotFoundError, match=r"nothing.*c_flag"):
        SourceCatalog.read_fits(path, columns=["nothing", "c_flag"])


def test_parts_of_a_file_are_read_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    catalog = make_catalog(7)
    catalog.metadata["NIGHT"] = 3
    catalog.write_fits(path)
    assert files.read_length(path) == 7
    assert files.read_schema(path) == catalog.schema
    assert dict(files.read_metadata_of(path)) == {"NIGHT": 3}
    assert files.read_kind(path) == "SOURCE"
    assert isinstance(read_catalog(path), SourceCatalog)


def test_rows_without_fields_and_fields_without_rows_are_written(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    SourceCatalog(make_catalog(0).schema).write_fits(path)
    read = SourceCatalog.read_fits(path)
    assert len(read) == 0
    assert read.add_new().id == 1


def test_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    make_catalog().write_fits(path)
    with fits.open(path, mode="update") as opened:
        opened[1].header["SBVERS"] = 2
    with pytest.raises(FormatVersionError, match="update skybutler"):
        SourceCatalog.read_fits(path)


def test_table_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    make_catalog().write_fits(path)
    with fits.open(path, mode="update") as opened:
        opened[1].header["SBTYPE"] = "Psf"
    with pytest.raises(UndecodableError, match="'Psf'"):
        SourceCatalog.read_fits(path)


@pytest.mark.parametrize(
    ("card", "value", "message"),
    [
        ("FLAGCOL", 99, "FLAGCOL"),
        ("FLAGCOL", 1, "has no bits"),
        ("TFLAG2", "a_flag", "two flags"),
        ("TFLAG2", "n", "already"),
        ("ALIAS", "nonsense", "ALIAS"),
    ],
)
def test_header_that_contradicts_itself_is_refused(
    tmp_path: Path, card: str, value: object, message: str
) -> None:
    path = str(tmp_path / "a.fits")
    make_catalog().write_fits(path)
    with fits.open(path, mode="update") as opened:
        opened[1].header[card] = value
    with pytest.raises(FitsFileError, match=message):
        SourceCatalog.read_fits(path)


def test_damaged_files_raise_errors_with_the_path(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    make_catalog(400).write_fits(str(path))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(FitsFileError, match=r"a\.fits"):
        SourceCatalog.read_fits(str(path))
    with pytest.raises(FitsFileError, match=r"none\.fits"):
        SourceCatalog.read_fits(str(tmp_path / "none.fits"))
    fits.PrimaryHDU().writeto(tmp_path / "empty.fits")
    with pytest.raises(HduNotFoundError, match="no table"):
        SourceCatalog.read_fits(str(tmp_path / "empty.fits"))


def test_example_of_version_1_is_still_read() -> None:
    catalog = SourceCatalog.read_fits(str(FROZEN))
    assert catalog.schema.names == (
        "id", "coord_ra", "coord_dec", "parent", "base_PsfFlux_instFlux", "base_PsfFlux_flag",
        "n", "u", "b", "f", "second", "name", "arr",
    )  # fmt: skip
    assert catalog.schema.find("name").field == Field("name", "String", "its name", "", 6)
    assert catalog["id"].tolist() == [1, 2, 2**62]
    assert catalog["coord_ra"].tolist() == [0.1, 0.2, 0.3]
    np.testing.assert_array_equal(catalog.psf_flux, [1.5, -2.5, np.nan])
    assert catalog["base_PsfFlux_flag"].tolist() == [True, False, True]
    assert catalog["second"].tolist() == [False, True, True]
    assert catalog["u"].tolist() == [0, 1, 65535]
    assert catalog["b"].tolist() == [0, 1, 255]
    assert catalog["f"].tolist() == [0.5, 0.25, np.inf]
    assert catalog["name"].tolist() == ["", "star", "gåé"]
    assert catalog["arr"].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert catalog.metadata["OBSERVER"] == "nobody"
    assert catalog[0].footprint is None
    assert catalog[1].footprint.area == 6
    assert [peak.value for peak in catalog[1].footprint.peaks] == [9.0]


def test_table_of_another_program_becomes_a_catalog(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    Table(
        {
            "good": [True, False],
            "small": np.array([1, -2], np.int16),
            "large": np.array([1, 2**32 - 1], np.uint32),
            "name": ["ab", "a"],
            "ra": np.array([0.5, 1.5]),
            "image": np.arange(4, dtype=np.float32).reshape(2, 2),
        },
        units={"ra": "rad"},
    ).write(path)
    catalog = BaseCatalog.read_fits(path)
    types = {entry.field.name: entry.field.type for entry in catalog.schema}
    assert types == {
        "good": "Flag", "small": "I", "large": "L", "name": "String", "ra": "Angle",
        "image": "ArrayF",
    }  # fmt: skip
    assert catalog["good"].tolist() == [True, False]
    assert catalog["small"].tolist() == [1, -2]
    assert catalog["large"].tolist() == [1, 2**32 - 1]
    assert catalog["name"].tolist() == ["ab", "a"]
    assert catalog["image"].tolist() == [[0.0, 1.0], [2.0, 3.0]]


def test_columns_without_a_type_of_fields_are_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = str(tmp_path / "a.fits")
    Table({"a": [1.5], "wave": [1 + 2j]}).write(path)
    catalog = BaseCatalog.read_fits(path)
    assert catalog.schema.names == ("a",)
    assert "'wave'" in caplog.text


def test_dots_of_the_oldest_files_become_underscores(tmp_path: Path) -> None:
    path = str(tmp_path / "a.fits")
    hdu = fits.BinTableHDU.from_columns([fits.Column("flux.psf", "D", array=[1.5])])
    hdu.header["TCCLS1"] = "Scalar"
    hdu.writeto(path)
    assert BaseCatalog.read_fits(path)["flux_psf"].tolist() == [1.5]


def test_stacks_catalog_is_read_as_astropy_reads_it(shared: Path) -> None:
    path = str(shared / SRC)
    catalog = read_catalog(path)
    assert isinstance(catalog, SourceCatalog)
    assert len(catalog) == 771
    with fits.open(path) as opened:
        header, data = opened[1].header, opened[1].data
        assert header["TFIELDS"] == 126  # the flags are one column, the footprints another
        assert len(catalog.schema) == 124 + 122
        for number in range(1, 123):
            wanted = data["flags"][:, number - 1]
            assert catalog[header[f"TFLAG{number}"]].tolist() == wanted.tolist()
        for number in range(2, 126):
            name = header[f"TTYPE{number}"]
            field = catalog.schema.find(name).field
            assert field.units == header.get(f"TUNIT{number}", "")
            assert field.doc == header.get(f"TDOC{number}", "").replace("''", "'") or field.doc
            np.testing.assert_array_equal(catalog[name], data[name])
    assert catalog.schema.find("coord_ra").field.type == "Angle"


def test_stacks_slots_aliases_and_metadata_are_known(shared: Path) -> None:
    catalog = SourceCatalog.read_fits(str(shared / SRC))
    assert len(catalog.aliases) == 21
    np.testing.assert_array_equal(catalog.x, catalog["base_SdssCentroid_x"])
    np.testing.assert_array_equal(catalog["base_PsfFlux_flux"], catalog.psf_flux)
    assert catalog[0].shape.ixx == catalog["ext_shapeHSM_HsmSourceMoments_xx"][0]
    flag = catalog["base_PsfFlux_flag_badCentroid"]
    assert flag.tolist() == catalog["base_SdssCentroid_flag"].tolist()
    assert catalog.metadata["NOISE_EXPOSURE_ID"] == 180797300
    assert "AR_HDU" not in catalog.metadata


def test_stacks_footprints_and_children_are_found(shared: Path) -> None:
    catalog = SourceCatalog.read_fits(str(shared / SRC))
    assert sum(len(record.footprint.spans) for record in catalog) == 38655
    assert sum(len(record.footprint.peaks) for record in catalog) == 8188
    assert sum(record.footprint.is_heavy for record in catalog) == 144
    parents = catalog[catalog["deblend_nChild"] > 0]
    for parent in parents:
        children = catalog.get_children(parent.id)
        assert len(children) == parent["deblend_nChild"]
        assert all(parent.footprint.bbox.contains(child.footprint.bbox) for child in children)
    areas = [record.footprint.area for record in catalog]
    assert areas == catalog["base_FootprintArea_value"].tolist()


def test_stacks_catalog_is_written_and_read_again_unchanged(shared: Path, tmp_path: Path) -> None:
    catalog = SourceCatalog.read_fits(str(shared / SRC))
    path = str(tmp_path / "a.fits")
    catalog.write_fits(path)
    again = SourceCatalog.read_fits(path)
    assert again.schema == catalog.schema
    assert again.metadata == catalog.metadata
    assert same_values(catalog, again)
    assert again[5].footprint.spans == catalog[5].footprint.spans
    assert sum(record.footprint.is_heavy for record in again) == 144


def test_stacks_older_catalog_is_found_by_todays_names(shared: Path) -> None:
    catalog = SourceCatalog.read_fits(str(shared / "catalogs/sourceCatalog-hsc-v2.fits"))
    assert len(catalog) == 5
    np.testing.assert_array_equal(catalog["base_PsfFlux_instFlux"], catalog["base_PsfFlux_flux"])
    np.testing.assert_array_equal(catalog.psf_flux, catalog["base_PsfFlux_flux"])
    np.testing.assert_array_equal(catalog.gaussian_flux, catalog["base_GaussianFlux_flux"])
    assert [len(record.footprint.spans) for record in catalog] == [14, 12, 15, 13, 17]


@pytest.mark.parametrize(
    ("name", "count", "flux"),
    [
        ("refcats_hsc_field/gaia_dr2_20200414/189584.fits", 2762, "phot_g_mean_flux"),
        ("refcats_hsc_field/ps1_pv3_3pi_20170110/189584.fits", 17827, "g_flux"),
        ("sdss_demo/input/ref_cats/sdss_demo_ref_cat/188481.fits", 265, "u_flux"),
        ("sdss_demo/input/ref_cats/sdss_demo_ref_cat/master_schema.fits", 0, "u_flux"),
    ],
)
def test_reference_catalogs_are_simple_catalogs(
    shared: Path, name: str, count: int, flux: str
) -> None:
    catalog = read_catalog(str(shared / name))
    assert isinstance(catalog, SimpleCatalog)
    assert not isinstance(catalog, SourceCatalog)
    assert len(catalog) == count
    assert catalog.schema.find(flux).field.units == "nJy"
    with fits.open(shared / name) as opened:
        for column in ("id", "coord_ra", flux):
            np.testing.assert_array_equal(catalog[column], opened[1].data[column])
        if "phot_variable_flag" in catalog.schema:
            assert (
                catalog["phot_variable_flag"].tolist()
                == opened[1].data["phot_variable_flag"].tolist()
            )
            assert catalog["pm_flag"].tolist() == opened[1].data["flags"][:, 0].tolist()
