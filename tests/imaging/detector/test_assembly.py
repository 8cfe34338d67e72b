"""From raw sections to one image, on simple and on real raw files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.detector.amplifier import Amplifier
from imaging.detector.assembly import assemble, raw_section
from imaging.detector.camera_file import load_camera
from imaging.detector.detector import Detector
from imaging.detector.headers import detector_from_headers
from imaging.detector.raw_file import read_amplifiers
from imaging.errors import CameraError
from imaging.fits.metadata import Metadata
from imaging.geometry.box import Box
from imaging.image.image import Image
from imaging.image.mask import Mask
from imaging.image.masked_image import MaskedImage

OBS_TEST = Path(__file__).parents[3] / "mappers" / "obs_test" / "camera.yaml"


def amplifier(name: str, bbox: str, data: str, *, x: bool = False, y: bool = False) -> Amplifier:
    return Amplifier(
        name=name,
        bbox=Box.from_string(bbox),
        raw_bbox=Box.from_string("0:10,0:3"),
        raw_data_bbox=Box.from_string(data),
        is_raw_flipped_x=x,
        is_raw_flipped_y=y,
    )


def detector_of(*amplifiers: Amplifier) -> Detector:
    return Detector(id=0, name="0", bbox=Box.from_string("0:6,0:2"), amplifiers=amplifiers)


RAW = Image(np.arange(30, dtype=np.uint16).reshape(3, 10), metadata=Metadata({"OBJECT": "M31"}))


def test_sections_are_put_side_by_side_and_turned_round() -> None:
    left = amplifier("a", "0:3,0:2", "1:4,0:2")
    right = amplifier("b", "3:6,0:2", "6:9,0:2", x=True, y=True)
    image = assemble(RAW, detector_of(left, right))
    assert image.array.tolist() == [[1, 2, 3, 18, 17, 16], [11, 12, 13, 8, 7, 6]]
    assert image.dtype == np.uint16
    assert image.metadata["OBJECT"] == "M31"


def test_the_assembled_image_is_a_copy_in_the_coordinates_of_the_detector() -> None:
    one = amplifier("a", "4:6,1:2", "1:3,0:1")
    whole = Detector(id=0, name="0", bbox=Box.from_string("3:6,1:2"), amplifiers=(one,))
    raw = RAW.copy()
    image = assemble(raw, whole)
    image.array[...] = 0
    assert image.bbox == Box.from_string("3:6,1:2")
    assert raw == RAW


def test_images_of_amplifiers_are_assembled_by_name() -> None:
    left = amplifier("a", "0:3,0:2", "0:3,0:2")
    right = amplifier("b", "3:6,0:2", "0:3,0:2", x=True)
    raw = {"b": RAW, "a": Image(np.full((3, 10), 0.5, np.float32))}
    image = assemble(raw, detector_of(left, right))
    assert image.dtype == np.float32
    assert image.array[1].tolist() == [0.5, 0.5, 0.5, 12.0, 11.0, 10.0]


def test_a_missing_image_of_an_amplifier_is_named() -> None:
    with pytest.raises(CameraError, match="no image of the amplifier 'a'; it has 'b', 'c'"):
        assemble({"b": RAW, "c": RAW}, detector_of(amplifier("a", "0:3,0:2", "0:3,0:2")))


def test_a_raw_that_is_too_small_is_refused() -> None:
    small = Image(np.zeros((2, 5)))
    with pytest.raises(CameraError, match=r"the pixels of the amplifier 'a'.*4:7,0:2"):
        assemble(small, detector_of(amplifier("a", "0:3,0:2", "4:7,0:2")))


def test_a_detector_without_amplifiers_cannot_be_assembled() -> None:
    with pytest.raises(CameraError, match="has no amplifiers"):
        assemble(RAW, detector_of())


def test_a_section_is_a_view_of_the_raw() -> None:
    raw = RAW.copy()
    one = amplifier("a", "0:3,0:2", "1:4,0:2", x=True)
    raw_section(raw, one).array[...] = 99
    assert raw.array[1].tolist() == [10, 99, 99, 99, 14, 15, 16, 17, 18, 19]
    assert raw_section(raw, one, "all").bbox == one.raw_bbox


def test_a_section_that_an_amplifier_does_not_have_is_refused() -> None:
    one = amplifier("a", "0:3,0:2", "1:4,0:2")
    with pytest.raises(CameraError, match="no raw section 'prescan'"):
        raw_section(RAW, one, "prescan")
    with pytest.raises(CameraError, match="no section 'bias'; there are all, data"):
        raw_section(RAW, one, "bias")  # type: ignore[arg-type]


@given(st.tuples(*[st.booleans()] * 4))
def test_every_flip_is_undone_by_flipping_the_raw(flips: tuple[bool, bool, bool, bool]) -> None:
    x1, y1, x2, y2 = flips
    sky = np.arange(12).reshape(2, 6)
    halves = {}
    for name, part, x, y in (("a", sky[:, :3], x1, y1), ("b", sky[:, 3:], x2, y2)):
        halves[name] = Image(part[:: -1 if y else 1, :: -1 if x else 1])
    left = amplifier("a", "0:3,0:2", "0:3,0:2", x=x1, y=y1)
    right = amplifier("b", "3:6,0:2", "0:3,0:2", x=x2, y=y2)
    assert assemble(halves, detector_of(left, right)).array.tolist() == sky.tolist()


def masked(value: int, planes: tuple[str, ...] = ("SAT", "BAD")) -> MaskedImage:
    box = Box.from_string("0:10,0:3")
    mask = Mask(box, planes=planes)
    mask.array[1, 2] = value
    return MaskedImage(RAW.copy(), mask, Image(np.full((3, 10), value, np.float32)))


LEFT = amplifier("a", "0:3,0:2", "1:4,0:2", x=True)
RIGHT = amplifier("b", "3:6,0:2", "1:4,0:2")


def test_masks_and_variances_go_with_the_pixels() -> None:
    whole = assemble({"a": masked(1), "b": masked(2)}, detector_of(LEFT, RIGHT))
    assert whole.image.array.tolist() == [[3, 2, 1, 1, 2, 3], [13, 12, 11, 11, 12, 13]]
    assert whole.mask.array.tolist() == [[0] * 6, [0, 1, 0, 0, 2, 0]]
    assert whole.variance.array[0].tolist() == [1, 1, 1, 2, 2, 2]
    assert dict(whole.mask.planes) == dict(masked(1).mask.planes)
    assert whole.metadata.get("OBJECT") is None
    assert assemble(masked(1), detector_of(LEFT)).metadata["OBJECT"] == "M31"


def test_a_section_of_a_mask_is_a_mask() -> None:
    mask = masked(4).mask
    assert raw_section(mask, LEFT).array.tolist() == [[0, 0, 0], [0, 4, 0]]
    assert isinstance(raw_section(mask, LEFT), Mask)


def test_masks_with_different_planes_are_refused() -> None:
    raw = {"a": masked(1), "b": masked(1, planes=("BAD", "SAT"))}
    with pytest.raises(CameraError, match="mask planes of the amplifiers 'a' and 'b' differ"):
        assemble(raw, detector_of(LEFT, RIGHT))


def test_images_are_not_mixed_with_masked_images() -> None:
    with pytest.raises(CameraError, match="not both"):
        assemble({"a": masked(1), "b": RAW}, detector_of(LEFT, RIGHT))  # type: ignore[dict-item]


def test_sixteen_amplifiers_of_lsstcam_become_the_detector_of_the_lsst_stack(
    shared_data: Path,
) -> None:
    folder = shared_data / "lsstcam_assembly"
    raw = read_amplifiers(str(folder / "e2v_spot.fits.gz"))
    assert len(raw) == 16
    assembled = assemble(raw, detector_from_headers(raw, name="S11"))
    expected = Image.read_fits(str(folder / "e2v_expected_assembled.fits.gz"))
    # The cards number rows downwards compared to the stack's assembled image
    differing = np.count_nonzero(assembled.array[::-1] != expected.array)
    assert np.count_nonzero(expected.array) > 1_000_000
    assert differing == 0


@pytest.mark.parametrize("name", ["raw_v1_fg", "raw_v2_fg"])
def test_the_sky_of_the_test_camera_is_flat_over_its_amplifiers(
    shared_data: Path, name: str
) -> None:
    raw = Image.read_fits(str(shared_data / "obs_test" / "input" / "raw" / f"{name}.fits.gz"))
    detector = load_camera(str(OBS_TEST))[0]
    electrons = Image(raw.array.astype(np.float64))
    for one in detector:
        data = raw_section(electrons, one)
        data.array -= raw_section(electrons, one, "serial_overscan").array.mean()
        data.array *= one.gain
    image = assemble(electrons, detector)
    assert (image.width, image.height) == (1018, 2000)
    skies = [float(np.median(image[one.bbox].array)) for one in detector]
    # Medians are quantised to 1 ADU, 0.5 % of the sky; without gains the steps are 7 %
    assert max(skies) / min(skies) - 1 < 0.005


def test_a_real_raw_is_trimmed_by_its_own_cards(shared_data: Path) -> None:
    raw = Image.read_fits(str(shared_data / "raw_small" / "a8280271.fits"))
    detector = detector_from_headers(raw)
    image = assemble(raw, detector)
    # TRIMSEC [17:528,1:520] of 536 x 520 pixels; the overscan is dark, the sky is not
    assert image.array.shape == (520, 512)
    assert np.array_equal(image.array, raw.array[:, 16:528])
    assert np.median(raw_section(raw, detector[0], "serial_overscan").array) == 214
    assert np.median(image.array) > 290
    assert (detector[0].gain, detector[0].read_noise) == (1.9, 5.0)
