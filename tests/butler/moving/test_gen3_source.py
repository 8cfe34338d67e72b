"""Exports of Gen3 are read as far as their datasets have a type here."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
import yaml

from butler import Butler, create_repository
from butler.errors import ParameterError, RepositoryError
from butler.moving.importing import import_datasets
from butler.registry.where import parse_where
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "description: Butler Data Repository Export\nversion: 1.0.0\ndata:\n"


class _Plain(yaml.SafeLoader):
    """For the tests: tagged scalars are their text."""


_Plain.add_multi_constructor("!", lambda loader, _tag, node: loader.construct_scalar(node))


@pytest.fixture
def export(shared_data: Path, tmp_path: Path) -> Path:
    """The real export of pipelines_check, with a file for each of its datasets."""
    folder = tmp_path / "export"
    folder.mkdir()
    shutil.copy(shared_data / "gen3/pipelines_check_export.yaml", folder / "exports.yaml")
    text = (folder / "exports.yaml").read_text()
    for block in yaml.load(text, Loader=_Plain)["data"]:
        for record in block.get("records", []) if block["type"] == "dataset" else []:
            path = folder / record["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(record["path"])
            if block["dataset_type"] == "defects":
                shutil.copy(shared_data / "gen3/defects_10_HSC.fits", path)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_repository(tmp_path / "DEST", "hsc")
    return tmp_path / "DEST"


def write(folder: Path, blocks: str) -> Path:
    path = folder / "exports.yaml"
    path.write_text(HEAD + blocks)
    return path


def test_a_real_export_is_taken_and_what_is_left_out_is_named(export: Path, root: Path) -> None:
    report = import_datasets(root, export)
    assert report.exit_code == 0, [one for one in report.datasets if one.reason]
    taken = {(one.dataset_type, str(one.data_id)) for one in report.datasets}
    assert ("flat", "calibDate=2013-06-17 filter=HSC-R ccd=10") in taken
    assert ("bias", "calibDate=2013-11-03 ccd=10") in taken
    assert ("ref_cat", "name=ps1_pv3_3pi_20170110 pixel_id=189584") in taken
    assert any("'camera' is computed here" in note for note in report.notes)
    assert import_datasets(root, export / "exports.yaml").counts["taken"] == 0


def test_validity_ranges_come_along(export: Path, root: Path) -> None:
    import_datasets(root, export, ["flat"])
    with Butler(root) as butler:
        repository = butler.repositories[0]
        assert isinstance(repository, NativeRepository)
        expected = [("2012-12-19T00:00:00", "2013-12-14T00:00:00")]
        assert list(repository.registry.ranges_of([1]).values()) == [expected]


def test_a_file_of_gen3_is_read(export: Path, root: Path) -> None:
    import_datasets(root, export, ["defects"])
    with Butler(root) as butler:
        assert len(butler.get("defects", ccd=10, calibDate="2013-01-31")) > 0  # type: ignore[arg-type]


def test_missing_files_are_rejected_and_stop_nothing(export: Path, root: Path) -> None:
    next(export.rglob("flat*.fits")).unlink()
    report = import_datasets(root, export)
    assert [one.dataset_type for one in report.datasets if one.outcome == "rejected"] == ["flat"]
    assert report.exit_code == 1


def test_tags_of_the_file_run_nothing(root: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    blocks = (
        f"- name: !!python/object/apply:os.system ['touch {canary}']\n"
        f"- type: !!python/object/apply:os.system [touch {canary}]\n"
        "- type: dataset_type\n  name: bias\n  dimensions: [detector]\n  storage_class: ExposureF\n"
    )
    report = import_datasets(root, write(tmp_path, blocks))
    assert report.datasets == ()
    assert not canary.exists()


def test_dimensions_without_a_key_are_named(root: Path, tmp_path: Path) -> None:
    blocks = (
        "- type: dataset_type\n  name: calexp\n  dimensions: [visit, detector, healpix9]\n"
        "  storage_class: ExposureF\n"
        "- type: dataset\n  dataset_type: calexp\n  run: r\n  records:\n"
        "  - dataset_id: [1]\n    data_id: [{visit: 1, detector: 2, healpix9: 3}]\n    path: x\n"
    )
    report = import_datasets(root, write(tmp_path, blocks))
    assert [one.reason for one in report.datasets] == ["healpix9=3 has no key here"]


def test_other_cameras_are_refused(export: Path, tmp_path: Path) -> None:
    create_repository(tmp_path / "SDSS", "sdss")
    with pytest.raises(RepositoryError, match="'hsc'"):
        import_datasets(tmp_path / "SDSS", export)


@pytest.mark.parametrize("text", ["data: 3\n", "data: [\n", "{a: &x [*x]}\n"])
def test_what_is_no_export_is_said(root: Path, tmp_path: Path, text: str) -> None:
    path = tmp_path / "exports.yaml"
    path.write_text(f"# Butler Data Repository Export\n{text}")
    with pytest.raises(RepositoryError, match=r"exports\.yaml"):
        import_datasets(root, path)


@pytest.mark.parametrize(
    "blocks",
    [
        "- 5\n- calexp\n",
        "- type: dataset\n  dataset_type: calexp\n  run: r\n  records: 7\n",
        "- type: dataset\n  dataset_type: calexp\n  run: r\n  records: [7]\n",
        "- type: dimension\n  element: exposure\n  records: {id: 5}\n",
        "- type: dimension\n  element: [exposure]\n  records: 3\n",
        "- type: associations\n  validity_ranges: always\n",
    ],
)
def test_an_export_that_is_not_whole_is_refused(root: Path, tmp_path: Path, blocks: str) -> None:
    with pytest.raises(RepositoryError, match="is no list of mappings"):
        import_datasets(root, write(tmp_path, blocks))


def test_blocks_that_mean_nothing_are_named(root: Path, tmp_path: Path) -> None:
    report = import_datasets(root, write(tmp_path, "- type: datasets\n  records: []\n"))
    assert any("'datasets'" in note for note in report.notes)


def test_only_whole_types_are_chosen(export: Path, root: Path) -> None:
    with pytest.raises(ParameterError, match="without a condition"):
        import_datasets(root, export, condition=parse_where("ccd = 1"))
    with pytest.raises(ParameterError, match="keeps its files"):
        import_datasets(root, export, mode="move")
