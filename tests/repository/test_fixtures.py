"""The shared fixtures do what they promise."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from support.postgres import find_postgres_binaries, fresh_database, running_server

if TYPE_CHECKING:
    from pathlib import Path

    from support.users import OtherUser


def test_other_user_reads_and_is_not_root(other_user: OtherUser, public_tmp_path: Path) -> None:
    (public_tmp_path / "note").write_text("hello")
    public_tmp_path.chmod(0o555)
    snippet = "import os, sys; print(os.getuid(), open(sys.argv[1]).read())"
    done = other_user.run(snippet, public_tmp_path / "note", cannot_write=public_tmp_path)
    assert done.stdout == f"{other_user.user_id} hello\n"
    assert other_user.user_id != 0


def test_other_user_refuses_a_folder_that_can_be_written(
    other_user: OtherUser, public_tmp_path: Path
) -> None:
    public_tmp_path.chmod(0o777)
    with pytest.raises(AssertionError, match="can be written"):
        other_user.run("pass", cannot_write=public_tmp_path)


def test_other_user_reports_a_failing_snippet(other_user: OtherUser, public_tmp_path: Path) -> None:
    public_tmp_path.chmod(0o555)
    done = other_user.run("raise SystemExit(7)", cannot_write=public_tmp_path)
    assert done.returncode == 7


def test_postgres_database_is_empty_and_writable(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert connection.scalar(tables) == 0
        connection.execute(text("CREATE TABLE t (x integer)"))
        assert connection.scalar(tables) == 1
    engine.dispose()


def test_postgres_database_is_dropped_though_a_connection_is_open(postgres_url: str) -> None:
    with fresh_database(postgres_url) as url:
        engine = create_engine(url)
        connection = engine.connect()
        name = make_url(url).database
    server = create_engine(postgres_url)
    with server.connect() as checking:
        found = checking.scalar(
            text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": name}
        )
    connection.invalidate()
    connection.close()
    engine.dispose()
    server.dispose()
    assert found == 0


@pytest.mark.skipif(find_postgres_binaries() is None, reason="PostgreSQL is not installed")
def test_postgres_server_is_gone_after_the_session() -> None:
    binaries = find_postgres_binaries()
    assert binaries is not None
    with running_server(binaries) as url:
        port = make_url(url).port
        assert port is not None
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_public_tmp_path_can_be_read_by_everybody(public_tmp_path: Path) -> None:
    for folder in (public_tmp_path, *public_tmp_path.parents):
        assert folder.stat().st_mode & 0o005 == 0o005, folder
