from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.commands import run_command

from butler import Butler
from imaging import (
    Box,
    Exposure,
    Image,
    SingleGaussianPsf,
    SourceCatalog,
    SourceTable,
)

ONE = ("--id", "visit=903334", "ccd=16")
KEYS = {"visit": 903334, "ccd": 16}


@pytest.fixture
def measured(data: Path) -> Path:
    """A rerun with an exposure of 100 x 80 pixels that begins at (10, 20), and two sources."""
    root = data / "rerun" / "measured"
    with Butler(inputs=data, outputs=root) as butler:
        raw = butler.get("raw", KEYS)
        assert isinstance(raw, Exposure)
        exposure = Exposure(Box.from_string("10:110,20:100"), psf=SingleGaussianPsf(9, 9, 1.5))
        exposure.visit_info = raw.visit_info
        exposure.image.array = np.arange(8000, dtype=np.float32).reshape(80, 100)
        exposure.mask.set_plane("CR", Box.from_string("10:20,20:30"))
        exposure.mask.set_plane("SAT", Box.from_string("60:70,20:30"))
        butler.put(exposure, "calexp", KEYS)
        sources = SourceCatalog(SourceTable.make_minimal_schema())
        for number in (7, 8):
            sources.add_new().set("id", number)
        butler.put(sources, "src", KEYS)
    return root


def read_png(path: Path) -> np.ndarray:
    from PIL import Image as Picture

    with Picture.open(path) as picture:
        return np.asarray(picture)


def test_exposure_is_told_without_its_pixels(measured: Path) -> None:
    text = run_command("show", measured, "calexp", *ONE).stdout
    lines = dict(line.split(None, 1) for line in text.splitlines())
    assert lines["size"] == "100 x 80 pixels"
    assert lines["box"] == "10:110,20:100"
    assert lines["object"] == "STRIPE82L"
    assert "sigma=1.5" in lines["psf"]
    assert lines["wcs"] == "none"


def test_raw_is_told_with_its_detector_and_filter(data: Path) -> None:
    text = run_command("show", data, "raw", *ONE).stdout
    assert "Detector 16 '0_30'" in text
    assert "physical 'HSC-R'" in text
    assert "right ascension [deg]" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calexp.psf", "sigma=1.5"),
        ("calexp.bbox", "10:110,20:100"),
        ("calexp_bbox", "10:110,20:100"),
        ("calexp.image", "median      3999.5"),
        ("calexp.mask", "CR 100"),
        ("calexp.masked_image", "maximum     7999.0"),
        ("calexp.visit_info", "exposure time [s]      30.0"),
        ("calexp.wcs", "None"),
        ("src", "2 records"),
        ("src.schema", "coord_ra"),
        ("src_len", "2"),
        ("raw.metadata", "EXPTIME  = 30.0"),
        ("camera", "112 detectors"),
    ],
)
def test_each_kind_has_its_text(measured: Path, name: str, words: str) -> None:
    assert words in run_command("show", measured, name, *ONE).stdout


def test_plain_data_are_told_as_yaml(notes: Path, remark: Path) -> None:
    run_command("put", notes, "notes", remark, *ONE)
    assert run_command("show", notes, "notes", *ONE).stdout == "a: 1\n"


def test_table_of_astropy_is_told_by_its_first_rows(data: Path) -> None:
    from astropy.table import Table

    with Butler(inputs=data, outputs=data / "rerun" / "t") as butler:
        butler.put(Table({"flux": np.arange(500.0)}), "src", KEYS)
    text = run_command("show", data / "rerun" / "t", "src", *ONE).stdout
    assert "flux" in text
    assert text.endswith("500 rows\n")
    assert len(text.splitlines()) < 40


def test_picture_shows_the_image_with_its_first_row_at_the_bottom(
    measured: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.png"
    words = ("show", measured, "calexp", *ONE, "--png", path, "--limits", "0,8000")
    assert run_command(*words).stdout == f"{path}\n"
    pixels = read_png(path)
    assert pixels.shape == (80, 100)
    assert pixels[-1, 0] == 0
    assert pixels[0, -1] == 254
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ""] == ["out.png"]


