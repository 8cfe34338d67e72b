"""What a Butler keeps of this package: whole, in part, and by component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from support.repositories import make_repository, observation
from support.shared_data import find_shared_data

from butler.errors import FormatterError, UnknownKeyError
from imaging import (
    Box,
    Detector,
    Exposure,
    Extent2I,
    FilterLabel,
    Footprint,
    Image,
    Mask,
    MaskedImage,
    Metadata,
    PhotoCalib,
    Point2I,
    SingleGaussianPsf,
    SourceCatalog,
    SourceTable,
    SpanSet,
    VisitInfo,
    make_cd_matrix,
    make_tan_wcs,
)
from imaging.table.schemas.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from butler.butler import Butler

ONE = {"visit": 903334, "ccd": 16}
BOX = Box(Point2I(100, 50), Extent2I(20, 12))
PART = Box(Point2I(104, 53), Extent2I(6, 5))
SUFFIXES = {"Parquet": "parq"}
KINDS = ("MaskedImage", "Mask", "Image", "Psf", "Wcs", "PhotoCalib", "Detector", "Parquet")


@pytest.fixture
def butler(tmp_path: Path) -> Iterator[Butler]:
    types: dict[str, object] = {
        f"my{kind}": {
            "template": f"my/{kind}-{{visit:07d}}-{{ccd:03d}}.{SUFFIXES.get(kind, 'fits')}",
            "storage_class": kind,
            "description": "one of each",
        }
        for kind in KINDS
    }
    types["packed"] = {
        "template": "packed/{visit:07d}-{ccd:03d}.fits",
        "storage_class": "Exposure",
        "recipe": "lossyBasic",
        "description": "an exposure with a recipe",
    }
    with make_repository(
        tmp_path / "R", types=types, observations=[observation(903334, 16)]
    ) as opened:
        yield opened


@pytest.fixture
def exposure() -> Exposure:
    made = Exposure(BOX)
    made.image.array = np.arange(240, dtype=np.float32).reshape(12, 20)
    made.mask.set_plane("CR", PART)
    made.variance.array = made.image.array + 1
    made.wcs = make_tan_wcs((150.1, 2.2), (110.25, 55.5), make_cd_matrix(0.168, 30.0))
    made.psf = SingleGaussianPsf(9, 9, 1.5)
    made.photo_calib = PhotoCalib(0.5, 0.01)
    made.detector = Detector(id=7, name="1_07", bbox=Box.from_string("0:200,0:100"))
    made.visit_info = VisitInfo(exposure_time_s=30.5, id=903334)
    made.filter = FilterLabel("r", "HSC-R")
    made.id = 90333407
    made.metadata = Metadata({"EXPTIME": 31.0})
    return made


@pytest.fixture
def sources() -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    schema.add_field("flux", type="D", doc="a flux")
    catalog = SourceCatalog(schema)
    for number in range(3):
        record = catalog.add_new()
        record.set("id", number + 1)
        record.set("flux", number * 0.5)
        record.footprint = Footprint(SpanSet.from_box(Box(Point2I(number, 0), Extent2I(2, 2))))
    return catalog


def test_exposure_comes_back_with_all_its_parts(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure, "calexp", ONE)
    again = butler.get("calexp", ONE)
    assert isinstance(again, Exposure)
    assert again.masked_image == exposure.masked_image
    for name in ("wcs", "psf", "photo_calib", "detector", "visit_info", "filter", "id", "metadata"):
        assert getattr(again, name) == getattr(exposure, name), name


@pytest.mark.parametrize("spelled", ["calexp.metadata", "calexp_md"])
def test_metadata_of_an_exposure_are_its_whole_header(
    butler: Butler, exposure: Exposure, spelled: str
) -> None:
    butler.put(exposure, "calexp", ONE)
    header = butler.get(spelled, ONE)
    assert isinstance(header, Metadata)
    assert header["EXPTIME"] == exposure.metadata["EXPTIME"]
    assert (header["NAXIS1"], header["NAXIS2"]) == (exposure.width, exposure.height)
    assert header["CTYPE1"] == "RA---TAN"
    assert header["FILTER"] == "HSC-R"


@pytest.mark.parametrize(
    ("spelled", "attribute"),
    [
        ("calexp.wcs", "wcs"),
        ("calexp_wcs", "wcs"),
        ("calexp.psf", "psf"),
        ("calexp.mask", "mask"),
        ("calexp.image", "image"),
        ("calexp.variance", "variance"),
        ("calexp.masked_image", "masked_image"),
        ("calexp_bbox", "bbox"),
        ("calexp_photoCalib", "photo_calib"),
        ("calexp.photo_calib", "photo_calib"),
        ("calexp_visitInfo", "visit_info"),
        ("calexp_filterLabel", "filter"),
        ("calexp_detector", "detector"),
        ("calexp.id", "id"),
        ("calexp.valid_polygon", "valid_polygon"),
        ("calexp.apCorrMap", "aperture_corrections"),
    ],
)
def test_component_of_an_exposure_is_read_alone(
    butler: Butler, exposure: Exposure, spelled: str, attribute: str
) -> None:
    butler.put(exposure, "calexp", ONE)
    assert butler.get(spelled, ONE) == getattr(exposure, attribute)


def test_header_wcs_is_what_other_programs_see(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure, "calexp", ONE)
    assert exposure.wcs is not None
    assert butler.get("calexp_header_wcs", ONE).pixel_to_sky(110, 55) == pytest.approx(  # type: ignore[attr-defined]
        exposure.wcs.pixel_to_sky(110, 55), abs=1e-10
    )  # the cards hold 64-bit numbers as decimal text


def test_part_of_an_exposure_is_read_by_its_box(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure, "calexp", ONE)
    local = Box(Point2I(4, 3), PART.dimensions)
    for found in (
        butler.get("calexp", ONE, bbox=PART),
        butler.get("calexp_sub", ONE, bbox="104:110,53:58"),
        butler.get("calexp_sub", ONE, bbox=local, imageOrigin="local"),
    ):
        assert isinstance(found, Exposure)
        assert found.masked_image == exposure[PART].masked_image
        assert found.wcs == exposure.wcs
    assert butler.get("calexp.mask", ONE, bbox=PART) == exposure.mask[PART]


def test_wrong_component_gets_a_suggestion(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure, "calexp", ONE)
    with pytest.raises(FormatterError, match=r"no component 'photocalib'.*'photo_calib'"):
        butler.get("calexp.photocalib", ONE)


def test_box_outside_is_an_error_that_names_both(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure, "calexp", ONE)
    with pytest.raises(FormatterError, match=r"0:5,0:5 is not inside .* 100:120,50:62"):
        butler.get("calexp", ONE, bbox=Box.from_string("0:5,0:5"))


def test_pixels_alone_become_an_exposure(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure.masked_image, "calexp", ONE)
    found = butler.get("calexp", ONE)
    assert isinstance(found, Exposure)
    assert found.masked_image == exposure.masked_image
    with pytest.raises(FormatterError, match=r"An Exposure is needed, not ndarray. Use Exposure"):
        butler.put(exposure.image.array, "calexp", ONE, replace=True)


def test_cards_of_an_image_become_those_of_the_exposure(butler: Butler) -> None:
    wcs = make_tan_wcs((10.0, 20.0), (3.0, 4.0), make_cd_matrix(0.2))
    cards = Metadata([*wcs.to_metadata(Point2I()).cards, *Metadata({"OBJECT": "M31"}).cards])
    butler.put(Image(np.ones((5, 6), np.float32), metadata=cards), "calexp", ONE)
    found = butler.get("calexp", ONE)
    assert isinstance(found, Exposure)
    assert found.metadata["OBJECT"] == "M31"
    assert found.wcs is not None
    assert found.wcs.pixel_to_sky(3, 4) == pytest.approx((10.0, 20.0), abs=1e-10)
    assert not found.image.metadata


def test_plain_file_is_read_as_an_exposure(butler: Butler, tmp_path: Path) -> None:
    path = tmp_path / "plain.fits"
    layers = [fits.ImageHDU(np.full((4, 5), number, "i2")) for number in (1, 2)]
    layers[1].header["OBJECT"] = "second"
    fits.HDUList([fits.PrimaryHDU(), *layers]).writeto(path)
    butler.put_file(path, "calexp", ONE)
    first, second = butler.get("calexp", ONE), butler.get("calexp", ONE, hdu=2)
    assert isinstance(first, Exposure)
    assert isinstance(second, Exposure)
    assert (first.image.array.max(), second.image.array.max()) == (1, 2)
    assert second.metadata["OBJECT"] == "second"
    assert butler.get("calexp.bbox", ONE, hdu=2) == Box.from_string("0:5,0:4")


def test_recipe_of_a_dataset_type_compresses(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure, "packed", ONE)
    with fits.open(butler.get_uri("packed", ONE), disable_image_compression=True) as hdus:
        assert hdus["IMAGE"].header["ZCMPTYPE"] == "RICE_1"
    assert butler.get("packed.mask", ONE) == exposure.mask
    butler.put(exposure, "packed", ONE, recipe="noCompression", replace=True)
    assert butler.get("packed.image", ONE) == exposure.image
    with pytest.raises(FormatterError, match=r"no recipe 'lossy'.* mean 'lossyBasic'"):
        butler.put(exposure, "packed", ONE, recipe="lossy", replace=True)


def test_parameter_that_is_not_known_gets_a_suggestion(butler: Butler, exposure: Exposure) -> None:
    with pytest.raises(UnknownKeyError, match="Did you mean 'compression'"):
        butler.put(exposure, "calexp", ONE, compresion="rice")
    butler.put(exposure, "calexp", ONE, compression="lossless")
    assert butler.get("calexp.image", ONE) == exposure.image


@pytest.mark.parametrize("kind", KINDS[:7])
def test_each_kind_comes_back_equal(butler: Butler, exposure: Exposure, kind: str) -> None:
    objects = {
        "MaskedImage": exposure.masked_image,
        "Mask": exposure.mask,
        "Image": exposure.image,
        "Psf": exposure.psf,
        "Wcs": exposure.wcs,
        "PhotoCalib": exposure.photo_calib,
        "Detector": exposure.detector,
    }
    butler.put(objects[kind], f"my{kind}", ONE)
    assert butler.get(f"my{kind}", ONE) == objects[kind]
    with pytest.raises(FormatterError, match="is needed, not dict"):
        butler.put({}, f"my{kind}", ONE, replace=True)


def test_object_of_another_kind_in_the_file_is_told(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure.psf, "myPsf", ONE)
    butler.put_file(butler.get_uri("myPsf", ONE), "myWcs", ONE)
    with pytest.raises(FormatterError, match="holds a 'SingleGaussianPsf'"):
        butler.get("myWcs", ONE)


def test_masked_image_and_mask_are_read_in_part_and_by_component(
    butler: Butler, exposure: Exposure
) -> None:
    pixels = exposure.masked_image
    pixels.metadata["NOTE"] = "x"
    butler.put(pixels, "myMaskedImage", ONE)
    assert butler.get("myMaskedImage", ONE, bbox=PART) == pixels[PART]
    assert butler.get("myMaskedImage.image", ONE) == pixels.image
    assert butler.get("myMaskedImage.mask", ONE, bbox=PART) == pixels.mask[PART]
    assert butler.get("myMaskedImage.variance", ONE) == pixels.variance
    assert butler.get("myMaskedImage.bbox", ONE) == BOX
    assert butler.get("myMaskedImage.metadata", ONE)["NOTE"] == "x"  # type: ignore[index]
    butler.put(pixels.mask, "myMask", ONE)
    assert butler.get("myMask", ONE, bbox=PART) == pixels.mask[PART]
    assert butler.get("myMask_bbox", ONE) == BOX
    assert butler.get("myMask_md", ONE)["MP_CR"] == 3  # type: ignore[index]


def test_image_becomes_a_masked_image(butler: Butler, exposure: Exposure) -> None:
    butler.put(exposure.image, "myMaskedImage", ONE)
    found = butler.get("myMaskedImage", ONE)
    assert isinstance(found, MaskedImage)
    assert found.image == exposure.image
    assert found.mask == Mask(BOX)


def test_catalog_comes_back_with_footprints(butler: Butler, sources: SourceCatalog) -> None:
    butler.put(sources, "src", ONE)
    found = butler.get("src", ONE)
    assert isinstance(found, SourceCatalog)
    assert list(found["flux"]) == [0.0, 0.5, 1.0]
    assert [one.footprint.area for one in found] == [4, 4, 4]
    assert butler.get("src", ONE, flags=1)[0].footprint is None
    schema = butler.get("src.schema", ONE)
    assert isinstance(schema, Schema)
    assert schema == sources.schema
    assert butler.get("src_len", ONE) == 3
    assert butler.get("src.metadata", ONE) == Metadata()


def test_fields_of_a_catalog_are_chosen(butler: Butler, sources: SourceCatalog) -> None:
    butler.put(sources, "src", ONE)
    found = butler.get("src", ONE, columns=["id", "flux"], flags=2)
    assert isinstance(found, SourceCatalog)
    assert list(found.schema.names) == ["id", "flux"]
    with pytest.raises(FormatterError, match="Did you mean 'flux'"):
        butler.get("src", ONE, columns=["flx"])


def test_schema_that_is_a_dataset_of_its_own_is_an_empty_catalog(
    butler: Butler, sources: SourceCatalog
) -> None:
    butler.put(SourceCatalog(sources.schema), "icSrc_schema")
    found = butler.get("icSrc_schema")
    assert isinstance(found, SourceCatalog)
    assert len(found) == 0
    assert found.schema == sources.schema


def test_table_of_astropy_in_a_catalog_stays_one(butler: Butler) -> None:
    butler.put(Table({"id": [1, 2], "flux": [0.5, 1.5]}), "src", ONE)
    found = butler.get("src", ONE, columns=["flux"])
    assert isinstance(found, Table)
    assert list(found["flux"]) == [0.5, 1.5]
    assert butler.get("src_len", ONE) == 2
    assert isinstance(butler.get("src.schema", ONE), Table)
    with pytest.raises(FormatterError, match="not from dict"):
        butler.put({}, "src", ONE, replace=True)


def test_catalog_in_parquet_comes_back_as_a_catalog(butler: Butler, sources: SourceCatalog) -> None:
    pytest.importorskip("pyarrow")
    butler.put(sources, "myParquet", ONE)
    found = butler.get("myParquet", ONE)
    assert isinstance(found, SourceCatalog)
    assert list(found["flux"]) == [0.0, 0.5, 1.0]
    assert butler.get("myParquet.schema", ONE) == sources.schema
    assert butler.get("myParquet_len", ONE) == 3
    chosen = butler.get("myParquet", ONE, columns=["flux"])
    assert isinstance(chosen, SourceCatalog)
    assert len(chosen.schema) == 1


def test_files_of_the_lsst_stack_are_read(butler: Butler) -> None:
    found = find_shared_data()
    if found is None:
        pytest.skip("real data is not on this machine")
    butler.put_file(found / "hsc_pixels" / "HSC-0908120-056-small.fits", "calexp", ONE)
    calexp = butler.get("calexp", ONE)
    assert isinstance(calexp, Exposure)
    assert calexp.wcs is not None
    assert butler.get("calexp.mask", ONE) == calexp.mask
    butler.put_file(found / "catalogs" / "sourceCatalog-hsc-v2.fits", "src", ONE)
    src = butler.get("src", ONE)
    assert isinstance(src, SourceCatalog)
    assert butler.get("src_len", ONE) == len(src)
    assert butler.get("src.schema", ONE) == src.schema
