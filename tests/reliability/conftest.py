"""What the suites share: the warm process, the figures."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from support.figures import Trials
from support.tier import current_tier
from support.zygote import Zygote

from tests.reliability.operations import KILLED, make_dirty, make_scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A warm process that forks a child for each call."""
    with Zygote() as warm:
        yield warm


@pytest.fixture
def quick_path(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk at night, in memory by day: a killed process cannot tell them apart."""
    memory = Path("/dev/shm")
    if current_tier() != "pr" or not os.access(memory, os.W_OK):
        yield tmp_path
        return
    folder = Path(mkdtemp(prefix="skybutler-", dir=memory))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def trials(request: pytest.FixtureRequest) -> Iterator[Trials]:
    """The figures of this test, written down whether it succeeds or not."""
    made = Trials(request.module.SUITE, request.node.name)
    yield made
    made.write()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> dict[str, Path]:
    """Scenes to copy, by the kind that an operation wants."""
    made = {}
    for kind in {one.scene for one in KILLED.values()}:
        made[kind] = tmp_path_factory.mktemp("scene")
        make_scene(made[kind], kind)
    make_dirty(made["dirty"], zygote)
    return made
