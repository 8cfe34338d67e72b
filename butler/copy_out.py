"""Copy a dataset's file out of a repository."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from butler.errors import DatasetExistsError, StorageError

if TYPE_CHECKING:
    from os import PathLike

    from butler.repository.base import Found

__all__ = ["copy_out"]


def copy_out(found: Found, path: str | PathLike[str], *, overwrite: bool = False) -> str:
    """Copy a dataset's file and return where to; it appears whole or not at all.

    Parameters
    ----------
    found
        The dataset and its repository.
    path
        A file, or a directory in which it gets its own name.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    DatasetExistsError
        If there is a file already.
    StorageError
        If it cannot be read or written.
    """
    target = os.fspath(path)
    if os.path.isdir(target):
        target = os.path.join(target, os.path.basename(found.stored.path))
    temporary = os.path.join(os.path.dirname(target), f".butler-{uuid4().hex}.tmp")
    try:
        with found.repository.local(found.stored) as source:
            shutil.copyfile(source, temporary)
            if overwrite:
                os.replace(temporary, target)
            else:
                os.link(temporary, target)
    except FileExistsError as error:
        raise DatasetExistsError(
            f"There is a file at {target} already. To replace it: --overwrite"
        ) from error
    except OSError as error:
        where = found.repository.uri(found.stored)
        raise StorageError(f"{where} could not be copied to {target}: {error}") from error
    finally:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(temporary)
    return target
