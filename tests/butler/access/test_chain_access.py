"""The forms in which repositories are named, and what a Butler opens then."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.repositories import TYPES, make_repository, observation
from support.shared_data import find_shared_data

from butler.butler import Butler
from butler.data_ref import DataRef
from butler.errors import (
    AliasError,
    ParameterError,
    PolicyError,
    ReadOnlyError,
    RepositoryError,
    RepositoryNotFoundError,
    UnknownMapperError,
)
from butler.mapper_lookup import find_mapper
from butler.repository.config import read_config

if TYPE_CHECKING:
    from support.users import OtherUser

ONE = {"visit": 903334, "ccd": 16}


def roots(butler: Butler) -> list[str]:
    return [place.root for place in butler.repositories]


@pytest.mark.parametrize(
    "form",
    [
        str,
        Path,
        lambda root: f"{root}/",
        lambda root: f"file://{root}",
        lambda root: {"root": root},
        lambda root: {"cfgRoot": str(root)},
        os.path.relpath,
    ],
)
def test_a_repository_is_named_by_a_path_a_url_or_a_mapping(data: Path, form: object) -> None:
    assert callable(form)
    assert roots(Butler(form(data))) == [str(data)]
    assert roots(Butler(inputs=form(data))) == [str(data)]
    assert roots(Butler(inputs=[form(data)])) == [str(data)]
    assert roots(Butler(inputs=(form(root) for root in [data]))) == [str(data)]


def test_no_argument_means_the_working_directory(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(data)
    butler = Butler()
    assert roots(butler) == [str(data)]
    monkeypatch.chdir(tmp_path)
    butler.put(1, "summary", ONE)  # it stays where it was opened
    assert (data / "summary" / "0903334-016.json").exists()


def test_a_home_directory_may_be_abbreviated(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(data.parent))
    assert roots(Butler("~/DATA")) == [str(data)]


def test_one_root_and_a_chain_exclude_each_other(data: Path) -> None:
    with pytest.raises(RepositoryError, match="not both"):
        Butler(data, inputs=data)
    with pytest.raises(RepositoryError, match="not both"):
        Butler(data, outputs=data)
    with pytest.raises(RepositoryError, match="not both"):
        Butler(mapper="hsc", inputs=data)


def test_an_empty_chain_is_refused() -> None:
    with pytest.raises(RepositoryError, match="No repository is named"):
        Butler(inputs=[])


def test_a_missing_repository_gets_a_suggestion(data: Path) -> None:
    with pytest.raises(RepositoryNotFoundError, match=r"Did you mean .*DATA'"):
        Butler(data.parent / "DATAA")
    with pytest.raises(RepositoryNotFoundError, match="butler create"):
        Butler(data / ".butler")
    with pytest.raises(RepositoryNotFoundError):
        Butler(inputs=data / "nowhere", outputs=data / "rerun" / "one")
    assert not (data / "rerun").exists()


def test_modes_are_those_that_make_sense(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    for mode in ("r", "rw"):
        Butler(inputs={"root": data, "mode": mode})
    for mode in ("w", "rw"):
        Butler(inputs=data, outputs={"root": out, "mode": mode})
    with pytest.raises(RepositoryError, match="mode 'w' cannot be"):
        Butler(inputs={"root": data, "mode": "w"})
    with pytest.raises(RepositoryError, match="mode 'r' cannot be"):
        Butler(outputs={"root": data, "mode": "r"})
    with pytest.raises(ParameterError, match="mode is 'r', 'w' or 'rw'"):
        Butler(inputs={"root": data, "mode": "a"})


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (5, "named by a path"),
        ([5], "named by a path"),
        ({}, "needs a 'root'"),
        ({"rot": "x"}, "Did you mean 'root'"),
        ({"root": "a", "cfgRoot": "b"}, "in one directory"),
        ({"root": "a", "mapperArgs": {"other": "c"}}, "mapperArgs"),
        ({"root": "a", "mapperArgs": {"calibRoot": 3}}, "calibRoot"),
        ({"root": "a", "policy": 3}, "policy is a mapping"),
        ({"root": "a", "mapper": 3}, "A camera is named by"),
    ],
)
def test_an_argument_of_another_form_is_refused(argument: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Butler(inputs=argument)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=message):
        Butler(outputs=argument)  # type: ignore[arg-type]


def test_an_empty_name_is_no_repository() -> None:
    with pytest.raises(RepositoryError, match="empty name"):
        Butler("")


# Cameras.


def test_a_camera_is_a_name_a_class_or_an_instance(data: Path, tmp_path: Path) -> None:
    mapper = find_mapper("hsc")
    for number, camera in enumerate(
        ("hsc", "lsst.obs.hsc.HscMapper", type(mapper), mapper, "lsst.obs.subaru.HscMapper")
    ):
        assert roots(Butler(data, camera)) == [str(data)]
        out = tmp_path / f"OUT{number}"
        Butler(outputs={"root": out, "mapper": camera})
        assert read_config(str(out)).camera == "hsc"


def test_the_wrong_camera_is_refused(data: Path) -> None:
    with pytest.raises(RepositoryError, match="is of the camera 'hsc', not 'sdss'"):
        Butler(data, "sdss")
    with pytest.raises(RepositoryError, match="is of the camera 'hsc', not 'sdss'"):
        Butler(inputs={"root": data, "mapper": "sdss"})
    with pytest.raises(RepositoryError, match="is of the camera 'hsc', not 'sdss'"):
        Butler(outputs={"root": data, "mapper": "sdss"})
    with pytest.raises(UnknownMapperError, match="No camera is called 'hcs'"):
        Butler(data, "hcs")


def test_a_new_output_takes_the_camera_of_its_inputs(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    Butler(inputs=data, outputs=out)
    assert read_config(str(out)).camera == "hsc"


def test_a_new_output_without_a_clear_camera_is_refused(data: Path, tmp_path: Path) -> None:
    from butler.repository.create import create_repository

    create_repository(tmp_path / "SDSS", "sdss")
    with pytest.raises(RepositoryError, match="camera is not clear"):
        Butler(inputs=[data, tmp_path / "SDSS"], outputs=tmp_path / "OUT")
    with pytest.raises(RepositoryError, match="no inputs to ask"):
        Butler(outputs=tmp_path / "OUT")
    assert not (tmp_path / "OUT").exists()


# Outputs and their parents.

_WORK_ON_TOP = """
import sys, tempfile
from butler import Butler
from butler.errors import ReadOnlyError
root = sys.argv[1]
with tempfile.TemporaryDirectory() as out:
    butler = Butler(inputs=root, outputs=out + "/OUT")
    assert butler.get("summary", visit=1, ccd=2) == "there"
    butler.put("mine", "summary", visit=1, ccd=2)
    assert butler.get("summary", visit=1, ccd=2) == "mine"
