"""What may stand for a data ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository

from butler.errors import ButlerError, DataIdError
from butler.queries.keywords import require_mapping

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from butler.butler import Butler


@pytest.fixture
def butler(tmp_path: Path) -> Butler:
    return make_repository(tmp_path / "DATA")


@pytest.mark.parametrize("wrong", ["visit=903334", "", 903334, 0, [("visit", 903334)], {16}])
@pytest.mark.parametrize(
    "ask",
    [
        lambda butler, wrong: butler.get("summary", wrong),
        lambda butler, wrong: butler.get("summary", dataId=wrong),
        lambda butler, wrong: butler.put(1, "summary", wrong),
        lambda butler, wrong: butler.subset("summary", data_id=wrong),
        lambda butler, wrong: butler.subset("summary", dataId=wrong),
        lambda butler, wrong: butler.query_metadata("summary", "visit", wrong, ccd=16),
    ],
)
def test_a_data_id_that_is_no_mapping_is_named(
    butler: Butler, ask: Callable[[Butler, object], object], wrong: object
) -> None:
    with pytest.raises(DataIdError, match="is keys and values") as caught:
        ask(butler, wrong)
    assert repr(wrong) in str(caught.value)
    assert isinstance(caught.value, ButlerError)


def test_none_is_an_empty_data_id() -> None:
    assert require_mapping(None) == {}


def test_a_mapping_is_returned_as_it_is() -> None:
    given = {"visit": 903334}
    assert require_mapping(given) is given
