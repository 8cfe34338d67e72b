"""The detectors of the cameras that are shipped, against headers and fits of real files."""

from __future__ import annotations

import warnings
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.headers import read_yaml_header
from support.repositories import make_repository

from butler.butler import Butler
from butler.errors import PolicyError
from butler.mapper_lookup import find_mapper
from butler.refcats.shards import CONFIG, PIECE, SCHEMA
from imaging.detector.assembly import assemble
from imaging.detector.camera import Camera
from imaging.detector.detector import DetectorType
from imaging.geometry.box import Box
from imaging.image.image import Image
from mappers.focal_plane import focal_plane
from mappers.sdss import SdssMapper

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from butler.mapper import Computation
    from imaging.detector.detector import Detector

PIXEL = 0.015
"""Millimetres."""


def camera_of(name: str) -> Camera:
    camera = find_mapper(name).camera()
    assert isinstance(camera, Camera)
    return camera


@pytest.fixture(scope="module")
def hsc() -> Camera:
    return camera_of("hsc")


def place(detector: Detector) -> tuple[float, float]:
    """Focal-plane position of the reference point, in pixels of HSC."""
    offset = detector.orientation.offset
    return offset.x / PIXEL, offset.y / PIXEL


@pytest.mark.parametrize("name", ["hsc", "megacam", "obs_test", "sdss"])
def test_camera_has_all_that_reference_catalogs_need(name: str) -> None:
    types = find_mapper(name).policy.dataset_types
    paths = {kind: types[kind].template.text for kind in (PIECE, CONFIG, SCHEMA)}  # type: ignore[union-attr]  # files
    assert paths == {
        PIECE: "ref_cats/{name}/{pixel_id}.fits",
        CONFIG: "ref_cats/{name}/config.py",
        SCHEMA: "ref_cats/{name}/master_schema.fits",
    }


def test_the_butler_gives_the_camera_of_a_repository(tmp_path: Path, hsc: Camera) -> None:
    make_repository(tmp_path / "DATA").close()
    with Butler(tmp_path / "DATA") as butler:
        assert butler.get("camera") == hsc
        # as the users of the second generation write it
        ccd = butler.get("camera")[50]
        assert [amp.getGain() for amp in ccd] == [3.7614, 3.8688, 3.8732, 3.8159]
        assert "1_12" in ccd.getName()


def test_the_butler_gives_the_camera_of_a_real_gen2_repository(shared_data: Path) -> None:
    with Butler(shared_data / "obs_test" / "input") as butler:
        assert butler.get("camera") == camera_of("obs_test")


def test_hsc_has_112_detectors_of_four_amplifiers(hsc: Camera) -> None:
    assert hsc.ids == tuple(range(112))
    assert len(set(hsc.names)) == 112
    assert {len(detector) for detector in hsc} == {4}
    focus = [detector.id for detector in hsc if detector.type is DetectorType.FOCUS]
    assert focus == list(range(104, 112))


@pytest.mark.parametrize(
    ("number", "name"), [(16, "0_30"), (37, "1_07"), (43, "1_09"), (50, "1_12"), (111, "0_48")]
)
def test_hsc_detectors_have_their_known_names(hsc: Camera, number: int, name: str) -> None:
    assert hsc[number] is hsc[name]


def test_hsc_electronics_are_those_of_the_tables(hsc: Camera) -> None:
    one = hsc["1_09"]
    assert [amp.gain for amp in one] == [3.4815, 4.0725, 3.5448, 3.5217]
    assert [amp.read_noise for amp in one] == [1.54, 1.51, 1.56, 1.76]
    assert {(amp.saturation, amp.suspect_level) for amp in one} == {(46000.0, 50000.0)}
    assert one["1"].linearity.coefficients == (-6.0099e-08,)
    assert one["1"].linearity.kind == "Squared"
    assert hsc[110][0].linearity.kind == "None"


