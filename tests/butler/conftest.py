"""A repository with four observed CCDs, and a rerun on top of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.repositories import make_repository, observation

from butler.butler import Butler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Root of a repository that has seen ccds 16 and 17 of visits 903334 (r) and 903986 (i)."""
    root = tmp_path / "DATA"
    red = [observation(903334, ccd) for ccd in (16, 17)]
    infrared = [
        observation(903986, ccd, filter="HSC-I", pointing=672, expTime=60.0) for ccd in (16, 17)
    ]
    make_repository(root, observations=[*red, *infrared]).close()
    return root


@pytest.fixture
def butler(data: Path) -> Iterator[Butler]:
    """Opens ``data`` alone."""
    with Butler(data) as opened:
        yield opened


@pytest.fixture
def rerun(data: Path) -> Iterator[Butler]:
    """Reads ``data`` through a new rerun, and writes that."""
    with Butler(inputs=data, outputs=data / "rerun" / "one") as opened:
        yield opened
