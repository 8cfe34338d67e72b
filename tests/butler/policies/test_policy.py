"""Camera policies: what they say, and that every fault is reported with its line."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING

import pytest

from butler.errors import PolicyError, UnknownDatasetTypeError
from butler.policies.dataset_type import CalibrationRule
from butler.policies.policy import RESERVED_KEYS, Policy, load_policy, merge_dataset_types

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
name: tiny
description: A camera for tests
gen2_names: [lsst.obs.tiny.TinyMapper]
keys:
  visit: int
  ccd: int
  filter: str
  night: str
  expTime: float
  tract: int
  calibDate: str
observation:
  columns: [visit, ccd, filter, night, expTime]
  unique: [visit, ccd]
  implied:
    - {by: [visit], columns: [filter, night]}
  never_completed: [tract]
header:
  recognised_by: {INSTRUME: Tiny*}
  columns:
    visit: VISIT
    ccd: CHIP
    filter: {card: FILTER, default: none}
    night: DATE-OBS
    expTime: {function: read_time}
levels:
  tract: [visit, ccd]
  visit: [ccd]
  sensor: []
default_level: sensor
default_sub_levels: {visit: sensor}
dataset_types:
  raw:
    category: raw
    template: "{night}/{visit:05d}-{ccd:02d}.fits"
    storage_class: Image
    level: ccd
  calexp:
    template: "{filter}/calexp-{visit:05d}-{ccd:02d}.fits"
    storage_class: Exposure
    recipe: lossless
    description: Calibrated exposure
    composite: {raw: raw}
  summary:
    template: "{night}/{filter}/{visit}.json"
    storage_class: Json
  warp:
    template: "%(tract)d/%(filter)s-%(visit)05d.fits"
    storage_class: Exposure
  flat:
    category: calibration
    template: "FLAT/{calibDate}/{filter}-{ccd:02d}.fits"
    storage_class: Exposure
    calibration: {table: flat, match: [filter, ccd], observation_columns: [night, filter]}
  shard:
    template: "cats/{tract}.fits"
    storage_class: Catalog
    embedded: cats
  exposureId:
    category: computed
    keys: [visit, ccd]
"""


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return load(tmp_path, POLICY)


def load(folder: Path, text: str) -> Policy:
    path = folder / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load(folder, text)
    return [line.partition("policy.yaml:")[2] for line in str(caught.value).splitlines()]


def line_of(text: str) -> int:
    (line,) = [number for number, line in enumerate(POLICY.splitlines(), 1) if text in line]
    return line


def test_a_policy_says_all_about_a_camera(policy: Policy) -> None:
    assert (policy.name, policy.raw_types, policy.default_level) == ("tiny", ("raw",), "sensor")
    assert policy.keys["expTime"] == "float"
    assert policy.observation.columns == {
        "visit": "int", "ccd": "int", "filter": "str", "night": "str", "expTime": "float",
    }  # fmt: skip
    assert policy.levels["tract"] == ("visit", "ccd")
    assert policy.default_sub_levels == {"visit": "sensor"}
    assert policy.header.columns["filter"].default == "none"
    assert policy.header.columns["expTime"].function == "read_time"


def test_a_dataset_type_has_what_its_policy_declares(policy: Policy) -> None:
    calexp = policy.dataset_type("calexp")
    assert calexp.template is not None
    assert calexp.template.format({"filter": "r", "visit": 1, "ccd": 2}) == "r/calexp-00001-02.fits"
    assert calexp.keys == ("ccd", "filter", "visit")
    assert (calexp.storage_class, calexp.recipe) == ("Exposure", "lossless")
    assert calexp.composite == {"raw": "raw"}
    assert calexp.embedded is None
    assert policy.dataset_type("shard").embedded == "cats"


def test_a_calibration_says_how_it_is_chosen(policy: Policy) -> None:
    flat = policy.dataset_type("flat")
    assert flat.calibration == CalibrationRule(
        table="flat", match=("filter", "ccd"), observation_columns=("night", "filter")
    )
    assert flat.embedded == "CALIB"


