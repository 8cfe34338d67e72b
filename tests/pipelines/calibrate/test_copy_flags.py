"""Flags of one catalog for the same sources in another one."""

from __future__ import annotations

import numpy as np

from imaging.table.source_catalog import SourceCatalog
from imaging.table.table import SourceTable
from pipelines.calibrate.copy_flags import copy_flags


def catalog(x: list[float], parts: list[int] | None = None) -> SourceCatalog:
    schema = SourceTable.make_minimal_schema()
    for name in ("c_x", "c_y"):
        schema.add_field(name, "D", "position")
    schema.add_field("deblend_nChild", "I", "parts")
    for name in ("used", "seen"):
        schema.add_field(name, "Flag", "flag")
    schema.aliases["slot_Centroid"] = "c"
    made = SourceCatalog(SourceTable.make(schema))
    made.resize(len(x))
    made["c_x"] = x
    made["c_y"] = np.zeros(len(x))
    made["deblend_nChild"] = parts or [0] * len(x)
    return made


def test_flags_go_to_the_nearest_source() -> None:
    known, sources = catalog([10.0, 50.0]), catalog([49.0, 11.5, 10.5, 90.0])
    known["used"] = np.array([True, False])
    assert copy_flags(known, sources, ["used"], radius=3.0, match="seen") == 2
    assert sources["seen"].tolist() == [True, False, True, False]
    assert sources["used"].tolist() == [False, False, True, False]


def test_sources_that_were_taken_apart_have_no_flags() -> None:
    known, sources = catalog([10.0]), catalog([10.0, 10.8], [1, 0])
    known["used"] = np.array([True])
    assert copy_flags(known, sources, ["used"], radius=1.0, match="seen") == 1
    assert sources["used"].tolist() == [False, True]


def test_sources_without_a_position_are_left_out() -> None:
    known, sources = catalog([np.nan, 10.0]), catalog([np.nan, 10.0])
    assert copy_flags(known, sources, ["used"], radius=1.0, match="seen") == 1
