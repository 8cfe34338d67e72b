"""What a registry does on every database: observations, searches, calibrations, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conformance.registry_samples import (
    CALEXP,
    COADD,
    FLAT,
    VISIT_SUMMARY,
    add_types,
    calexp,
    create,
    flat,
    new,
    observation,
    query,
)

from butler.data_id import DataId
from butler.errors import DataIdError, DatasetExistsError, RegistryError, UnknownKeyError
from butler.registry import searches
from butler.registry.calibration_groups import DatedCalibration, RangeRule
from butler.registry.condition import Comparison, Not, all_of, any_of, from_keywords
from butler.registry.rows import InputRow, Provenance, RegistryQuery, TypeCount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.registry.database import WriteCursor
    from butler.registry.registry import Registry
    from butler.registry.rows import NewDataset

__all__ = ["RegistrySearchConformance"]


class RegistrySearchConformance:
    """A subclass gives the fixture ``place``: where a registry can be made."""

    @pytest.fixture
    def registry(self, place: str) -> Iterator[Registry]:
        made = create(place)
        add_types(made)
        yield made
        made.close()

    def number(self, registry: Registry, row: NewDataset) -> int:
        keys = registry.dataset_types()[row.dataset_type].keys
        (found,) = registry.find(row.dataset_type, keys, DataId(row.data_id))
        return found.id

    # observations

    def test_observations_complete_a_data_id(self, registry: Registry) -> None:
        registry.add_observations([observation(1, ccd) for ccd in range(3)])
        assert registry.observations(("filter", "field"), {"visit": 1}, 2) == [("HSC-R", "WIDE")]
        assert registry.observations(("ccd",), {"visit": 1}, 2) == [(0,), (1,)]
        assert registry.observations(("ccd",), {"visit": 9}, 2) == []

    def test_an_observation_is_recorded_once(self, registry: Registry) -> None:
        registry.add_observations([observation(1, 2)])
        registry.insert([calexp(1, 2)], [observation(1, 2, field="OTHER"), observation(1, 3)])
        rows = registry.observation_rows({"visit": 1}, 9)
        assert [(row["ccd"], row["field"]) for row in rows] == [(2, "WIDE"), (3, "WIDE")]

    def test_missing_columns_stay_empty_and_sort_first(self, registry: Registry) -> None:
        registry.add_observations([observation(1, 2), observation(1, 3, expTime=None)])
        assert registry.observations(("expTime", "end"), {}, 9) == [(None, None), (30.0, None)]

    def test_an_observation_without_its_identity_is_refused(self, registry: Registry) -> None:
        with pytest.raises(DataIdError, match="'ccd'"):
            registry.add_observations([{"visit": 1}])

    def test_an_unknown_observation_column_is_refused(self, registry: Registry) -> None:
        with pytest.raises(UnknownKeyError, match="expTime"):
            registry.observations(("exptime",), {}, 1)
        with pytest.raises(UnknownKeyError, match="filterx"):
            registry.add_observations([observation(1, 2, filterx="x")])

    # searches

    def test_a_search_yields_its_rows_in_order(self, registry: Registry) -> None:
        registry.insert([calexp(visit, ccd) for visit in (20, 3) for ccd in (11, 2)])
        assert [values[3::-3] for values in query(registry)] == [(3, 2), (3, 11), (20, 2), (20, 11)]

    def test_text_is_ordered_by_code_point(self, registry: Registry) -> None:
        texts = ["a", "B", "Z", "z", "Ä", "ä", "é", "_", "10", "9", "\U0001f30c", "\uffee"]
        registry.insert(
            [new("deepCoadd", COADD, text, tract=1, patch=text, filter="r") for text in texts]
        )
        found = query(
            registry, dataset_type="deepCoadd", identity_keys=COADD, order_by=(("patch", False),)
        )
        assert [values[1] for values in found] == sorted(texts)

    def test_an_order_can_descend(self, registry: Registry) -> None:
        registry.insert([calexp(visit, ccd) for visit in (1, 2) for ccd in (1, 2)])
        found = query(registry, order_by=(("visit", True),))
        assert [values[3::-3] for values in found] == [(2, 1), (2, 2), (1, 1), (1, 2)]

    def test_a_missing_value_counts_as_the_smallest(self, registry: Registry) -> None:
        times = {1: 30.0, 2: None, 3: 10.0}
        registry.insert(
            [calexp(1, ccd) for ccd in times],
            [observation(1, ccd, expTime=time) for ccd, time in times.items()],
        )
        rising = query(registry, order_by=(("expTime", False),), columns=("expTime",))
        assert [values[-1] for values in rising] == [None, 10.0, 30.0]
        assert query(registry, order_by=(("expTime", True),), columns=("expTime",)) == rising[::-1]

    def test_a_limit_cuts_the_ordered_rows(self, registry: Registry) -> None:
        registry.insert([calexp(1, ccd) for ccd in (5, 1, 3)])
        assert [values[0] for values in query(registry, limit=2)] == [1, 3]
        assert query(registry, limit=0) == []

    def test_conditions_on_keys_and_observations_combine(self, registry: Registry) -> None:
        ccds = range(6)
        registry.insert(
            [calexp(visit, ccd) for visit in (1, 2) for ccd in ccds],
            [observation(visit, ccd, expTime=10.0 * ccd) for visit in (1, 2) for ccd in ccds],
        )
        condition = all_of(
            Comparison("expTime", ">", 20.0),
            any_of(Comparison("ccd", "=", 3), Comparison("ccd", "=", 1), Comparison("ccd", "=", 5)),
            Not(Comparison("visit", "=", 1)),
        )
        found = query(registry, condition=condition, columns=("field", "expTime"))
        assert found == [
            (3, "HSC-R", 671, 2, "WIDE", 30.0),
            (5, "HSC-R", 671, 2, "WIDE", 50.0),
        ]

    def test_one_statement_serves_other_values(self, registry: Registry) -> None:
        registry.insert([calexp(visit, 1) for visit in (1, 2, 3)])
        for visit in (1, 2, 3, 4):
            condition = from_keywords({"visit": visit})
            found = query(registry, condition=condition, limit=visit)
            assert [values[3] for values in found] == [visit] * (visit < 4)

    def test_what_all_ccds_share_is_known_of_a_visit(self, registry: Registry) -> None:
        registry.insert(
            [new("summary", VISIT_SUMMARY, f"s{visit}", visit=visit) for visit in (1, 2)],
            [observation(1, ccd) for ccd in range(3)] + [observation(2, 0, filter="HSC-I")],
        )
        options = {"dataset_type": "summary", "identity_keys": VISIT_SUMMARY}
        found = query(registry, **options, condition=from_keywords({"filter": "HSC-R"}))
        assert found == [(1,)]
        with pytest.raises(UnknownKeyError, match=r"'taiobs'.*Did you mean 'taiObs'"):
            query(registry, **options, columns=("taiobs",))

    def test_a_column_that_has_no_one_value_is_refused(self, registry: Registry) -> None:
        options = {"dataset_type": "deepCoadd", "identity_keys": COADD}
        with pytest.raises(UnknownKeyError, match="'field'"):
            query(registry, **options, columns=("field",))

    def test_a_key_that_was_stored_wins_over_the_observation(self, registry: Registry) -> None:
        rows = [
            new("summary", VISIT_SUMMARY, "s1", visit=1, filter="stored"),
            new("summary", VISIT_SUMMARY, "s2", visit=2),
        ]
        registry.insert(rows, [observation(1, 0), observation(2, 0)])
        found = query(
            registry, dataset_type="summary", identity_keys=VISIT_SUMMARY, columns=("filter",)
        )
        assert found == [(1, "stored"), (2, "HSC-R")]

    def test_a_long_answer_is_the_same_as_a_short_one(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        registry.insert([calexp(visit, ccd) for visit in (3, 1, 2) for ccd in range(40)])
        order = (("ccd", True),)
        short = query(registry, order_by=order, columns=("tract",))
        monkeypatch.setattr(searches, "_ROWS_AT_ONCE", 10)
        monkeypatch.setattr(searches, "_CHUNK", 7)
        assert query(registry, order_by=order, columns=("tract",)) == short
        assert query(registry, order_by=order, columns=("tract",), limit=25) == short[:25]
        assert len(short) == 120

    def test_rows_may_be_written_while_an_answer_is_read(
        self, registry: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(searches, "_ROWS_AT_ONCE", 2)
        monkeypatch.setattr(searches, "_CHUNK", 2)
        registry.insert([calexp(1, ccd) for ccd in range(6)])
        seen = []
        for row in registry.query(RegistryQuery("calexp", CALEXP)):
            seen.append(row.values[0])
            registry.insert([calexp(2, int(row.id))])
        assert seen == [0, 1, 2, 3, 4, 5]

    def test_datasets_are_counted(self, registry: Registry) -> None:
        registry.insert([calexp(1, ccd) for ccd in range(4)])
        registry.insert([new("summary", VISIT_SUMMARY, "s", visit=1)])
        assert registry.count("calexp", CALEXP, Comparison("ccd", "<", 3)) == 3
        assert registry.count("calexp", CALEXP, limit=1) == 1
        assert registry.count("flat", FLAT) == 0
        assert registry.counts_by_type() == [TypeCount("calexp", 4, 40), TypeCount("summary", 1, 0)]

    def test_distinct_values_are_sorted(self, registry: Registry) -> None:
        registry.insert(
            [calexp(visit, ccd) for visit in (2, 1) for ccd in (1, 2)],
            [observation(visit, ccd) for visit in (2, 1) for ccd in (1, 2)],
        )
        assert registry.distinct_values("calexp", CALEXP, ("visit", "field")) == [
            (1, "WIDE"),
            (2, "WIDE"),
        ]
        found = registry.distinct_values(
            "calexp", CALEXP, ("visit",), Comparison("field", "=", "WIDE"), limit=1
        )
        assert found == [(1,)]

    def test_rows_are_read_by_their_numbers(self, registry: Registry) -> None:
        registry.insert([calexp(1, ccd) for ccd in range(3)])
        numbers = [row.id for row in registry.query(RegistryQuery("calexp", CALEXP))]
        asked = [numbers[2], 10**9, numbers[0]]
        assert [row.values for row in registry.rows_by_id(asked, ("ccd",))] == [(2,), (0,)]

    # calibrations

    def certified(
        self, registry: Registry, row: NewDataset, begin: str | None, end: str | None
    ) -> None:
        registry.insert([row])
        registry.certify(self.number(registry, row), begin, end, match=("ccd", "filter"))

    def test_a_calibration_is_chosen_by_time_and_keys(self, registry: Registry) -> None:
        self.certified(registry, flat("2013-06-17", 1, "r"), "2013-01-01", "2013-07-01")
        self.certified(registry, flat("2013-11-03", 1, "r"), "2013-07-01", None)
        self.certified(registry, flat("2013-11-03", 2, "r"), None, None)

        def dates(time: str, ccd: int) -> list[object]:
            found = registry.find_calibrations("flat", FLAT, {"ccd": ccd, "filter": "r"}, time)
            return [row.dataset.values[0] for row in found]

        assert dates("2013-06-30T23:59:59.999", 1) == ["2013-06-17"]
        assert dates("2013-07-01", 1) == ["2013-11-03"]
        assert dates("2012-12-31T23:59:59", 1) == []
        assert dates("1990-01-01", 2) == ["2013-11-03"]
        assert dates("2013-07-01", 3) == []
        ranges = registry.find_calibrations("flat", FLAT, {"ccd": 1})
        assert [row.begin for row in ranges] == ["2013-01-01T00:00:00", "2013-07-01T00:00:00"]

    @pytest.mark.parametrize(
        ("begin", "end"),
        [
            ("2013-01-01", "2013-02-01"),
            ("2012-01-01", "2013-01-01T00:00:00.5"),
            ("2013-01-31T23:59:59", None),
            (None, None),
            ("2013-01-10", "2013-01-11"),
        ],
    )
    def test_overlapping_ranges_are_refused(
        self, registry: Registry, begin: str | None, end: str | None
    ) -> None:
        self.certified(registry, flat("2013-01-01", 1, "r"), "2013-01-01", "2013-02-01")
        with pytest.raises(DatasetExistsError, match=r"overlaps the range \[2013-01-01"):
            self.certified(registry, flat("2013-01-02", 1, "r"), begin, end)
        assert len(registry.find_calibrations("flat", FLAT, {})) == 1

    def test_ranges_that_touch_or_serve_others_are_accepted(self, registry: Registry) -> None:
        self.certified(registry, flat("a", 1, "r"), "2013-01-01", "2013-02-01")
        self.certified(registry, flat("b", 1, "r"), "2013-02-01", "2013-03-01")
        self.certified(registry, flat("c", 2, "r"), "2013-01-01", "2013-02-01")
        self.certified(registry, flat("d", 1, "i"), "2013-01-01", "2013-02-01")
        assert len(registry.find_calibrations("flat", FLAT, {})) == 4

    def test_a_calibration_is_found_whatever_else_is_recorded_of_it(
        self, registry: Registry
    ) -> None:
        plain, more = flat("a", 1, "r"), flat("b", 1, "r")
        self.certified(registry, plain, "2013-01-01", "2013-02-01")
        row = more._replace(data_id={**more.data_id, "visit": 5})
        self.certified(registry, row, "2013-02-01", "2013-03-01")
        for time, path in (("2013-01-15", plain.path), ("2013-02-15", more.path)):
            (found,) = registry.find_calibrations("flat", FLAT, {"ccd": 1, "filter": "r"}, time)
            assert found.dataset.path == path

    def test_ranges_that_follow_from_dates_are_derived_with_the_rows(
        self, registry: Registry
    ) -> None:
        rule = RangeRule("flat", FLAT, ("ccd", "filter"), "calibDate", until_next=False)

        def add(date: str) -> None:
            row = flat(date, 1, "r")
            dated = DatedCalibration(row.canonical, (1, "r"), date, 10)
            registry.insert([row], then=lambda cursor: derive(cursor, dated))

        def derive(cursor: WriteCursor, dated: DatedCalibration) -> None:
            registry.derive_ranges(cursor, rule, [dated])

        add("2013-01-20")
        add("2013-01-10")
        found = registry.find_calibrations("flat", FLAT, {"ccd": 1})
        assert [(one.begin[:10], one.end[:10]) for one in found] == [
            ("2012-12-31", "2013-01-16"),
            ("2013-01-16", "2013-01-31"),
        ]
        registry.certify(found[0].dataset.id, None, "2000-01-01", match=("ccd", "filter"))
        with pytest.raises(DatasetExistsError, match="was certified by hand"):
            add("1999-12-31")
        assert registry.find("flat", FLAT, DataId(calibDate="1999-12-31", ccd=1, filter="r")) == []

    def test_a_range_can_be_taken_back(self, registry: Registry) -> None:
        row = flat("a", 1, "r")
        self.certified(registry, row, None, None)
        assert registry.decertify(self.number(registry, row)) == 1
        assert registry.find_calibrations("flat", FLAT, {}) == []

    @pytest.mark.parametrize(
        ("begin", "end", "message"),
        [
            ("2013-01-01", "2013-01-01", "empty"),
            ("2014-01-01", "2013-01-01", "empty"),
            ("yesterday", None, "no time"),
            ("2013-02-30", None, "no time"),
        ],
    )
    def test_a_senseless_range_is_refused(
        self, registry: Registry, begin: str, end: str | None, message: str
    ) -> None:
        with pytest.raises(DataIdError, match=message):
            self.certified(registry, flat("a", 1, "r"), begin, end)

    def test_only_datasets_can_be_certified(self, registry: Registry) -> None:
        with pytest.raises(RegistryError, match="no dataset number 77"):
            registry.certify(77, None, None, match=("ccd",))

    # provenance

    def test_provenance_is_kept_by_value(self, registry: Registry) -> None:
        inputs = (InputRow("uuid-b", "raw", "1", b"\x02" * 32), InputRow("uuid-a", "bias", "2"))
        made = Provenance("isr", "a: 1\n", '{"numpy": "2"}', inputs)
        rows = [calexp(1, ccd)._replace(provenance=made) for ccd in (1, 2)]
        registry.insert(rows)
        expected = made._replace(inputs=inputs[::-1])
        assert [registry.provenance(self.number(registry, row)) for row in rows] == [expected] * 2
        assert self.rows_in(registry, "provenance") == 1

    def test_provenance_can_be_recorded_anew(self, registry: Registry) -> None:
        registry.insert(
            [calexp(1, 1)._replace(provenance=Provenance("a", inputs=(InputRow("u", "raw", "1"),)))]
        )
        number = self.number(registry, calexp(1, 1))
        registry.record_provenance(number, Provenance("b"))
        assert registry.provenance(number) == Provenance("b")
        again = calexp(1, 1)._replace(provenance=Provenance("c"), path="n", may_replace=True)
        registry.insert([again])
        assert registry.provenance(number) == Provenance("c")

    def test_a_dataset_without_provenance_has_none(self, registry: Registry) -> None:
        registry.insert([calexp(1, 1)])
        assert registry.provenance(self.number(registry, calexp(1, 1))) is None

    def rows_in(self, registry: Registry, table: str) -> int:
        from sqlalchemy import func, select

        counted = registry.tables.metadata.tables[table]
        sql = registry.database.compile(
            ("rows", table), lambda: select(func.count()).select_from(counted)
        )
        row = registry.database.fetch_one(sql)
        assert row is not None
        return int(str(row[0]))
