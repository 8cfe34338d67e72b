from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.calibrations import write_calibration
from support.repositories import make_repository

from butler.butler import Butler
from butler.calibrations.ingestion import ingest_calibs
from butler.errors import AmbiguousDataIdError
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def butler(tmp_path: Path) -> Iterator[Butler]:
    """Flats of two ccds and two filters, all valid at one time, and no observations."""
    root = tmp_path / "DATA"
    make_repository(root).close()
    files = [
        write_calibration(tmp_path / f"{ccd}-{name}.fits", filter=name, ccd=ccd)
        for ccd in (16, 22)
        for name in ("HSC-R", "HSC-I")
    ]
    repository = NativeRepository(str(root))
    ingest_calibs(repository, files, validity=180)
    repository.close()
    with Butler(root) as opened:
        yield opened


def test_choice_by_all_keys_is_one(butler: Butler) -> None:
    uri = butler.get_uri("flat", taiObs="2013-11-02", filter="HSC-I", ccd=22)
    assert uri.endswith("FLAT-2013-11-03-HSC-I-022.fits")


@pytest.mark.parametrize(("known", "count"), [({}, 4), ({"ccd": 16}, 2), ({"filter": "HSC-R"}, 2)])
def test_several_that_the_known_keys_cannot_tell_apart_are_ambiguous(
    butler: Butler, known: dict[str, int | str], count: int
) -> None:
    with pytest.raises(AmbiguousDataIdError, match="Several datasets of type 'flat'") as raised:
        butler.get_uri("flat", taiObs="2013-11-02", **known)
    assert len(raised.value.candidates) == count


def test_explanation_of_a_calibration_that_was_named_says_when_it_is_valid(
    butler: Butler,
) -> None:
    named = {"calibDate": "2013-11-03", "filter": "HSC-R", "ccd": 16}
    text = str(butler.explain("flat", named))
    assert "named by its own date; valid in [2013-05-07, 2014-05-03)" in text
    assert "not in the registry" not in text
    butler.decertify("flat", **named)
    assert "named by its own date; it has no range" in str(butler.explain("flat", named))
