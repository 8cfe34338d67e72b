"""What a row of a query says, whichever repository it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from butler.data_id import DataId

if TYPE_CHECKING:
    from butler.butler import Butler

ONE = {"visit": 903334, "ccd": 16}


def test_a_row_is_what_the_repository_stored(butler: Butler) -> None:
    butler.put({"a": 1}, "notes", ONE)
    (row,) = butler.query("notes", columns=["expTime", "visit"])
    assert row.data_id == DataId(pointing=671, filter="HSC-R", **ONE)
    assert list(row.data_id) == ["pointing", "filter", "visit", "ccd"]
    assert row.keys() == ("pointing", "filter", "visit", "ccd", "expTime")
    assert [row[name] for name in row.keys()] == [671, "HSC-R", 903334, 16, 30.0]  # noqa: SIM118
    assert row.repository is butler.repositories[0]
    assert row.uri == butler.get_uri("notes", ONE)
    assert row.stored.sha256 is not None
    assert row.size == row.stored.size
    assert repr(row) == "QueryRow('notes', pointing=671 filter=HSC-R visit=903334 ccd=16)"


def test_a_name_that_was_not_asked_for_is_no_key(butler: Butler) -> None:
    butler.put(1, "summary", ONE)
    (row,) = butler.query("summary")
    with pytest.raises(KeyError, match="expTime"):
        row["expTime"]


def test_rows_of_an_open_transaction_are_like_those_of_a_repository(rerun: Butler) -> None:
    with rerun.transaction():
        rerun.put(1, "summary", ONE)
        (pending,) = rerun.query("summary", columns=["filter"])
        seen = (pending.data_id, pending["filter"], pending.size, pending.stored.sha256)
    (row,) = rerun.query("summary", columns=["filter"])
    assert (row.data_id, row["filter"], row.size, row.stored.sha256) == seen


@pytest.mark.parametrize("order_by", [(), "-ccd", "-expTime", ("filter", "-visit")])
def test_all_orders_hide_what_a_nearer_repository_has(
    butler: Butler, rerun: Butler, order_by: str | tuple[str, ...]
) -> None:
    for visit in (903334, 903986):
        for ccd in (16, 17):
            butler.put("old", "summary", visit=visit, ccd=ccd)
    rerun.put("new", "summary", visit=903334, ccd=17)
    rows = list(rerun.query("summary", order_by=order_by))
    assert len(rows) == 4
    near = [row for row in rows if row.repository is rerun.repositories[0]]
    assert [(row["visit"], row["ccd"]) for row in near] == [(903334, 17)]
    everything = list(rerun.query("summary", order_by=order_by, all=True))
    assert len(everything) == 5
