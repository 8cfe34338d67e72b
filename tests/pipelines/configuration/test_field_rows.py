"""Fields as rows of tables."""

from __future__ import annotations

from support.tasks import EveryConfig

from pipelines.configuration.field_rows import FieldRow, iter_parts

PARTS = {part.path: part for part in iter_parts(EveryConfig(), "EveryTask")}
ROWS = {row.path: row for part in PARTS.values() for row in part.rows}


def test_each_task_and_each_plugin_has_a_table() -> None:
    assert {path: part.name for path, part in PARTS.items()} == {
        "": "EveryTask",
        "scale": "ScaleTask",
        "choice['plain']": "ScaleTask",
        "choice['other']": "OtherScaleTask",
        "plugins['plain']": "ScaleTask",
        "plugins['other']": "OtherScaleTask",
    }


def test_every_kind_of_field_says_what_it_takes() -> None:
    kinds = {path: (row.kind, row.value) for path, row in ROWS.items() if "." not in path}
    assert kinds == {
        "binSize": ("int", "128"),
        "choice": ("name", "plain"),
        "doWrite": ("bool", "True"),
        "gains": ("str to float", "{'A': 1.0}"),
        "limit": ("float in [0.0,1.0)", "0.5"),
        "note": ("str or None", "'n'"),
        "planes": ("list of str", "['BAD']"),
        "plugins": ("names", "plain"),
        "radii": ("list of float", "[3.0]"),
        "scale": ("task", "ScaleTask"),
        "statistic": ("'MEAN' or 'MEDIAN'", "'MEAN'"),
        "title": ("str", "'every'"),
    }


def test_values_are_those_of_the_configuration() -> None:
    config = EveryConfig()
    config.scale.value.update(factor=7.0)
    rows = {row.path: row for part in iter_parts(config, "EveryTask") for row in part.rows}
    expected = FieldRow("scale.factor", "float in [0.0,inf)", "7.0", "By how much it is scaled.")
    assert rows["scale.factor"] == expected
