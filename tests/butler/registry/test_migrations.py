"""Registries of older versions are brought up to date, wholly or not at all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from conformance.registry_samples import CALEXP, KEYS, OBSERVATION, add_types, calexp, create
from support.shared_data import REPOSITORY

from butler.errors import RegistryError
from butler.registry.database import CompiledSql
from butler.registry.postgres_database import PostgresDatabase
from butler.registry.registry import Registry
from butler.registry.schema import LATEST_VERSION, VERSIONS
from butler.registry.sqlite_database import SqliteDatabase
from butler.registry.upgrade import upgrade_registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.registry.database import Database

SCRIPTS = str(REPOSITORY / "migrations")
SDSS_KEYS = {"run": "int", "camcol": "int", "field": "int", "filter": "str", "rerun": "int"}
SDSS = SimpleNamespace(
    columns={"run": "int", "rerun": "int", "filter": "str", "camcol": "int", "field": "int"}
    | {"taiObs": "str", "strip": "str"},
    unique=("run", "filter", "camcol", "field"),
    implied=(
        SimpleNamespace(by=("run",), columns=("strip",)),
        SimpleNamespace(by=("camcol", "field"), columns=("rerun",)),
    ),
)
CAMERAS = [(KEYS, OBSERVATION), (SDSS_KEYS, SDSS)]


def database(
    kind: str, folder: Path, request: pytest.FixtureRequest, name: str
) -> Database[object]:
    """The database of a registry that is still to be made."""
    made: Database[object]
    if kind == "sqlite":
        made = SqliteDatabase(str(folder / f"{name}.sqlite3"))
    else:
        made = PostgresDatabase(request.getfixturevalue("postgres_url"), uuid=uuid4().hex)
    made.create_place(shared=False)
    return made


def place_of(made: Database[object]) -> dict[str, str]:
    if isinstance(made, PostgresDatabase):
        return {"place": made.url, "uuid": made.schema.removeprefix("sb_")}
    return {"place": made.url}


def description(made: Database[object]) -> list[str]:
    """Every table, column, constraint and index, in words that two databases share."""
    if isinstance(made, SqliteDatabase):
        rows = made.fetch_all(CompiledSql("SELECT name, sql FROM sqlite_master ORDER BY name"))
        return [f"{name}: {normal(str(text))}" for name, text in rows]
    columns = """
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
            || ' ' || a.attnotnull || ' ' || coalesce(l.collname, '') || ' ' || a.attnum
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relnamespace = %(schema)s::regnamespace AND a.attnum > 0 AND c.relkind = 'r'"""
    constraints = """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace"""
    indexes = (
        "SELECT replace(indexdef, schemaname, '') FROM pg_indexes WHERE schemaname = %(schema)s"
    )
    defaults = """
        SELECT table_name || column_name || replace(column_default, table_schema, '')
        FROM information_schema.columns
        WHERE table_schema = %(schema)s AND column_default IS NOT NULL"""
    found = []
    for text in (columns, constraints, indexes, defaults):
        found += made.fetch_all(CompiledSql(text), {"schema": made.schema})
    return sorted(str(text) for (text,) in found)


def normal(statement: str) -> str:
    """A CREATE statement without white space, its constraints in the order of their names."""
    text = re.sub(r"\s+", "", statement)
    head, *constraints = text.split(",CONSTRAINT")
    return head + "".join(sorted(part.rstrip(")") for part in constraints))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("keys", "observation"), CAMERAS, ids=["hsc", "sdss"])
def test_a_new_registry_is_what_all_migrations_make(
    kind: str,
    keys: Mapping[str, str],
    observation: object,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    migrated = database(kind, tmp_path, request, "migrated")
    versions = upgrade_registry(
        **place_of(migrated),
        script_location=SCRIPTS,
        keys=keys,
        observation=observation,  # type: ignore[arg-type]
    )
    assert versions == (None, LATEST_VERSION)
    new = database(kind, tmp_path, request, "new")
    where = {"uuid": uuid4().hex, **place_of(new)}
    with create(**where, keys=keys, observation=observation):
        assert description(migrated) == description(new)
        assert len(description(new)) > 20
    for one in (migrated, new):
        one.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_registry_needs_no_upgrade(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = database(kind, tmp_path, request, "new")
    where = {"uuid": uuid4().hex, **place_of(made)}
    with create(**where) as registry:
        add_types(registry)
        registry.insert([calexp(1, 1)])
        assert upgrade_registry(**where, script_location=SCRIPTS) == (LATEST_VERSION,) * 2
        assert registry.count("calexp", CALEXP) == 1
    made.close()


def with_another_step(folder: Path, body: str) -> str:
    """A copy of the migrations with one more step."""
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = f"""
        import sqlalchemy as sa
        from alembic import op
        revision, down_revision = "9000", "{LATEST_VERSION}"
        def upgrade():
            {body}
    """
    (folder / "versions" / "9000_more.py").write_text(textwrap.dedent(text))
    return str(folder)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_failed_migration_changes_nothing(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    body = (
        "op.create_table('more', sa.Column('x', sa.Integer)); "
        "op.add_column('run', sa.Column('y', sa.Integer)); "
        "op.execute('DELETE FROM trash'); op.execute('SELECT 1 FROM nowhere')"
    )
    scripts = with_another_step(tmp_path / "scripts", body)
    made = database(kind, tmp_path, request, "new")
    where = {"uuid": uuid4().hex, **place_of(made)}
    with create(**where) as registry:
        add_types(registry)
        registry.insert([], trash=["a"])
        before = description(made)
        with pytest.raises(RegistryError, match=r"stays as it was.*nowhere"):
            upgrade_registry(**where, script_location=scripts)
        assert description(made) == before
        assert len(registry.trash()) == 1
    Registry.open(**where).close()
    made.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_migration_that_changes_a_table_keeps_its_rows(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    body = (
        "batch = op.batch_alter_table('dataset'); table = batch.__enter__(); "
        "table.alter_column('size', new_column_name='bytes'); batch.__exit__(None, None, None)"
    )
    scripts = with_another_step(tmp_path / "scripts", body)
    made = database(kind, tmp_path, request, "new")
    where = {"uuid": uuid4().hex, **place_of(made)}
    with create(**where) as registry:
        add_types(registry)
        registry.insert([calexp(1, 1)])
        number = next(registry.rows_by_id([1])).id
        registry.certify(number, None, None, match=())
    assert upgrade_registry(**where, script_location=scripts) == (LATEST_VERSION, "9000")
    sql = CompiledSql("SELECT bytes, ccd FROM dataset JOIN calibration ON dataset_id = id")
    assert made.fetch_all(sql) == [(10, 1)]
    with pytest.raises(RegistryError, match="version 9000; this package reads"):
        Registry.open(**where)
    made.close()


def test_a_migration_that_breaks_links_is_refused(tmp_path: Path) -> None:
    scripts = with_another_step(tmp_path / "scripts", "op.execute('DELETE FROM dataset_type')")
    place = str(tmp_path / "registry.sqlite3")
    with create(place) as registry:
        add_types(registry)
        registry.insert([calexp(1, 1)])
        with pytest.raises(RegistryError, match="break links"):
            upgrade_registry(place, scripts)
        assert "calexp" in registry.dataset_types()


def test_every_version_has_a_script() -> None:
    found = sorted(path.name[:4] for path in Path(SCRIPTS, "versions").glob("[0-9]*.py"))
    assert found == list(VERSIONS)


def test_what_is_absent_cannot_be_upgraded(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no registry at"):
        upgrade_registry(str(tmp_path / "registry.sqlite3"), SCRIPTS)
    assert list(tmp_path.iterdir()) == []


def test_a_registry_is_made_and_opened_without_alembic(tmp_path: Path) -> None:
    snippet = """
        import sys
        sys.path[:0] = [".", "tests"]
        from conformance.registry_samples import create
        from butler.registry.registry import Registry
        import butler.registry.upgrade
        create(sys.argv[1]).close()
        Registry.open(sys.argv[1]).close()
        print("alembic" in sys.modules, "psycopg" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(snippet), str(tmp_path / "r.sqlite3")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False False\n"
