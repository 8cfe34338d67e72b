"""A registry does the same on every database."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from conformance.registry_conformance import RegistryConformance
from conformance.registry_search_conformance import RegistrySearchConformance

from butler.registry.sqlite_database import MemoryDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class OnSqlite:
    @pytest.fixture
    def place(self, tmp_path: Path) -> str:
        return str(tmp_path / "registry.sqlite3")


class InMemory:
    @pytest.fixture
    def place(self) -> Iterator[str]:
        name = uuid4().hex
        yield f"memory:{name}"
        MemoryDatabase.forget(name)


class OnPostgres:
    @pytest.fixture
    def place(self, postgres_url: str) -> str:
        return postgres_url  # every registry has a schema of its own


class TestSqliteRegistry(OnSqlite, RegistryConformance):
    pass


class TestSqliteSearches(OnSqlite, RegistrySearchConformance):
    pass


class TestMemoryRegistry(InMemory, RegistryConformance):
    pass


class TestMemorySearches(InMemory, RegistrySearchConformance):
    pass


class TestPostgresRegistry(OnPostgres, RegistryConformance):
    pass


class TestPostgresSearches(OnPostgres, RegistrySearchConformance):
    pass