def test_hsc_electronics_are_of_the_size_that_such_detectors_have(hsc: Camera) -> None:
    amplifiers = [amp for detector in hsc for amp in detector]
    assert all(2.4 < amp.gain < 4.9 for amp in amplifiers)
    assert all(1.3 < amp.read_noise < 2.9 for amp in amplifiers)
    assert all(39000 <= amp.saturation <= 55000 for amp in amplifiers)
    # 50,000 counts are wrong by less than 2 %
    assert all(abs(c) * 50000 < 0.02 for amp in amplifiers for c in amp.linearity.coefficients)


def test_hsc_crosstalk_is_a_ten_thousandth_between_different_amplifiers(hsc: Camera) -> None:
    matrix = hsc[50].crosstalk
    assert matrix is not None
    assert np.diagonal(matrix).tolist() == [0.0] * 4
    assert (matrix[0, 1], matrix[2, 0]) == (-125e-6, -171e-6)


def test_hsc_sections_are_those_of_a_real_header(hsc: Camera, shared_data: Path) -> None:
    header = read_yaml_header(shared_data / "headers" / "fitsheader-hsc.yaml")

    def box(kind_x: str, kind_y: str, channel: int) -> Box:
        x0, x1 = (header[f"T_{kind_x}M{end}{channel}1"] for end in "NX")
        y0, y1 = (header[f"T_{kind_y}M{end}{channel}2"] for end in "NX")
        assert isinstance(x0, int)
        assert isinstance(y0, int)
        return Box.from_string(f"{x0 - 1}:{x1},{y0 - 1}:{y1}")

    for channel, amp in enumerate(hsc[header["DET-ID"]], 1):  # type: ignore[index]
        assert amp.raw_data_bbox == box("EF", "EF", channel)
        assert amp.raw_serial_overscan_bbox == box("OS", "EF", channel)
        assert amp.raw_parallel_overscan_bbox == box("EF", "OS", channel)
        assert not amp.is_raw_flipped()
    raws = [amp.raw_bbox for amp in hsc[50]]
    assert sum(raw.area for raw in raws) == 2144 * 4241


def overlap(one: Detector, two: Detector) -> bool:
    """Whether two rectangles have a point in common: no axis of either separates them."""
    shapes = [np.array([(p.x, p.y) for p in each.focal_plane_corners]) for each in (one, two)]
    for shape in shapes:
        for axis in (shape[1] - shape[0], shape[3] - shape[0]):
            first, second = (each @ axis for each in shapes)
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


def test_no_two_hsc_science_detectors_overlap(hsc: Camera) -> None:
    science = [detector for detector in hsc if detector.type is DetectorType.SCIENCE]
    assert len(science) == 104
    assert [(a.id, b.id) for a, b in combinations(science, 2) if overlap(a, b)] == []
    assert overlap(science[0], science[0])


def test_hsc_science_detectors_stand_in_15_columns(hsc: Camera) -> None:
    # Columns are 2123 pixels apart and rows 4476; detectors deviate by some pixels
    grid = [detector for detector in hsc if detector.id < 100]
    for detector in grid:
        x, _ = place(detector)
        assert abs(x - 2123 * round(x / 2123)) < 5
        assert detector.orientation.n_quarter == (2 if detector.name.startswith("1") else 0)
    for one, two in pairwise(grid):
        (x1, y1), (x2, y2) = place(one), place(two)
        if abs(x1 - x2) < 10 and one.name[0] == two.name[0]:
            assert abs(y2 - y1 - 4476) < 7
    turned = [detector.orientation.n_quarter for detector in hsc if 100 <= detector.id < 104]
    assert turned == [3, 3, 1, 1]


