"""Astrometric solutions of the Sloan Digital Sky Survey."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest

from imaging.errors import UndecodableError
from imaging.fits.cards import Card
from imaging.fits.header import read_metadata
from imaging.fits.metadata import Metadata
from imaging.fits.rows import Rows
from imaging.fits.writer import RowsPart, write_parts
from imaging.geometry.points import Point2D
from imaging.wcs.astrans import AsTransParameters, AsTransWcs, read_astrans
from imaging.wcs.persisted import wcs_from_rows
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from pathlib import Path

MAS = 1 / 3.6e6  # degrees
FILTERS = "ugriz"  # the order in which the survey numbers them, not that of the file
TILTED = AsTransWcs(
    AsTransParameters(
        a=351.5,
        b=1.1e-4,
        c=-1.6e-8,
        d=12.0,
        e=4e-9,
        f=1.1e-4,
        row0=-0.05,
        row1=1.1e-4,
        row2=-1.8e-8,
        row3=-2e-11,
        column0=-0.17,
        column1=8.6e-4,
        column2=-8.3e-7,
        column3=2e-10,
        node=95.0,
        inclination=52.5,
    )
)


def sdss_file(shared_data: Path) -> str:
    return str(shared_data / "sdss_demo/input/4192/40/astrom/asTrans-004192.fit")


@pytest.mark.parametrize("filter_name", FILTERS)
def test_sources_of_the_stack_are_where_it_found_them(shared_data: Path, filter_name: str) -> None:
    """The stack fitted TAN-SIP to the solution: 0.48 mas is the largest residual of that."""
    text = shared_data / "sdss_demo/expected/Linux64/detected-sources_4192.txt"
    names = text.read_text().splitlines()[0].strip("#").split()
    wanted = ["id", "coord_ra", "coord_dec", "base_SdssCentroid_x", "base_SdssCentroid_y"]
    columns = [names.index(name) for name in wanted]
    table = np.genfromtxt(text, usecols=columns[1:], skip_header=1)
    ids = np.genfromtxt(text, usecols=columns[0], skip_header=1, dtype=np.int64)
    ra, dec, x, y = table[(ids >> 26) // 100_000 % 10 == FILTERS.index(filter_name)].T
    assert len(ra) > 80
    wcs = read_astrans(sdss_file(shared_data), 4, filter_name, 300)
    here = wcs.pixel_to_sky(x, y)
    assert np.abs(here[0] - ra).max() < 0.15 * MAS
    assert np.abs(here[1] - dec).max() < 0.5 * MAS
    approximation = Wcs.from_metadata(wcs.to_metadata())
    assert np.allclose(approximation.pixel_to_sky(x, y), here, rtol=0, atol=2e-4 * MAS)


def test_pixel_of_the_sky_of_a_pixel_is_this_pixel(shared_data: Path) -> None:
    x, y = np.random.default_rng(1).uniform(-500, 2500, (2, 1000))
    for wcs in (read_astrans(sdss_file(shared_data), 1, "u", 11), TILTED):
        # Longitudes of 350 deg are rounded to 6e-14 deg, a pixel is 1e-4 deg.
        assert np.allclose(wcs.sky_to_pixel(*wcs.pixel_to_sky(x, y)), [x, y], rtol=0, atol=1e-8)


def test_great_circle_may_be_inclined() -> None:
    x, y = 300.0, 700.0
    column, row = x + 0.5, y + 0.5
    own = TILTED.parameters
    moved_row = row + own.row0 + own.row1 * column + own.row2 * column**2 + own.row3 * column**3
    moved = column + own.column0 + own.column1 * column + own.column2 * column**2
    moved += own.column3 * column**3
    mu, nu = np.radians(
        [own.a + own.b * moved_row + own.c * moved, own.d + own.e * moved_row + own.f * moved]
    )
    node, tilt = np.radians([own.node, own.inclination])
    # Spherical trigonometry of the SDSS technical paper (York et al. 2000), not vectors.
    dec = np.arcsin(np.sin(mu - node) * np.cos(nu) * np.sin(tilt) + np.sin(nu) * np.cos(tilt))
    ra = node + np.arctan2(
        np.sin(mu - node) * np.cos(nu) * np.cos(tilt) - np.sin(nu) * np.sin(tilt),
        np.cos(mu - node) * np.cos(nu),
    )
    assert TILTED.pixel_to_sky(x, y) == pytest.approx(
        (np.degrees(ra) % 360, np.degrees(dec)), abs=1e-11
    )


def test_solution_has_a_scale_and_a_middle(shared_data: Path) -> None:
    wcs = read_astrans(sdss_file(shared_data), 4, "r", 300)
    assert wcs.pixel_scale() == pytest.approx(0.396, abs=2e-4)  # the survey's 0.396 arcsec
    assert wcs.pixel_origin == Point2D(1023.5, 744)
    assert not wcs.is_flipped
    assert np.allclose(wcs.cd_matrix * 3600, [[0, 0.396], [0.396, 0]], atol=3e-4)  # x is north
    assert wcs.linearized_at(Point2D(5, 6)).sky_origin == wcs.pixel_to_sky(5.0, 6.0)
    assert "0.3959 arcsec/pixel" in repr(wcs)


def test_shifted_solution_is_that_of_other_pixel_numbers() -> None:
    moved = TILTED.shifted(100, -20)
    assert moved.pixel_to_sky(110.0, 0.0) == TILTED.pixel_to_sky(10.0, 20.0)
    assert moved.pixel_origin == Point2D(1123.5, 724)
    assert moved != TILTED


def test_solution_comes_back_from_rows_and_pickle() -> None:
    moved = TILTED.shifted(1 / 3, 0)
    assert wcs_from_rows(moved.to_rows(), "file") == moved
    assert pickle.loads(pickle.dumps(moved)) == moved
    assert hash(moved) == hash(TILTED.shifted(1 / 3, 0))


def test_what_the_file_lacks_is_named(shared_data: Path) -> None:
    path = sdss_file(shared_data)
    with pytest.raises(UndecodableError, match="not camcol 7 in 'g'"):
        read_astrans(path, 7, "g", 300)
    with pytest.raises(UndecodableError, match=r"filters \['r', 'i', 'u', 'z', 'g'\]"):
        read_astrans(path, 4, "y", 300)
    with pytest.raises(UndecodableError, match="0 rows of field 9999"):
        read_astrans(path, 4, "g", 9999)


def test_table_of_another_ccd_is_refused(tmp_path: Path) -> None:
    names = ["field", *"abcdef", *(f"d{axis}{n}" for axis in ("Row", "Col") for n in range(4))]
    array = np.zeros(1, [(name, "f8") for name in names])
    header = Metadata([Card("CAMCOL", 1), Card("FILTER", "r")])
    path = str(tmp_path / "asTrans.fit")
    primary = Metadata({"CAMCOLS": "1", "FILTERS": "i", "NODE": 95.0, "INCL": 0.0, "EQUINOX": 2000})
    write_parts(path, primary, [RowsPart(Rows(array, header), "")])
    with pytest.raises(UndecodableError, match="should be camcol 1 in 'i', and is 1 in 'r'"):
        read_astrans(path, 1, "i", 300)
    primary.set("FILTERS", "r")
    for name, value, reason in (
        ("EQUINOX", 1950.0, "its equinox is 1950"),
        ("NODE", "x", "NODE = 'x'"),
    ):
        changed = primary.copy()
        changed.set(name, value)
        write_parts(path, changed, [RowsPart(Rows(array, header), "")])
        with pytest.raises(UndecodableError, match=reason):
            read_astrans(path, 1, "r", 0)
    assert read_metadata(path)["EQUINOX"] == 2000.0
