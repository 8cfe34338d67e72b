"""Registries in PostgreSQL: schemas, passwords, lost connections."""

from __future__ import annotations

from uuid import uuid4

import pytest
from conformance.registry_samples import CALEXP, add_types, calexp, create

from butler.errors import ReadOnlyError, RegistryError
from butler.registry.database import CompiledSql
from butler.registry.registry import Registry


def count(registry: Registry) -> int:
    return registry.count("calexp", CALEXP)


def test_a_password_is_not_shown(postgres_url: str) -> None:
    url = postgres_url.replace("butler@", "butler:secret%40word@")
    with create(url) as registry:
        assert "secret" not in registry.database.url
        assert registry.count("calexp", CALEXP) == 0
        with pytest.raises(RegistryError) as caught, registry.write() as cursor:
            cursor.execute(CompiledSql("SELECT nothing"))
    assert "secret" not in str(caught.value)


def test_repositories_share_a_postgresql_database_without_meeting(postgres_url: str) -> None:
    with create(postgres_url) as one, create(postgres_url) as other:
        for registry in (one, other):
            add_types(registry)
        one.insert([calexp(1, 1)])
        assert (count(one), count(other)) == (1, 0)


def test_a_postgresql_registry_can_be_removed(postgres_url: str) -> None:
    registry = create(postgres_url)
    registry.drop()
    with pytest.raises(RegistryError, match="not a registry"):
        Registry.open(postgres_url, uuid=registry.uuid)


def test_a_dropped_connection_to_postgresql_is_replaced(postgres_url: str) -> None:
    with create(postgres_url) as one, create(postgres_url) as other:
        add_types(one)
        sql = CompiledSql("SELECT pg_backend_pid()")
        kill = CompiledSql("SELECT pg_terminate_backend(%(pid)s)")
        for use in (lambda: count(one), lambda: one.insert([calexp(1, 1)])):
            (pid,) = one.database.fetch_one(sql) or (None,)
            other.database.fetch_one(kill, {"pid": pid})
            use()
        assert count(one) == 1


def test_a_read_only_postgresql_registry_refuses_writes(postgres_url: str) -> None:
    with create(postgres_url) as made:
        add_types(made)
        with Registry.open(postgres_url, uuid=made.uuid, read_only=True) as registry:
            assert not registry.is_writable
            with pytest.raises(ReadOnlyError):
                registry.insert([calexp(1, 1)])
            assert count(registry) == 0


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("mysql://host/db", "cannot be kept at mysql"),
        ("postgresql+psycopg://me:secret@127.0.0.1:1/db?connect_timeout=2", "cannot be reached"),
        ("postgresql+psycopg://me:secret@127.0.0.1:port/db", "is no place of a registry"),
    ],
)
def test_a_place_that_is_none_says_so(place: str, message: str) -> None:
    with pytest.raises(RegistryError, match=message) as caught:
        Registry.open(place, uuid=uuid4().hex)
    assert "secret" not in str(caught.value)


def test_postgresql_needs_the_uuid(postgres_url: str) -> None:
    with pytest.raises(RegistryError, match="without the uuid"):
        Registry.open(postgres_url)
    with pytest.raises(RegistryError, match="no uuid"):
        Registry.open(postgres_url, uuid="x; DROP SCHEMA public")
