"""YAML whose tags name classes of another program, read as plain data.

A tag of a class becomes the class's name, a tagged value or object the text or
the mapping inside it. Nothing is imported and nothing is run.
"""

from __future__ import annotations

from typing import Final

import yaml

from butler.errors import RepositoryError

__all__ = ["load_tagged_yaml"]

_DEEPEST: Final = 50
_YAML_TAG: Final = "tag:yaml.org,2002:"
_NAME_TAG: Final = f"{_YAML_TAG}python/name:"
_MODULE_TAG: Final = f"{_YAML_TAG}python/module:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_tagged_yaml(content: bytes | str, path: str, *, most_values: int) -> object:
    """Return what a YAML document says, whatever its tags.

    Parameters
    ----------
    content
        The document.
    path
        Where it comes from, for the message.
    most_values
        With more, every alias written out, it is refused.

    Raises
    ------
    RepositoryError
        If it is no YAML, nested too deeply, or holds too much.
    """
    try:
        node = yaml.compose(content, Loader=_Loader)
        return None if node is None else _PlainData(path, most_values).convert(node, 0)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        message = f"{path} cannot be read as YAML: {reason}."
        raise RepositoryError(message) from error


class _PlainData:
    """The nodes of a YAML document as plain data, counted so that aliases cannot explode."""

    def __init__(self, path: str, most_values: int) -> None:
        self._path, self._most = path, most_values
        self._count = 0

    def convert(self, node: yaml.Node, depth: int) -> object:
        self._count += 1
        if depth > _DEEPEST or self._count > self._most:
            limit = f"{_DEEPEST} levels or {self._most} values"
            message = f"{self._path} holds more than {limit} once its aliases are written out."
            raise RepositoryError(message)
        if isinstance(node, yaml.MappingNode):
            return {
                str(self.convert(key, depth + 1)): self.convert(value, depth + 1)
                for key, value in node.value
            }
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(value, depth + 1) for value in node.value]
        return _scalar(node)


def _scalar(node: yaml.Node) -> object:
    tag, text = str(node.tag), str(node.value)
    for prefix in (_NAME_TAG, _MODULE_TAG):
        if tag.startswith(prefix):
            return tag.removeprefix(prefix)
    if tag == f"{_YAML_TAG}null":
        return None
    if tag == f"{_YAML_TAG}bool":
        return text.lower() in {"true", "yes", "on"}
    number = {f"{_YAML_TAG}int": int, f"{_YAML_TAG}float": float}.get(tag)
    if number is not None:
        try:
            return number(text)
        except ValueError:
            return text
    return text
