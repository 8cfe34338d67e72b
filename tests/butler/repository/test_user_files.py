from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation

from butler.butler import Butler
from butler.errors import DatasetNotFoundError, ParameterError, UnknownDatasetTypeError
from butler.task_butler import TaskButler

if TYPE_CHECKING:
    from collections.abc import Callable

KERNEL = {
    "kernel": {
        "category": "calibration",
        "template": "kernels/{calibDate}-{ccd:03d}.json",
        "storage_class": "Json",
        "description": "Numbers of one CCD",
        "calibration": {"table": "kernel", "match": ["ccd"]},
    }
}
VISIT = {"visit": 903334, "ccd": 16}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A repository with a kernel that is valid for the visit."""
    root = tmp_path / "DATA"
    seen = [observation(903334, ccd) for ccd in (16, 17)]
    with make_repository(root, types=KERNEL, observations=seen) as butler:
        for ccd in (16, 17):
            butler.put({"from": "registry"}, "kernel", calibDate="2013-11-01", ccd=ccd)
        butler.certify("kernel", begin="2013-11-01")
    return root


@pytest.fixture
def named(tmp_path: Path) -> Path:
    (tmp_path / "named.json").write_text('{"from": "user"}')
    return tmp_path / "named.json"


def test_a_named_file_comes_before_what_is_registered(data: Path, named: Path) -> None:
    assert Butler(data).get("kernel", VISIT) == {"from": "registry"}
    butler = Butler(data, user_calibs={"kernel": named})
    assert butler.get("kernel", VISIT) == {"from": "user"}
    assert butler.get_uri("kernel", VISIT) == str(named)
    assert butler.dataset_exists("kernel", VISIT)
    assert butler.get("kernel", calibDate="1999-01-01", ccd=3) == {"from": "user"}


def test_a_path_may_hold_keys_of_the_observation(data: Path, tmp_path: Path) -> None:
    (tmp_path / "HSC-R-016.json").write_text('{"ccd": 16}')
    butler = Butler(data, user_calibs={"kernel": tmp_path / "HSC-R-{ccd:03d}.json"})
    assert butler.get("kernel", VISIT) == {"ccd": 16}
    with pytest.raises(DatasetNotFoundError, match=r"HSC-R-017\.json"):
        butler.get("kernel", visit=903334, ccd=17)
    assert not butler.dataset_exists("kernel", visit=903334, ccd=17)


def test_explain_says_that_the_user_named_it(data: Path, named: Path) -> None:
    text = str(Butler(data, user_calibs={"kernel": named}).explain("kernel", VISIT))
    assert f"1. (named by the user): found {named}" in text
    assert "--user-calib names it for every 'kernel'" in text
    assert f"2. {data}: not asked" in text


def copied(butler: Butler) -> Butler:
    made = pickle.loads(pickle.dumps(butler))
    assert isinstance(made, Butler)
    return made


def same(butler: Butler) -> Butler:
    return butler


@pytest.mark.parametrize("through", [same, copied])
def test_a_butler_keeps_it_when_pickled_and_in_another_directory(
    data: Path,
    named: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    through: Callable[[Butler], Butler],
) -> None:
    monkeypatch.chdir(tmp_path)
    butler = Butler(inputs=data, outputs=tmp_path / "rerun", user_calibs={"kernel": named.name})
    monkeypatch.chdir("/")
    assert through(butler).get("kernel", VISIT) == {"from": "user"}


def test_it_holds_inside_a_transaction_and_for_tags(data: Path, named: Path) -> None:
    butler = Butler(
        inputs={"root": data, "tags": "base"},
        outputs=data.parent / "rerun",
        user_calibs={"kernel": named},
    )
    with butler.transaction():
        assert butler.get("kernel", VISIT) == {"from": "user"}
    assert butler.get("kernel", VISIT, tag="base") == {"from": "user"}


def test_other_types_and_queries_are_as_before(data: Path, named: Path) -> None:
    butler = Butler(data, user_calibs={"bfKernel": named})
    assert butler.get("kernel", VISIT) == {"from": "registry"}
    butler = Butler(data, user_calibs={"kernel": named})
    assert [row.data_id["ccd"] for row in butler.query("kernel", order_by="ccd")] == [16, 17]


def test_a_task_notes_the_named_file_by_its_path(data: Path, named: Path, tmp_path: Path) -> None:
    butler = TaskButler(inputs=data, outputs=tmp_path / "rerun", user_calibs={"kernel": str(named)})
    with butler.collecting() as collected:
        butler.get("kernel", VISIT)
    assert [one.data_id for one in collected.inputs] == [str(named)]


def test_what_is_not_there_is_refused_at_once(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFoundError, match=r"absent\.json(.|\n)*--user-calib"):
        Butler(data, user_calibs={"kernel": tmp_path / "absent.json"})
    with pytest.raises(DatasetNotFoundError):
        Butler(data, user_calibs={"kernel": tmp_path})


def test_a_type_that_is_no_calibration_is_refused(data: Path, named: Path) -> None:
    with pytest.raises(ParameterError, match="'calexp' is no calibration"):
        Butler(data, user_calibs={"calexp": named})
    with pytest.raises(UnknownDatasetTypeError, match="Did you mean 'kernel'"):
        Butler(data, user_calibs={"kernal": named})


def test_a_key_that_cannot_be_known_is_named(data: Path, tmp_path: Path) -> None:
    from butler.errors import TemplateError

    butler = Butler(data, user_calibs={"kernel": Path(tmp_path, "a-{tract}.json")})
    with pytest.raises(TemplateError, match="tract"):
        butler.get("kernel", VISIT)
