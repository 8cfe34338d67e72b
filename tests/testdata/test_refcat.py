from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table, vstack

from testdata.geometry import SMALL
from testdata.htm import htm_index
from testdata.raw import simulate_raw
from testdata.refcat import REFERENCE_LIMIT_MAG, REFERENCE_NAME, write_reference_catalog

if TYPE_CHECKING:
    from pathlib import Path

VISITS = {903334: [16, 22], 903988: [17]}


@pytest.fixture(scope="module")
def catalog_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / REFERENCE_NAME
    write_reference_catalog(root, VISITS, geometry=SMALL)
    return root


@pytest.fixture(scope="module")
def catalog(catalog_dir: Path) -> Table:
    shards = [Table.read(path, hdu=1) for path in sorted(catalog_dir.glob("[0-9]*.fits"))]
    assert shards
    return vstack(shards, metadata_conflicts="silent")


@pytest.mark.parametrize(("visit", "ccd"), [(v, c) for v, ccds in VISITS.items() for c in ccds])
def test_catalog_holds_every_star_of_an_exposure(visit: int, ccd: int, catalog: Table) -> None:
    truth = simulate_raw(visit, ccd, geometry=SMALL).truth
    stars = truth.sources[truth.sources["is_star"]]
    reference = simulate_raw(visit, ccd, geometry=SMALL, filter_name="HSC-R").truth.sources
    bright = reference["id"][reference["magnitude"] < REFERENCE_LIMIT_MAG]
    stars = stars[np.isin(stars["id"], bright)]
    assert len(stars) > 15
    _, i, j = np.intersect1d(stars["id"], catalog["id"], return_indices=True)
    assert len(i) == len(stars)
    # Positions scatter by 0.01 arcsec: five sigma.
    np.testing.assert_allclose(
        np.degrees(catalog["coord_ra"][j]), stars["ra"][i], rtol=0, atol=0.05 / 3600
    )
    band = truth.observation.band
    flux, error = catalog[f"{band}_flux"][j], catalog[f"{band}_fluxErr"][j]
    expected = 10 ** (0.4 * (31.4 - stars["magnitude"][i]))
    pull = (flux - expected) / error
    assert np.abs(pull).max() < 5
    assert np.std(pull) == pytest.approx(1, abs=0.5)
    assert (error < 0.2 * expected).all()


def test_catalog_holds_no_galaxy(catalog: Table) -> None:
    for visit, ccds in VISITS.items():
        for ccd in ccds:
            sources = simulate_raw(visit, ccd, geometry=SMALL).truth.sources
            assert not np.isin(sources["id"][~sources["is_star"]], catalog["id"]).any()


def test_rows_lie_in_the_trixel_of_their_shard_and_none_twice(
    catalog_dir: Path, catalog: Table
) -> None:
    assert len(np.unique(catalog["id"])) == len(catalog)
    for path in catalog_dir.glob("[0-9]*.fits"):
        rows = fits.getdata(path, 1)
        index = htm_index(
            np.asarray(rows["coord_ra"], dtype=float), np.asarray(rows["coord_dec"], dtype=float)
        )
        assert set(index.tolist()) == {int(path.stem)}
    assert (catalog_dir / "189584.fits").is_file()


def test_shard_has_columns_and_cards_of_a_real_one(catalog_dir: Path, shared_data: Path) -> None:
    real = fits.getheader(
        shared_data / "refcats_hsc_field" / "ps1_pv3_3pi_20170110" / "189584.fits", 1
    )
    ours = fits.getheader(catalog_dir / "189584.fits", 1)
    wanted = (
        "id",
        "coord_ra",
        "coord_dec",
        *(f"{b}_flux{e}" for b in "grizy" for e in ("", "Err")),
    )

    def describe(header: fits.Header) -> dict[str, tuple[str, str, str]]:
        return {
            header[f"TTYPE{n}"]: (
                header[f"TFORM{n}"].removeprefix("1"),
                header.get(f"TUNIT{n}", ""),
                header[f"TCCLS{n}"],
            )
            for n in range(1, header["TFIELDS"] + 1)
        }

    assert describe(ours) == {name: describe(real)[name] for name in wanted}
    assert (ours["REFCAT_FORMAT_VERSION"], ours["AFW_TYPE"]) == (1, "SIMPLE")
    assert ours["AFW_TABLE_VERSION"] == real["AFW_TABLE_VERSION"]


def test_master_schema_is_an_empty_shard(catalog_dir: Path) -> None:
    schema = fits.getheader(catalog_dir / "master_schema.fits", 1)
    shard = fits.getheader(catalog_dir / "189584.fits", 1)
    assert schema["NAXIS2"] == 0
    assert [schema[f"TTYPE{n}"] for n in range(1, 14)] == [shard[f"TTYPE{n}"] for n in range(1, 14)]


def test_configuration_names_catalog_and_depth(catalog_dir: Path) -> None:
    text = (catalog_dir / "config.py").read_text(encoding="utf-8")
    assert f"config.ref_dataset_name='{REFERENCE_NAME}'" in text
    assert "config.indexer['HTM'].depth=7" in text
    compile(text, "config.py", "exec")


def test_row_of_a_star_does_not_depend_on_what_else_is_asked_for(
    catalog: Table, tmp_path: Path
) -> None:
    paths = write_reference_catalog(tmp_path, {903334: [16]}, geometry=SMALL)
    fewer = vstack([Table.read(path, hdu=1) for path in paths[:-2]], metadata_conflicts="silent")
    _, i, j = np.intersect1d(fewer["id"], catalog["id"], return_indices=True)
    assert 0 < len(i) == len(fewer) < len(catalog)
    for column in ("coord_ra", "r_flux", "y_fluxErr"):
        np.testing.assert_array_equal(fewer[column][i], catalog[column][j])


def test_shards_of_an_earlier_call_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "123.fits").write_bytes(b"old")
    write_reference_catalog(tmp_path, {903334: [16]}, geometry=SMALL)
    assert not (tmp_path / "123.fits").exists()
