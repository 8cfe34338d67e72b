"""T10: what ingest reads of a card is what everybody else reads of it."""

from __future__ import annotations

import math
import string
import warnings
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.tier import current_tier, sized

from butler.errors import IngestError
from butler.ingest.header import Header
from imaging.fits.cards import parse_cards
from tests.reliability.broken_variants import apply_variant, variants_of

if TYPE_CHECKING:
    from support.figures import Trials

SUITE = "T10"
CARDS = sized(300, 20_000)

_NUMBERS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "+", "-", " "]),
    st.text("0123456789", min_size=1, max_size=20),
    st.sampled_from(["", ".", ".5", ".000"]),
    st.sampled_from(["", "E", "e", "D", "d", "E+", "D-", "e-"]),
    st.sampled_from(["", "1", "05", "30", "308", "400"]),
)
_TEXTS = st.text(string.printable[:95], max_size=60).map(lambda text: f"'{text}'")
_WORDS = st.sampled_from(
    (
        *("T", "F", "NaN", "INF", "-inf", "True", "(1, 2)", "0x10", "1_000", "", "''", "'a''b'"),
        *("'a&'", "/ only a comment", "'open", "12 34", "1,5", "'" * 4, "' lead'", "'trail  '"),
    )
)
_FIELDS = st.tuples(_NUMBERS | _TEXTS | _WORDS, st.sampled_from(["", " / a comment", "/", " //"]))


def difference(field: str) -> str:
    """How the readers differ about one card; empty if they agree, or if ingest refuses it."""
    card = f"VISIT   = {field}"[:80].ljust(80)
    try:
        ours = Header(card.encode())["VISIT"]
    except (IngestError, KeyError):
        return ""
    (theirs,) = (one.value for one in parse_cards(card) if one.name == "VISIT")
    if not _is_same(ours, theirs):
        return f"{card.rstrip()!r}: ingest reads {ours!r}, imaging {theirs!r}"
    if isinstance(ours, str) and "'" in ours:
        return ""  # astropy ends a text at a doubled quote if a slash comes next
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = fits.Card.fromstring(card).value
    value = None if isinstance(value, fits.card.Undefined) else value
    return "" if _is_same(ours, value) else f"{card.rstrip()!r}: {ours!r}, astropy {value!r}"


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def compare(cards: int, *, derandomize: bool) -> list[str]:
    """Compare the readers on cards that hypothesis thinks of; return how they differ."""
    found: dict[str, None] = {}

    @settings(
        max_examples=cards,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(_FIELDS)
    def look(field: tuple[str, str]) -> None:
        if wrong := difference("".join(field)):
            found[wrong] = None

    look()
    return list(found)


def test_readers_of_cards_agree(trials: Trials) -> None:
    trials.add(compare(CARDS, derandomize=current_tier() == "pr"), count=CARDS)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(monkeypatch: pytest.MonkeyPatch, variant: str) -> None:
    apply_variant(SUITE, variant, monkeypatch.setattr)
    assert compare(200, derandomize=True)
