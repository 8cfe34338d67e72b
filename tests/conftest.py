"""What every test may ask for."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from support.postgres import find_postgres_binaries, fresh_database, running_server
from support.shared_data import find_shared_data
from support.users import OtherUser, find_other_user

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("skybutler", deadline=None)  # a busy machine is not an error
settings.load_profile("skybutler")

# A shell starts what it runs in the background deaf to Ctrl-C, and so are the children of that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout. Read only: never write there."""
    folder = find_shared_data()
    if folder is None:
        pytest.skip("real data is not on this machine: ../shared/data is absent")
    return folder


@pytest.fixture
def public_tmp_path() -> Iterator[Path]:
    """A temporary folder that every user of this machine can read (tmp_path is private)."""
    folder = Path(mkdtemp(prefix="skybutler-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def other_user() -> OtherUser:
    """Somebody who may not write here: ``other_user.run(snippet, path, cannot_write=path)``."""
    other = find_other_user()
    if other is None:
        pytest.skip("no other user can run this Python: the checkout or its .venv is private")
    return other


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL server of this session's own."""
    binaries = find_postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    with running_server(binaries) as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database, dropped after the test."""
    with fresh_database(postgres_url) as url:
        yield url