for only in (Butler(root), Butler(outputs=root)):
    try:
        only.put("no", "summary", visit=3, ccd=4)
    except ReadOnlyError as error:
        print(error)
"""


def test_a_new_output_has_the_inputs_as_parents(data: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "OTHER").repositories[0].root
    out = tmp_path / "OUT"
    first = Butler(inputs=[data, other], outputs=out)
    assert roots(first) == [str(out), str(data), other]
    assert roots(Butler(out)) == [str(out), str(data), other]
    assert roots(Butler(outputs=out)) == [str(out), str(data), other]
    assert roots(Butler(inputs=data, outputs=out)) == [str(out), str(data), other]


def test_an_output_that_is_there_gets_further_parents_at_the_end(
    data: Path, tmp_path: Path
) -> None:
    other = make_repository(tmp_path / "OTHER").repositories[0].root
    out = tmp_path / "OUT"
    Butler(inputs=data, outputs=out).put(1, "summary", ONE)
    extended = Butler(inputs=[data, other], outputs=out)
    assert roots(extended) == [str(out), str(data), other]
    assert extended.get("summary", ONE) == 1
    assert roots(Butler(out)) == [str(out), str(data), other]


def test_a_gen2_parent_can_be_followed_by_another_input(tmp_path: Path) -> None:
    old = tmp_path / "OLD"
    old.mkdir()
    (old / "_mapper").write_text("lsst.obs.hsc.HscMapper\n")
    other = make_repository(tmp_path / "OTHER").repositories[0].root
    out = tmp_path / "OUT"
    Butler(inputs=old, outputs=out)
    assert roots(Butler(inputs=[old, other], outputs=out)) == [str(out), str(old), other]


def test_an_output_with_other_parents_is_refused_and_unchanged(data: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "OTHER").repositories[0].root
    out = tmp_path / "OUT"
    Butler(inputs=data, outputs=out)
    before = (out / "butler.yaml").read_bytes()
    for inputs in ([other], [other, data]):
        with pytest.raises(RepositoryError, match="has the parents"):
            Butler(inputs=inputs, outputs=out)
    assert (out / "butler.yaml").read_bytes() == before


def test_an_output_that_is_an_input_too_is_one_repository(data: Path) -> None:
    butler = Butler(inputs=data, outputs=data)
    assert roots(butler) == [str(data)]
    butler.put(1, "summary", ONE)
    assert butler.get("summary", ONE) == 1


def test_a_gen2_repository_is_never_an_output() -> None:
    found = find_shared_data()
    if found is None:
        pytest.skip("real data is not on this machine")
    old = found / "obs_test" / "input"
    with pytest.raises(ReadOnlyError, match="butler migrate"):
        Butler(outputs=old)
    reader = Butler(old)
    assert reader.repositories[0].kind == "gen2"
    assert "writes nothing" in repr(reader)
    with pytest.raises(ReadOnlyError, match="only reads"):
        reader.put(1, "settings" if "settings" in reader.get_dataset_types() else "packages")


def test_dataset_types_are_given_to_a_new_output_and_must_fit_an_old_one(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    kind = {"template": "extra/{visit}.json", "storage_class": "Json", "description": "x"}
    argument = {"root": out, "policy": {"extra": kind, "twin": {**kind, "template": "t/{ccd}"}}}
    butler = Butler(inputs=data, outputs=argument)
    butler.put(1, "extra", visit=5)
    assert Butler(inputs=data, outputs=argument).get("extra", visit=5) == 1
    for policy, message in (
        ({"extra": {**kind, "template": "other/{visit}.json"}}, "defines .* otherwise"),
        ({"more": kind}, "does not define"),
    ):
        with pytest.raises(RepositoryError, match=message):
            Butler(inputs=data, outputs={"root": out, "policy": policy})
        with pytest.raises(RepositoryError, match=message):
            Butler(inputs={"root": out, "policy": policy})


def test_a_bad_dataset_type_makes_no_repository(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    bad = {"bbox": {"template": "{nokey}", "storage_class": "Json"}}
    with pytest.raises(PolicyError, match="nokey"):
        Butler(inputs=data, outputs={"root": out, "policy": bad})
    assert not (out / "butler.yaml").exists()


def test_dataset_types_that_share_a_definition_are_read_again(tmp_path: Path) -> None:
    kind = {"template": "extra/{visit}.json", "storage_class": "Json", "description": "x"}
    make_repository(tmp_path / "A", types={"one": kind, "two": kind})
    assert {"one", "two"} <= Butler(tmp_path / "A").get_dataset_types()


def test_a_read_only_parent_is_read_and_never_written(
    public_tmp_path: Path, other_user: OtherUser
) -> None:
    root = public_tmp_path / "DATA"
    make_repository(root, observations=[observation(1, 2)]).put("there", "summary", visit=1, ccd=2)
    answer = other_user.run(_WORK_ON_TOP, root, cannot_write=root)
    assert answer.stdout.count("may not be written") == 2, answer


# Tags.


def test_a_tag_narrows_a_search_to_a_repository_and_its_parents(
    data: Path, butler: Butler, tmp_path: Path
) -> None:
    make_repository(tmp_path / "OTHER").put("other", "summary", ONE)
    butler.put("data", "summary", ONE)
    Butler(inputs=data, outputs=data / "rerun" / "one").put("rerun", "notes", ONE)
    tagged = Butler(
        inputs=[
            {"root": tmp_path / "OTHER", "tags": "o"},
            {"root": data / "rerun" / "one", "tags": ["r", "all"]},
        ]
    )
    assert tagged.get("summary", ONE) == "other"
    assert tagged.get("summary", ONE, tag="o") == "other"
    assert tagged.get("summary", ONE, tag="r") == "data"
    assert tagged.get("summary", ONE, tag=["x", "all"]) == "data"
    assert not tagged.dataset_exists("notes", ONE, filter="HSC-R", pointing=671, tag="o")
    with pytest.raises(ParameterError, match="There are: all, o, r"):
        tagged.get("summary", ONE, tag="nobody")


# Aliases (gen2.md 1.2).


def test_an_alias_stands_for_its_dataset_type_everywhere(butler: Butler) -> None:
    butler.define_alias("s", "summary")
    butler.put("there", "@s", ONE)
    assert butler.get("@s", ONE) == butler.get("summary", ONE) == "there"
    assert butler.dataset_exists("@s", ONE)
    assert butler.get_uri("@s", ONE) == butler.get_uri("summary", ONE)
    assert butler.get("@s_filename", ONE) == [butler.get_uri("summary", ONE)]
    assert butler.get("@s.filename", ONE) == butler.get_uri("summary", ONE)
    assert butler.get_keys("@s") == {"visit": int, "ccd": int}
    assert butler.query("@s").count() == 1
    assert butler.query_metadata("@s", "visit") == [903334]
    assert len(butler.subset("@s")) == 1
    assert butler.data_ref("@s", pointing=671, ccd=16).data_id == ONE
    assert butler.explain("@s", ONE).dataset_type == "summary"
    butler.remove("@s", ONE)
    assert not butler.dataset_exists("summary", ONE)


def test_an_unknown_alias_gets_a_suggestion(butler: Butler) -> None:
    butler.define_alias("summ", "summary")
    with pytest.raises(AliasError, match="Did you mean 'summ'"):
        butler.get("@sum", ONE)


@pytest.mark.parametrize("alias", ["", "@", "a@b", "@@a"])
def test_an_alias_has_its_sign_only_in_front(butler: Butler, alias: str) -> None:
    with pytest.raises(AliasError):
        butler.define_alias(alias, "summary")
    with pytest.raises(AliasError):
        butler.define_alias("b", "@summary")


def test_aliases_that_begin_alike_are_refused_either_way(butler: Butler) -> None:
    butler.define_alias("@abc", "summary")
    for clash in ("ab", "abcd"):
        with pytest.raises(AliasError, match="begin alike"):
            butler.define_alias(clash, "notes")
    with pytest.raises(AliasError, match="begin alike"):
        butler.define_alias("abc", "notes")
    butler.define_alias("abc", "summary")  # again the same: nothing new
    butler.define_alias("xyz", "notes")


# Pickles.


def test_a_pickled_butler_opens_the_same_from_another_directory(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data.parent)
    butler = Butler(inputs=(root for root in ["DATA"]), outputs={"root": "OUT", "tags": "t"})
    butler.define_alias("s", "summary")
    butler.put(1, "@s", ONE)
    content = pickle.dumps(butler)
    monkeypatch.chdir("/")
    again = pickle.loads(content)
    assert roots(again) == roots(butler) == [str(tmp_path / "OUT"), str(data)]
    assert again.get("@s", ONE, tag="t") == 1
    again.put(2, "summary", ONE, ccd=17)
    assert butler.get("summary", ONE, ccd=17) == 2


def test_every_form_of_butler_survives_a_pickle(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(data)
    mapper = find_mapper("hsc")
    for butler in (Butler(), Butler(data, mapper), Butler({"root": data}), Butler(inputs=data)):
        assert roots(pickle.loads(pickle.dumps(butler))) == [str(data)]


class OwnButler(Butler):
    """A subclass, as tests and tasks make them."""


def test_a_subclass_stays_what_it_is_in_a_pickle(data: Path) -> None:
    assert type(pickle.loads(pickle.dumps(OwnButler(data)))) is OwnButler


def test_a_pickled_data_ref_reads_and_writes(butler: Butler) -> None:
    butler.put(1, "summary", ONE)
    ref = pickle.loads(pickle.dumps(butler.data_ref("summary", pointing=671, ccd=16)))
    assert isinstance(ref, DataRef)
    assert ref.data_id == ONE
    assert ref.get() == 1
    ref.put("words", "notes")
    assert butler.get("notes", ONE) == "words"


def test_the_representation_names_what_is_read_and_written(rerun: Butler, data: Path) -> None:
    assert str(data) in repr(rerun)
    assert "writes nothing" in repr(Butler(inputs=data))


def test_the_dataset_types_of_the_camera_and_the_repository_are_listed(butler: Butler) -> None:
    assert {"raw", "calexp", *TYPES} <= butler.get_dataset_types()


def test_keys_have_python_types(butler: Butler) -> None:
    assert butler.get_keys("notes") == {"pointing": int, "filter": str, "visit": int, "ccd": int}
    assert butler.get_keys()["expTime"] is float
    assert butler.get_keys("notes", "visit") == {"pointing": int, "filter": str, "visit": int}
    assert butler.get_keys("settings") == {}
