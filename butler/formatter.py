"""Formatters: how an object becomes a file and a file an object.

A storage class is the name of a formatter. Formatters are found by entry
points of the group ``skybutler.formatters``, so that packages which do not
know each other meet here; a formatter need not import this module, it only
has to have the shape of `Formatter`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from butler.entry_points import all_entry_points, load_entry_point, quick_entry_points
from butler.errors import FormatterError, ParameterError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BytesFormatter",
    "Formatter",
    "as_bytes_formatter",
    "check_parameters",
    "find_formatter",
    "formatter_names",
]

GROUP = "skybutler.formatters"


class Formatter(Protocol):
    """Reads and writes one kind of file."""

    extensions: tuple[str, ...]
    """The first is the one that is written, the others are read too."""
    components: frozenset[str]
    """Parts that are read without the rest, such as ``metadata``."""
    read_parameters: frozenset[str]
    """Keywords that `read` takes, such as ``bbox``."""
    write_parameters: frozenset[str]
    """Keywords that `write` takes, such as ``compression``."""

    def read(self, path: str, component: str | None = None, **parameters: object) -> object:
        """Return the object in a file, or one component of it."""

    def write(self, obj: object, path: str, **parameters: object) -> None:
        """Write an object to a new file."""


class BytesFormatter(Protocol):
    """A formatter of small objects, whose file is made and read in memory."""

    def dump(self, obj: object) -> bytes:
        """Return the content of the file."""

    def load(self, content: bytes, component: str | None = None) -> object:
        """Return the object, or one component of it."""


def as_bytes_formatter(formatter: Formatter) -> BytesFormatter | None:
    """Return a formatter that works in memory as such, None for one that needs a file."""
    return cast("BytesFormatter", formatter) if _is_in_memory(type(formatter)) else None


@cache  # asking a Protocol at run time costs as much as a look-up in a registry
def _is_in_memory(kind: type) -> bool:
    return callable(getattr(kind, "load", None)) and callable(getattr(kind, "dump", None))


def formatter_names() -> tuple[str, ...]:
    """Return the storage classes that can be read or written here, sorted."""
    return tuple(sorted(all_entry_points(GROUP)))


@cache
def find_formatter(storage_class: str) -> Formatter:
    """Return the formatter of a storage class.

    Parameters
    ----------
    storage_class
        As a camera's policy names it.

    Raises
    ------
    FormatterError
        If nothing that is installed can handle it.
    """
    value = quick_entry_points(GROUP).get(storage_class)
    if value is None:
        value = all_entry_points(GROUP).get(storage_class)
    if value is None:
        raise FormatterError(
            f"No installed package can read or write the storage class {storage_class!r}."
            f"{suggest(storage_class, formatter_names())} "
            f"Known here are: {', '.join(formatter_names())}. The file itself can be had with "
            f"butler.get_uri(...)."
        )
    return cast("type[Formatter]", load_entry_point(value))()


def check_parameters(
    given: Iterable[str], known: frozenset[str], storage_class: str, verb: str
) -> None:
    """Refuse keywords that a formatter does not take.

    Parameters
    ----------
    given
        Names of the keywords.
    known
        Names that the formatter takes.
    storage_class
        For the message.
    verb
        ``read`` or ``write``, for the message.

    Raises
    ------
    ParameterError
        If a keyword is not known.
    """
    for name in given:
        if name not in known:
            takes = ", ".join(sorted(known)) if known else "none at all"
            raise ParameterError(
                f"{name!r} is not a {verb} parameter of {storage_class}."
                f"{suggest(name, known)} It takes: {takes}."
            )
