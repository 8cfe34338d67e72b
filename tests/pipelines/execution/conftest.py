"""A repository whose six CCDs have a number each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from support.repositories import TYPES, make_repository, observation
from support.tasks import DoubleConfig, DoubleTask

from pipelines.execution.places import find_places
from pipelines.execution.run import RunRequest

if TYPE_CHECKING:
    from pathlib import Path

CCDS = range(6)


class MakeRequest(Protocol):
    """Makes a request for the task that doubles numbers."""

    def __call__(
        self, fields: dict[str, object] | None = None, **options: object
    ) -> RunRequest: ...


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Root of a repository with a ``summary`` for each of six ccds of one visit."""
    root = tmp_path / "DATA"
    observations = [observation(903334, ccd) for ccd in CCDS]
    with make_repository(root, types=TYPES, observations=observations) as butler:
        for ccd in CCDS:
            butler.put({"n": ccd}, "summary", visit=903334, ccd=ccd)
    return root


@pytest.fixture
def output(data: Path) -> Path:
    """Where the outputs go."""
    return data / "rerun" / "doubled"


@pytest.fixture
def make_request(data: Path) -> MakeRequest:
    """Return a request that writes to ``output``."""

    def make(fields: dict[str, object] | None = None, **options: object) -> RunRequest:
        config = DoubleConfig()
        for name, value in (fields or {}).items():
            setattr(config, name, value)
        places = find_places(str(data), rerun="doubled")
        return RunRequest(DoubleTask, config, places, **options)  # type: ignore[arg-type]

    return make
