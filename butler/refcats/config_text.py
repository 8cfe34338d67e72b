"""The ``config.py`` of a reference catalog: assignments, read as text and never executed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from butler.errors import FormatterError

__all__ = ["CatalogConfig", "parse_config"]

_LONGEST: Final = 1 << 20
_NAMES: Final = {
    "config.format_version": "format_version",
    "config.ref_dataset_name": "name",
    "config.dataset_config.format_version": "format_version",
    "config.dataset_config.ref_dataset_name": "name",
}
_DEPTH: Final = ("HTM", "depth")


@dataclass(frozen=True, slots=True)
class CatalogConfig:
    """What is known of a reference catalog without opening its pieces.

    Parameters
    ----------
    name
        As its configuration calls it, empty if it does not.
    format_version
        0 means fluxes in Jy, 1 and more nJy; None if it does not say.
    depth
        Of the mesh, None if it does not say.
    """

    name: str = ""
    format_version: int | None = None
    depth: int | None = None

    def to_text(self) -> str:
        """Return the text of the file, which the LSST stack reads too."""
        task = "lsst.meas.algorithms.ingestIndexReferenceTask"
        return (
            f"import {task}\n"
            f"assert type(config)=={task}.DatasetConfig, 'config is of type %s.%s instead of "
            f"{task}.DatasetConfig' % (type(config).__module__, type(config).__name__)\n"
            "# Version 1: fluxes are in nJy.\n"
            f"config.format_version={self.format_version}\n"
            f"config.ref_dataset_name={self.name!r}\n"
            f"config.indexer['HTM'].depth={self.depth}\n"
            "config.indexer.name='HTM'\n"
        )


def parse_config(text: str, source: str) -> CatalogConfig:
    """Return what the assignments of a configuration say; all else is passed over.

    Parameters
    ----------
    text
        Of the file.
    source
        Where it comes from, for the message.

    Raises
    ------
    FormatterError
        If it is no text of Python.
    """
    if len(text) > _LONGEST:
        raise FormatterError(f"{source} is too long for a configuration: {len(text)} characters.")
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormatterError(f"{source} is not a configuration: {error}") from error
    found: dict[str, object] = {}
    for line in lines:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
            for target in line.targets:
                found[_name(target)] = line.value.value
    name, version, depth = (found.get(key) for key in ("name", "format_version", "depth"))
    return CatalogConfig(
        name if isinstance(name, str) else "",
        version if isinstance(version, int) else None,
        depth if isinstance(depth, int) else None,
    )


def _name(target: ast.expr) -> str:
    """Return what is assigned to: the name of a field of `CatalogConfig`, else nothing useful."""
    if isinstance(target, ast.Attribute) and target.attr == _DEPTH[1]:
        of = target.value
        if isinstance(of, ast.Subscript) and isinstance(of.slice, ast.Constant):
            return _DEPTH[1] if of.slice.value == _DEPTH[0] else ""
    return _NAMES.get(ast.unparse(target), "")
