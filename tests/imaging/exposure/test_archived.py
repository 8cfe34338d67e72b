"""Exposures that the LSST stack wrote."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from imaging import Box, Extent2I, Image, Metadata, Point2I
from imaging.errors import FitsFileError, UndecodableError
from imaging.exposure.archived import (
    aperture_corrections_from_archive,
    field_from_archive,
    filter_from_archive,
    photo_calib_from_archive,
    polygon_from_archive,
)
from imaging.exposure.bounded_field import ChebyshevField, ProductField
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.photo_calib import PhotoCalib
from imaging.exposure.visit_info import VisitInfo
from imaging.fits.archive import Archive, read_archive
from imaging.fits.cards import Card
from imaging.fits.planes import Plane
from imaging.fits.rows import Rows
from imaging.fits.writer import PlanePart, RowsPart, write_parts
from imaging.geometry.polygon import Polygon
from imaging.psf.kernel import PolynomialPsf

if TYPE_CHECKING:
    from pathlib import Path

REAL = ["HSC-0908120-056-small.fits", "act-img.fits", "modelfit_calexp_101.fits"]


@pytest.mark.filterwarnings("ignore:Invalid 'BLANK'")  # of astropy, about an old header
@pytest.mark.parametrize("name", REAL)
def test_pixels_and_flags_of_a_real_file_are_those_of_astropy(shared_data: Path, name: str) -> None:
    path = str(shared_data / "hsc_pixels" / name)
    exposure = Exposure.read_fits(path)
    with fits.open(path) as hdus:
        assert np.array_equal(exposure.image.array, hdus[1].data, equal_nan=True)
        assert np.array_equal(exposure.mask.array, hdus[2].data)
        assert np.array_equal(exposure.variance.array, hdus[3].data, equal_nan=True)
        cards = hdus[2].header
        planes = {card[3:]: cards[card] for card in cards if card.startswith("MP_")}
        assert dict(exposure.mask.planes) == planes
        assert exposure.xy0 == Point2I(hdus[1].header["CRVAL1A"], hdus[1].header["CRVAL2A"])
    part = exposure.bbox
    part.grow(-40)
    assert Exposure.read_fits(path, bbox=part).masked_image == exposure.masked_image[part]


@pytest.mark.filterwarnings("ignore:Invalid 'BLANK'", "ignore:.*(made the change|RADECSYS)")
@pytest.mark.parametrize("name", REAL)
def test_sky_of_a_real_file_is_that_of_astropy(shared_data: Path, name: str) -> None:
    path = str(shared_data / "hsc_pixels" / name)
    exposure = Exposure.read_fits(path)
    peer = WCS(fits.getheader(path, 1))
    y, x = np.mgrid[0 : exposure.height : 20, 0 : exposure.width : 20]
    ra, dec = peer.pixel_to_world_values(x, y)
    assert exposure.wcs is not None
    columns, rows = exposure.wcs.sky_to_pixel(ra, dec)
    # 1e-6 pixels: the digits that the header has
    assert np.allclose(columns - exposure.x0, x, rtol=0, atol=1e-6)
    assert np.allclose(rows - exposure.y0, y, rtol=0, atol=1e-6)
    assert Exposure.read_component(path, "wcs") == exposure.wcs


def test_real_calexp_has_its_parts(shared_data: Path) -> None:
    path = str(shared_data / "hsc_pixels" / REAL[2])
    exposure = Exposure.read_fits(path)
    assert not exposure.undecoded
    assert isinstance(exposure.psf, PolynomialPsf)
    assert exposure.filter == FilterLabel(band="i")
    assert exposure.photo_calib is not None
    counts = exposure.photo_calib.inst_flux_at_zero_magnitude
    assert counts == pytest.approx(104525881029524.0, rel=1e-15)
    assert exposure.visit_info is not None
    assert exposure.visit_info.exposure_time_s == 480.0
    # UTC became TAI, 32 s at that time, to the nanosecond that two doubles keep
    assert exposure.visit_info.date_avg_text.startswith("1999-01-15T04:15:59.79199820")
    assert exposure.metadata["OBSID"] == 100
    assert not {"AR_HDU", "PSF_ID", "WCS_ID", "FLUXMAG0", "CRPIX1"} & set(exposure.metadata)
    assert Exposure.read_component(path, "psf") == exposure.psf
    assert Exposure.read_component(path, "detector") is None


def test_real_header_without_inheritance_is_about_the_exposure(shared_data: Path) -> None:
    exposure = Exposure.read_fits(str(shared_data / "hsc_pixels" / REAL[1]))
    assert exposure.metadata["OBJECT"] == "ACTJ0022m0036"
    assert exposure.image.metadata == Metadata()
    assert "MP_CR" not in exposure.metadata


@pytest.mark.parametrize("name", REAL)
def test_real_file_comes_back_when_it_is_written(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    exposure = Exposure.read_fits(str(shared_data / "hsc_pixels" / name))
    exposure.write_fits(str(tmp_path / "ours.fits"))
    found = Exposure.read_fits(str(tmp_path / "ours.fits"))
    for part in ("masked_image", "wcs", "psf", "photo_calib", "filter", "visit_info", "metadata"):
        assert getattr(found, part) == getattr(exposure, part)


def test_real_file_that_is_cut_off_is_never_half_read(shared_data: Path, tmp_path: Path) -> None:
    content = (shared_data / "hsc_pixels" / REAL[2]).read_bytes()
    damaged = tmp_path / "damaged.fits"
    for size in range(0, len(content) - 1, 2880):
        damaged.write_bytes(content[:size])
        with pytest.raises(FitsFileError, match=r"damaged\.fits"):
            Exposure.read_fits(str(damaged))


Columns = dict[str, object]


def written(path: Path, objects: list[tuple[str, list[Columns]]], pointers: dict[str, int]) -> str:
    """Write an exposure as the LSST stack does; objects have numbers from 1 on."""
    links, tables = [], []
    for number, (name, rows) in enumerate(objects, 1):
        kinds = [(key, np.asarray(value)) for key, value in rows[0].items()]
        table = np.zeros(len(rows), [(key, value.dtype, value.shape) for key, value in kinds])
        for place, row in enumerate(rows):
            for key, value in row.items():
                table[key][place] = value
        links.append((number, number, 0, 0, len(rows), name.encode(), b"lsst.module"))
        header = Metadata({"EXTTYPE": "ARCHIVE_DATA", "AR_CATN": number})
        tables.append(RowsPart(Rows(table, header), ""))
    kinds = [(key, "i4") for key in ("id", "cat.archive", "cat.persistable", "row0", "nrows")]
    index = np.array(links, [*kinds, ("name", "S64"), ("module", "S64")])
    header = Metadata({"EXTTYPE": "ARCHIVE_INDEX", "AR_CATN": 0, "AR_NCAT": len(tables) + 1})
    planes = [
        PlanePart(Plane(np.ones((3, 4), kind), Point2I(5, 6), Metadata({"EXTTYPE": name})), name)
        for name, kind in (("IMAGE", "f4"), ("MASK", "i4"), ("VARIANCE", "f4"))
    ]
    primary = Metadata([Card("AR_HDU", 5), *(Card(key, value) for key, value in pointers.items())])
    write_parts(str(path), primary, [*planes, RowsPart(Rows(index, header), ""), *tables])
    return str(path)


def field(values: list[list[float]]) -> tuple[str, list[Columns]]:
    table = np.array(values)
    row = {
        "order_x": np.int32(table.shape[1] - 1),
        "bbox_min_x": np.int32(0),
        "bbox_min_y": np.int32(1),
        "bbox_max_x": np.int32(99),
        "bbox_max_y": np.int32(50),
        "coefficients": table.ravel(),
    }
    return "ChebyshevBoundedField", [row]


BOX = Box(Point2I(0, 1), Extent2I(100, 50))
LINEAR = [[1.0, 0.5, 0.25], [0.1, 0.2, 0.3]]
OBJECTS: list[tuple[str, list[Columns]]] = [
    field(LINEAR),
    ("ProductBoundedField", [{"id": np.int32(1)}, {"id": np.int32(1)}]),
    ("ApCorrMap", [{"name": b"aa", "field": np.int32(1)}, {"name": b"b", "field": np.int32(2)}]),
    (
        "PhotoCalib",
        [
            {
                "calibrationMean": 0.5,
                "calibrationErr": 0.1,
                "field": np.int32(1),
                "version": np.int32(1),
                "flags": np.array([0], np.uint8),
            }
        ],
    ),
    ("FilterLabel", [{"band": b"r", "physical": b"HSC-R2"}]),
    (
        "Polygon",
        [{"vertices_x": x, "vertices_y": y} for x, y in ((0.0, 0.0), (9.0, 0.0), (5.0, 7.0))],
    ),
    ("Detector", [{"id": np.int32(1)}]),
    ("CoaddInputs", [{"id": np.int32(1)}]),
]
POINTERS = {
    "AP_CORR_MAP_ID": 3,
    "PHOTOCALIB_ID": 4,
    "FILTER_ID": 5,
    "VALID_POLYGON_ID": 6,
    "DETECTOR_ID": 7,
    "COADD_INPUTS_ID": 8,
}


@pytest.fixture
def path(tmp_path: Path) -> str:
    return written(tmp_path / "stack.fits", OBJECTS, POINTERS)


@pytest.fixture
def archive(path: str) -> Archive:
    return read_archive(path, 4)


def test_fields_are_decoded(archive: Archive) -> None:
    expected = ChebyshevField(BOX, LINEAR)
    assert field_from_archive(archive, 1) == expected
    assert field_from_archive(archive, 2) == ProductField([expected, expected])


def test_parts_in_an_archive_are_decoded(path: str) -> None:
    exposure = Exposure.read_fits(path)
    linear = ChebyshevField(BOX, LINEAR)
    assert exposure.bbox == Box(Point2I(5, 6), Extent2I(4, 3))
    assert exposure.aperture_corrections == {"aa": linear, "b": linear * linear}
    assert exposure.photo_calib == PhotoCalib(0.5, 0.1, linear)
    assert exposure.filter == FilterLabel("r", "HSC-R2")
    assert exposure.valid_polygon == Polygon(np.array([[0.0, 0.0], [9.0, 0.0], [5.0, 7.0]]))
    assert Exposure.read_component(path, "filter") == exposure.filter
    assert Exposure.read_component(path, "valid_polygon") == exposure.valid_polygon


def test_what_cannot_be_decoded_is_named_once(path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        exposure = Exposure.read_fits(path)
    assert exposure.detector is None
    assert set(exposure.undecoded) == {"detector", "coadd_inputs"}
    assert "Detector of lsst.module" in exposure.undecoded["detector"]
    assert "CoaddInputs" in exposure.undecoded["coadd_inputs"]
    assert len(caplog.records) == 1
    with pytest.raises(UndecodableError, match="Detector"):
        Exposure.read_component(path, "detector")


def test_header_stands_in_for_a_wcs_that_is_not_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    objects: list[tuple[str, list[Columns]]] = [("SkyWcs", [{"wcs": np.zeros(4, np.uint8)}])]
    path = written(tmp_path / "stack.fits", objects, {"SKYWCS_ID": 1})
    with pytest.raises(UndecodableError, match="SkyWcs"):
        Exposure.read_component(path, "wcs")
    assert Exposure.read_fits(path).wcs is None
    with fits.open(path, mode="update") as hdus:
        hdus[1].header.update({"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 150.0})
        hdus[1].header.update({"CRVAL2": 2.0, "CD1_1": -5e-5, "CD2_2": 5e-5})
        hdus[1].header.update({"CRPIX1": 1.0, "CRPIX2": 1.0})
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        exposure = Exposure.read_fits(path)
    assert exposure.wcs is not None
    # 1e-9 pixels: rounding
    assert np.allclose(exposure.wcs.sky_to_pixel(150.0, 2.0), (5.0, 6.0), rtol=0, atol=1e-9)
    assert "that of the header is used" in exposure.undecoded["wcs"]
    assert len(caplog.records) == 1
    assert Exposure.read_component(path, "wcs") == exposure.wcs


def test_points_of_older_files_are_in_one_column(tmp_path: Path) -> None:
    corners: list[Columns] = [
        {"vertices": np.array(corner)} for corner in ((0.0, 0.0), (9.0, 0.0), (5.0, 7.0))
    ]
    path = written(tmp_path / "stack.fits", [("Polygon", corners)], {})
    expected = Polygon(np.array([[0.0, 0.0], [9.0, 0.0], [5.0, 7.0]]))
    assert polygon_from_archive(read_archive(path, 4), 1) == expected


def test_names_in_columns_of_variable_length_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "stack.fits", [("FilterLabel", [{"band": b"-"}])], {"FILTER_ID": 1})
    columns = [
        fits.Column(name, "PB()", array=np.array([list(text)], object))
        for name, text in (("band", b"r"), ("physical", b"HSC-R2"))
    ]
    with fits.open(path) as hdus:
        table = fits.BinTableHDU.from_columns(columns)
        table.header.update({"EXTTYPE": "ARCHIVE_DATA", "AR_CATN": 1})
        fits.HDUList([*hdus[:5], table]).writeto(f"{path}.variable")
    exposure = Exposure.read_fits(f"{path}.variable")
    assert exposure.filter == FilterLabel("r", "HSC-R2")


def test_constant_calibration_needs_no_field(tmp_path: Path) -> None:
    row = OBJECTS[3][1][0] | {"flags": np.array([0x80], np.uint8)}
    path = written(tmp_path / "stack.fits", [("PhotoCalib", [row])], {"PHOTOCALIB_ID": 1})
    assert Exposure.read_fits(path).photo_calib == PhotoCalib(0.5, 0.1)


def test_calibration_in_maggies_is_not_read(tmp_path: Path) -> None:
    row = {key: value for key, value in OBJECTS[3][1][0].items() if key != "version"}
    path = written(tmp_path / "stack.fits", [("PhotoCalib", [row])], {"PHOTOCALIB_ID": 1})
    with pytest.raises(UndecodableError, match="maggies"):
        photo_calib_from_archive(read_archive(path, 4), 1)


def test_other_classes_are_named(archive: Archive) -> None:
    for decode in (
        aperture_corrections_from_archive,
        filter_from_archive,
        photo_calib_from_archive,
        polygon_from_archive,
        field_from_archive,
    ):
        with pytest.raises(UndecodableError, match=r"Detector of lsst\.module.*known is"):
            decode(archive, 7)


def test_damaged_objects_are_refused(tmp_path: Path) -> None:
    name, (row,) = field(LINEAR)
    objects: list[tuple[str, list[Columns]]] = [
        (name, [row | {"order_x": np.int32(4)}]),
        ("ProductBoundedField", [{"id": np.int32(2)}]),
        ("FilterLabel", [{"band": b"r"}]),
    ]
    archive = read_archive(written(tmp_path / "stack.fits", objects, {}), 4)
    with pytest.raises(FitsFileError, match="cannot be made"):
        field_from_archive(archive, 1)
    with pytest.raises(FitsFileError, match="part of itself"):
        field_from_archive(archive, 2)
    with pytest.raises(FitsFileError, match="cannot be made"):
        filter_from_archive(archive, 3)


def test_file_without_its_mask_is_not_complete(tmp_path: Path) -> None:
    path = str(tmp_path / "half.fits")
    plane = Plane(np.ones((3, 4), np.float32), Point2I(), Metadata({"EXTTYPE": "IMAGE"}))
    write_parts(path, Metadata({"AR_HDU": 5}), [PlanePart(plane, "IMAGE")])
    with pytest.raises(FitsFileError, match=r"lacks MASK, VARIANCE.*not complete"):
        Exposure.read_fits(path)
    write_parts(path, Metadata({"A": 1}), [PlanePart(plane, "IMAGE")])
    exposure = Exposure.read_fits(path)
    assert exposure.image == Image(plane.array)
    assert exposure.metadata["A"] == 1


def test_cards_of_newer_files_are_read(tmp_path: Path) -> None:
    path = written(tmp_path / "stack.fits", OBJECTS, {"EXPINFO_V": 2, "ARCHIVE_ID_FILTER": 5})
    with fits.open(path, mode="update") as hdus:
        hdus[0].header["EXPID"] = 47127245141
        hdus[0].header["EXPTIME"] = 30.0
    exposure = Exposure.read_fits(path)
    assert exposure.id == 47127245141
    assert exposure.visit_info == VisitInfo(exposure_id=47127245141, exposure_time_s=30.0)
    assert exposure.filter == FilterLabel("r", "HSC-R2")
    assert set(exposure.metadata) == {"EXPID", "EXPTIME"}
