"""``butler.yaml`` on a store that fsspec speaks to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.errors import RepositoryNotFoundError
from butler.repository.config import CONFIG_NAME, format_config, parse_config

if TYPE_CHECKING:
    from butler.repository.config import RepositoryConfig

__all__ = ["has_remote_config", "read_remote_config", "write_remote_config"]


def has_remote_config(root: str) -> bool:
    """Tell whether there is a repository at a URL."""
    from butler.storage.fsspec_store import FsspecStore

    return FsspecStore(root).facts(CONFIG_NAME) is not None


def read_remote_config(root: str) -> RepositoryConfig:
    """Return what ``butler.yaml`` at a URL says.

    Raises
    ------
    RepositoryNotFoundError
        If there is none.
    RepositoryError
        If it cannot be understood.
    """
    from butler.storage.fsspec_store import FsspecStore

    try:
        text = FsspecStore(root).read_bytes(CONFIG_NAME)
    except FileNotFoundError as error:
        raise RepositoryNotFoundError(f"There is no repository at {root}.") from error
    return parse_config(text, f"{root}/{CONFIG_NAME}")


def write_remote_config(root: str, config: RepositoryConfig, *, replace: bool = False) -> None:
    """Write ``butler.yaml`` at a URL.

    Raises
    ------
    FileExistsError
        If there is one already, unless ``replace``.
    """
    from butler.storage.fsspec_store import FsspecStore

    store = FsspecStore(root)
    content = format_config(config).encode()
    if replace:
        store.replace(CONFIG_NAME, content)
    else:
        store.create(CONFIG_NAME, content)
