"""The camera of docs/a-camera-in-one-afternoon.md, installed and used as the page says."""

from __future__ import annotations

import doctest
import re
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from support.shared_data import REPOSITORY

from butler.errors import IngestError, PolicyError
from butler.mapper_lookup import find_mapper, mapper_names
from butler.policies.policy import load_policy, merge_dataset_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (REPOSITORY / "docs" / "a-camera-in-one-afternoon.md").read_text(encoding="utf-8")
LINES = re.MULTILINE | re.DOTALL
FILES = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, LINES))
HEADER = {
    "INSTRUME": "StarCam 2", "EXPNUM": 4711, "CHIP": "C1", "FILTER": "", "EXPTIME": 30.0,
    "DATE-OBS": "2024-03-09T13:00:00",
}  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """The page's package on the import path, with the metadata that pip would write."""
    metadata = tmp_path / "starcam-1.0.dist-info"
    metadata.mkdir()
    (tmp_path / "starcam").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))
    sys.modules.pop("starcam", None)


def test_the_page_shows_the_three_files_of_the_package() -> None:
    assert set(FILES) == {"pyproject.toml", "starcam/__init__.py", "starcam/policy.yaml"}


def test_the_installed_camera_is_found_and_translates_a_header(installed: Path) -> None:
    assert "starcam" in mapper_names()
    camera = find_mapper("starcam")
    assert dict(camera.translate(HEADER)) == {
        "visit": 4711, "ccd": 1, "filter": "none", "night": "2024-03-09",
        "taiObs": "2024-03-09T13:00:00", "expTime": 30.0,
    }  # fmt: skip
    with pytest.raises(IngestError, match="CHIP says 'C9'"):
        camera.translate({**HEADER, "CHIP": "C9"})
    assert camera.policy.dataset_type("flat").calibration is not None
    assert installed.is_dir()


def test_the_session_on_the_page_runs_as_shown(installed: Path) -> None:
    (session,) = re.findall(r"^```python\n(>>> .*?)^```$", PAGE, LINES)
    parsed = doctest.DocTestParser().get_doctest(session, {}, "the page", str(installed), 0)
    report: list[str] = []
    flags = doctest.IGNORE_EXCEPTION_DETAIL
    result = doctest.DocTestRunner(optionflags=flags).run(parsed, out=report.append)
    assert "".join(report) == ""
    assert result.attempted >= 10


def test_a_repository_adds_the_type_that_the_page_adds(installed: Path) -> None:
    (section,) = re.findall(r"^```yaml\n(dataset_types:.*?)^```$", PAGE, LINES)
    policy = find_mapper("starcam").policy
    merged = merge_dataset_types(policy, yaml.safe_load(section)["dataset_types"])
    assert merged.required_keys(merged.dataset_type("seeing")) == {"visit"}
    assert installed.is_dir()


def test_a_misspelt_field_is_reported_as_the_page_says(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    policy = FILES["starcam/policy.yaml"]
    path.write_text(policy.replace("    template:", "    templat:", 1), encoding="utf-8")
    (promised,) = re.findall(r"`policy\.yaml:(\d+: [^`]*'templat'[^`]*)`", PAGE)
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert f"{path}:{promised}" in str(caught.value).splitlines()


def test_the_camera_needs_less_python_than_a_camera_may_have() -> None:
    assert len(FILES["starcam/__init__.py"].splitlines()) < 150
