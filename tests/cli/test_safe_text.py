from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.safe_text import safe_text


@given(st.text(st.characters()))
def test_whatever_comes_out_is_printable(text: str) -> None:
    assert safe_text(text).isprintable()
    kept = safe_text(text, keep_lines=True)
    assert kept.replace("\t", "").replace("\n", "").isprintable()


@pytest.mark.parametrize("text", ["", "plain", "naïve 漢字"])
def test_plain_text_stays(text: str) -> None:
    assert safe_text(text) == text


def test_undecodable_bytes_are_shown() -> None:
    assert safe_text("\udcff") == "\\udcff"
