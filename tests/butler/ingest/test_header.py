from __future__ import annotations

import math
import pickle
import re
import string
import warnings

import pytest
from astropy.io import fits
from hypothesis import example, given, settings
from hypothesis import strategies as st

from butler.errors import IngestError
from butler.ingest.cards import CARD_SIZE, CardValue, format_card
from butler.ingest.header import Header


def make_header(*cards: str | bytes) -> Header:
    return Header(
        b"".join((card.encode() if isinstance(card, str) else card).ljust(80) for card in cards)
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("                 903334", 903334),
        ("-5 / below", -5),
        ("+007", 7),
        ("9223372036854775807", 9223372036854775807),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2.", 2.0),
        ("1D5", 100000.0),
        ("-1.25d-2", -0.0125),
        ("1E-400", 0.0),
        ("56598.26106374757 / [d]", 56598.26106374757),
        ("T", True),
        ("                   F / no", False),
        ("", None),
        (" / only a comment", None),
        ("'M31     '", "M31"),
        ("'  leading'", "  leading"),
        ("'it''s'", "it's"),
        ("''''", "'"),
        ("'a / b' / c", "a / b"),
        ("''", ""),
        ("'        '", ""),
        ("'T'", "T"),
        ("'5'", "5"),
        ("'ends with &'", "ends with &"),
    ],
)
def test_value_is_read_as_the_standard_says(text: str, value: CardValue) -> None:
    read = make_header(f"VISIT   = {text}")["VISIT"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"NaN", "neither"),
        (b"INF", "neither"),
        (b"1E400", "too large"),
        (b"-1D999", "too large"),
        (b"9223372036854775808", "too large"),
        (b"1" * 69, "too large"),
        (b"1_000", "neither"),
        (b"0x10", "neither"),
        (b"12 34", "neither"),
        (b"True", "neither"),
        (b"M31", "neither"),
        (b"(1, 2)", "complex"),
        (b"'no end", "quote is not closed"),
        (b"'no end''", "quote is not closed"),
        (b"'M31' and more", "no comment"),
        (b"'caf\xc3\xa9'", "unprintable"),
        (b"'a\x00b'", "unprintable"),
        (b"'a\nb'", "unprintable"),
        (b"'a\x1b[31mred'", "unprintable"),
        (b"'a\x7f'", "unprintable"),
        (b"5\x00", "unprintable"),
        (b"\xb2", "unprintable"),
    ],
)
def test_bad_value_is_refused_when_asked_for_and_harms_nothing_else(
    text: bytes, reason: str
) -> None:
    header = make_header("FIRST   = 1", b"OBJECT  = " + text, "LAST    = 2")
    assert "OBJECT" in header
    assert header.to_dict() == {"FIRST": 1, "LAST": 2}
    with pytest.raises(IngestError, match=f"^card OBJECT cannot be read, .*{reason}") as caught:
        header["OBJECT"]
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()
    with pytest.raises(IngestError):
        header.get("OBJECT", "a default is no way out")


def test_unprintable_comment_leaves_its_value_alone() -> None:
    header = make_header(b"TEMP    = 4.5 / [\xb0C] \x1b[31m")
    assert list(header.cards()) == [("TEMP", 4.5, "[?C] ?[31m")]


def test_first_of_several_cards_counts() -> None:
    header = make_header("VISIT   = 1", "CCD     = 16", "VISIT   = 2", "visit   = 3")
    assert header["VISIT"] == 1
    assert list(header) == ["VISIT", "CCD"]
    assert len(header) == 2


def test_first_of_several_cards_counts_even_if_it_is_bad() -> None:
    with pytest.raises(IngestError, match="VISIT"):
        make_header("VISIT   = NaN", "VISIT   = 2")["VISIT"]


def test_keyword_is_found_in_any_case() -> None:
    header = make_header("visit   = 5")
    assert header["VISIT"] == header["visit"] == 5
    assert list(header) == ["VISIT"]


def test_absent_card_is_a_key_error() -> None:
    header = make_header("VISIT   = 5")
    assert header.get("CCD") is None
    assert "CCD" not in header
    assert 5 not in header
    with pytest.raises(KeyError, match="CCD"):
        header["CCD"]


def test_commentary_and_cards_without_value_indicator_are_no_keys() -> None:
    header = make_header(
        "COMMENT = 'no'", "HISTORY   text", "        = 1", "VISIT   5", "CCD     =5", "A       = 1"
    )
    assert header.to_dict() == {"A": 1}
    assert "COMMENT" not in header
    assert "CCD" not in header


def test_keyword_of_control_characters_is_not_listed() -> None:
    assert list(make_header(b"\x1b[31m   = 1", b"\xff       = 2", "A       = 3")) == ["A"]


def test_long_string_is_continued() -> None:
    header = make_header(
        "LONG    = 'one &'",
        "CONTINUE  'two''s  &'",
        "CONTINUE  'three ' / at last",
        "CONTINUE  'nobody asked'",
        "NEXT    = 1",
    )
    assert list(header.cards()) == [("LONG", "one two's  three", "at last"), ("NEXT", 1, "")]


def test_ampersand_at_the_end_of_the_header_stays() -> None:
    assert make_header("LONG    = 'one &'")["LONG"] == "one &"


@pytest.mark.parametrize("piece", ["CONTINUE  'no end", "CONTINUE  5", "CONTINUE  "])
def test_broken_continuation_makes_the_card_unreadable(piece: str) -> None:
    with pytest.raises(IngestError, match=r"card LONG .* CONTINUE .* no string"):
        make_header("LONG    = 'one &'", piece)["LONG"]


