"""Texts go from UTF-8 to characters and back as NumPy does it, only faster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.table.texts import check_encoding, decoded, encoded, longest_text

LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
TEXTS = st.one_of(st.lists(LETTERS), st.lists(st.text("abc xyz", max_size=6)))


@given(TEXTS)
def test_texts_are_what_python_makes_of_them(texts: list[str]) -> None:
    array = np.array(texts, np.str_)
    made = encoded(array)
    assert made.tolist() == [text.encode() for text in texts]
    check_encoding(made)
    assert longest_text(made) == max((len(text.encode()) for text in texts), default=0)
    assert decoded(made).tolist() == texts


@pytest.mark.parametrize("texts", [["ab", "", "c"], ["é", "ab", ""]])
def test_columns_of_rows_and_single_texts_keep_their_shape(texts: list[str]) -> None:
    rows = np.zeros(3, [("n", "i2"), ("text", "S5"), ("m", "u1")])
    rows["text"] = encoded(np.array(texts))
    assert decoded(rows["text"]).tolist() == texts
    assert decoded(rows["text"][::-2]).tolist() == texts[::-2]
    assert decoded(rows["text"][:1].reshape(())).shape == ()
    assert encoded(np.array(texts[0])).tolist() == texts[0].encode()
    assert encoded(np.array(texts, ">U5")).tolist() == [text.encode() for text in texts]


def test_bytes_that_are_no_utf8_are_shown_as_such() -> None:
    wrong = np.array([b"\xff", b"ab"])
    assert decoded(wrong).tolist() == ["\N{REPLACEMENT CHARACTER}", "ab"]
    with pytest.raises(UnicodeDecodeError):
        check_encoding(wrong)
