"""What tells the sources of one exposure from those of all others."""

from __future__ import annotations

from pipelines.exposure_ids import ExposureIds


def test_identifiers_hold_the_exposure_and_count_its_sources() -> None:
    make = ExposureIds(903334 * 200 + 16, 32).make_id_factory()
    assert [make() for _ in range(3)] == [(180666816 << 32) + count for count in (1, 2, 3)]


def test_an_exposure_without_a_number_counts_from_one() -> None:
    assert ExposureIds().make_id_factory()() == 1