def test_a_computed_type_has_keys_but_no_template(policy: Policy) -> None:
    kind = policy.dataset_type("exposureId")
    assert (kind.template, kind.keys) == (None, ("ccd", "visit"))


def test_a_misspelt_dataset_type_is_refused_with_the_right_one(policy: Policy) -> None:
    with pytest.raises(UnknownDatasetTypeError, match=r"'calexpo' is not .* 'tiny'.* 'calexp'"):
        policy.dataset_type("calexpo")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("raw", {"visit", "ccd"}),
        ("calexp", {"visit", "ccd"}),
        ("summary", {"visit"}),
        ("warp", {"tract", "visit"}),
        ("flat", {"calibDate", "filter", "ccd"}),
        ("exposureId", {"visit", "ccd"}),
    ],
)
def test_keys_that_follow_from_others_are_not_required(
    policy: Policy, name: str, keys: set[str]
) -> None:
    for _ in range(2):  # the second answer comes from memory
        assert policy.required_keys(policy.dataset_type(name)) == keys


def test_a_policy_can_be_sent_to_another_process(policy: Policy) -> None:
    policy.required_keys(policy.dataset_type("raw"))
    assert pickle.loads(pickle.dumps(policy)) == policy


def test_all_faults_are_reported_together_with_their_lines(tmp_path: Path) -> None:
    text = (
        POLICY.replace("night: str", "bbox: str")
        .replace("expTime: float", "expTime: real")
        .replace("unique: [visit, ccd]", "unique: [visit, chip]")
        .replace("recipe: lossless", "recipee: lossless")
        .replace("storage_class: Json", "storage_clas: Json")
        .replace("%(tract)d/", "%(tract).2f/")
        .replace("cats/{tract}", "../{tract}")
        .replace("composite: {raw: raw}", "composite: {raw: row}")
    )
    found = faults(tmp_path, text)
    lines = {int(fault.partition(":")[0]) for fault in found}
    for wrong in (
        "night: str", "expTime: float", "unique:", "recipe:", "visit}.json", "%(tract)d", "cats/",
    ):  # fmt: skip
        where = line_of(wrong) + (wrong == "visit}.json")
        assert where in lines, f"nothing about line {where} in {found}"
    assert any("'bbox' is reserved" in fault for fault in found)
    assert any("no field 'recipee'. Did you mean 'recipe'?" in fault for fault in found)
    assert any("composed of 'row', which is no dataset type" in fault for fault in found)
    assert [int(fault.partition(":")[0]) for fault in found] == sorted(
        int(fault.partition(":")[0]) for fault in found
    )


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("name: tiny\n", "", "lacks 'name'"),
        ("description: A", "descriptoin: A", "'descriptoin'. Did you mean 'description'"),
        ("  unique: [visit, ccd]\n", "", "lacks 'unique'"),
        ("columns: [filter, night]", "columns: [filter, moon]", "'moon', which is no column"),
        ("never_completed: [tract]", "never_completed: [patch]", "'patch', which is no key"),
        ("    ccd: CHIP\n", "", "header fills no column ccd"),
        ("    ccd: CHIP\n", "    ccd: CHIP\n    moon: MOON\n", "'moon', which is no column"),
        ("{function: read_time}", "{default: 5}", "either a card or a function"),
        ("{card: FILTER, default: none}", "{card: FILTER, default: true}", "filter=True"),
        ("  recognised_by: {INSTRUME: Tiny*}\n", "", "whose files are these"),
        ("default_level: sensor", "default_level: censor", "Did you mean 'sensor'"),
        ("{visit: sensor}", "{visit: amp}", "'amp', which is no level"),
        ("  visit: [ccd]", "  visit: [chip]", "'chip', which is no key"),
        ("  visit: [ccd]", "  visit: ccd", "must be a list of texts"),
        ("  visit: [ccd]", "  visit: [ccd, ccd]", "names 'ccd' twice"),
        ("category: raw", "category: raws", "Did you mean 'raw'"),
        ('"{night}/{visit:05d}-{ccd:02d}.fits"', '"{moon}/x.fits"', "'moon', which is no key"),
        ('"{night}/{visit:05d}-{ccd:02d}.fits"', '"{night:d}/x"', "writes 'night' as int"),
        ("    storage_class: Image\n", "", "lacks 'storage_class'"),
        ("storage_class: Image", "storage_class: 5", "'storage_class' of the dataset type 'raw'"),
        ("    keys: [visit, ccd]", "    template: x", "computed, so it can have no template"),
        ("  calexp:\n", "  cal.exp:\n", "'cal.exp' is no name"),
        ("    recipe: lossless", "    calibration: {}", "a rule for calibrations but is none"),
        ("  ccd: int\n", "  ccd: int\n  CCD: int\n", "differs from another in case alone"),
        ("  ccd: int\n", "  ccd: int\n  c-d: int\n", "is no word of letters"),
        ("  ccd: int\n", "  ccd: int\n  ccd: int\n", "'ccd' comes twice"),
        ("levels:\n  tract", "levels: all\nlevel:\n  tract", "must be a mapping"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, wrong: str, right: str, message: str) -> None:
    assert wrong in POLICY
    found = faults(tmp_path, POLICY.replace(wrong, right, 1))
    assert any(message in fault for fault in found), found
    assert all(re.match(r"\d+: ", fault) for fault in found)