@pytest.mark.parametrize(
    ("number", "crpix"), [(50, (1024.5, 4395.167)), (37, (-3220.833, 17801.167))]
)
def test_hsc_places_agree_with_the_nominal_wcs_of_real_raws(
    hsc: Camera, number: int, crpix: tuple[float, float]
) -> None:
    # CRPIX, the boresight, of two public raws. Their WCS is nominal: rows are 4468.67 pixels
    # apart, measured are 4476, which makes 41 pixels four rows from the centre; and it is that
    # of a mirror image (its CD matrix has a positive determinant, those of fits a negative one).
    x, y = place(hsc[number])
    assert x == pytest.approx(1024.5 - crpix[0], abs=1.0)
    assert y == pytest.approx(crpix[1] - 2088.5, abs=42.0)


def test_the_wcs_of_the_real_raw_is_that_of_a_mirror_image(shared_data: Path) -> None:
    header = read_yaml_header(shared_data / "headers" / "fitsheader-hsc.yaml")
    cd = np.array([[header[f"CD{i}_{j}"] for j in (1, 2)] for i in (1, 2)], float)
    assert (header["DET-ID"], header["CRPIX1"], header["CRPIX2"]) == (50, 1024.5, 4395.167)
    assert np.linalg.det(cd) > 0
    assert np.sqrt(np.linalg.det(cd)) * 3600 == pytest.approx(0.17, rel=1e-9)


def fitted_jacobian(path: Path, x: float, y: float) -> NDArray[np.float64]:
    """Arcsec on the sky per pixel, by the WCS that was fitted to a real exposure."""
    from astropy.io import fits
    from astropy.wcs import WCS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file's dialect
        header = fits.getheader(path, 1)
        wcs = WCS(header)
    origin = [header["LTV1"], header["LTV2"]]
    pixels = np.array([[x, y], [x + 1, y], [x, y + 1]]) + origin
    sky = wcs.all_pix2world(pixels, 0)
    steps = (sky[1:] - sky[0]).T * 3600
    steps[0] *= np.cos(np.radians(sky[0, 1]))
    return np.array(steps)


def test_hsc_places_and_distortion_agree_with_a_fitted_wcs(hsc: Camera, shared_data: Path) -> None:
    # Visit 908120, ccd 56. Along the radius pixels are larger than across, by the distortion: the
    # fit shows in which direction of the detector's pixels the boresight lies.
    detector = hsc[56]
    jacobian = fitted_jacobian(
        shared_data / "hsc_pixels" / "HSC-0908120-056-small.fits", 1023.5, 2087.5
    )
    assert np.linalg.det(jacobian) < 0
    boresight = np.array(detector.focal_plane_to_pixel(0.0, 0.0))
    radial = boresight - (1023.5, 2087.5)
    radial /= np.hypot(*radial)
    across = np.array([-radial[1], radial[0]])
    measured = [np.hypot(*(jacobian @ direction)) for direction in (radial, across)]

    x, y = detector.orientation.offset.x, detector.orientation.offset.y
    r = np.hypot(x, y)
    inner, outer = (
        np.hypot(*hsc.focal_plane_to_field_angle(x * f, y * f)) for f in (0.9999, 1.0001)
    )
    scale = 3600 * PIXEL
    expected = [(outer - inner) / (2e-4 * r) * scale, (outer + inner) / 2 / r * scale]
    # A boresight on the other side in x would give a ratio of 0.9963 instead of 0.9902
    assert measured[0] / measured[1] == pytest.approx(expected[0] / expected[1], abs=0.001)
    # The plate scale is nominal: 1 %
    assert measured == pytest.approx(expected, rel=0.01)


def test_every_hsc_detector_is_found_at_its_own_place(hsc: Camera) -> None:
    for detector in hsc:
        assert hsc.find_detectors(detector.orientation.offset) == [detector]


def test_hsc_sees_a_degree_and_a_half(hsc: Camera) -> None:
    science = Camera("science", [one for one in hsc if one.type is DetectorType.SCIENCE])
    low, high = science.focal_plane_extent
    x, _ = hsc.focal_plane_to_field_angle([low.x, high.x], [0.0, 0.0])
    assert x[1] - x[0] == pytest.approx(1.5, abs=0.05)


