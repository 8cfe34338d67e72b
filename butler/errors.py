"""Every error that the butler raises, as one tree.

::

    ButlerError
    ├── DataIdError(ValueError)           a data ID that cannot be used
    │   ├── UnknownKeyError               a key that the camera does not have
    │   └── AmbiguousDataIdError          several datasets or observations match
    ├── TemplateError(ValueError)         a template, or a value that has no place in a path
    ├── ExpressionError(ValueError)       a ``where`` expression or an ``--id`` argument
    ├── UnknownDatasetTypeError(LookupError)
    ├── AliasError(ValueError)
    ├── DatasetNotFoundError(LookupError)
    ├── DatasetExistsError(FileExistsError)
    ├── FormatterError(OSError)           a file that cannot be read or written
    ├── ParameterError(TypeError)         a read or write parameter the formatter does not know
    ├── PolicyError(ValueError)           a camera policy, with line numbers
    ├── UnknownMapperError(LookupError)
    ├── RepositoryError(ValueError)       a repository that cannot be made, opened or chained
    │   ├── RepositoryNotFoundError(FileNotFoundError)
    │   ├── RepositoryExistsError(FileExistsError)
    │   └── ReadOnlyError(PermissionError)
    ├── RegistryError(OSError)            the database refused
    │   └── RegistryVersionError          made by another version
    ├── StorageError(OSError)             the file system refused
    ├── IngestError(ValueError)           a file that cannot be ingested
    ├── MissingDependencyError(ImportError)
    └── PackageFolderError(LookupError)   a package of the LSST stack whose folder nobody names

Each class has a ``code`` that stays the same between releases; the command
line turns it into an exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "AliasError",
    "AmbiguousDataIdError",
    "ButlerError",
    "DataIdError",
    "DatasetExistsError",
    "DatasetNotFoundError",
    "ExpressionError",
    "FormatterError",
    "IngestError",
    "MissingDependencyError",
    "PackageFolderError",
    "ParameterError",
    "PolicyError",
    "ReadOnlyError",
    "RegistryError",
    "RegistryVersionError",
    "RepositoryError",
    "RepositoryExistsError",
    "RepositoryNotFoundError",
    "StorageError",
    "TemplateError",
    "UnknownDatasetTypeError",
    "UnknownKeyError",
    "UnknownMapperError",
    "suggest",
]


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a sentence that names the known words closest to ``word``, or nothing.

    Parameters
    ----------
    word
        What the user typed.
    known
        The words that would have been right. Case is ignored.

    Returns
    -------
    str
        `` Did you mean 'x' or 'y'?`` with a leading blank, or an empty string.
    """
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in sorted(known)}
    close = [by_folded[match] for match in get_close_matches(word.casefold(), by_folded, n=3)]
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


class ButlerError(Exception):
    """The root of every error of this package.

    Parameters
    ----------
    message
        What failed, where we looked, what is there, what to do.
    """

    code = "butler"

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:
        return self.message


class DataIdError(ButlerError, ValueError):
    """A data ID that cannot be used as it is."""

    code = "data_id"


class UnknownKeyError(DataIdError):
    """A data-ID key that the camera does not have.

    Parameters
    ----------
    key
        The key as given.
    known
        The keys that exist.
    context
        Whose keys these are, for the message.
    """

    code = "unknown_key"

    def __init__(self, key: str, known: Iterable[str], context: str = "this camera") -> None:
        self.key, self.known, self.context = key, tuple(sorted(known)), context
        super().__init__(
            f"{key!r} is not a data-ID key of {context}.{suggest(key, self.known)} "
            f"Its keys are: {', '.join(self.known)}."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.key, self.known, self.context)


class AmbiguousDataIdError(DataIdError):
    """A data ID that does not say enough: several candidates match it.

    Parameters
    ----------
    message
        What was asked for and which keys are missing.
    candidates
        The data IDs that match, at most as many as were fetched.
    """

    code = "ambiguous_data_id"

    def __init__(self, message: str, candidates: Sequence[object] = ()) -> None:
        self.head, self.candidates = message, tuple(candidates)
        lines = [f"  {candidate}" for candidate in self.candidates]
        super().__init__("\n".join([message, *lines]))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.head, self.candidates)


class TemplateError(ButlerError, ValueError):
    """A path template that is wrong, or a value that has no place in a path."""

    code = "template"


class ExpressionError(ButlerError, ValueError):
    """A ``where`` expression or an ``--id`` argument that cannot be understood.

    Parameters
    ----------
    message
        What is wrong.
    text
        The whole expression.
    position
        Offset of the offending character in ``text``, or None.
    """

    code = "expression"

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        self.head, self.text, self.position = message, text, position
        shown = ""
        if text and position is not None:
            start = max(0, position - 60)
            shown = f"\n  {text[start : position + 40]}\n  {' ' * (position - start)}^"
        super().__init__(message + shown)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.head, self.text, self.position)


