"""T11: whatever a name is, its file lies inside the root, and the name comes back as it was."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.hostile import HOSTILE
from support.repositories import files_below, make_repository
from support.tier import current_tier, sized

from butler.errors import ButlerError
from tests.reliability.broken_variants import apply_variant, variants_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.figures import Trials

    from butler import Butler

SUITE = "T11"
TEXTS = sized(60, 5_000)
TYPES = {
    "flat": {"template": "{name}.txt", "storage_class": "Text"},
    "folder": {"template": "{name}/{patch}.txt", "storage_class": "Text"},
}


def attack(folder: Path, names: Iterable[str]) -> list[str]:
    """Put a dataset under each name; return what is wrong then."""
    root = folder / "outer" / "inner" / "R"
    broken: list[str] = []
    with make_repository(root, types=TYPES) as butler:
        before = (root / "butler.yaml").read_bytes()
        kept = _put(butler, names, broken)
        for value, content in kept.items():
            broken += _read_back(butler, root, value, content)
        rows = [*butler.query("flat"), *butler.query("folder")]
    files = {row.uri for row in rows}
    if len(files) != len(rows):
        broken.append("two names share a file")
    broken += [f"{uri} is no file" for uri in files if not os.path.isfile(uri)]
    if stray := {str(root / path) for path in files_below(root)} - files:
        broken.append(f"files without rows: {sorted(stray)[:3]}")
    if (root / "butler.yaml").read_bytes() != before:
        broken.append("butler.yaml was overwritten")
    around = {path for path in folder.rglob("*") if root not in (path, *path.parents)}
    if outside := around - {folder / "outer", folder / "outer" / "inner"}:
        broken.append(f"outside the root: {sorted(outside)[:3]}")
    return broken


def _put(butler: Butler, names: Iterable[str], broken: list[str]) -> dict[str, str]:
    """Put what may be put; return the contents by name."""
    kept: dict[str, str] = {}
    with butler.transaction():
        for number, value in enumerate(names):
            for kind in ("flat", "folder"):
                keys = {"name": value} if kind == "flat" else {"name": value, "patch": value}
                try:
                    butler.put(f"{number}", kind, keys, replace=True)
                except ButlerError:
                    continue  # refused with a reason of ours
                except Exception as error:  # noqa: BLE001 - that is what is looked for
                    broken.append(f"{value!r} raises {error!r}")
                else:
                    kept[unicodedata.normalize("NFC", value)] = f"{number}"
    return kept


def _read_back(butler: Butler, root: Path, value: str, content: str) -> list[str]:
    try:
        if butler.get("flat", name=value) != content:
            return [f"{value!r} gives another dataset"]
    except ButlerError as error:
        return [f"{value!r} was put and is not there: {error!r}"]
    (row,) = butler.query("flat", name=value)
    if row["name"] != value:
        return [f"{value!r} comes back as {row['name']!r}"]
    if not Path(row.uri).resolve().is_relative_to(root.resolve()) or "\n" in row.uri:
        return [f"{value!r} lies at {row.uri!r}"]
    return []


def test_no_hostile_name_leaves_the_root(quick_path: Path, trials: Trials) -> None:
    assert len(HOSTILE) >= 300
    trials.add(attack(quick_path, HOSTILE), count=len(HOSTILE))
    assert trials.breaches == []


def look_for_texts(butler: Butler, root: Path, texts: int, *, derandomize: bool) -> None:
    """Ask for the place of texts that hypothesis thinks of; fails if one is outside."""

    @settings(
        max_examples=texts,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(value=st.text(min_size=1, max_size=20))
    def look(value: str) -> None:
        try:
            uri = butler.get_uri("folder", name=value, patch=value, write=True)
        except ButlerError:
            return
        assert Path(os.path.normpath(uri)).is_relative_to(root)
        assert len(Path(uri).relative_to(root).parts) == 2
        assert os.path.normpath(uri) == uri

    look()


def test_no_text_at_all_leaves_the_root(quick_path: Path, trials: Trials) -> None:
    with make_repository(quick_path / "R", types=TYPES) as butler:
        try:
            is_pr = current_tier() == "pr"
            look_for_texts(butler, quick_path / "R", TEXTS, derandomize=is_pr)
        except AssertionError as error:
            trials.add([str(error)])
    trials.add(count=TEXTS)
    assert trials.breaches == []


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    apply_variant(SUITE, variant, monkeypatch.setattr)
    deep = quick_path / "a" / "b" / "c"  # so that whatever leaves the root stays in this folder
    deep.mkdir(parents=True)
    assert attack(deep, ["plain", "../x", "..", "a/../../y"])
