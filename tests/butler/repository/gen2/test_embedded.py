from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from butler.data_id import DataId
from butler.errors import AmbiguousDataIdError
from butler.mapper_lookup import find_mapper
from butler.repository.gen2.embedded import EmbeddedSources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from butler.data_id import KeyValue
    from butler.repository.base import StoredDataset

ROWS: list[dict[str, KeyValue | None]] = [
    {"visit": visit, "ccd": ccd, "filter": name, "taiObs": "2013-11-02"}
    for visit, name in ((903334, "HSC-R"), (903986, "HSC-I"))
    for ccd in (16, 23)
]


def lookup(
    columns: Sequence[str], given: Mapping[str, KeyValue]
) -> list[tuple[KeyValue | None, ...]]:
    """Observations that a chain would know."""
    rows = [row for row in ROWS if all(row[key] == value for key, value in given.items())]
    return list(dict.fromkeys(tuple(row[name] for name in columns) for row in rows))


@pytest.fixture
def sources(hsc_calib: Path) -> Iterator[EmbeddedSources]:
    """What is linked into a repository of our own, whose raws are somewhere else."""
    root = hsc_calib.parent.parent / "native"
    root.mkdir()
    (root / "CALIB").symlink_to(hsc_calib)
    shard = root / "ref_cats/ps1/1234.fits"
    shard.parent.mkdir(parents=True)
    shard.touch()
    made = EmbeddedSources(str(root), find_mapper("hsc").policy)
    yield made
    made.close()


def find(sources: EmbeddedSources, name: str, /, **keys: KeyValue) -> StoredDataset | None:
    return sources.find(sources.policy.dataset_type(name), DataId(keys), lookup)


@pytest.mark.parametrize(
    ("name", "visit", "path"),
    [
        ("bias", 903334, "BIAS/2013-11-03/NONE/BIAS-2013-11-03-016.fits"),
        ("dark", 903334, "DARK/2013-11-03/NONE/DARK-2013-11-03-016.fits"),
        ("flat", 903334, "FLAT/2013-06-17/HSC-R/FLAT-2013-06-17-HSC-R-016.fits"),
        ("flat", 903986, "FLAT/2013-11-03/HSC-I/FLAT-2013-11-03-HSC-I-016.fits"),
        ("sky", 903334, "SKY/2014-11-12/HSC-R/SKY-2014-11-12-HSC-R-016.fits"),
        ("defects", 903334, "defects/2013-01-31T00:00:00/defects-2013-01-31T00:00:00-016.fits"),
        ("bfKernel", 903334, "BFKERNEL/brighter_fatter_kernel.pkl"),
        ("yBackground", 903334, "STRAY_LIGHT/ybackground-016.fits"),
    ],
)
def test_calibrations_are_those_that_gen2_chose(
    sources: EmbeddedSources, name: str, visit: int, path: str
) -> None:
    stored = find(sources, name, visit=visit, ccd=16)
    assert stored is not None
    assert stored.path == f"CALIB/{path}"
    assert stored.data_id.keys() == sources.policy.dataset_type(name).key_set


def test_observation_that_is_given_is_not_looked_up(sources: EmbeddedSources) -> None:
    stored = find(sources, "flat", visit=1, ccd=16, filter="HSC-R", taiObs="2013-11-02T08:00:00")
    assert stored is not None
    assert stored.data_id == {"calibDate": "2013-06-17", "filter": "HSC-R", "ccd": 16}


def test_keys_of_the_calibration_itself_need_no_observation(sources: EmbeddedSources) -> None:
    stored = find(sources, "bias", calibDate="2013-11-03", ccd=16)
    assert stored is not None
    assert stored.path.endswith("BIAS-2013-11-03-016.fits")
    assert find(sources, "bias", calibDate="2011-01-01", ccd=16) is None


def test_missing_calibration_is_explained(sources: EmbeddedSources) -> None:
    def place(name: str, /, **keys: KeyValue) -> str:
        return sources.describe_place(sources.policy.dataset_type(name), DataId(keys), lookup)

    assert find(sources, "fringe", visit=903334, ccd=16) is None
    assert place("fringe", visit=903334, ccd=16).endswith(
        "CALIB/calibRegistry.sqlite3, table fringe: no row for filter=HSC-R ccd=16"
    )
    assert "there is no observation with visit=1 ccd=16" in place("bias", visit=1, ccd=16)
    assert "BIAS-2013-11-03-023.fits, .gz, .fz: there is no such file" in place(
        "bias", visit=903334, ccd=23
    )
    assert "no observation is named by an empty data ID" in place("bias")
    assert "'ref_cat' needs also: pixel_id" in place("ref_cat", name="ps1")


