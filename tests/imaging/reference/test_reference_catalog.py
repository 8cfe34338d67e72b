"""Whole answers of catalogs that were ingested, against brute force on the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from support.repositories import make_repository
from support.star_tables import gaia_table, ingest_tables, write_table

from imaging.errors import ColumnNotFoundError, ParameterTypeError
from imaging.exposure.exposure import Exposure
from imaging.exposure.filter_label import FilterLabel
from imaging.exposure.visit_info import VisitInfo
from imaging.geometry.box import Box
from imaging.reference.column_map import ColumnMap
from imaging.wcs.wcs import Wcs

if TYPE_CHECKING:
    from pathlib import Path

    from imaging.reference.reference_catalog import ReferenceCatalog

PLACES = {
    "zero": (0.0, 0.0),
    "north": (120.0, 90.0),
    "south": (0.0, -89.5),
    "middle": (215.0, 52.5),
}
# Faster than anything real: in ten years stars cross whole pieces of the mesh.
MOTION_MAS = 100_000.0


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[ReferenceCatalog, Table]]:
    """Fast stars around zero, the poles and elsewhere, and the tables that they come from."""
    root = tmp_path_factory.mktemp("stars")
    butler = make_repository(root / "repo")
    found = {}
    for number, (name, centre) in enumerate(PLACES.items()):
        table = gaia_table(1500, seed=number, centre=centre, motion_mas=MOTION_MAS)
        path = write_table(table, root / f"{name}.fits")
        ingest_tables(root / "repo", name, [path])
        found[name] = (butler.refcat(name), table)
    return found  # type: ignore[return-value]  # of imaging


def at_epoch(table: Table, mjd: float | None) -> SkyCoord:
    """Where the stars of a table are, as astropy says."""
    begin = SkyCoord(
        np.asarray(table["ra"]) * u.deg,
        np.asarray(table["dec"]) * u.deg,
        pm_ra_cosdec=np.asarray(table["pmra"]) * u.mas / u.yr,
        pm_dec=np.asarray(table["pmdec"]) * u.mas / u.yr,
        distance=np.full(len(table), 1.0) * u.pc,
        obstime=Time(57388.5, format="mjd", scale="tai"),
    )
    if mjd is None:
        return SkyCoord(begin.ra, begin.dec)
    moved = begin.apply_space_motion(Time(mjd, format="mjd", scale="tai"))
    return SkyCoord(moved.ra, moved.dec)


@pytest.mark.parametrize("name", PLACES)
@settings(max_examples=15)
@given(
    distance=st.floats(0, 4),
    angle=st.floats(0, 360),
    radius=st.floats(0, 3),
    mjd=st.one_of(st.none(), st.floats(53736.0, 61041.0)),
)
def test_circle_is_that_of_brute_force_at_any_epoch(
    name: str,
    distance: float,
    angle: float,
    radius: float,
    mjd: float | None,
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    catalog, table = catalogs[name]
    centre = SkyCoord(*PLACES[name], unit="deg").directional_offset_by(
        angle * u.deg, distance * u.deg
    )
    apart = at_epoch(table, mjd).separation(centre).deg
    found = catalog.load_circle(centre, radius, epoch=mjd)
    is_clear = np.abs(apart - radius) > 1e-6  # astropy's motion has light time and relativity
    inside = np.isin(np.asarray(table["source_id"]), found["id"])
    np.testing.assert_array_equal(inside[is_clear], (apart <= radius)[is_clear])


@pytest.mark.parametrize("name", ["zero", "middle"])
@settings(max_examples=15)
@given(
    west=st.floats(-3, 2),
    width=st.floats(0, 3),
    south=st.floats(-3, 2),
    height=st.floats(0, 3),
    mjd=st.one_of(st.none(), st.floats(53736.0, 61041.0)),
)
def test_box_is_that_of_brute_force_at_any_epoch(
    name: str,
    west: float,
    width: float,
    south: float,
    height: float,
    mjd: float | None,
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    catalog, table = catalogs[name]
    ra, dec = PLACES[name]
    lower, upper = (ra + west, dec + south), (ra + west + width, dec + south + height)
    found = catalog.load_box(lower, upper, epoch=mjd)
    place = at_epoch(table, mjd)
    east, north = (place.ra.deg - lower[0]) % 360, place.dec.deg
    expected = (east <= width) & (north >= lower[1]) & (north <= upper[1])
    edges = np.abs([east, east - 360, east - width, north - lower[1], north - upper[1]])
    is_clear = edges.min(axis=0) > 1e-6
    inside = np.isin(np.asarray(table["source_id"]), found["id"])
    np.testing.assert_array_equal(inside[is_clear], expected[is_clear])


def test_box_around_the_pole_is_that_of_brute_force(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    catalog, table = catalogs["north"]
    found = catalog.load_box((0, 89), (360, 90))
    assert len(found) == np.sum(np.asarray(table["dec"]) >= 89) > 100


def test_positions_are_those_of_astropy_with_parallax(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    catalog, table = catalogs["middle"]
    plain = catalog.load_circle(PLACES["middle"], 5, epoch="J2016.0")
    seen = catalog.load_circle(PLACES["middle"], 5, epoch="J2016.0", parallax=True)
    order, other = np.argsort(plain["id"]), np.argsort(seen["id"])
    shift = plain.coord[order].separation(seen.coord[other]).to_value(u.mas)
    parallax = np.asarray(table["parallax"])[np.argsort(table["source_id"])]
    assert (shift <= 1.02 * parallax + 1e-6).all()
    assert np.median(shift / parallax) > 0.3  # the Earth is somewhere on its way


def make_exposure(date_ns: int | None = None) -> Exposure:
    cards = {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRVAL1": 215.0,
        "CRVAL2": 52.5,
        "CRPIX1": 100.0,
        "CRPIX2": 150.0,
        "CD1_1": -0.005,
        "CD1_2": 0.001,
        "CD2_1": 0.001,
        "CD2_2": 0.005,
        "RADESYS": "ICRS",
    }
    exposure = Exposure(Box.from_shape((300, 200)))
    exposure.wcs = Wcs.from_metadata(cards)
    if date_ns is not None:
        exposure.visit_info = VisitInfo(date_avg_ns=date_ns)
    return exposure


@pytest.mark.parametrize("padding", [0, 30])
def test_exposure_has_the_stars_of_its_date_on_its_pixels(
    padding: int, catalogs: dict[str, tuple[ReferenceCatalog, Table]]
) -> None:
    catalog, table = catalogs["middle"]
    time = Time("2019-05-01", scale="tai")
    exposure = make_exposure(round((time.mjd - 40587) * 86400e9))
    found = catalog.load_exposure(exposure, padding)
    x, y = exposure.wcs.skycoord_to_pixel(at_epoch(table, time.mjd))
    low, wide, high = -0.5 - padding, 199.5 + padding, 299.5 + padding
    expected = (x >= low) & (x <= wide) & (y >= low) & (y <= high)
    is_clear = np.min(np.abs([x - low, x - wide, y - low, y - high]), axis=0) > 1e-3
    inside = np.isin(np.asarray(table["source_id"]), found["id"])
    np.testing.assert_array_equal(inside[is_clear], expected[is_clear])
    assert 50 < inside.sum() < len(table)


def test_exposure_without_a_date_has_the_stars_of_the_catalog(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    catalog, _ = catalogs["middle"]
    found = catalog.load_exposure(make_exposure())
    other = catalog.load_exposure(make_exposure(10**18), epoch=None)
    np.testing.assert_array_equal(found["id"], other["id"])
    assert set(found["epoch"]) == {57388.5}


def test_exposure_without_a_wcs_is_refused(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    with pytest.raises(ParameterTypeError, match="no WCS"):
        catalogs["zero"][0].load_exposure(Exposure(Box.from_shape((3, 3))))


def test_star_with_a_bad_motion_stays_with_its_epoch(tmp_path: Path) -> None:
    table = gaia_table(3, motion_mas=MOTION_MAS)
    table["pmra"][1] = np.nan
    make_repository(tmp_path / "repo")
    ingest_tables(tmp_path / "repo", "g", [write_table(table, tmp_path / "g.fits")])
    butler = make_repository(tmp_path / "rerun", parents=[tmp_path / "repo"])
    found = butler.refcat("g").load_circle((0, 0), 20, epoch="J2026.0")
    by_id = {row["id"]: row for row in found}  # type: ignore[attr-defined]
    bad, good = (by_id[table["source_id"][n]] for n in (1, 0))
    assert (bad["epoch"], good["epoch"]) == (57388.5, 57388.5 + 3652.5)
    assert bad["coord_ra"] == np.radians(table["ra"][1])
    assert good["coord_raErr"] > 5 * np.radians(table["pmra_error"][0] / 3.6e6)


def test_filter_names_the_flux(tmp_path: Path) -> None:
    butler = make_repository(tmp_path / "repo")
    table = Table({"ra": [1.0], "dec": [0.0], "g": [20.0], "g_err": [0.1], "N921": [3.0]})
    columns = ColumnMap.from_options(
        {}, magnitudes=["g"], magnitude_errors=["g_err=g"], fluxes=["N921[nJy]"]
    )
    ingest_tables(tmp_path / "repo", "c", [write_table(table, tmp_path / "c.csv")], columns)
    catalog = butler.refcat("c")
    assert set(catalog.filters) == {"g", "N921"}
    for wanted in ("g", "g_flux", "G", FilterLabel("g", "HSC-G")):
        found = catalog.load_circle((1, 0), 1, filter=wanted)
        assert found["camFlux"] == pytest.approx(10 ** (0.4 * 11.4))  # type: ignore[index]
        assert found["camFluxErr"][0] > 0  # type: ignore[index]
    assert catalog.load_circle((1, 0), 1, filter="N921")["camFlux"].tolist() == [3.0]  # type: ignore[index]
    with pytest.raises(ColumnNotFoundError, match="N921, g"):
        catalog.load_circle((1, 0), 1, filter="z")


def test_place_without_stars_gives_an_empty_catalog_with_all_fields(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    found = catalogs["zero"][0].load_circle((180, 40), 1, filter="phot_g_mean")
    assert len(found) == 0
    assert "pm_ra" in found.schema.names
    assert len(found["camFlux"]) == 0


def test_parallax_without_an_epoch_is_refused(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]],
) -> None:
    with pytest.raises(ParameterTypeError, match="needs epoch="):
        catalogs["zero"][0].load_circle((0, 0), 1, parallax=True)


def test_what_is_loaded_can_be_put_and_read_again(
    catalogs: dict[str, tuple[ReferenceCatalog, Table]], tmp_path: Path
) -> None:
    found = catalogs["zero"][0].load_circle((0, 0), 1, epoch="J2020.0", filter="phot_g_mean")
    found.write_fits(str(tmp_path / "part.fits"))
    again = type(found).read_fits(str(tmp_path / "part.fits"))
    np.testing.assert_array_equal(again["camFlux"], found["camFlux"])
    assert again.metadata["REFCAT_NAME"] == "zero"
