"""Small repositories of a camera with dataset types that need no pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from butler.butler import Butler
from butler.repository.create import create_repository
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from butler.data_id import KeyValue

__all__ = ["TYPES", "files_below", "make_repository", "observation", "observe"]

TYPES: Final[dict[str, object]] = {
    "summary": {
        "template": "summary/{visit:07d}-{ccd:03d}.json",
        "storage_class": "Json",
        "description": "Numbers of one CCD",
    },
    "notes": {
        "template": "notes/{pointing:05d}/{filter}/{visit:07d}-{ccd:03d}.yaml",
        "storage_class": "Yaml",
        "description": "Its template holds keys that the observation fixes",
    },
    "text": {
        "template": "text/{name}.txt",
        "storage_class": "Text",
        "description": "Named by a text",
    },
    "patchNotes": {
        "template": "patches/{filter}/{tract}/{patch}.json",
        "storage_class": "Json",
        "description": "Numbers of one patch",
    },
    "settings": {
        "template": "config/settings.json",
        "storage_class": "Json",
        "description": "Has no keys",
    },
    "picture": {
        "template": "pictures/{visit:07d}-{ccd:03d}.fits",
        "storage_class": "Image",
        "description": "Pixels",
    },
    "sources": {
        "template": "sources/{visit:07d}-{ccd:03d}.fits",
        "storage_class": "FitsTable",
        "description": "A table",
    },
    "pair": {
        "template": "pairs/{visit:07d}-{ccd:03d}",
        "storage_class": "Json",
        "description": "Composed of two others",
        "composite": {"numbers": "summary", "words": "notes"},
    },
}


def make_repository(
    root: Path | str,
    *,
    parents: Sequence[Path | str] = (),
    types: Mapping[str, object] | None = None,
    observations: Iterable[Mapping[str, KeyValue]] = (),
) -> Butler:
    """Make an HSC repository with `TYPES` and observations, and open it."""
    create_repository(root, "hsc", parents=parents, dataset_types=TYPES if types is None else types)
    butler = Butler(root)
    observe(butler, observations)
    return butler


def observe(butler: Butler, observations: Iterable[Mapping[str, KeyValue]]) -> None:
    """Record observations in the first repository of a Butler."""
    repository = butler.repositories[0]
    assert isinstance(repository, NativeRepository)
    repository.registry.add_observations(observations)


def observation(visit: int, ccd: int, **more: KeyValue) -> dict[str, KeyValue]:
    """What the registry holds of one CCD of one visit."""
    standard: dict[str, KeyValue] = {
        "field": "STRIPE82L",
        "filter": "HSC-R",
        "dateObs": "2013-11-02",
        "taiObs": "2013-11-02",
        "pointing": 671,
        "expTime": 30.0,
    }
    return {"visit": visit, "ccd": ccd, **standard, **more}


def files_below(root: Path) -> list[str]:
    """Every file that is not the repository's own, relative, sorted."""
    own = {"butler.yaml", ".butler"}
    found = []
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        is_own = relative.parts[0] in own or relative.name.startswith("registry.sqlite3")
        if not is_own and not path.is_dir():
            found.append(str(relative))
    return sorted(found)