class UnknownDatasetTypeError(ButlerError, LookupError):
    """A dataset type that no repository in the chain defines.

    Parameters
    ----------
    name
        The dataset type as given.
    known
        The dataset types that exist.
    context
        Whose dataset types these are, for the message.
    """

    code = "unknown_dataset_type"

    def __init__(self, name: str, known: Iterable[str], context: str = "this repository") -> None:
        self.name, self.known, self.context = name, tuple(sorted(known)), context
        super().__init__(
            f"{name!r} is not a dataset type of {context}.{suggest(name, self.known)} "
            f"To see all of them: butler ls REPO --all"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.known, self.context)


class AliasError(ButlerError, ValueError):
    """An alias that cannot be defined, or that nobody defined."""

    code = "alias"


class DatasetNotFoundError(ButlerError, LookupError):
    """No repository in the chain holds the dataset.

    Parameters
    ----------
    dataset_type
        Name of the dataset type.
    data_id
        The data ID as it was asked for, as text.
    tried
        One line for each place that was searched, in order.
    hint
        What is there instead, and what to do.
    """

    code = "dataset_not_found"

    def __init__(
        self, dataset_type: str, data_id: str, tried: Sequence[str] = (), hint: str = ""
    ) -> None:
        self.dataset_type, self.data_id = dataset_type, data_id
        self.tried, self.hint = tuple(tried), hint
        lines = [f"No {dataset_type!r} for {data_id or 'an empty data ID'}."]
        if self.tried:
            lines += ["Looked at, in order:", *(f"  {place}" for place in self.tried)]
        if hint:
            lines.append(hint)
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.dataset_type, self.data_id, self.tried, self.hint)


class DatasetExistsError(ButlerError, FileExistsError):
    """The dataset is there already, with other content."""

    code = "dataset_exists"


class FormatterError(ButlerError, OSError):
    """A file that a formatter could not read or write."""

    code = "formatter"


class ParameterError(ButlerError, TypeError):
    """A read or write parameter that the formatter does not know."""

    code = "parameter"


class PolicyError(ButlerError, ValueError):
    """A camera policy that is wrong; the message gives file and line."""

    code = "policy"


class UnknownMapperError(ButlerError, LookupError):
    """A camera that is not installed.

    Parameters
    ----------
    name
        The camera as given.
    known
        The cameras that are installed.
    """

    code = "unknown_mapper"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, tuple(sorted(known))
        super().__init__(
            f"No camera is called {name!r}.{suggest(name, self.known)} "
            f"Installed are: {', '.join(self.known)}. To see more: butler cameras; "
            f"to add one: docs/a-camera-in-one-afternoon.md"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.known)


class RepositoryError(ButlerError, ValueError):
    """A repository that cannot be made, opened or chained."""

    code = "repository"


class RepositoryNotFoundError(RepositoryError, FileNotFoundError):
    """There is no repository at the given place."""

    code = "repository_not_found"


class RepositoryExistsError(RepositoryError, FileExistsError):
    """There is a repository at the given place already."""

    code = "repository_exists"


class ReadOnlyError(RepositoryError, PermissionError):
    """The repository may not be written."""

    code = "read_only"


class RegistryError(ButlerError, OSError):
    """The database could not do what was asked of it."""

    code = "registry"


class RegistryVersionError(RegistryError):
    """The registry was made by another version of this package."""

    code = "registry_version"


class StorageError(ButlerError, OSError):
    """The file system or the store could not do what was asked of it."""

    code = "storage"


class IngestError(ButlerError, ValueError):
    """A file that cannot be ingested; the message is the reason."""

    code = "ingest"


class MissingDependencyError(ButlerError, ImportError):
    """An optional dependency is not installed.

    Parameters
    ----------
    package
        The package that is missing.
    extra
        The extra of this distribution that brings it.
    purpose
        What it is needed for.
    """

    code = "missing_dependency"

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra, self.purpose = package, extra, purpose
        super().__init__(
            f"{purpose} needs {package}, which is not installed: pip install 'skybutler[{extra}]'"
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.package, self.extra, self.purpose)


class PackageFolderError(ButlerError, LookupError):
    """Nobody says where a package of the LSST stack lies.

    Parameters
    ----------
    package
        Its name, as ``obs_subaru``.
    variable
        The environment variable that would say it.
    """

    code = "package_folder"

    def __init__(self, package: str, variable: str) -> None:
        self.package, self.variable = package, variable
        super().__init__(
            f"The folder of package {package!r} is not known: the environment variable "
            f"{variable!r} is not set. Set it to the folder, before or after import butler.gen2."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.package, self.variable)