def test_the_test_camera_has_the_gains_and_noises_of_its_table() -> None:
    camera = camera_of("obs_test")
    (detector,) = camera
    assert (detector.name, detector.serial, str(detector.bbox)) == ("0", "0000011", "0:1018,0:2000")
    found = {amp.name: (amp.gain, round(amp.read_noise, 3)) for amp in detector}
    assert found == {
        "00": (1.7741, 3.975),
        "01": (1.65881, 4.083),
        "10": (1.74151, 4.028),
        "11": (1.67073, 4.189),
    }
    assert all(amp.raw_serial_overscan_bbox.width == 4 for amp in detector)
    assert sum(amp.bbox.area for amp in detector) == detector.bbox.area


def test_the_distortion_of_the_test_camera_is_the_inverse_of_its_table() -> None:
    # mm = (angle + 0.925 angle**3) / scale, in radians, of 20 arcsec per mm
    per_mm = np.radians(20 / 3600)
    angle = np.linspace(0.0, 100 * per_mm, 11)
    radius = (angle + 0.925 * angle**3) / per_mm
    x, _ = camera_of("obs_test").focal_plane_to_field_angle(radius, np.zeros(11))
    # The series ends after the fifth power: below a nanometre at 100 mm, and more digits are 1e-6
    assert np.radians(x) / per_mm == pytest.approx(angle / per_mm, abs=1e-6)


@pytest.mark.parametrize("name", ["hsc", "obs_test", "sdss"])
def test_the_cameras_return_from_tables_as_they_were(name: str) -> None:
    for detector in camera_of(name):
        assert type(detector).from_rows(detector.to_rows()) == detector


class ForgetfulMapper(SdssMapper):
    """Has another folder, and computes nothing."""

    def computations(self) -> dict[str, Computation]:
        return {}


@pytest.fixture
def forgetful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ForgetfulMapper:
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(SdssMapper.policy_path.read_bytes())
    monkeypatch.setattr(ForgetfulMapper, "policy_path", policy)
    return ForgetfulMapper()


def test_a_camera_without_a_description_says_so(forgetful: ForgetfulMapper) -> None:
    with pytest.raises(PolicyError, match=r"'sdss' comes without a description.*camera\.yaml"):
        forgetful.camera()
    with pytest.raises(PolicyError, match="comes without a description"):
        focal_plane(forgetful)


def test_a_mapper_that_computes_no_camera_says_how_to(
    forgetful: ForgetfulMapper, tmp_path: Path
) -> None:
    (tmp_path / "camera.yaml").write_text("name: x\n")
    with pytest.raises(PolicyError, match=r"as 'camera' from computations\(\), .*camera\.yaml"):
        forgetful.camera()


def test_sdss_has_a_detector_for_each_filter_and_column() -> None:
    sdss = camera_of("sdss")
    assert sorted(sdss.names) == sorted(
        f"{band}{column}" for band in "ugriz" for column in "123456"
    )
    # Drift scanning: the sky passes the filters r, i, u, z, g of one column in this order
    places = [sdss[f"{band}3"].orientation.offset for band in "riuzg"]
    assert len({point.x for point in places}) == 1
    assert [point.y for point in places] == sorted(point.y for point in places)
    low, high = sdss["g1"].focal_plane_corners[0], sdss["g1"].focal_plane_corners[2]
    # 2048 pixels of 0.396 arcsec
    assert (high.x - low.x) * sdss.plate_scale == pytest.approx(2048 * 0.396, rel=1e-6)


def test_a_corrected_image_of_sdss_loses_the_rows_of_the_next_field(shared_data: Path) -> None:
    path = next((shared_data / "sdss_demo").rglob("fpC-*.fit.gz"))
    corrected = Image.read_fits(str(path))
    trimmed = assemble(corrected, camera_of("sdss")["r3"])
    assert corrected.array.shape == (1489, 2048)
    assert np.array_equal(trimmed.array, corrected.array[:1361])
