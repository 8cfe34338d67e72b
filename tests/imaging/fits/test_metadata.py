"""Metadata and the cards of a header."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import example, given
from hypothesis import strategies as st

from imaging.errors import CardNotFoundError, MetadataError
from imaging.fits.cards import Card, format_card, parse_cards
from imaging.fits.metadata import Metadata

if TYPE_CHECKING:
    from imaging.fits.cards import CardValue

texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)
finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.one_of(
    st.booleans(),
    st.integers(-(10**18), 10**18),
    finite,
    st.complex_numbers(allow_nan=False, allow_infinity=False),
    texts,
    st.none(),
)
names = st.from_regex(r"[A-Z][A-Z0-9_-]{0,7}", fullmatch=True).filter(
    lambda name: name not in {"END", "COMMENT", "HISTORY", "CONTINUE", "HIERARCH"}
)


def only_card(text: str) -> Card:
    (card,) = parse_cards(text)
    return card


@given(names, values)
@example("A", "it's")
@example("A", "x" * 66 + "''''")
@example("A", "ends with &")
@example("A", "&" * 150)
def test_card_round_trip(name: str, value: CardValue) -> None:
    metadata = Metadata({name: value})
    text = "".join(map(format_card, metadata.cards))
    assert len(text) % 80 == 0
    again = Metadata.from_text(text)
    assert again == metadata
    assert type(again[name]) is type(metadata[name])


@given(names, st.one_of(st.booleans(), st.integers(-(10**18), 10**18), finite, texts))
def test_astropy_reads_the_cards_that_are_written(name: str, value: CardValue) -> None:
    metadata = Metadata({name: value})
    assert metadata.to_header()[name] == metadata[name]


@given(st.text(st.characters(max_codepoint=255), max_size=400))
def test_any_text_becomes_some_cards(text: str) -> None:
    metadata = Metadata.from_text(text)
    assert all(card.name == card.name.upper() for card in metadata.cards)


def test_header_of_astropy_round_trip() -> None:
    header = fits.Header()
    header["EXPTIME"] = (30.0, "[s] exposure")
    header["LONG"] = "y" * 150
    header["HIERARCH ESO DET CHIP"] = 7
    header["UNDEF"] = None
    header.add_history("first")
    header.add_history("second")
    metadata = Metadata.from_header(header)
    assert metadata["exptime"] == 30.0
    assert metadata.get_comment("EXPTIME") == "[s] exposure"
    assert metadata["LONG"] == "y" * 150
    assert metadata["ESO DET CHIP"] == 7
    assert metadata["UNDEF"] is None
    assert metadata.get_all("HISTORY") == ["first", "second"]
    assert Metadata.from_header(metadata.to_header()) == metadata


@pytest.mark.parametrize(
    ("card", "value"),
    [
        ("A       =                    T / yes", True),
        ("A       =                 0010", 10),
        ("A       =             1.5D+003", 1500.0),
        ("A       = 'O''Hara  '          / name", "O'Hara"),
        ("A       = 'a/b'", "a/b"),
        ("A       =", None),
        ("A       = NaN", "NaN"),
        ("A       = 1E400", "1E400"),
        ("A       = (1, -2.5)", 1 - 2.5j),
        ("A       = 'no end", "no end"),
        ("a       = 5", 5),
    ],
)
def test_card_of_a_telescope_is_understood(card: str, value: CardValue) -> None:
    found = only_card(f"{card:<80}")
    assert (found.name, found.value) == ("A", value)
    assert type(found.value) is type(value)


def test_number_ends_in_column_30_and_long_names_use_hierarch() -> None:
    assert format_card(Card("GAIN", 1.5, "e-/ADU")).startswith(f"GAIN    = {1.5:>20} / e-/ADU")
    assert format_card(Card("MP_DETECTED", 5)).startswith("HIERARCH MP_DETECTED = 5")


def test_first_value_is_the_value_and_all_are_kept_in_order() -> None:
    metadata = Metadata({"A": 1, "B": 2})
    metadata.add("A", 3, "again")
    assert metadata["A"] == 1
    assert metadata.get_all("a") == [1, 3]
    assert list(metadata) == ["A", "B"]
    assert [card.value for card in metadata.cards] == [1, 2, 3]


def test_assignment_keeps_place_and_comment() -> None:
    metadata = Metadata([Card("A", 1, "first"), Card("B", 2), Card("A", 3)])
    metadata["A"] = 5
    assert metadata.cards == (Card("A", 5, "first"), Card("B", 2))
    metadata["B"] = [7, 8]
    assert metadata.get_all("B") == [7, 8]
    metadata.set("A", 6, "other")
    assert metadata.cards[0] == Card("A", 6, "other")


def test_removed_names_are_gone() -> None:
    metadata = Metadata({"A": [1, 2], "B": 3})
    del metadata["a"]
    assert metadata.to_dict() == {"B": 3}
    with pytest.raises(CardNotFoundError):
        metadata.remove("A")


def test_missing_card_is_an_error_that_suggests_the_right_one() -> None:
    with pytest.raises(CardNotFoundError, match="Did you mean 'EXPTIME'"):
        Metadata({"EXPTIME": 30.0})["EXPTIM"]
    assert Metadata().get("EXPTIME", 5) == 5


def test_numpy_scalars_become_plain_values() -> None:
    metadata = Metadata()
    metadata["A"] = np.float32(1.5)  # type: ignore[assignment]
    metadata["B"] = np.bool_(True)  # type: ignore[assignment]
    assert (type(metadata["A"]), metadata["B"]) == (float, True)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "Müller", "two\nlines", {}])
def test_value_that_no_header_can_hold_is_refused(value: object) -> None:
    metadata = Metadata()
    with pytest.raises(MetadataError, match="A"):
        metadata.add("A", value)  # type: ignore[arg-type]
    assert len(metadata) == 0


@pytest.mark.parametrize("name", ["END", "A=B", "Ä", "x" * 61, " A"])
def test_name_that_no_card_can_have_is_refused(name: str) -> None:
    with pytest.raises(MetadataError, match="cannot be the name"):
        Metadata().add(name, 1)


def test_copy_changes_by_itself() -> None:
    metadata = Metadata({"A": 1})
    other = metadata.copy()
    other.add("A", 2)
    other["B"] = 3
    assert metadata == Metadata({"A": 1})


def test_comments_do_not_count_in_comparisons_but_values_do() -> None:
    assert Metadata([Card("A", 1, "x")]) == Metadata([Card("A", 1, "y")])
    assert Metadata({"A": 1}) != Metadata({"A": 2})
    assert Metadata({"A": 1}) != Metadata({"A": [1, 1]})


def test_metadata_pickle() -> None:
    metadata = Metadata({"A": [1, 2], "B": "x"})
    assert pickle.loads(pickle.dumps(metadata)) == metadata


def test_notebook_shows_cards_as_text() -> None:
    metadata = Metadata({"A": "<b>"})
    assert "&lt;b&gt;" in metadata._repr_html_()
    assert "A        = '<b>'" in repr(metadata)


@pytest.mark.parametrize(
    "value",
    [np.zeros(3), np.ma.masked, {"a": 1}, b"bytes", object()],
    ids=lambda v: type(v).__name__,
)
def test_values_that_no_card_holds_are_refused(value: CardValue) -> None:
    metadata = Metadata({"A": 1})
    with pytest.raises(MetadataError, match=r"^A: "):
        metadata["A"] = value
    assert metadata["A"] == 1


def test_name_of_a_card_is_a_text() -> None:
    metadata = Metadata({"A": 1})
    for use in (metadata.get, metadata.get_all, metadata.__getitem__, metadata.__delitem__):
        with pytest.raises(MetadataError, match="not by 3"):
            use(3)  # type: ignore[operator]  # the mistake
    with pytest.raises(MetadataError, match="a text, not 3"):
        metadata[3] = 1  # type: ignore[index]  # the mistake
    assert 3 not in metadata
    assert metadata.to_dict() == {"A": 1}