def test_explanation_shows_the_choice_and_what_there_was(sources: EmbeddedSources) -> None:
    text = sources.explain(
        sources.policy.dataset_type("defects"), DataId(visit=903334, ccd=16), lookup
    )
    first, *rest = text.splitlines()
    assert "calibDate=2013-01-31T00:00:00 valid from 2013-01-31 to 2014-04-02" in first
    assert rest[0].endswith("table defects, ccd=16: 8 rows")
    assert len(rest) == 9


def test_several_observations_are_ambiguous(sources: EmbeddedSources) -> None:
    with pytest.raises(AmbiguousDataIdError, match="ccd=16 matches several observations") as caught:
        find(sources, "flat", ccd=16)
    assert [str(one) for one in caught.value.candidates] == [
        "taiObs=2013-11-02 filter=HSC-R",
        "taiObs=2013-11-02 filter=HSC-I",
    ]
    kind = sources.policy.dataset_type("flat")
    assert "several observations" in sources.describe_place(kind, DataId(ccd=16), lookup)
    assert "several observations" in sources.explain(kind, DataId(ccd=16), lookup)


def test_without_a_registry_only_lasting_calibrations_are_found(
    sources: EmbeddedSources, hsc_calib: Path
) -> None:
    (hsc_calib / "calibRegistry.sqlite3").unlink()
    kind, data_id = sources.policy.dataset_type("bias"), DataId(visit=903334, ccd=16)
    assert sources.find(kind, data_id, lookup) is None
    assert "has no calibRegistry.sqlite3" in sources.describe_place(kind, data_id, lookup)
    assert find(sources, "bfKernel", visit=903334, ccd=16) is not None


def test_reference_catalogs_are_found_and_listed(sources: EmbeddedSources) -> None:
    stored = find(sources, "ref_cat", name="ps1", pixel_id=1234)
    assert stored is not None
    assert stored.path == "ref_cats/ps1/1234.fits"
    assert find(sources, "ref_cat", name="ps1", pixel_id=1) is None
    listed = list(sources.iter_datasets(sources.policy.dataset_type("ref_cat")))
    assert listed == [stored]


def test_name_of_a_catalog_cannot_lead_elsewhere(sources: EmbeddedSources) -> None:
    assert find(sources, "ref_cat", name="../ref_cats/ps1", pixel_id=1234) is None


def test_calibrations_are_listed(sources: EmbeddedSources) -> None:
    flats = sources.iter_datasets(sources.policy.dataset_type("flat"), {"filter": "HSC-R"})
    assert [(one.path, one.data_id["ccd"]) for one in flats] == [
        ("CALIB/FLAT/2013-06-17/HSC-R/FLAT-2013-06-17-HSC-R-016.fits", 16)
    ]
    assert list(sources.iter_datasets(sources.policy.dataset_type("raw"))) == []


def test_sources_are_described(sources: EmbeddedSources) -> None:
    assert sources.describe() == ("CALIB: calibrations, with a registry", "ref_cats/ps1")


def test_repository_without_sources_finds_nothing(tmp_path: Path) -> None:
    sources = EmbeddedSources(str(tmp_path), find_mapper("hsc").policy)
    assert sources.describe() == ()
    assert find(sources, "bias", visit=903334, ccd=16) is None
    assert find(sources, "raw", visit=903334, ccd=16) is None
    sources.close()


def test_remote_repository_has_no_sources() -> None:
    sources = EmbeddedSources("s3://bucket/DATA", find_mapper("hsc").policy)
    assert find(sources, "bfKernel") is None


def test_reading_leaves_no_trace(
    sources: EmbeddedSources, hsc_calib: Path, untouched: Callable[[Path], Path]
) -> None:
    untouched(hsc_calib)
    assert find(sources, "bias", visit=903334, ccd=16) is not None
    assert find(sources, "fringe", visit=903334, ccd=16) is None


def test_database_of_calibrations_may_be_replaced(
    sources: EmbeddedSources, hsc_calib: Path, tmp_path: Path
) -> None:
    assert find(sources, "bias", visit=903334, ccd=16) is not None
    (hsc_calib / "calibRegistry.sqlite3").rename(tmp_path / "old")
    assert find(sources, "bias", visit=903334, ccd=16) is None
    shutil.copyfile(tmp_path / "old", hsc_calib / "calibRegistry.sqlite3")
    assert find(sources, "bias", visit=903334, ccd=16) is not None
