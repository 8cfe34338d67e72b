"""The loops that find cosmic rays beside the same conditions in plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label

from pipelines.repair import kernels

SKIPPED = 4
SHARPEST = np.array([0.45, 0.4, 0.3], np.float32)  # row, column, diagonals
LINES = ((0, 1, 0), (1, 0, 1), (1, 1, 2), (1, -1, 2))


@pytest.fixture
def planes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20131102)
    image = rng.normal(20, 10, (80, 60)).astype(np.float32)
    image[rng.random(image.shape) < 0.03] += rng.uniform(20, 400)
    image[30, 10:20] += 300
    image[40:46, 30] += 200
    variance = np.full(image.shape, 100, np.float32)
    mask = np.zeros(image.shape, np.int32)
    mask[5:10, 5:30] = SKIPPED
    return image, variance, mask


def neighbours(plane: np.ndarray, dy: int, dx: int) -> tuple[np.ndarray, np.ndarray]:
    """The two neighbours of each inner pixel on a line."""
    ny, nx = plane.shape
    wide = plane.astype(np.float64)
    return (
        wide[1 + dy : ny - 1 + dy, 1 + dx : nx - 1 + dx],
        wide[1 - dy : ny - 1 - dy, 1 - dx : nx - 1 - dx],
    )


def expected_seeds(
    image: np.ndarray, variance: np.ndarray, mask: np.ndarray, level: float
) -> np.ndarray:
    value, error = (
        image[1:-1, 1:-1].astype(float) - level,
        np.sqrt(variance[1:-1, 1:-1].astype(float)),
    )
    stands_out = np.zeros(value.shape, bool)
    is_sharp = np.zeros(value.shape, bool)
    for dy, dx, kind in LINES:
        one, two = neighbours(image, dy, dx)
        mean = (one + two) / 2 - level
        pair_error = np.sqrt(sum(neighbours(variance, dy, dx))) / 2
        stands_out |= value - 6 * error > mean
        is_sharp |= SHARPEST[kind] * (value - 2.5 * error) > mean + 2.5 * pair_error
    found = stands_out & is_sharp & (value > 6 * error) & (mask[1:-1, 1:-1] & SKIPPED == 0)
    return np.argwhere(found) + 1


def find(
    image: np.ndarray, variance: np.ndarray, mask: np.ndarray, room: int = 4000
) -> tuple[int, np.ndarray]:
    seeds = np.zeros((room, 2), np.int32)
    count = kernels.find_seeds(
        image,
        variance,
        mask,
        SKIPPED,
        SHARPEST,
        np.float32(20),
        np.float32(6),
        np.float32(2.5),
        seeds,
    )
    return count, seeds[: min(count, room)]


def test_seeds_are_what_the_conditions_say(planes: tuple[np.ndarray, ...]) -> None:
    count, seeds = find(*planes)
    expected = expected_seeds(*planes, 20.0)
    assert count == len(expected) > 50
    np.testing.assert_array_equal(seeds, expected)


def test_seeds_beyond_the_room_are_counted(planes: tuple[np.ndarray, ...]) -> None:
    everything, _ = find(*planes)
    count, seeds = find(*planes, room=7)
    assert (count, len(seeds)) == (everything, 7)


def grow(
    planes: tuple[np.ndarray, ...], seeds: np.ndarray, counts: float, rounds: int, room: int = 4000
) -> tuple[int, int, np.ndarray, np.ndarray]:
    owner = np.zeros(planes[0].shape, np.int32)
    pixels = np.zeros((room, 3), np.int32)
    image, variance, mask = planes
    rays, end = kernels.grow_rays(
        image,
        variance,
        mask,
        SKIPPED,
        SHARPEST,
        np.float32(20),
        np.float32(6),
        np.float32(counts),
        rounds,
        seeds,
        owner,
        pixels,
    )
    return rays, end, owner, pixels[: max(end, 0)]


def test_without_growth_rays_are_the_groups_of_seeds(planes: tuple[np.ndarray, ...]) -> None:
    _, seeds = find(*planes)
    is_seed = np.zeros(planes[0].shape, bool)
    is_seed[seeds[:, 0], seeds[:, 1]] = True
    groups, n_groups = label(is_seed, np.ones((3, 3)))
    rays, end, owner, pixels = grow(planes, seeds, -1e9, 0)
    assert (rays, end) == (n_groups, len(seeds))
    np.testing.assert_array_equal(owner > 0, is_seed)
    pairs = {(int(groups[y, x]), int(number)) for y, x, number in pixels}
    assert len(pairs) == n_groups  # one number for each group


def test_faint_rays_are_forgotten(planes: tuple[np.ndarray, ...]) -> None:
    _, seeds = find(*planes)
    is_seed = np.zeros(planes[0].shape, bool)
    is_seed[seeds[:, 0], seeds[:, 1]] = True
    groups, n_groups = label(is_seed, np.ones((3, 3)))
    totals = np.bincount(groups.ravel(), weights=planes[0].ravel() - 20.0)[1:]
    limit = np.median(totals) + 0.5
    rays, _, owner, _ = grow(planes, seeds, limit, 0)
    assert rays == np.count_nonzero(totals > limit) < n_groups
    assert set(np.unique(groups[owner > 0])) == set(np.flatnonzero(totals > limit) + 1)


def test_growth_follows_a_track_that_fades_and_is_bounded() -> None:
    image = np.zeros((20, 40), np.float32)
    image[10, 10:14] = 500, 60, 60, 60
    variance, mask = np.full(image.shape, 100, np.float32), np.zeros(image.shape, np.int32)
    planes = image, variance, mask
    image += 20
    seeds = np.array([[10, 10]], np.int32)
    assert grow(planes, seeds, 100, 0)[1] == 1
    assert sorted(grow(planes, seeds, 100, 2)[3][:, 1].tolist()) == [10, 11, 12]
    assert sorted(grow(planes, seeds, 100, 9)[3][:, 1].tolist()) == [10, 11, 12, 13]


def test_growth_does_not_eat_a_star_beside_a_ray() -> None:
    y, x = np.mgrid[:61, :61]
    image = (20 + 20000 * np.exp(-((x - 30) ** 2 + (y - 30) ** 2) / (2 * 1.8**2))).astype(
        np.float32
    )
    image[25, 22:26] += 3000
    variance, mask = image + 100, np.zeros(image.shape, np.int32)
    _, seeds = find(image, variance, mask)
    _, end, owner, _ = grow((image, variance, mask), seeds, 100, 3)
    assert owner[25, 22:25].all()
    assert not owner[28:33, 28:33].any()
    assert end < 15


def test_too_little_room_is_said(planes: tuple[np.ndarray, ...]) -> None:
    _, seeds = find(*planes)
    assert grow(planes, seeds, 0, 3, room=10)[1] == -1


def add_faint(
    planes: tuple[np.ndarray, ...], owner: np.ndarray, pixels: np.ndarray, room: int = 4000
) -> tuple[int, np.ndarray]:
    image, variance, mask = planes
    wide = np.zeros((room, 3), np.int32)
    wide[: len(pixels)] = pixels
    end = kernels.add_faint(
        image,
        variance,
        mask,
        SKIPPED,
        np.float32(20),
        np.float32(1.25),
        np.float32(1.5),
        owner,
        wide,
        len(pixels),
    )
    return end, wide[len(pixels) : max(end, 0)]


def test_faint_neighbours_are_what_the_conditions_say(planes: tuple[np.ndarray, ...]) -> None:
    _, seeds = find(*planes)
    _, _, owner, pixels = grow(planes, seeds, -1e9, 1)
    is_ray = owner > 0
    image, variance, mask = planes
    expected = set()
    for y, x in np.argwhere(~is_ray[1:-1, 1:-1]) + 1:
        near = (slice(y - 1, y + 2), slice(x - 1, x + 2))
        others = ~is_ray[near]
        others[1, 1] = False
        if not is_ray[near].any() or mask[y, x] & SKIPPED:
            continue
        level, error = image[near][others].astype(float).mean(), np.sqrt(float(variance[y, x]))
        if level - 20 < 1.5 * error and image[y, x] - level > 1.25 * error:
            expected.add((y, x))
    end, added = add_faint(planes, owner.copy(), pixels)
    assert len(expected) > 20
    assert {(y, x) for y, x, _ in added} == expected
    assert end == len(pixels) + len(expected)
    for y, x, ray in added:
        assert (owner[y - 1 : y + 2, x - 1 : x + 2] == ray).any()
    assert add_faint(planes, owner.copy(), pixels, room=len(pixels) + 3)[0] == -1


def test_faint_neighbours_are_not_taken_of_a_star() -> None:
    y, x = np.mgrid[:61, :61]
    star = 20000 * np.exp(-((x - 30) ** 2 + (y - 30) ** 2) / (2 * 1.8**2))
    image = (20 + star).astype(np.float32)
    image[26:35, 33] += 3000  # a track over its flank
    variance = np.full(image.shape, 100, np.float32)
    planes = image, variance, np.zeros(image.shape, np.int32)
    owner = np.zeros(image.shape, np.int32)
    owner[26:35, 33] = 1
    pixels = np.array([[row, 33, 1] for row in range(26, 35)], np.int32)
    _, added = add_faint(planes, owner, pixels)
    assert len(added) == 0


@pytest.mark.parametrize("plane", [0, 1])
def test_no_faint_neighbour_is_known_where_there_is_no_number(plane: int) -> None:
    planes = (
        np.full((9, 9), 20, np.float32),
        np.full((9, 9), 100, np.float32),
        np.zeros((9, 9), np.int32),
    )
    planes[plane][5, 5] = np.nan
    owner, pixels = np.zeros((9, 9), np.int32), np.array([[4, 4, 1]], np.int32)
    owner[4, 4] = 1
    assert add_faint(planes, owner, pixels)[0] == 1
