"""T12: no expression raises what is not ours, or brings a value into the text of a statement."""

from __future__ import annotations

import random
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation
from support.tier import sized

from butler.errors import ButlerError
from butler.registry.sqlite_database import SqliteBase
from tests.reliability.broken_variants import apply_variant, variants_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.figures import Trials

    from butler import Butler

SUITE = "T12"
EXPRESSIONS = sized(500, 50_000)
INJECTIONS = (
    *("1=1", "1=1 OR visit", "visit = 1; DROP TABLE dataset", "visit = 1 --", "visit = 1 /*"),
    *(
        "' OR '1'='1",
        "filter = '' OR ''=''",
        "filter = 'x'; --'",
        "(SELECT 1)",
        "visit IN (SELECT 1)",
    ),
    *(
        "visit = (SELECT max(id) FROM dataset)",
        "filter LIKE '%'",
        "filter GLOB '*'",
        "visit IS NULL",
    ),
    *("visit = 1 UNION SELECT 1", "sqlite_master.name = 'a'", "dataset.id = 1", "rowid = 1"),
    *("visit = 1e999", "visit = 99999999999999999999", "visit = -9223372036854775809", "\x00"),
    *(
        "visit=1\x00",
        "filter = 'a\x00b'",
        "(" * 60 + "visit = 1" + ")" * 60,
        "not " * 3000 + "ccd = 1",
    ),
    *(" or ".join(["visit = 1"] * 300), "visit in (" + "1," * 2000 + "1)", "visit in (1..9:0)"),
    *(
        "visit in (9..1)",
        "visit between 5 and 1",
        "filter = '" + "'" * 5001,
        "x" * 20_000,
        "visit = :v",
    ),
    *(
        "\u202e = 1",
        "vis\u0456t = 1",
        "filter = '\ud800'",
        "visit == == 1",
        "visit <> <> 2",
        ")",
        "",
        " ",
    ),
    *(
        "filter = $$a$$",
        'filter = "a"',
        "[visit] = 1",
        "`visit` = 1",
        "visit::text = 'a'",
        "visit = 0x10",
    ),
    *(
        "load_extension('a')",
        "filter = char(65)",
        "visit = 1 COLLATE NOCASE",
        "case when 1 then 1 end",
    ),
)
WORDS = (
    *("visit", "ccd", "filter", "expTime", "dateObs", "pointing", "field", "nothing", "id", "path"),
    *(
        "=",
        "==",
        "!=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "not",
        "in",
        "between",
        "AND",
        "Not",
    ),
    *("(", ")", "[", "]", ",", "..", ":", "1", "2", "-3", "4.5", "1e5", "'HSC-R'", "'a''b'", '"x"'),
    *("'", ";", "--", "*", "%", "null", "like", "2013-11-02", "is", ":v", "0", "07", "'é'"),
)
GRAMMATICAL = (
    *("visit = {i}", "ccd < {i}", "{i} <= ccd < {i}", "filter = {s}", "filter in ({s}, {s})"),
    *("visit in ({i}..{i}:{i}, {i})", "expTime between {f} and {f}", "not field = {s}"),
    *("dateObs > {s}", "pointing != {i}"),
)
# What may stand in a statement of ours beside names and parameters: LIMIT 1, SELECT 1.
_BOUND = re.compile(r":[A-Za-z_][A-Za-z0-9_]*")
_LITERAL = re.compile(r"'[^']*'|(?<![\w.\"])[0-9]+(?:\.[0-9]+)?")


def invent(dice: random.Random) -> str:
    """One expression: words at random, or a sound one, or a sound one with a fault."""
    kind = dice.randrange(4)
    if kind == 0:
        return " ".join(dice.choices(WORDS, k=dice.randrange(1, 12)))
    tests = [_sound(dice) for _ in range(dice.randrange(1, 5))]
    text = tests[0]
    for test in tests[1:]:
        text = f"({text}) {dice.choice(['and', 'or', 'and not'])} {test}"
    if kind == 1:
        at, length = dice.randrange(len(text)), dice.randrange(4)
        text = text[:at] + dice.choice(WORDS) * dice.randrange(2) + text[at + length :]
    return text


def _sound(dice: random.Random) -> str:
    words = {"i": str(dice.randrange(10_000, 99_999)), "f": f"{dice.uniform(10_000, 99_999):.3f}"}
    text = dice.choice(["SECRET", "HSC-R", "zz' OR 1=1", "\u6f22"]).replace("'", "''")
    return dice.choice(GRAMMATICAL).format(**words, s=f"'{text}'")


def attack(butler: Butler, expressions: list[str]) -> tuple[list[str], dict[str, float]]:
    """Run queries with expressions; return what broke, and figures."""
    broken: list[str] = []
    refused, worst = 0, 0.0
    with statements() as seen:
        for text in expressions:
            began = time.perf_counter()
            try:
                butler.query("summary", where=text, bind={"v": 1}).count()
            except ButlerError:
                refused += 1
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                broken.append(f"{text[:80]!r} raises {error!r}"[:300])
            worst = max(worst, time.perf_counter() - began)
    for statement in seen:
        found = set(_LITERAL.findall(_BOUND.sub("", statement))) - {"0", "1"}
        broken += [f"unbound {one} in {statement[:200]}" for one in sorted(found)]
    figures = {"refused": refused, "statements": len(seen), "worst_ms": round(worst * 1e3, 1)}
    return broken, figures


@contextmanager
def statements() -> Iterator[set[str]]:
    """The texts of all statements that SQLite is given meanwhile."""
    seen: set[str] = set()
    real = {name: getattr(SqliteBase, name) for name in ("fetch_all", "fetch_one")}

    def noting(name: str) -> object:
        def fetch(database: SqliteBase, sql: object, *parameters: object) -> object:
            seen.add(sql.text)  # type: ignore[attr-defined]
            return real[name](database, sql, *parameters)

        return fetch

    for name in real:
        setattr(SqliteBase, name, noting(name))
    try:
        yield seen
    finally:
        for name, function in real.items():
            setattr(SqliteBase, name, function)


@pytest.fixture
def searched(quick_path: Path) -> Butler:
    butler = make_repository(
        quick_path / "DATA", observations=[observation(visit, 1) for visit in range(3)]
    )
    for visit in range(3):
        butler.put(visit, "summary", visit=visit, ccd=1)
    return butler


def test_no_expression_raises_what_is_not_ours_or_is_pasted(
    searched: Butler, trials: Trials
) -> None:
    dice = random.Random(SUITE)
    expressions = [*INJECTIONS, *(invent(dice) for _ in range(EXPRESSIONS))]
    broken, figures = attack(searched, expressions)
    trials.add(broken, count=len(expressions))
    trials.measure(**figures)
    assert trials.breaches == []
    assert figures["refused"] < 0.8 * len(expressions)  # most of them are sound enough to run
    assert searched.query("summary").count() == 3


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    searched: Butler, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    dice = random.Random(variant)  # statements that are known already are not built anew
    apply_variant(SUITE, variant, monkeypatch.setattr)
    assert attack(searched, [invent(dice) for _ in range(60)])[0]