def test_hierarch_keyword_is_found_with_and_without_that_word() -> None:
    header = make_header(
        "HIERARCH ESO DET ID = 'abc' / chip", "hierarch eso det n=4", "HIERARCH no value"
    )
    assert header["ESO DET ID"] == header["HIERARCH ESO DET ID"] == header["eso det id"] == "abc"
    assert header.to_dict() == {"ESO DET ID": "abc", "ESO DET N": 4}


def test_hierarch_keyword_competes_with_the_plain_one_by_position() -> None:
    assert make_header("VISIT   = 1", "HIERARCH VISIT = 2")["VISIT"] == 1
    assert make_header("HIERARCH VISIT = 2", "VISIT   = 1")["VISIT"] == 2


def test_headers_are_equal_card_for_card_and_survive_pickling() -> None:
    header = make_header("A       = 1", b"B       = '\xff'")
    assert pickle.loads(pickle.dumps(header)) == header
    assert hash(pickle.loads(pickle.dumps(header))) == hash(header)
    assert header != make_header("A       = 1")
    assert header != {"A": 1}


def test_short_last_card_is_filled_up() -> None:
    assert Header(b"A       = 1")["A"] == 1


def test_empty_header_is_empty() -> None:
    assert dict(Header(b"")) == {}


def test_header_is_made_from_a_mapping() -> None:
    values: dict[str, CardValue] = {
        "SIMPLE": True,
        "EXP-ID": "HSCA90402400",
        "MJD": 56598.26106397435,
        "ESO DET CHIP1 ID": "ccd",
        "OBSERVER": "Tomono, Utsumi, O'Neill & " * 8 + "others",
        "NOTHING": None,
    }
    header = Header.from_mapping({**values, "COMMENT": "left out", "HISTORY": "too", "": "too"})
    assert header.to_dict() == values


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("A", math.nan),
        ("A", -math.inf),
        ("A", "é"),
        ("A", "a\nb"),
        ("", 1),
        ("A=B", 1),
        ("Ä", 1),
        ("A" * 70, 1),
    ],
)
def test_mapping_that_no_file_could_hold_is_refused(keyword: str, value: CardValue) -> None:
    with pytest.raises(IngestError):
        format_card(keyword, value)


PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=300)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    PRINTABLE,
)
PLAIN = st.text(string.ascii_uppercase + string.digits + "-_", min_size=1, max_size=8)
HIERARCH = st.lists(PLAIN, min_size=2, max_size=3).map(" ".join)
KEYWORDS = st.one_of(PLAIN, HIERARCH).filter(
    lambda keyword: (
        keyword not in {"COMMENT", "HISTORY", "CONTINUE", "END", "HIERARCH"}
        and not keyword.startswith("HIERARCH ")
    )
)


@settings(deadline=None)
@given(keyword=KEYWORDS, value=VALUES, comment=PRINTABLE)
@example(keyword="A", value="'" * 200, comment="")
@example(keyword="A", value="&" * 67, comment="x")
@example(keyword="ESO A B", value=" " * 100 + "x", comment="")
def test_formatted_card_reads_back_equal(keyword: str, value: CardValue, comment: str) -> None:
    cards = format_card(keyword, value, comment)
    assert len(cards) % CARD_SIZE == 0
    read = Header(cards + format_card("NEXT", 1))[keyword] if keyword != "NEXT" else value
    assert type(read) is type(value)
    assert read == (value.rstrip(" ") if isinstance(value, str) else value)


STANDARD = PLAIN.filter(lambda keyword: keyword not in {"COMMENT", "HISTORY", "CONTINUE", "END"})
# astropy ends a string at a doubled quote if a slash comes next; the standard does not.
ORDINARY = VALUES.filter(lambda value: not (isinstance(value, str) and re.search("' */", value)))


@settings(deadline=None)
@given(keyword=STANDARD, value=ORDINARY)
def test_astropy_reads_what_we_write(keyword: str, value: CardValue) -> None:
    cards = format_card(keyword, value)
    assert read_with_astropy(cards, keyword) == Header(cards)[keyword]


@settings(deadline=None)
@given(keyword=STANDARD, value=ORDINARY)
def test_we_read_what_astropy_writes(keyword: str, value: CardValue) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cards = str(fits.Card(keyword, value, "a comment")).encode("ascii")
    assert Header(cards)[keyword] == read_with_astropy(cards, keyword)


def read_with_astropy(cards: bytes, keyword: str) -> CardValue:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = fits.Header.fromstring(cards)[keyword]
    return None if isinstance(value, fits.card.Undefined) else value


def test_slash_behind_a_doubled_quote_is_part_of_the_string() -> None:
    assert make_header("A       = '''/      ' / comment")["A"] == "'/"


@settings(deadline=None)
@given(st.binary(max_size=400))
@example(b"VISIT   = '" + b"''" * 34 + b"'")
@example(b"VISIT   = 'a&'".ljust(80) + b"CONTINUE  'b")
def test_any_bytes_give_values_or_ingest_errors(cards: bytes) -> None:
    header = Header(b"VISIT   = " + cards)
    for keyword in header:
        try:
            value = header[keyword]
        except IngestError:
            continue
        assert not isinstance(value, str) or (value.isascii() and value.isprintable())
        assert not isinstance(value, float) or math.isfinite(value)
    assert set(header.to_dict()) <= set(header)
