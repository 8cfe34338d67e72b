"""What a registry does on every database: its rows."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from conformance.registry_samples import (
    CALEXP,
    FLAT,
    KEYS,
    OBSERVATION,
    add_types,
    calexp,
    create,
    flat,
    new,
    observation,
    query,
)

from butler.data_id import DataId
from butler.errors import (
    DatasetExistsError,
    RegistryError,
    RegistryVersionError,
    RepositoryExistsError,
    UnknownKeyError,
)
from butler.registry.condition import from_keywords
from butler.registry.registry import Registry
from butler.registry.rows import Provenance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from butler.registry.rows import NewDataset

__all__ = ["RegistryConformance"]


class RegistryConformance:
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

    # what a registry knows of itself

    def test_a_registry_can_be_opened_again(self, registry: Registry, place: str) -> None:
        registry.insert([calexp(1, 2)])
        with Registry.open(place, uuid=registry.uuid) as again:
            assert (again.camera, again.uuid) == ("hsc", registry.uuid)
            assert dict(again.keys) == KEYS
            assert again.observation.unique == ("visit", "ccd")
            assert dict(again.observation.columns) == OBSERVATION.columns
            assert len(again.find("calexp", CALEXP, DataId(visit=1, ccd=2))) == 1

    def test_a_registry_is_not_made_over_another(self, registry: Registry, place: str) -> None:
        registry.insert([calexp(1, 2)])
        with pytest.raises(RepositoryExistsError, match="already"):
            create(place, uuid=registry.uuid)
        assert registry.count("calexp", CALEXP) == 1

    def test_a_registry_of_a_newer_version_is_refused(self, registry: Registry, place: str) -> None:
        with registry.write() as cursor:
            cursor.run_script(["UPDATE alembic_version SET version_num = '9999'"])
        with pytest.raises(RegistryVersionError, match="pip install --upgrade"):
            Registry.open(place, uuid=registry.uuid)

    def test_a_registry_of_an_older_version_is_read_only(
        self, registry: Registry, place: str
    ) -> None:
        registry.insert([calexp(1, 2)])
        with registry.write() as cursor:
            cursor.run_script(["UPDATE alembic_version SET version_num = '0000'"])
        with Registry.open(place, uuid=registry.uuid) as old:
            assert old.count("calexp", CALEXP) == 1
            with pytest.raises(RegistryVersionError, match="butler migrate"):
                old.insert([calexp(1, 3)])

    def test_information_is_kept_under_names(self, registry: Registry, place: str) -> None:
        registry.set_info("root", "/data/A")
        registry.set_info("root", "/data/B")
        with Registry.open(place, uuid=registry.uuid) as again:
            assert again.info["root"] == "/data/B"

    # dataset types and keys

    def test_a_dataset_type_is_recorded_once(self, registry: Registry) -> None:
        first = registry.ensure_dataset_type("x", ("ccd",), storage_class="fits", template=None)
        again = registry.ensure_dataset_type("x", ("ccd",), storage_class="json", template="t")
        assert (first, first.keys) == (again, ("ccd",))

    def test_a_dataset_type_with_other_keys_is_refused(self, registry: Registry) -> None:
        with pytest.raises(RegistryError, match="identified by ccd, filter, pointing, visit"):
            registry.ensure_dataset_type("calexp", ("visit",), storage_class="f", template=None)

    def test_another_user_of_the_registry_sees_new_types_and_keys(
        self, registry: Registry, place: str
    ) -> None:
        with Registry.open(place, uuid=registry.uuid) as other:
            assert registry.find("mosaic", ("chip", "visit"), DataId(visit=1, chip="a")) == []
            other.ensure_keys({"chip": "str", "visit": "int"})
            keys = ("chip", "visit")
            other.ensure_dataset_type("mosaic", keys, storage_class="f", template=None)
            other.insert([new("mosaic", keys, "m", chip="a", visit=1)])
        (found,) = registry.find("mosaic", keys, DataId(visit=1, chip="a"))
        assert found.values == ("a", 1)
        registry.insert([new("mosaic", keys, "n", chip="b", visit=1)])
        assert registry.count("mosaic", keys) == 2

    def test_a_new_key_leaves_old_rows_and_statements_alone(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2)])
        before = query(registry)
        registry.ensure_keys({"snap": "int"})
        assert query(registry) == before
        assert registry.info["schema_counter"] == "2"
        registry.ensure_keys({"snap": "int"})
        assert registry.info["schema_counter"] == "2"
        assert query(registry, columns=("snap",)) == [(*before[0], None)]

    def test_a_key_with_another_type_is_refused(self, registry: Registry) -> None:
        with pytest.raises(RegistryError, match="'visit' is of type int"):
            registry.ensure_keys({"visit": "str", "snap": "int"})
        assert "snap" not in registry.keys

    @pytest.mark.parametrize("name", ["path", "Visit", "a b", 'x"; DROP TABLE dataset; --', ""])
    def test_a_key_that_cannot_be_a_column_is_refused(self, registry: Registry, name: str) -> None:
        with pytest.raises(RegistryError, match="cannot be a column"):
            registry.ensure_keys({name: "int"})
        assert dict(registry.keys) == KEYS

    def test_a_dataset_with_an_unknown_key_is_refused(self, registry: Registry) -> None:
        row = calexp(1, 2)._replace(data_id=DataId(visit=1, visitx=2))
        with pytest.raises(UnknownKeyError, match="visit"):
            registry.insert([row])

    def test_a_new_observation_column_is_added(self, registry: Registry) -> None:
        registry.add_observations([observation(1, 2)])
        columns = {**OBSERVATION.columns, "seeing": "float"}
        wider = SimpleNamespace(columns=columns, unique=("visit", "ccd"), implied=())
        registry.ensure_observation(wider)
        registry.add_observations([observation(1, 3, seeing=0.6)])
        assert registry.observations(("ccd", "seeing"), {"visit": 1}, 9) == [(2, None), (3, 0.6)]
        with pytest.raises(RegistryError, match="'seeing' is of type float"):
            registry.ensure_observation(
                SimpleNamespace(columns={"seeing": "str"}, unique=("visit", "ccd"), implied=())
            )

    # single datasets

    def test_a_dataset_is_found_by_all_its_keys(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2), calexp(1, 3)])
        data_id = DataId(visit=1, ccd=2, filter="HSC-R", pointing=671)
        (found,) = registry.find("calexp", CALEXP, data_id)
        assert found.path == "00671/HSC-R/corr/CORR-0000001-002.fits"
        assert (found.size, found.mtime_ns, found.sha256) == (10, 2**60, b"\x01" * 32)
        assert (found.canonical, found.values) == ("2,HSC-R,671,1", (2, "HSC-R", 671, 1))

    def test_a_dataset_is_found_by_some_of_its_keys(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2), calexp(1, 3), calexp(2, 2)])
        (found,) = registry.find("calexp", CALEXP, DataId(visit=1, ccd=3))
        assert found.values == (3, "HSC-R", 671, 1)

    def test_two_are_found_where_many_match(self, registry: Registry) -> None:
        registry.insert([calexp(1, ccd) for ccd in range(5)])
        assert len(registry.find("calexp", CALEXP, DataId(visit=1))) == 2

    def test_what_is_not_there_is_not_found(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2)])
        assert registry.find("calexp", CALEXP, DataId(visit=9, ccd=2)) == []
        assert registry.find("nothing", CALEXP, DataId(visit=1, ccd=2)) == []

    def test_hostile_text_is_a_value_and_nothing_else(self, registry: Registry) -> None:
        text = "x' OR 1=1; DROP TABLE dataset; --%s%(a)s:b\"\\"
        registry.insert([calexp(1, 2, text), calexp(1, 2)])
        assert registry.find("calexp", CALEXP, DataId(filter=text))[0].values[1] == text
        assert query(registry, condition=from_keywords({"filter": text})) == [(2, text, 671, 1)]

    def test_a_data_id_is_registered_once(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2)])
        with pytest.raises(DatasetExistsError, match=r"ccd=2.*CORR-0000001-002"):
            registry.insert([calexp(1, 3), calexp(1, 2)])
        assert query(registry) == [(2, "HSC-R", 671, 1)]

    def test_the_same_data_id_twice_in_one_batch_is_refused(self, registry: Registry) -> None:
        with pytest.raises(DatasetExistsError, match="given twice"):
            registry.insert([calexp(1, 3), calexp(1, 2), calexp(1, 3)])
        assert registry.count("calexp", CALEXP) == 0

    def test_a_big_batch_is_all_or_nothing(self, registry: Registry) -> None:
        registry.insert([calexp(1, 77)])
        with pytest.raises(DatasetExistsError, match="ccd=77"):
            registry.insert([calexp(1, ccd) for ccd in range(112)])
        assert registry.count("calexp", CALEXP) == 1
        registry.insert([calexp(2, ccd) for ccd in range(112)])
        assert registry.count("calexp", CALEXP) == 113

    def test_a_type_nobody_recorded_is_refused(self, registry: Registry) -> None:
        with pytest.raises(RegistryError, match="'nothing' is not recorded"):
            registry.insert([calexp(1, 2)._replace(dataset_type="nothing")])

    def test_who_wrote_a_dataset_is_kept(self, registry: Registry) -> None:
        run = registry.start_run(user="anna", host="h", version="1.0", task="isr")
        registry.insert([calexp(1, 2)], run_id=run)
        details = registry.details(self.number(registry, calexp(1, 2)))
        assert details is not None
        assert (details.dataset_type, details.user, details.task) == ("calexp", "anna", "isr")
        assert (details.inode, details.run_id) == (2**40, run)
        assert registry.details(10**9) is None

    # replacing and deleting

    def test_replacing_puts_the_old_file_into_the_trash(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2)])
        row = calexp(1, 2)._replace(path="new", size=11)
        old = "00671/HSC-R/corr/CORR-0000001-002.fits"
        assert registry.insert([row._replace(may_replace=True), calexp(1, 3)]) == [old]
        (found,) = registry.find("calexp", CALEXP, DataId(visit=1, ccd=2))
        assert (found.path, found.size, registry.count("calexp", CALEXP)) == ("new", 11, 2)
        assert [row.path for row in registry.trash()] == [old]

    def test_a_batch_replaces_only_what_may_be_replaced(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2), calexp(1, 3)])
        changed = calexp(1, 2)._replace(path="new", may_replace=True)
        with pytest.raises(DatasetExistsError):
            registry.insert([changed, calexp(1, 3)._replace(path="newer")])
        rows = [registry.find("calexp", CALEXP, DataId(visit=1, ccd=ccd))[0] for ccd in (2, 3)]
        assert [row.path for row in rows] == [calexp(1, 2).path, calexp(1, 3).path]
        assert registry.trash() == []

    def test_deleting_forgets_the_row_and_trashes_the_file(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2), calexp(1, 3)])
        number = self.number(registry, calexp(1, 2))
        assert registry.delete([number, 10**6]) == [calexp(1, 2).path]
        assert query(registry) == [(3, "HSC-R", 671, 1)]
        (trash,) = registry.trash()
        registry.forget_trash([trash.id])
        assert registry.trash() == []

    def test_a_file_that_serves_several_data_ids_stays_until_the_last(
        self, registry: Registry
    ) -> None:
        rows = [calexp(1, ccd)._replace(path="all.fits", hdu=ccd) for ccd in (1, 2)]
        registry.insert(rows)
        assert registry.delete([self.number(registry, rows[0])]) == []
        assert registry.delete([self.number(registry, rows[1])]) == ["all.fits"]

    def test_a_path_that_a_whole_file_row_has_too_stays(self, registry: Registry) -> None:
        part = calexp(1, 1)._replace(path="all.fits", hdu=1)
        whole = calexp(1, 2)._replace(path="all.fits")
        registry.insert([part, whole])
        assert registry.delete([self.number(registry, part)]) == []
        assert registry.delete([self.number(registry, whole)]) == ["all.fits"]

    def test_paths_in_use_are_told_from_others(self, registry: Registry) -> None:
        registry.insert([calexp(1, 1), calexp(1, 2)._replace(path="é '\"", hdu=1)])
        asked = [calexp(1, 1).path, "é '\"", "nobody's"]
        assert registry.paths_in_use(asked) == set(asked[:2])
        assert registry.paths_in_use([]) == set()

    def test_paths_are_looked_for_in_some_types_alone(self, registry: Registry) -> None:
        registry.insert([calexp(1, 1)])
        path = calexp(1, 1).path
        assert registry.paths_in_use([path], ["calexp", "never recorded"]) == {path}
        assert registry.paths_in_use([path], ["flat"]) == set()
        assert registry.paths_in_use([path], []) == set()

    def test_a_whole_registry_has_no_damage(self, registry: Registry) -> None:
        registry.insert([calexp(1, 1)])
        assert registry.check_integrity() == []

    def test_deleting_takes_validity_and_provenance_along(self, registry: Registry) -> None:
        row = flat("2013-11-03", 1, "r")._replace(provenance=Provenance("t", "c", "v"))
        registry.insert([row])
        number = self.number(registry, row)
        registry.certify(number, None, None, match=("ccd",))
        registry.delete([number])
        assert registry.find_calibrations("flat", FLAT, {}) == []
        assert registry.provenance(number) is None

    # tags

    def test_a_dataset_has_a_tag_once(self, registry: Registry) -> None:
        registry.insert([calexp(1, 1), calexp(1, 2)])
        numbers = [self.number(registry, calexp(1, ccd)) for ccd in (1, 2)]
        assert registry.add_tag("good", [*numbers, 10**9], "fine") == 2
        assert registry.add_tag("good", numbers) == 0
        registry.add_tag("odd", numbers[:1])
        assert registry.tags() == [("good", "fine", 2), ("odd", None, 1)]
        assert registry.tags_of(numbers) == {
            numbers[0]: ("good", "odd"),
            numbers[1]: ("good",),
        }

    def test_tags_are_asked_for_and_go_with_their_datasets(self, registry: Registry) -> None:
        registry.insert([calexp(1, 1), calexp(1, 2)])
        number = self.number(registry, calexp(1, 1))
        registry.add_tag("good", [number])
        tagged = from_keywords({"tag": "good"})
        assert [values[0] for values in query(registry, condition=tagged)] == [1]
        untagged = from_keywords({"ccd": [1, 2]})
        assert len(query(registry, condition=untagged)) == 2
        registry.delete([number])
        assert query(registry, condition=tagged) == []
        assert registry.tags() == [("good", None, 0)]
        assert registry.remove_tag("good") == 0
        assert registry.tags() == []

    def test_validity_ranges_are_told_by_number(self, registry: Registry) -> None:
        row = flat("2013-11-03", 1, "r")
        registry.insert([row])
        number = self.number(registry, row)
        assert registry.ranges_of([number]) == {}
        registry.certify(number, "2013-01-01", None, match=("ccd",))
        ((begin, end),) = registry.ranges_of([number])[number]
        assert (begin, end[:4]) == ("2013-01-01T00:00:00", "9999")

    # intents

    def test_an_intent_is_closed_with_its_rows(self, registry: Registry) -> None:
        intent = registry.open_intent("ingest", ["a b", "ü"])
        (open_one,) = registry.intents()
        assert (open_one.operation, open_one.paths, open_one.pid) == (
            "ingest",
            ("a b", "ü"),
            os.getpid(),
        )
        registry.insert([calexp(1, 2)], close_intent=intent, trash=["old"])
        assert registry.intents() == []
        assert [row.path for row in registry.trash()] == ["old"]

    def test_an_intent_stays_open_when_its_rows_are_refused(self, registry: Registry) -> None:
        registry.insert([calexp(1, 2)])
        intent = registry.open_intent("put", ["a"])
        with pytest.raises(DatasetExistsError):
            registry.insert([calexp(1, 2)], close_intent=intent, trash=["old"])
        assert ([row.id for row in registry.intents()], registry.trash()) == ([intent], [])
        registry.close_intent(intent)
        assert registry.intents() == []
