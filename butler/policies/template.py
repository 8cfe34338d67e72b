"""Path templates: data IDs to paths and back.

``{visit:07d}`` is our spelling, ``%(visit)07d`` that of Gen2; both make the
same template. A text takes part in a path as it is when it is made of
``A-Za-z0-9_.,:+-`` and begins with neither ``.`` nor ``-``; any other character
is written as the ``%XX`` of its UTF-8 bytes, so that no value can leave its
place in the path and every value can be read back. Values that differ in case
alone give paths that differ in case alone, which are one file on file systems
that fold case.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from typing import TYPE_CHECKING

from butler.data_id import DataId, KeyTypes
from butler.errors import DataIdError, TemplateError
from butler.policies.template_text import Field, is_surely_reversible, read_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.data_id import KeyType, KeyValue

__all__ = ["Template", "check_inside"]

_is_plain = re.compile(r"[A-Za-z0-9_,:+][A-Za-z0-9_.,:+-]*").fullmatch
_NOT_PLAIN = re.compile(r"^[.-]|[^A-Za-z0-9_.,:+-]")
# The shortest text that fits: of "1,1-HSC-R" for {patch}-{filter}, "1,1" is the patch.
_ENCODED_TEXT = r"(?:[A-Za-z0-9_,:+]|%[0-9A-F]{2})(?:[A-Za-z0-9_.,:+-]|%[0-9A-F]{2})*?"
_BARE_TEXT = r"[^/\x00]+?"
_PYTHON_TYPES: dict[KeyType, type[KeyValue]] = {"int": int, "float": float, "str": str}
_LONGEST_COMPONENT = 255
_LONGEST_PATH = 4096
_REPOSITORY_FILE = re.compile(
    r"(?:butler\.yaml|repositoryCfg\.yaml|registry\.sqlite3[^/]*|_mapper|_parent)(?:/|\Z)",
    re.IGNORECASE,
)


class Template:
    """A path template of one dataset type.

    Parameters
    ----------
    text
        The template in either spelling, with an optional HDU suffix ``[1]``.
    types
        Types of the keys, for fields that do not say theirs, as ``{visit}``
        or ``%(visit)s``. Without it they are text.

    Attributes
    ----------
    text : str
        The template as given.
    keys : tuple of str
        The keys in the order of their first appearance.
    types : dict
        Key to ``"int"``, ``"float"`` or ``"str"``.
    hdu : int or None
        The HDU that the suffix names.
    hdu_key : str or None
        The key whose value is the HDU, of a suffix like ``[{extension}]``.
    path_keys : tuple of str
        Those of the keys that stand in the path.

    Raises
    ------
    TemplateError
        If the text is no template, or would lead out of the repository.
    """

    __slots__ = (
        "_fields",
        "_floats",
        "_is_checked",
        "_is_guarded",
        "_parts",
        "_patterns",
        "_printf",
        "hdu",
        "hdu_key",
        "keys",
        "path_keys",
        "text",
        "types",
    )

    def __init__(self, text: str, types: Mapping[str, KeyType] | None = None) -> None:
        self.text = text
        parts, self.hdu, self.hdu_key = read_template(
            unicodedata.normalize("NFC", text), types or {}
        )
        fields = [part for part in parts if isinstance(part, Field)]
        self.types: dict[str, KeyType] = {}
        for field in fields:
            if self.types.setdefault(field.key, field.type) != field.type:
                message = f"The template {text!r} uses {field.key!r} with two types."
                raise TemplateError(message)
        self.path_keys = tuple(self.types)
        if self.hdu_key is not None:
            self.types.setdefault(self.hdu_key, "int")
        self.keys = tuple(self.types)
        self._parts = parts
        self._fields = tuple((key, _PYTHON_TYPES[self.types[key]]) for key in self.path_keys)
        self._floats = tuple(field for field in fields if field.type == "float")
        self._printf = "".join(
            part.printf if isinstance(part, Field) else part.replace("%", "%%") for part in parts
        )
        self._is_checked = not is_surely_reversible(parts)
        first = parts[0]
        self._is_guarded = not (
            isinstance(first, str) and "/" in first and not _REPOSITORY_FILE.match(first)
        )
        self._patterns: dict[bool, re.Pattern[str]] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Template):
            return NotImplemented
        mine = (self._parts, self.hdu, self.hdu_key)
        return mine == (other._parts, other.hdu, other.hdu_key)

    def __hash__(self) -> int:
        return hash((self._printf, self.hdu))

    def __repr__(self) -> str:
        return f"Template({self.text!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return Template, (self.text, self.types)

    def format(self, data_id: Mapping[str, KeyValue], *, encode: bool = True) -> str:
        """Return the path of a dataset, relative to the root, without the HDU suffix.

        Parameters
        ----------
        data_id
            Values for at least the template's keys.
        encode
            Whether texts are percent-encoded where needed. Without it, as in
            Gen2's repositories, a text that would leave its place is refused.

        Raises
        ------
        TemplateError
            If a key is missing or of another type, if the path would be too
            long or lead elsewhere, or if another data ID has the same path.
        """
        values = self._path_values(data_id, encode=encode)
        path = self._printf % values
        if len(path) > _LONGEST_COMPONENT or not path.isascii():
            _check_length(path)
        if self._floats:
            self._check_floats(values)
        if self._is_guarded and _REPOSITORY_FILE.match(path):
            message = f"{path!r} is a file of the repository itself, not a place for a dataset."
            raise TemplateError(message)
        if not encode:
            if ".." in path.split("/"):
                message = f"The path {path!r} leads elsewhere."
                raise TemplateError(message)
        elif self._is_checked:
            self._check_reversible(path, data_id)
        return path

    def hdu_of(self, data_id: Mapping[str, KeyValue]) -> int | None:
        """Return the HDU that holds a dataset, None where the path says it all.

        Parameters
        ----------
        data_id
            Every key of the template.
        """
        return self.hdu if self.hdu_key is None else int(data_id[self.hdu_key])

    def _path_values(self, data_id: Mapping[str, KeyValue], *, encode: bool) -> dict[str, KeyValue]:
        """Return the values of the template's keys as they stand in a path."""
        values: dict[str, KeyValue] = {}
        for key, wanted in self._fields:
            try:
                value = data_id[key]
            except KeyError:
                raise self._missing(data_id) from None
            if type(value) is not wanted:
                value = self._cast(key, value)
            if wanted is str and not _is_plain(value):  # type: ignore[arg-type]
                value = _encoded(key, value) if encode else self._as_it_is(key, value)  # type: ignore[arg-type]
            values[key] = value
        return values

    def _as_it_is(self, key: str, text: str) -> str:
        """Return a text as Gen2 writes it; one that is a whole path may have directories."""
        if len(self._parts) > 1:
            return _bare(key, text)
        return "/".join(_bare(key, part) for part in text.split("/"))

    def parse(self, path: str, *, encode: bool = True) -> DataId | None:
        """Return the data ID whose path this is, or None if it is not of this template.

        Parameters
        ----------
        path
            Relative path without an HDU suffix.
        encode
            As for `format`.

        Returns
        -------
        DataId or None
            The keys of the template; `format` turns it into ``path`` again.
        """
        if len(path) > _LONGEST_PATH:
            return None
        match = self._pattern(encode=encode).fullmatch(path)
        if match is None:
            return None
        from urllib.parse import unquote

        values: dict[str, KeyValue] = {}
        for key, wanted in self._fields:
            text = match[key]
            if wanted is str:
                values[key] = unquote(text, errors="surrogateescape") if encode else text
            else:
                values[key] = wanted(text)
        try:
            data_id = DataId(values)
            return (
                data_id
                if self._printf % self._path_values(data_id, encode=encode) == path
                else None
            )
        except (DataIdError, TemplateError):
            return None

    def glob(self, data_id: Mapping[str, KeyValue], *, encode: bool = True) -> str:
        """Return a shell pattern of the paths that agree with ``data_id``.

        Parameters
        ----------
        data_id
            The known keys. Others, and keys that the template lacks, match
            everything.
        encode
            As for `format`.
        """
        from glob import escape

        pieces = []
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(escape(part))
            elif part.key in data_id:
                value = self._cast(part.key, data_id[part.key])
                if isinstance(value, str) and not _is_plain(value):
                    value = _encoded(part.key, value) if encode else _bare(part.key, value)
                pieces.append(escape(part.printf % {part.key: value}))
            else:
                pieces.append("*")
        return "".join(pieces)

    def _cast(self, key: str, value: object) -> KeyValue:
        try:
            return KeyTypes(self.types, "this template").cast(key, value)
        except DataIdError as error:
            raise TemplateError(str(error)) from error

    def _missing(self, data_id: Mapping[str, KeyValue]) -> TemplateError:
        names = ", ".join(key for key in self.keys if key not in data_id)
        message = f"The path template {self.text!r} needs also the keys: {names}."
        return TemplateError(message)

    def _check_floats(self, values: Mapping[str, KeyValue]) -> None:
        """Refuse numbers with more digits than the template shows: they would share a path."""
        for field in self._floats:
            if float(field.printf % values) != values[field.key]:
                message = (
                    f"{field.key}={values[field.key]!r} has more digits than "
                    f"the template {self.text!r} shows; another value would have the same path."
                )
                raise TemplateError(message)

    def _check_reversible(self, path: str, data_id: Mapping[str, KeyValue]) -> None:
        """Refuse a path that would be read back as another data ID."""
        found = self.parse(path)
        if found is None or any(
            found[key] != DataId({key: self._cast(key, data_id[key])})[key]
            for key in self.path_keys
        ):
            message = (
                f"{DataId(data_id).subset(self.keys)} would have the path {path!r}, "
                f"which is that of {found}: the template {self.text!r} cannot tell them apart. "
                "A '/' between its keys would."
            )
            raise TemplateError(message)

    def _pattern(self, *, encode: bool) -> re.Pattern[str]:
        if encode not in self._patterns:
            self._patterns[encode] = self._compile(_ENCODED_TEXT if encode else _BARE_TEXT)
        return self._patterns[encode]

    def _compile(self, text_pattern: str) -> re.Pattern[str]:
        """Return the expression whose groups are the keys.

        A second place of a key in the same form refers to the first; in
        another form it is any number, which the comparison afterwards checks.
        """
        seen: dict[str, str] = {}
        pieces = []
        for part in self._parts:
            if isinstance(part, str):
                pieces.append(re.escape(part))
            elif part.key not in seen:
                seen[part.key] = part.printf
                pieces.append(f"(?P<{part.key}>{part.pattern or text_pattern})")
            elif seen[part.key] == part.printf:
                pieces.append(f"(?P={part.key})")
            else:
                pieces.append(part.pattern)
        return re.compile("".join(pieces))