def test_picture_shows_the_part_in_the_size_asked_for(measured: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    part = ("--bbox", "30:70,40:60", "--size", "20", "--limits", "minmax")
    run_command("show", measured, "calexp", *ONE, "--png", path, *part)
    assert read_png(path).shape == (10, 20)


@pytest.mark.parametrize("planes", ["CR,SAT", "all"])
def test_planes_are_shown_in_their_colours(measured: Path, tmp_path: Path, planes: str) -> None:
    path = tmp_path / "out.png"
    run_command("show", measured, "calexp", *ONE, "--png", path, "--planes", planes)
    pixels = read_png(path).astype(int)
    red, green, blue = pixels[-1, 0]
    assert red == blue > green  # a cosmic ray is magenta
    red, green, blue = pixels[-1, 50]
    assert green > red == blue  # a saturated pixel is lime
    assert np.ptp(pixels[0, 0]) == 0


@pytest.mark.parametrize("name", ["calexp.mask", "calexp.variance", "calexp.masked_image"])
def test_pixels_of_every_kind_have_a_picture(measured: Path, tmp_path: Path, name: str) -> None:
    run_command("show", measured, name, *ONE, "--png", tmp_path / "out.png", "--size", "50")
    assert read_png(tmp_path / "out.png").shape == (40, 50)


def test_picture_that_is_there_is_replaced_only_when_asked(measured: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.png"
    path.write_text("mine")
    words = ("show", measured, "calexp", *ONE, "--png", path)
    assert "--overwrite" in run_command(*words, code=4).stderr
    assert path.read_text() == "mine"
    run_command(*words, "--overwrite")
    assert path.stat().st_size > 100


def test_unwritable_target_is_a_storage_error(measured: Path, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "out.png"
    output = run_command("show", measured, "calexp", *ONE, "--png", target, code=5)
    assert "nowhere" in output.stderr
    assert output.stdout == ""


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("calexp.psf", (), "calexp.psf is no image but a SingleGaussianPsf"),
        ("src", (), "src is no image but a SourceCatalog"),
        ("calexp", ("--planes", "CX"), "no mask plane 'CX'"),
        ("calexp.image", ("--planes", "CR"), "no mask whose --planes"),
        ("calexp", ("--bbox", "0:5,0:5"), "is not inside the image, which is 10:110,20:100"),
        ("calexp", ("--bbox", "five"), "--bbox"),
        ("calexp", ("--limits", "5,2"), "the lower one comes first"),
        ("calexp", ("--limits", "histogram"), "zscale, minmax, or two numbers"),
        ("calexp", ("--size", "0"), "--size"),
        ("calexp", ("--viewer", "ds9"), "not both"),
    ],
)
def test_what_cannot_be_drawn_is_a_usage_error(
    measured: Path, tmp_path: Path, name: str, words: tuple[str, ...], message: str
) -> None:
    output = run_command(
        "show", measured, name, *ONE, "--png", tmp_path / "out.png", *words, code=2
    )
    assert message in output.stderr
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--size", "5"), "--size: this is about pictures"),
        (("--planes", "CR", "--bbox", "0:1,0:1"), "--bbox, --planes: this is"),
        (("--overwrite",), "--overwrite belongs to --png"),
        (("--png", "out.jpg"), "the name of a PNG file ends in .png"),
        (("--viewer", "ds9", "--size", "5"), "a viewer gets all pixels"),
        (("--viewer", "paper"), "paper"),
    ],
)
def test_options_that_do_not_belong_together_are_usage_errors(
    measured: Path, words: tuple[str, ...], message: str
) -> None:
    assert message in run_command("show", measured, "calexp", *ONE, *words, code=2).stderr


def test_what_is_no_image_is_not_sent_to_a_viewer(measured: Path) -> None:
    words = ("show", measured, "src", *ONE, "--viewer", "ds9")
    assert "src is no image" in run_command(*words, code=2).stderr


def test_one_dataset_is_shown_at_a_time(data: Path) -> None:
    output = run_command("show", data, "raw", "--id", "visit=903334 ccd=16^22", code=2)
    assert "--id names 2" in output.stderr


def test_what_is_not_there_is_not_found(data: Path) -> None:
    assert "Looked at" in run_command("show", data, "calexp", *ONE, code=3).stderr
    run_command("show", data, "calexpp", *ONE, code=2)


def test_misspelt_component_gets_a_suggestion(measured: Path) -> None:
    output = run_command("show", measured, "calexp.visitinfo", *ONE, code=5)
    assert "Did you mean 'visit_info'" in output.stderr


def test_part_that_cannot_be_read_does_not_hide_the_others(measured: Path) -> None:
    with Butler(measured) as butler:
        path = Path(butler.get_uri("calexp", KEYS))
    content = path.read_bytes()
    assert content.count(b"SingleGaussianPsf") == 1
    path.write_bytes(content.replace(b"SingleGaussianPsf", b"SomeOtherPointSpr"))
    text = run_command("show", measured, "calexp", *ONE).stdout
    assert "SomeOtherPointSpr" in text
    assert "100 x 80 pixels" in text


def test_escape_sequences_in_a_header_are_harmless(data: Path) -> None:
    with Butler(inputs=data, outputs=data / "rerun" / "t") as butler:
        butler.put({"note": "\x1b[31mred"}, "processCcd_metadata", KEYS)
    assert (
        "\x1b" not in run_command("show", data / "rerun" / "t", "processCcd_metadata", *ONE).stdout
    )


def test_image_in_a_plain_dataset_is_told_and_drawn(data: Path, tmp_path: Path) -> None:
    with Butler(inputs=data, outputs=data / "rerun" / "t") as butler:
        butler.put(Image(np.eye(30, 40, dtype=np.uint8)), "yBackground", KEYS)
    root = data / "rerun" / "t"
    assert "uint8" in run_command("show", root, "yBackground", *ONE).stdout
    run_command("show", root, "yBackground", *ONE, "--png", tmp_path / "out.png")
    assert read_png(tmp_path / "out.png").shape == (30, 40)
