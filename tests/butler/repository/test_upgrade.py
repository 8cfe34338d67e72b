from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from support.shared_data import REPOSITORY

from butler import Butler, create_repository
from butler.registry.schema import LATEST_VERSION
from butler.repository.upgrade import upgrade_repository

if TYPE_CHECKING:
    from pathlib import Path

MIGRATIONS = str(REPOSITORY / "migrations")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    create_repository(tmp_path / "DATA", "hsc")
    return tmp_path / "DATA"


def test_repository_of_today_is_left_alone(root: Path) -> None:
    assert upgrade_repository(root, MIGRATIONS) == (LATEST_VERSION, LATEST_VERSION)


def test_older_registry_is_told_without_being_changed(root: Path) -> None:
    with sqlite3.connect(root / "registry.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    assert upgrade_repository(root, MIGRATIONS, dry_run=True) == ("0000", LATEST_VERSION)
    with Butler(root) as butler:
        assert list(butler.query("raw")) == []