def test_every_reserved_word_is_refused_as_a_key(tmp_path: Path) -> None:
    for word in RESERVED_KEYS:
        found = faults(tmp_path, POLICY.replace("  tract: int\n", f"  tract: int\n  {word}: int\n"))
        assert any(f"{word!r} is reserved" in fault for fault in found)


def test_very_many_faults_are_counted_not_listed(tmp_path: Path) -> None:
    found = faults(tmp_path, POLICY + "".join(f"  t{n}: {{}}\n" for n in range(500)))
    assert len(found) < 30


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "policy.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PolicyError, match=r"policy\.yaml' cannot be read"):
        load_policy(path)


def test_a_repository_adds_dataset_types_of_its_own(policy: Policy) -> None:
    merged = merge_dataset_types(
        policy, 'number:\n  template: "numbers/{visit:05d}.json"\n  storage_class: Json\n'
    )
    assert merged.required_keys(merged.dataset_type("number")) == {"visit"}
    assert merged.dataset_type("calexp") is policy.dataset_type("calexp")
    assert "number" not in policy.dataset_types


def test_what_was_read_from_yaml_already_is_taken_too(policy: Policy) -> None:
    types = {"number": {"template": "%(moon)d/%(visit)d.json", "storage_class": "Json"}}
    merged = merge_dataset_types(policy, types, keys={"moon": "int"})
    assert merged.keys["moon"] == "int"
    assert merged.dataset_type("number").keys == ("moon", "visit")


def test_a_repository_may_place_a_type_of_the_camera_elsewhere(policy: Policy) -> None:
    merged = merge_dataset_types(
        policy, {"raw": {"category": "raw", "template": "x/{visit}", "storage_class": "Image"}}
    )
    assert merged.raw_types == ("raw",)
    assert merged.dataset_type("raw").keys == ("visit",)


@pytest.mark.parametrize(
    ("types", "keys", "message"),
    [
        ({"a": {"template": "{moon}", "storage_class": "Json"}}, {}, "'moon', which is no key"),
        ({"a": {"template": "{visit}"}}, {}, "lacks 'storage_class'"),
        ({"a": {"template": "x", "storage_class": object()}}, {}, "A policy is made of texts"),
        ({}, {"bbox": "int"}, "'bbox' is reserved"),
        ({}, {"moon": "big"}, "int, float or str"),
        ("a: [", {}, r"butler\.yaml:2"),
    ],
)
def test_faults_of_added_types_are_named(
    policy: Policy, types: str | dict[str, object], keys: dict[str, str], message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        merge_dataset_types(policy, types, keys=keys)  # type: ignore[arg-type]
