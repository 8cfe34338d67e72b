from __future__ import annotations

import numpy as np
import pytest

from testdata.geometry import FULL, SMALL
from testdata.observation import TARGET_DEG, observe
from testdata.projection import header_projection
from testdata.sky import SkyBox, SkyModel

SKY = SkyModel.for_geometry(SMALL)


def box(ra: float, dec: float, size: float) -> SkyBox:
    return SkyBox(
        TARGET_DEG[0] + ra,
        TARGET_DEG[0] + ra + size,
        TARGET_DEG[1] + dec,
        TARGET_DEG[1] + dec + size,
    )


def test_overlapping_boxes_hold_the_same_objects() -> None:
    first, second = box(0, 0, 0.03), box(0.01, 0.005, 0.03)
    both = SKY.objects([first])
    both = both[second.contains(both["ra"], both["dec"])]
    other = SKY.objects([second])
    other = other[first.contains(other["ra"], other["dec"])]
    assert len(both) > 100
    np.testing.assert_array_equal(both, other)


def test_union_of_boxes_holds_each_object_once() -> None:
    table = SKY.objects([box(0, 0, 0.02), box(0.01, 0.01, 0.02)])
    assert len(np.unique(table["id"])) == len(table) > 0


def test_another_seed_is_another_sky() -> None:
    ours, theirs = (
        SkyModel.for_geometry(SMALL, seed).objects([box(0, 0, 0.02)])["ra"] for seed in (1, 2)
    )
    assert not np.isin(ours, theirs).any()


def test_densities_are_those_asked_for() -> None:
    table = SkyModel(clusters_per_ccd=0).objects([box(0, 0, 0.3)])
    area = 0.09
    # Poisson scatter of 1350 stars and 9900 galaxies at four sigma.
    assert table["is_star"].sum() == pytest.approx(15_000 * area, rel=0.11)
    assert (~table["is_star"]).sum() == pytest.approx(110_000 * area, rel=0.04)


def test_bright_blends_lie_in_the_part_that_the_tutorial_shows() -> None:
    with_groups = SkyModel()
    without = SkyModel(clusters_per_ccd=0)
    projection = header_projection(observe(903334), 16, FULL)
    ra, dec = projection.to_sky(np.array([0.0, 2048.0]), np.array([0.0, 4176.0]))
    ccd = SkyBox(ra.min(), ra.max(), dec.min(), dec.max())
    table = with_groups.objects([ccd])
    grouped = table[~np.isin(table["id"], without.objects([ccd])["id"])]
    x, y = projection.to_pixel(grouped["ra"], grouped["dec"])
    assert len(grouped) >= 18
    assert grouped["mag_r"].max() < 22
    # The central third, in y 400 pixels smaller on each side.
    assert x.min() > 682
    assert x.max() < 1366
    assert y.min() > 1792
    assert y.max() < 2384


def test_every_object_has_plausible_magnitudes_and_shapes() -> None:
    table = SKY.objects([box(0, 0, 0.03)])
    galaxies = table[~table["is_star"]]
    for band in "grizy":
        assert np.isfinite(table[f"mag_{band}"]).all()
        assert table[f"mag_{band}"].min() > 14
    assert (table[table["is_star"]]["half_light_radius"] == 0).all()
    assert (galaxies["half_light_radius"] > 0).all()
    assert ((galaxies["axis_ratio"] > 0) & (galaxies["axis_ratio"] <= 1)).all()
