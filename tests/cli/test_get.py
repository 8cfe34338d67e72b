from __future__ import annotations

from pathlib import Path

from support.commands import run_command

ONE = ("--id", "visit=903334", "ccd=16")


def test_place_is_printed(data: Path) -> None:
    place = run_command("get", data, "raw", *ONE).stdout.strip()
    assert Path(place).is_file()
    assert place.startswith(str(data))


def test_several_data_ids_print_a_line_each(data: Path) -> None:
    places = run_command("get", data, "raw", "--id", "visit=903334 ccd=16^22").stdout.splitlines()
    assert [Path(place).name for place in places] == [
        "HSC-0903334-016.fits",
        "HSC-0903334-022.fits",
    ]


def test_file_is_copied_out(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.fits"
    run_command("get", data, "raw", *ONE, "--to", target)
    place = run_command("get", data, "raw", *ONE).stdout.strip()
    assert target.read_bytes() == Path(place).read_bytes()
    assert not target.is_symlink()


def test_files_are_copied_into_a_directory(data: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run_command("get", data, "raw", "--id", "visit=903334 ccd=16^22", "--to", tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_several_files_need_a_directory(data: Path, tmp_path: Path) -> None:
    words = ("get", data, "raw", "--id", "ccd=16^22", "--to", tmp_path / "out.fits")
    assert "directory" in run_command(*words, code=2).stderr


def test_file_that_is_there_is_replaced_only_when_asked(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.fits"
    target.write_text("mine")
    assert "--overwrite" in run_command("get", data, "raw", *ONE, "--to", target, code=4).stderr
    assert target.read_text() == "mine"
    run_command("get", data, "raw", *ONE, "--to", target, "--overwrite")
    assert target.stat().st_size > 2880


def test_unwritable_target_is_a_storage_error(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "out.fits"
    assert "nowhere" in run_command("get", data, "raw", *ONE, "--to", target, code=5).stderr


def test_what_is_not_there_is_not_found(data: Path) -> None:
    output = run_command("get", data, "calexp", *ONE, code=3)
    assert "Looked at" in output.stderr
    assert output.stdout == ""


def test_file_that_is_gone_is_not_told_as_if_it_were_there(data: Path, tmp_path: Path) -> None:
    place = Path(run_command("get", data, "raw", *ONE).stdout.strip())
    place.unlink()
    output = run_command("get", data, "raw", *ONE, code=3)
    assert output.stdout == ""
    assert str(place) in output.stderr
    assert "the file is gone" in output.stderr
    run_command("get", data, "raw", *ONE, "--to", tmp_path / "out.fits", code=3)
    assert not (tmp_path / "out.fits").exists()


def test_some_missing_of_several_are_told(data: Path) -> None:
    output = run_command("get", data, "raw", "--id", "visit=903334 ccd=16^17", code=1)
    assert len(output.stdout.splitlines()) == 1
    assert "ccd=17" in output.stderr


def test_ambiguous_data_id_lists_candidates(data: Path) -> None:
    output = run_command("get", data, "raw", "--id", "visit=903334", code=2)
    assert "ccd=22" in output.stderr
