"""Parts of exposures that a file has, but that could not be decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imaging.errors import UndecodableError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["require_decoded"]


def require_decoded(undecoded: Mapping[str, str], name: str) -> None:
    """Raise UndecodableError if a part is among those that could not be decoded.

    Parameters
    ----------
    undecoded
        Names of such parts, each with the reason.
    name
        The part.
    """
    if name in undecoded:
        raise UndecodableError(name, undecoded[name])
