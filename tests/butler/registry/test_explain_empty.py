from __future__ import annotations

import pytest

from butler.registry.condition import Condition, evaluate, from_keywords
from butler.registry.explain_empty import EmptyResult, explain_empty
from butler.registry.where import parse_where

ROWS: list[dict[str, int | float | str | None]] = [
    {"visit": visit, "ccd": ccd, "filter": name, "seeing": visit / 1000, "proposal": None}
    for visit, name in [
        *((number, "HSC-R") for number in range(900, 950, 2)),
        *((number, "HSC-I") for number in range(1000, 1010)),
    ]
    for ccd in (16, 22, 23)
]


def explain(text: str, rows: list[dict[str, int | float | str | None]] = ROWS) -> EmptyResult:
    def count(condition: Condition) -> int:
        return sum(evaluate(condition, row) for row in rows)

    def values(name: str, limit: int) -> list[int | float | str]:
        found = (row[name] for row in rows)
        return list(dict.fromkeys(value for value in found if value is not None))[:limit]

    condition = parse_where(text)
    assert not count(condition)
    return explain_empty(condition, count, values)


def test_a_number_that_does_not_exist_is_shown_with_its_neighbours() -> None:
    result = explain("visit = 903 and ccd = 16")
    assert result.culprits == ("visit = 903",)
    assert result.existing == {"visit": (902, 904)}
    assert result.message == "Nothing matches visit = 903.\nClosest values of visit: 902, 904."


def test_a_number_beyond_all_is_shown_with_the_last() -> None:
    assert explain("visit > 5000").existing == {"visit": (1009,)}
    assert explain("visit < 5").existing == {"visit": (900,)}


def test_the_ends_of_ranges_have_neighbours_too() -> None:
    assert explain("visit in (951..960, 970)").existing == {"visit": (948, 1000)}


def test_a_misspelt_text_is_shown_with_what_it_may_have_meant() -> None:
    result = explain("filter = 'HSC-r' and ccd = 16")
    assert result.culprits == ("filter = 'HSC-r'",)
    assert result.existing == {"filter": ("HSC-I", "HSC-R")}
    assert result.message == (
        "Nothing matches filter = 'HSC-r'.\n"
        "All values of filter: 'HSC-I', 'HSC-R'. Did you mean 'HSC-R' or 'HSC-I'?"
    )


def test_close_texts_are_picked_out_of_many() -> None:
    rows: list[dict[str, int | float | str | None]] = [
        {"object": f"{word}{number}"} for word in ("COSMOS", "SSP", "M") for number in range(10)
    ]
    assert "COSMOS3" in explain("object = 'COSMO3'", rows).existing["object"]
    far = explain("object = 'zzzzzzzzz'", rows)
    assert far.existing["object"] == tuple(f"COSMOS{number}" for number in range(5))
    assert "for example: 'COSMOS0'" in far.message


def test_every_conjunct_that_fails_by_itself_is_named() -> None:
    result = explain("visit = 903 and ccd = 16 and filter = 'g'")
    assert result.culprits == ("visit = 903", "filter = 'g'")
    assert "Nothing matches visit = 903 nor filter = 'g'." in result.message
    assert set(result.existing) == {"visit", "filter"}


def test_a_pair_that_never_occurs_together_is_found() -> None:
    result = explain("visit = 1000 and ccd = 16 and filter = 'HSC-R'")
    assert result.culprits == ("visit = 1000", "filter = 'HSC-R'")
    assert result.message.startswith(
        "Nothing matches visit = 1000 together with filter = 'HSC-R', though each"
    )


def test_three_that_need_each_other_are_found_when_no_pair_fails() -> None:
    rows: list[dict[str, int | float | str | None]] = [
        {"a": 1, "b": 1, "c": 0, "d": 1},
        {"a": 1, "b": 0, "c": 1, "d": 1},
        {"a": 0, "b": 1, "c": 1, "d": 1},
    ]
    result = explain("a = 1 and b = 1 and d = 1 and c = 1", rows)
    assert result.culprits == ("a = 1", "b = 1", "c = 1")


def test_many_conjuncts_are_reduced_without_trying_every_pair() -> None:
    always = " and ".join(f"ccd != {number}" for number in range(12))
    result = explain(f"{always} and visit = 1000 and filter = 'HSC-R'")
    assert result.culprits == ("visit = 1000", "filter = 'HSC-R'")


def test_a_whole_alternative_is_named_with_all_its_keys() -> None:
    result = explain("(visit = 903 or filter = 'g') and ccd = 16")
    assert result.culprits == ("visit = 903 or filter = 'g'",)
    assert set(result.existing) == {"visit", "filter"}


def test_a_key_without_any_value_is_called_so() -> None:
    result = explain("proposal = 'o13'")
    assert result.existing == {"proposal": ()}
    assert "proposal has no values at all." in result.message


def test_an_empty_repository_is_called_so() -> None:
    result = explain("visit = 5", [])
    assert result.culprits == ()
    assert result.existing == {}
    assert "nothing to search" in result.message


def test_an_empty_list_is_the_culprit() -> None:
    condition = from_keywords({"visit": [], "ccd": 16})
    result = explain_empty(
        condition,
        lambda asked: sum(evaluate(asked, row) for row in ROWS),
        lambda _, limit: list(range(limit)),
    )
    assert result.culprits == ("visit in ()",)
    assert result.existing == {"visit": (0, 1, 2, 3, 4)}


def test_a_long_culprit_is_shortened_in_the_message_alone() -> None:
    wanted = ", ".join(str(number) for number in range(3000, 3200))
    result = explain(f"visit in ({wanted})")
    assert result.culprits == (f"visit in ({wanted})",)
    assert max(map(len, result.message.splitlines())) < 250


@pytest.mark.parametrize("truth", [True, False])
def test_a_count_that_only_knows_whether_any_row_matches_is_enough(*, truth: bool) -> None:
    result = explain_empty(parse_where("visit = 5"), lambda _: truth, lambda _name, _limit: [4])
    assert (result.culprits == ()) == (not truth)