def _encoded(key: str, text: str) -> str:
    """Return ``text`` with all that has no place in a file name percent-encoded."""
    if not text or "\0" in text:
        message = f"{key}={text!r} is empty or holds a NUL, which no file name can hold."
        raise TemplateError(message)
    try:
        return _NOT_PLAIN.sub(_percent, unicodedata.normalize("NFC", text))
    except UnicodeEncodeError:
        message = f"{key}={text!r} holds half a character (a surrogate)."
        raise TemplateError(message) from None


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _bare(key: str, text: str) -> str:
    """Return ``text`` as it is, refusing what would leave its place in the path."""
    if not text or "/" in text or "\0" in text or text in {".", ".."}:
        message = f"{key}={text!r} has no place in a path: it would lead elsewhere."
        raise TemplateError(message)
    return text


def _check_length(path: str) -> None:
    """Refuse a path that file systems do not take."""
    try:
        encoded = path.encode()
    except UnicodeEncodeError:
        message = f"The path {path!r} holds half a character (a surrogate)."
        raise TemplateError(message) from None
    if len(encoded) > _LONGEST_PATH:
        message = f"The path {path[:80]!r}... is longer than {_LONGEST_PATH} bytes."
        raise TemplateError(message)
    for component in encoded.split(b"/"):
        if len(component) > _LONGEST_COMPONENT:
            name = component[:60].decode(errors="replace")
            message = f"The file name {name!r}... is longer than {_LONGEST_COMPONENT} bytes."
            raise TemplateError(message)


