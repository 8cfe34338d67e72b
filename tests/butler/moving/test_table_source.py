"""Files that somebody else made come in by a table."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from astropy.table import Table
from support.invariants import broken_promises, dataset_rows
from support.repositories import make_repository, observation

from butler import Butler, create_repository
from butler.errors import DataIdError, FormatterError, StorageError, UnknownDatasetTypeError
from butler.moving.importing import import_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "DEST"
    make_repository(place, observations=[observation(1, 16)]).close()
    return place


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.json").write_text(f'{{"name": "{name}"}}')
    return folder


def table(folder: Path, *lines: str) -> Path:
    path = folder / "files.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_files_become_datasets(root: Path, files: Path) -> None:
    given = table(files, "path,visit,ccd", "a.json,1,2", f"{files}/b.json,1,3")
    report = import_table(root, given, "summary", mode="copy")
    assert report.counts["taken"] == 2
    with Butler(root) as butler:
        assert butler.get("summary", visit=1, ccd=3) == {"name": "b"}
    assert broken_promises(root) == []
    assert import_table(root, given, "summary", mode="copy").counts["already there"] == 2


def test_a_table_of_astropy_is_read(root: Path, files: Path) -> None:
    given = Table({"dataset_type": ["summary", "text"], "path": ["a.json", "b.json"]})
    given["visit"], given["ccd"], given["name"] = [1, 0], [2, 0], ["", "x y"]
    masked = Table(given, masked=True)
    masked["visit"].mask = masked["ccd"].mask = [False, True]
    for delimiter in (" ", ","):
        path = files / f"files{ord(delimiter)}.ecsv"
        masked.write(path, format="ascii.ecsv", delimiter=delimiter)
        assert import_table(root, path).exit_code == 0
    with Butler(root) as butler:
        assert butler.get("text", name="x y") == '{"name": "b"}'


def test_bad_rows_are_named_by_line_and_stop_no_other(root: Path, files: Path) -> None:
    given = table(
        files,
        "dataset_type,path,visit,ccd,sha256",
        "summary,a.json,1,2,",
        "sumary,a.json,1,3,",
        "summary,missing.json,1,4,",
        "summary,a.json,one,5,",
        "summary,,1,6,",
        "summary,b.json,1,7,beef",
        "summary,b.json,1",
        ",b.json,1,8,",
        "summary,b.json,,9,",
        "summary,c.json,1,10,",
    )
    report = import_table(root, given)
    bad = {
        int(one.source.rpartition(" ")[2]): one.reason
        for one in report.datasets
        if one.outcome == "rejected"
    }
    assert sorted(bad) == [3, 4, 5, 6, 7, 8, 9, 10]
    for line, words in {
        3: "Did you mean 'summary'",
        4: "is missing",
        5: "visit",
        6: "no path",
        7: "64 hexadecimal",
        8: "it has 3 values",
        9: "no dataset_type",
        10: "lacks visit",
    }.items():
        assert words in bad[line]
    assert (report.counts["taken"], report.exit_code) == (2, 1)


def test_a_digest_in_the_table_must_agree(root: Path, files: Path) -> None:
    right = hashlib.sha256((files / "a.json").read_bytes()).hexdigest()
    given = table(files, "path,visit,ccd,sha256", f"a.json,1,2,{right}", f"b.json,1,3,{right}")
    for mode in ("link", "copy"):
        report = import_table(root, given, "summary", mode=mode)
        assert [one.outcome for one in report.datasets][1] == "rejected"
        assert "sha256" in report.datasets[1].reason
    ((_, digest),) = dataset_rows(root).values()
    assert digest is not None
    assert digest.hex() == right


def test_two_rows_for_one_data_id_are_a_conflict(root: Path, files: Path) -> None:
    given = table(files, "path,visit,ccd", "a.json,1,2", "b.json,1,2", "a.json,1,2")
    report = import_table(root, given, "summary")
    assert [one.outcome for one in report.datasets] == ["taken", "conflict", "already there"]


def test_missing_keys_are_completed_if_they_can_only_be_one_thing(root: Path, files: Path) -> None:
    given = table(files, "path,visit,ccd", "a.json,1,16")
    report = import_table(root, given, "notes")
    assert report.datasets[0].data_id["filter"] == "HSC-R"


def test_raw_files_bring_their_observations(tmp_path: Path, files: Path) -> None:
    create_repository(tmp_path / "NEW", "hsc")
    columns = "path,visit,ccd,filter,field,pointing,dateObs,taiObs,expTime"
    values = "a.json,7,16,HSC-R,X,671,2013-11-02,2013-11-02,30"
    report = import_table(tmp_path / "NEW", table(files, columns, values), "raw")
    assert report.exit_code == 0, report.datasets
    with Butler(tmp_path / "NEW") as butler:
        assert butler.query("raw", where="expTime = 30").count() == 1


def test_columns_that_mean_nothing_are_named(root: Path, files: Path) -> None:
    given = table(files, "path,visit,ccd,seing", "a.json,1,2,0.7")
    (note,) = [one for one in import_table(root, given, "summary").notes if "seing" in one]
    assert "means nothing here" in note


def test_what_is_no_table_is_said(root: Path, files: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.csv cannot be read"):
        import_table(root, files / "nowhere.csv")
    (files / "bytes.csv").write_bytes(b"path\n\xff\xfe\n")
    with pytest.raises(FormatterError, match="UTF-8"):
        import_table(root, files / "bytes.csv")
    with pytest.raises(FormatterError, match="a name of its own"):
        import_table(root, table(files, "path,path", "a,b"))
    with pytest.raises(FormatterError, match=r"no column 'path'.* Its columns: visit;ccd\."):
        import_table(root, table(files, "visit;ccd", "1;2"))
    with pytest.raises(FormatterError, match=r"no column 'path'.* Its columns: none\."):
        import_table(root, table(files, ""))
    with pytest.raises(UnknownDatasetTypeError, match="summary"):
        import_table(root, table(files, "path"), "sumary")
    with pytest.raises(DataIdError, match="no dataset type with files"):
        import_table(root, table(files, "path"), "pair")


def test_a_moved_file_is_gone_from_where_it_was(root: Path, files: Path) -> None:
    given = table(files, "path,visit,ccd", "a.json,1,2", "b.json,1,")
    import_table(root, given, "summary", mode="move")
    assert sorted(path.name for path in files.iterdir()) == ["b.json", "c.json", "files.csv"]
    assert broken_promises(root) == []
