"""A PostgreSQL server for one test session, started from the binaries by hand."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from support.users import unprivileged_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_postgres_binaries", "fresh_database", "running_server"]

_USER = "butler"
_START_TIMEOUT_S = 60
# Durability is switched off: the server dies with the session.
_OPTIONS = (
    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
    *("-c", "max_connections=50"),
)


def find_postgres_binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest if there are several, or None."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name)
    )
    candidates = list(reversed(debian))
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True)
        candidates.append(Path(answer.stdout.strip()))
    if initdb := shutil.which("initdb"):
        candidates.append(Path(initdb).resolve().parent)
    for folder in candidates:
        if all((folder / name).is_file() for name in ("initdb", "postgres", "pg_isready")):
            return folder
    return None


@contextmanager
def running_server(binaries: Path) -> Iterator[str]:
    """A server on a free port of 127.0.0.1, stopped and removed at the end.

    Yields
    ------
    str
        SQLAlchemy URL of its ``postgres`` database; no password is needed.
    """
    home = Path(mkdtemp(prefix="skybutler-postgres-"))
    prefix = unprivileged_prefix()  # the server refuses to run as root
    try:
        if prefix:
            nobody = pwd.getpwnam("nobody")
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
        _initialise(binaries, home, prefix)
        port = _free_port()
        server = _start(binaries, home, prefix, port)
        try:
            _wait_until_ready(binaries, home, port, server)
            yield f"postgresql+psycopg://{_USER}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast" shutdown: open connections are cut
            server.wait(timeout=_START_TIMEOUT_S)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """An empty database on a running server, dropped at the end.

    Yields
    ------
    str
        SQLAlchemy URL of the new database.
    """
    import psycopg

    name = f"test_{uuid.uuid4().hex}"
    plain_url = server_url.replace("+psycopg", "")
    with psycopg.connect(plain_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _initialise(binaries: Path, home: Path, prefix: tuple[str, ...]) -> None:
    command = [*prefix, str(binaries / "initdb"), "-D", str(home / "data"), "-U", _USER]
    command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        message = f"initdb failed:\n{made.stdout}{made.stderr}"
        raise OSError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(
    binaries: Path, home: Path, prefix: tuple[str, ...], port: int
) -> subprocess.Popen[bytes]:
    if setpriv := shutil.which("setpriv"):  # a killed test session must not leave a server
        prefix = (*(prefix or (setpriv,)), "--pdeathsig=INT")
    command = [*prefix, str(binaries / "postgres"), "-D", str(home / "data"), "-p", str(port)]
    command += ["-k", str(home), "-c", "listen_addresses=127.0.0.1", *_OPTIONS]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=home, stdout=log, stderr=log)


def _wait_until_ready(
    binaries: Path, home: Path, port: int, server: subprocess.Popen[bytes]
) -> None:
    command = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", _USER]
    deadline = time.monotonic() + _START_TIMEOUT_S
    while subprocess.run(command, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            message = f"PostgreSQL did not start:\n{(home / 'log').read_text()}"
            raise OSError(message)
        time.sleep(0.05)
