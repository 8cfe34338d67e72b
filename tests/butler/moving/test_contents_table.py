"""What is written into a table of contents is read from it again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from butler.moving.contents_table import COLUMNS, read_contents, write_contents

TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"path": TEXTS, "name": st.none() | TEXTS, "visit": st.none() | st.integers(0, 2**62)}
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("ending", ["ecsv", "csv"])
@given(rows=ROWS)
def test_rows_come_back_as_they_were(ending: str, rows: list[dict[str, object]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"contents.{ending}")
        write_contents(path, rows, {"name": "str", "visit": "int", **COLUMNS})
        found = [dict(row.values) for row in read_contents(path)]
    expected = [{k: str(v) for k, v in row.items() if v is not None} for row in rows]
    assert found == expected


@pytest.mark.parametrize("ending", ["ecsv", "csv"])
def test_astropy_reads_it(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"contents.{ending}"
    rows = [{"path": "a, b", "visit": 3, "expTime": 1.5}, {"path": 'c "d"', "name": "x"}]
    types = {"visit": "int", "expTime": "float", "name": "str", "tract": "int", **COLUMNS}
    write_contents(path, rows, types)  # type: ignore[arg-type]  # words of KeyType
    table = Table.read(path)
    assert list(table["path"]) == ["a, b", 'c "d"']
    assert list(table["visit"].filled(-1)) == [3, -1]
    assert list(table["expTime"].filled(-1)) == [1.5, -1]
    assert "tract" not in table.colnames


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    path = tmp_path / "files.csv"
    path.write_text('# a word\n\npath,name\na,x\n\n"b\nc",y\nd,z\n')
    assert [(row.line, row.values["name"]) for row in read_contents(path)] == [
        (4, "x"),
        (7, "y"),  # ends there
        (8, "z"),
    ]
