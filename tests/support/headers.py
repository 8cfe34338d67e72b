"""Real headers, written as YAML by the LSST stack's tests, read without the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_yaml_header"]


class _HeaderLoader(yaml.SafeLoader):
    """Reads the stack's tag for a header as what it holds: a list of cards."""


def _cards(loader: yaml.SafeLoader, node: yaml.Node) -> dict[str, object]:
    assert isinstance(node, yaml.SequenceNode)
    return {card[0]: card[2] for card in loader.construct_sequence(node, deep=True)}


_HeaderLoader.add_constructor("!<lsst.daf.base.PropertyList>", _cards)
_HeaderLoader.add_constructor("lsst.daf.base.PropertyList", _cards)


def read_yaml_header(path: Path) -> dict[str, object]:
    """The cards of a header; of a card that comes several times, the last."""
    header = yaml.load(path.read_text(encoding="utf-8"), Loader=_HeaderLoader)
    assert isinstance(header, dict)
    return header
