from __future__ import annotations

from support.commands import run_command

from butler.mapper_lookup import mapper_names


def test_every_installed_camera_is_listed() -> None:
    rows = run_command("cameras", "--format", "json").rows
    assert [row["name"] for row in rows] == list(mapper_names())
    hsc = next(row for row in rows if row["name"] == "hsc")
    assert "lsst.obs.hsc.HscMapper" in hsc["gen2_names"]  # type: ignore[operator]


def test_table_has_names_and_descriptions() -> None:
    assert "Hyper Suprime-Cam" in run_command("cameras").stdout
