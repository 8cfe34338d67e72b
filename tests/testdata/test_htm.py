from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from testdata.htm import htm_index
from testdata.observation import TARGET_DEG

if TYPE_CHECKING:
    from pathlib import Path


def test_positions_of_real_shards_lie_in_the_trixel_of_their_file_name(shared_data: Path) -> None:
    shards = [
        *sorted(shared_data.glob("sdss_demo/input/ref_cats/sdss_demo_ref_cat/[0-9]*.fits"))[::6],
        *sorted(shared_data.glob("refcats_hsc_field/*/[0-9]*.fits")),
    ]
    found = {path: set[int]() for path in shards}
    for path in shards:
        table = fits.getdata(path, 1)
        index = htm_index(
            np.asarray(table["coord_ra"], dtype=float), np.asarray(table["coord_dec"], dtype=float)
        )
        found[path] = set(index.tolist())
    assert found == {path: {int(path.stem)} for path in shards}
    assert len(shards) > 5


def test_target_lies_in_the_trixel_of_the_real_catalog_of_this_field() -> None:
    ra, dec = np.radians(TARGET_DEG)
    assert htm_index(np.array([ra]), np.array([dec])).tolist() == [189584]


@pytest.mark.parametrize(
    ("ra", "dec", "root"), [(0.1, -0.1, 8), (1.7, -0.1, 9), (6.2, 0.1, 12), (0.1, 0.1, 15)]
)
def test_depth_zero_gives_the_octant(ra: float, dec: float, root: int) -> None:
    assert htm_index(np.array([ra]), np.array([dec]), depth=0).tolist() == [root]


def test_trixels_of_one_depth_have_similar_areas() -> None:
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 2 * np.pi, 60_000), np.arcsin(rng.uniform(-1, 1, 60_000))
    counts = np.bincount(htm_index(ra, dec, depth=2))[128:256]
    # Areas of depth 2 differ by up to a factor of 2.1; 470 points a trixel scatter by 5 %.
    assert counts.min() > 0.5 * counts.mean()
    assert counts.max() < 2 * counts.mean()
