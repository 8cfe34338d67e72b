"""Catalogs that the LSST stack wrote, in Gen2 repositories and linked into ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from support.repositories import make_repository

from butler import Butler
from butler.errors import DatasetNotFoundError, FormatterError
from butler.task_butler import TaskButler

if TYPE_CHECKING:
    from pathlib import Path

GAIA, PS1 = "gaia_dr2_20200414", "ps1_pv3_3pi_20170110"
SHARD = 189584


def rows_of(*paths: Path) -> np.ndarray:
    """All rows of some files, read by astropy."""
    return np.concatenate([np.asarray(fits.getdata(path, 1)) for path in paths])


def coords(rows: np.ndarray) -> SkyCoord:
    ra, dec = (np.array(rows[f"coord_{axis}"], np.float64) for axis in ("ra", "dec"))
    return SkyCoord(ra, dec, unit="rad")


@pytest.fixture
def demo(shared_data: Path) -> Path:
    return shared_data / "sdss_demo" / "input"


@pytest.fixture
def linked(shared_data: Path, tmp_path: Path) -> Butler:
    """A repository of ours into which both catalogs of the HSC field are linked."""
    butler = make_repository(tmp_path / "native")
    (tmp_path / "native" / "ref_cats").mkdir()
    for name in (GAIA, PS1):
        target = shared_data / "refcats_hsc_field" / name
        (tmp_path / "native" / "ref_cats" / name).symlink_to(target)
    return butler


def test_gen2_repository_has_its_catalog(demo: Path) -> None:
    with Butler(inputs=demo) as butler:
        assert butler.refcat_names() == ["sdss_demo_ref_cat"]
        catalog = butler.refcat("sdss_demo_ref_cat")
        assert catalog.filters == ("u", "g", "r", "i", "z")


def test_pieces_that_a_task_has_loaded_are_its_inputs(linked: Butler, tmp_path: Path) -> None:
    root = linked.repositories[0].root
    with TaskButler(inputs=root, outputs=tmp_path / "native" / "rerun" / "one") as butler:
        catalog = butler.refcat(PS1)
        with butler.collecting() as collected:
            first = catalog.load_circle((0, 89), 0.1)
        assert (len(first), list(collected.inputs)) == (0, [])
        place = rows_of(*(tmp_path / "native" / "ref_cats" / PS1).glob(f"{SHARD}.fits"))[0]
        centre = np.degrees([place["coord_ra"], place["coord_dec"]])
        with butler.collecting() as collected:
            assert len(catalog.load_circle(tuple(centre), 0.001)) > 0
    assert {(one.dataset_type, one.data_id) for one in collected.inputs} == {
        ("ref_cat", f"{PS1},{SHARD}")
    }


def test_whole_catalog_of_the_demo_is_read(demo: Path) -> None:
    with Butler(inputs=demo) as butler:
        everything = butler.refcat("sdss_demo_ref_cat").load_circle((350, -1), 180)
    assert len(everything) == 28196  # type: ignore[arg-type]  # as MANIFEST.md says
    files = sorted((demo / "ref_cats" / "sdss_demo_ref_cat").glob("[0-9]*.fits"))
    expected = rows_of(*files)
    assert set(everything["id"]) == set(expected["id"])  # type: ignore[index]


@pytest.mark.parametrize("radius", [0.03, 0.2, 0.5, 1.5])
def test_circle_has_the_rows_that_brute_force_finds(demo: Path, radius: float) -> None:
    expected = rows_of(*(demo / "ref_cats" / "sdss_demo_ref_cat").glob("[0-9]*.fits"))
    centre = SkyCoord(350.5, -0.1, unit="deg")
    near = coords(expected).separation(centre).deg <= radius
    with Butler(inputs=demo) as butler:
        found = butler.refcat("sdss_demo_ref_cat").load_circle(centre, radius, filter="r")
    assert 0 < near.sum() < 28196
    assert sorted(found["id"]) == sorted(expected["id"][near])  # type: ignore[index]
    assert np.sum(found["camFlux"]) == pytest.approx(expected["r_flux"][near].sum(), rel=1e-12)  # type: ignore[index]


def test_catalogs_linked_into_a_native_repository_are_read(
    linked: Butler, shared_data: Path
) -> None:
    assert linked.refcat_names() == [GAIA, PS1]
    for name, count in ((GAIA, 2762), (PS1, 17827)):
        rows = rows_of(shared_data / "refcats_hsc_field" / name / f"{SHARD}.fits")
        assert len(rows) == count
        catalog = linked.refcat(name)
        middle = coords(rows)[count // 2]
        expected = coords(rows).separation(middle).deg <= 0.15
        found = catalog.load_circle(middle, 0.15)
        assert sorted(found["id"]) == sorted(rows["id"][expected])  # type: ignore[index]


def test_stars_of_gaia_move_as_astropy_moves_them(linked: Butler, shared_data: Path) -> None:
    rows = rows_of(shared_data / "refcats_hsc_field" / GAIA / f"{SHARD}.fits")
    catalog = linked.refcat(GAIA)
    moved = catalog.load_circle((321.0, -0.3), 2.0, epoch="J2026.0")
    order = np.argsort(moved["id"])  # type: ignore[index]
    rows = rows[np.argsort(rows["id"])]
    assert len(order) == len(rows)
    begin = SkyCoord(
        np.array(rows["coord_ra"]) * u.rad,
        np.array(rows["coord_dec"]) * u.rad,
        pm_ra_cosdec=np.array(rows["pm_ra"]) * u.rad / u.yr,
        pm_dec=np.array(rows["pm_dec"]) * u.rad / u.yr,
        distance=np.ones(len(rows)) * u.kpc,
        obstime=Time(np.array(rows["epoch"]), format="mjd", scale="tai"),
    )
    expected = begin.apply_space_motion(Time("J2026.0", scale="tai"))
    apart = expected.separation(moved.coord[order]).to_value(u.mas)  # type: ignore[attr-defined]
    assert np.max(apart) < 1e-3  # of 1.3 arcsec that the fastest has moved


def test_errors_of_positions_grow_with_those_of_motions(linked: Butler, shared_data: Path) -> None:
    rows = rows_of(shared_data / "refcats_hsc_field" / GAIA / f"{SHARD}.fits")
    rows = rows[np.argsort(rows["id"])]
    moved = linked.refcat(GAIA).load_circle((321.0, -0.3), 2.0, epoch=57205.87440946643 + 3652.5)
    order = np.argsort(moved["id"])  # type: ignore[index]
    expected = np.hypot(rows["coord_raErr"], 10 * rows["pm_raErr"])
    found = np.array(moved["coord_raErr"])[order]  # type: ignore[index]
    np.testing.assert_allclose(found, expected, rtol=1e-6)  # single precision
    assert set(moved["epoch"]) == {57205.87440946643 + 3652.5}  # type: ignore[index]


def test_motions_without_a_unit_move_nothing(
    linked: Butler, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = linked.refcat(PS1)
    still = catalog.load_circle((321.0, -0.3), 0.1)
    moved = catalog.load_circle((321.0, -0.3), 0.1, epoch="J2026.0")
    np.testing.assert_array_equal(still["coord_ra"], moved["coord_ra"])  # type: ignore[index]
    assert "no proper motions" in caplog.text


def test_catalog_that_is_not_there_is_refused_with_those_that_are(linked: Butler) -> None:
    with pytest.raises(DatasetNotFoundError, match=r"There are: gaia.*Did you mean 'gaia_dr2"):
        linked.refcat("gaia_dr3_20200414")


def test_repository_without_catalogs_says_so(tmp_path: Path) -> None:
    butler = make_repository(tmp_path / "empty")
    assert butler.refcat_names() == []
    with pytest.raises(DatasetNotFoundError, match="none at all"):
        butler.refcat("gaia")


def test_damaged_piece_is_refused_by_its_name(tmp_path: Path) -> None:
    butler = make_repository(tmp_path / "native")
    folder = tmp_path / "native" / "ref_cats" / "bad"
    folder.mkdir(parents=True)
    (folder / f"{SHARD}.fits").write_bytes(b"SIMPLE  =                    T")
    with pytest.raises(FormatterError, match=f"'bad'.*{SHARD}.fits"):
        butler.refcat("bad")


def test_rerun_reads_the_catalogs_of_its_parent(linked: Butler, tmp_path: Path) -> None:
    rerun = make_repository(tmp_path / "rerun", parents=[tmp_path / "native"])
    assert rerun.refcat_names() == linked.refcat_names()
    assert len(rerun.refcat(GAIA).load_circle((321.0, -0.3), 0.1)) > 10  # type: ignore[arg-type]