def check_inside(root: str, relative: str) -> str:
    """Return the absolute path of ``relative`` once it is sure to lie inside ``root``.

    Parameters
    ----------
    root
        Absolute path of the repository.
    relative
        Path inside it. The last component need not exist, and may be a link
        to a file elsewhere, as ingested files are.

    Raises
    ------
    TemplateError
        If the path is not relative, holds empty, ``.`` or ``..`` components,
        or goes through a link to a directory outside.
    """
    components = relative.split("/")
    if "\0" in relative or any(component in {"", ".", ".."} for component in components):
        message = f"{relative!r} is no relative path inside {root!r}."
        raise TemplateError(message)
    place = root.rstrip("/")
    target = f"{place}/{relative}"
    for component in components[:-1]:
        place = f"{place}/{component}"
        try:
            mode = os.lstat(place).st_mode
        except (FileNotFoundError, NotADirectoryError):
            break
        if stat.S_ISLNK(mode):
            _check_resolved(root, target)
            break
    return target


def _check_resolved(root: str, target: str) -> None:
    """Refuse a target whose folder, links followed, is outside the root."""
    real_root = os.path.realpath(root)
    real_folder = os.path.realpath(os.path.dirname(target))
    if os.path.commonpath([real_root, real_folder]) != real_root:
        message = (
            f"{target!r} leads to {real_folder!r}, outside the repository {root!r}: a folder on "
            f"the way is a link, and nothing is written or removed through it. Work in a rerun on "
            f"top of the repository, or replace the link by a folder."
        )
        raise TemplateError(message)
