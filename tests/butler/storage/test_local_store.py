from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from butler.errors import StorageError
from butler.storage.cures import cure_of
from butler.storage.local_store import LocalStore

if TYPE_CHECKING:
    from pathlib import Path


def test_a_temporary_name_that_cannot_be_removed_is_no_failure_of_the_put(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = LocalStore(str(tmp_path))
    pending = store.begin("a/b.txt")
    os.mkdir(pending.temporary)
    store.discard(pending)
    assert f"{pending.temporary} stays" in caplog.text


def test_a_directory_that_is_gone_cannot_be_flushed_and_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"flush the directory {tmp_path}/gone"):
        LocalStore(str(tmp_path)).sync(["gone/b.txt"])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_what_can_be_done_is_known(number: int) -> None:
    assert cure_of(OSError(number, os.strerror(number))).endswith(".")


def test_what_can_be_done_about_the_unheard_of_is_not_known() -> None:
    assert cure_of(OSError(errno.EBADE, "x")) == ""
