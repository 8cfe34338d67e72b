from __future__ import annotations

from typing import TYPE_CHECKING

from support.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_new_repository_is_empty_and_ours(tmp_path: Path) -> None:
    root = tmp_path / "DATA"
    assert "of the camera hsc" in run_command("create", root, "--camera", "hsc").stdout
    assert (root / "butler.yaml").is_file()
    assert run_command("ls", root, "--format", "json").rows == []


def test_second_creation_is_a_conflict(data: Path) -> None:
    assert "butler info" in run_command("create", data, "--camera", "hsc", code=4).stderr


def test_camera_is_that_of_the_parents(data: Path, tmp_path: Path) -> None:
    output = run_command("create", tmp_path / "mine", "--parent", data)
    assert "camera hsc" in output.stdout
    assert len(run_command("ls", tmp_path / "mine", "raw", "--format", "json").rows) == 3


def test_camera_is_needed_without_parents(tmp_path: Path) -> None:
    assert "--camera" in run_command("create", tmp_path / "mine", code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_parent_that_is_not_there_is_refused(tmp_path: Path) -> None:
    run_command("create", tmp_path / "mine", "--parent", tmp_path / "nowhere", code=3)
    assert list(tmp_path.iterdir()) == []


def test_password_has_no_place_in_a_repository(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:secret@localhost/data"
    output = run_command("create", tmp_path / "a", "--camera", "hsc", "--registry", url, code=2)
    assert "secret" not in output.stderr
    assert not (tmp_path / "a" / "butler.yaml").exists()


def test_registry_may_be_a_postgresql_database(
    postgres_database: str, observed: Path, tmp_path: Path
) -> None:
    root = tmp_path / "DATA"
    run_command("create", root, "--camera", "hsc", "--registry", postgres_database)
    run_command("ingest", root, observed / "raw", "--mode", "link")
    assert len(run_command("ls", root, "raw", "--format", "json").rows) == 3
    run_command("rm-repo", root, "--yes")
    assert not root.exists()
    run_command("create", root, "--camera", "hsc", "--registry", postgres_database)


def test_durability_is_full_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    for durability in ("full", "fast"):
        root = tmp_path / durability
        run_command("create", root, "--camera", "hsc", "--durability", durability)
        text = (root / "butler.yaml").read_text()
        assert ("durability: fast" in text) == (durability == "fast")
    run_command("create", tmp_path / "x", "--camera", "hsc", "--durability", "slow", code=2)
