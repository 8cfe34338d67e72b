"""Files that a command was asked to write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from butler.errors import DatasetExistsError, StorageError
from cli.new_file import refuse_present, write_new_file

if TYPE_CHECKING:
    from pathlib import Path


def test_file_is_written_and_replaced_only_when_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_new_file(str(path), b"one", overwrite=False)
    with pytest.raises(DatasetExistsError, match="To replace it: --overwrite"):
        write_new_file(str(path), b"two", overwrite=False)
    with pytest.raises(DatasetExistsError, match="To replace it: --overwrite"):
        refuse_present(str(path), overwrite=False)
    assert path.read_bytes() == b"one"
    refuse_present(str(path), overwrite=True)
    write_new_file(str(path), b"two", overwrite=True)
    assert path.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a.png"]


def test_pipe_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(StorageError, match="there is a pipe, which is not written over"):
        write_new_file(str(path), b"one", overwrite=True)
    assert path.is_fifo()


def test_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"a\.png: it cannot be written: No such file"):
        write_new_file(str(tmp_path / "none" / "a.png"), b"one", overwrite=False)
