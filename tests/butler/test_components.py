"""Parts of datasets and read parameters, on real files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from support.repositories import TYPES, make_repository, observation
from support.shared_data import find_shared_data

from butler.components import DatasetName, split_name
from butler.errors import (
    DatasetNotFoundError,
    FormatterError,
    ParameterError,
    UnknownDatasetTypeError,
)
from imaging.geometry.box import Box
from imaging.image.image import Image

if TYPE_CHECKING:
    from pathlib import Path

    from butler.butler import Butler

ONE = {"visit": 903334, "ccd": 16}
PIXELS = np.arange(6 * 8, dtype=np.float32).reshape(6, 8)


@pytest.fixture
def pictures(butler: Butler) -> Butler:
    """Holds one picture and one table."""
    butler.put(Image(PIXELS), "picture", ONE)
    butler.put(Table({"id": [1, 2, 3], "flux": [0.5, 1.5, 2.5]}), "sources", ONE)
    return butler


# Taking names apart.


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("src", ("src", None, False)),
        ("src_schema", ("src_schema", None, False)),  # a dataset type of its own
        ("calexp_md", ("calexp", "metadata", True)),
        ("calexp_sub", ("calexp", None, True)),
        ("calexp_filename", ("calexp", "filename", True)),
        ("calexp.metadata", ("calexp", "metadata", False)),
        ("calexp_wcs", ("calexp", "wcs", True)),
        ("calexp_header_wcs", ("calexp", "header_wcs", True)),
        ("calexp_visitInfo", ("calexp", "visit_info", True)),
        ("calexp.photoCalib", ("calexp", "photo_calib", False)),
        ("calexp.a.b", ("calexp", "a.b", False)),
        ("nobody_md", ("nobody_md", None, False)),
        ("calexp.", ("calexp.", None, False)),
        ("_md", ("_md", None, False)),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple[str, str | None, bool]) -> None:
    known = {"src", "src_schema", "calexp"}
    assert split_name(name, known) == DatasetName(*parts)


# On files.


def test_the_header_is_read_alone_in_either_spelling(pictures: Butler) -> None:
    for name in ("picture_md", "picture.metadata"):
        metadata = pictures.get(name, ONE)
        assert metadata["NAXIS1"] == 8  # type: ignore[index]


def test_the_box_is_read_alone_in_either_spelling(pictures: Butler) -> None:
    for name in ("picture_bbox", "picture.bbox"):
        box = pictures.get(name, ONE)
        assert isinstance(box, Box)
        assert (box.width, box.height) == (8, 6)


def test_the_file_name_is_a_list_in_gen2_and_a_path_in_ours(pictures: Butler) -> None:
    uri = pictures.get_uri("picture", ONE)
    assert pictures.get("picture_filename", ONE) == [uri]
    assert pictures.get("picture.filename", ONE) == uri


def test_length_and_schema_of_a_table_are_read_alone(pictures: Butler) -> None:
    for name in ("sources_len", "sources.len"):
        assert pictures.get(name, ONE) == 3
    for name in ("sources_schema", "sources.schema"):
        schema = pictures.get(name, ONE)
        assert isinstance(schema, Table)
        assert (schema.colnames, len(schema)) == (["id", "flux"], 0)


@pytest.mark.parametrize("name", ["picture", "picture_sub"])
@pytest.mark.parametrize("spelled", ["keyword", "in the data ID"])
def test_a_part_of_an_image_is_read_by_its_box(pictures: Butler, name: str, spelled: str) -> None:
    box = Box.from_string("2:5,1:4")
    if spelled == "keyword":
        part = pictures.get(name, ONE, bbox=box)
    else:
        part = pictures.get(name, {**ONE, "bbox": box})
    assert isinstance(part, Image)
    assert part.array.shape == (box.height, box.width)
    np.testing.assert_array_equal(part.array, PIXELS[1 : 1 + box.height, 2 : 2 + box.width])


def test_a_part_without_its_box_is_refused(pictures: Butler) -> None:
    with pytest.raises(ParameterError, match="give its bbox="):
        pictures.get("picture_sub", ONE)


def test_only_the_columns_asked_for_are_read(pictures: Butler) -> None:
    table = pictures.get("sources", ONE, columns=["flux"])
    assert isinstance(table, Table)
    assert table.colnames == ["flux"]


def test_an_hdu_is_chosen_by_its_number(butler: Butler, tmp_path: Path) -> None:
    path = tmp_path / "many.fits"
    layers = [fits.ImageHDU(np.full((2, 3), number, dtype="f4")) for number in (1, 2)]
    fits.HDUList([fits.PrimaryHDU(), *layers]).writeto(path)
    butler.put_file(path, "picture", ONE)
    image = butler.get("picture", ONE, hdu=2)
    assert isinstance(image, Image)
    assert image.array.max() == 2


def test_an_hdu_in_the_template_is_where_a_registered_file_is_read(tmp_path: Path) -> None:
    kind = {"template": "many/{visit}.fits[2]", "storage_class": "Image", "description": "x"}
    butler = make_repository(tmp_path / "R", types={"second": kind})
    path = tmp_path / "many.fits"
    layers = [fits.ImageHDU(np.full((2, 3), number, dtype="f4")) for number in (1, 2)]
    fits.HDUList([fits.PrimaryHDU(), *layers]).writeto(path)
    butler.register("second", [(path, {"visit": 1})])
    image = butler.get("second", visit=1)
    assert isinstance(image, Image)
    assert image.array.max() == 2
    assert butler.get_uri("second", visit=1) == str(path)
    butler.put(Image(PIXELS), "second", visit=2)
    again = butler.get("second", visit=2)
    assert isinstance(again, Image)
    np.testing.assert_array_equal(again.array, PIXELS)
    butler.put_file(path, "second", visit=3)
    third = butler.get("second", visit=3)
    assert isinstance(third, Image)
    assert third.array.max() == 2


def test_an_unknown_component_lists_those_there_are(pictures: Butler) -> None:
    with pytest.raises(FormatterError, match=r"Did you mean 'metadata'\?.*bbox, filename, meta"):
        pictures.get("picture.metadat", ONE)
    pictures.put(1, "summary", ONE)
    with pytest.raises(FormatterError, match="components are: filename"):
        pictures.get("summary.bbox", ONE)
    with pytest.raises(UnknownDatasetTypeError):
        pictures.get("nobody.bbox", ONE)


def test_what_a_formatter_raises_names_the_file_and_the_data_id(
    pictures: Butler, data: Path
) -> None:
    path = data / "pictures" / "0903334-016.fits"
    path.write_bytes(b"SIMPLE = no")
    with pytest.raises(FormatterError) as caught:
        pictures.get("picture", ONE)
    assert str(path) in str(caught.value)
    assert "visit=903334 ccd=16" in str(caught.value)
    with pytest.raises(FormatterError, match="visit=903334 ccd=16"):
        pictures.get("picture", ONE, bbox="no box")


def test_a_real_raw_file_is_read_through_its_repository(tmp_path: Path) -> None:
    found = find_shared_data()
    path = None if found is None else found / "hsc_pixels" / "HSC-0908120-056-small.fits"
    if path is None or not path.exists():
        pytest.skip("real data is not on this machine")
    butler = make_repository(tmp_path / "R", observations=[observation(908120, 56)])
    one = butler.data_ref("raw", visit=908120, ccd=56).data_id
    butler.register("raw", [(path, one)])
    header = butler.get("raw_md", visit=908120, ccd=56)
    with fits.open(path) as hdus:
        exposures = {hdu.header.get("EXPTIME") for hdu in hdus}
    assert header["EXPTIME"] in exposures - {None}  # type: ignore[index]
    assert butler.get("raw_filename", visit=908120, ccd=56) == [str(path)]


def test_a_dataset_of_another_class_is_not_there(pictures: Butler) -> None:
    assert set(TYPES) <= pictures.get_dataset_types()
    with pytest.raises(DatasetNotFoundError):
        pictures.get("picture_md", ONE, ccd=17)
