"""``-C file``: Python that changes a configuration, from a file that the user names."""

from __future__ import annotations

import os
import stat
import traceback
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from pipelines.errors import ConfigError, UntrustedFileError

if TYPE_CHECKING:
    from lsst.pex.config import Config

__all__ = ["LoadedFile", "load_override_file", "load_shipped_file"]

_LARGEST = 1 << 22


class LoadedFile(NamedTuple):
    """A file that was executed: its absolute path, and the digest of what was executed."""

    path: str
    sha256: str


def load_override_file(config: Config, path: str | os.PathLike[str]) -> LoadedFile:
    """Execute a file of overrides, if nobody else can have written it.

    Parameters
    ----------
    config
        Is changed; the file calls it ``config``.
    path
        The file. Its owner is this user or root, and not everybody may write
        it. It may import what Gen2's files of overrides import.

    Raises
    ------
    UntrustedFileError
        If somebody else could have written it.
    ConfigError
        If it cannot be read, or what it does fails.
    """
    from butler.gen2 import install

    full = os.path.abspath(path)
    content = _read(full, is_checked=True)
    install()
    return _execute(config, full, content)


def load_shipped_file(config: Config, path: str | os.PathLike[str]) -> LoadedFile:
    """Execute a file of overrides that an installed package brought.

    Parameters
    ----------
    config, path
        As for `load_override_file`. It is trusted as the package's code is.

    Raises
    ------
    ConfigError
        If it cannot be read, or what it does fails.
    """
    full = os.path.abspath(path)
    return _execute(config, full, _read(full, is_checked=False))


def _read(path: str, *, is_checked: bool) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if is_checked:
                _check_trust(path, os.fstat(file.fileno()))
            content = file.read(_LARGEST + 1)
    except UntrustedFileError:
        raise
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST:
        raise ConfigError(f"{path} is larger than {_LARGEST} bytes, which no configuration is.")
    return content


def _check_trust(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path} is no file.")
    if status.st_uid not in (0, os.geteuid()):
        raise UntrustedFileError(
            f"{path} belongs to another user (number {status.st_uid}), and -C executes it as "
            f"Python. Read it, then use a copy of your own."
        )
    if status.st_mode & stat.S_IWOTH:
        raise UntrustedFileError(
            f"{path} can be written by everybody, and -C executes it as Python. Read it, then: "
            f"chmod o-w {path}"
        )


def _execute(config: Config, path: str, content: bytes) -> LoadedFile:
    try:
        code = compile(content, path, "exec")
        config.loadFromStream(code, filename=path)
    except Exception as error:
        raise ConfigError(f"{_where(path, error)}: {_reason(error)}") from error
    return LoadedFile(path, sha256(content).hexdigest())


def _where(path: str, error: Exception) -> str:
    lines = [
        one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == path
    ]
    line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
    return f"{path}, line {line}" if line else path


def _reason(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
