"""T14: the whole Butler, against a dictionary for each repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.invariants import broken_promises
from support.repositories import TYPES, observation, observe
from support.tier import current_tier, sized

from butler.butler import Butler
from butler.doctor import Severity, Treatment, examine
from butler.errors import DatasetExistsError, DatasetNotFoundError, ReadOnlyError
from butler.repository.create import create_repository
from tests.reliability.broken_variants import apply_variant, variants_of

if TYPE_CHECKING:
    from typing import ClassVar, TypeAlias

    from support.figures import Trials

SUITE = "T14"
RUNS = sized(100, 5_000, 20_000)

Key: TypeAlias = "tuple[str, int]"  # dataset type and ccd; the visit is always the same

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # the disk is not what is asked
TYPES_USED = ("summary", "notes")
_KEYS = st.tuples(st.sampled_from(TYPES_USED), st.integers(0, 2))
_CONTENTS = st.integers(0, 3)
_PUTS = st.lists(st.tuples(_KEYS, _CONTENTS, st.booleans()), max_size=4)


class Discarded(Exception):  # noqa: N818 - it is no error of anybody
    """Ends a transaction without publishing it."""


class ButlerAndModel(RuleBasedStateMachine):
    """A chain that grows by reruns; the last repository is written."""

    done: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="skybutler-", dir=MEMORY))
        self.roots: list[Path] = []
        self.model: list[dict[Key, int]] = []
        self.pending: dict[Key, int] | None = None

    @initialize()
    def make(self) -> None:
        root = self.folder / "0"
        create_repository(root, "hsc", dataset_types=TYPES, durability="fast")
        self.butler = Butler(root)
        observe(self.butler, [observation(1, ccd) for ccd in range(3)])
        self.roots.append(root)
        self.model.append({})

    def teardown(self) -> None:
        if self.roots:
            self.butler.close()
        shutil.rmtree(self.folder)

    def expected(self, key: Key) -> int | None:
        """What a reader gets, nearest first."""
        layers = [*self.model[::-1]]
        return next((layer[key] for layer in layers if key in layer), None)

    def try_put(self, layer: dict[Key, int], key: Key, content: int, *, replace: bool) -> None:
        """Put, and expect what a dictionary expects."""
        name, ccd = key
        if key in layer and layer[key] != content and not replace:
            with pytest.raises(DatasetExistsError):
                self.butler.put(content, name, visit=1, ccd=ccd)
        else:
            self.butler.put(content, name, visit=1, ccd=ccd, replace=replace)
            layer[key] = content

    @rule(key=_KEYS, content=_CONTENTS, replace=st.booleans())
    def put(self, key: Key, content: int, replace: bool) -> None:
        self.try_put(self.model[-1], key, content, replace=replace)

    @rule(key=_KEYS)
    def remove(self, key: Key) -> None:
        name, ccd = key
        if key in self.model[-1]:
            self.butler.remove(name, visit=1, ccd=ccd)
            del self.model[-1][key]
        else:
            error = DatasetNotFoundError if self.expected(key) is None else ReadOnlyError
            with pytest.raises(error):
                self.butler.remove(name, visit=1, ccd=ccd)

    @rule(puts=_PUTS, ends_well=st.booleans())
    def transaction(self, puts: list[tuple[Key, int, bool]], ends_well: bool) -> None:
        """Put several together; what a repository has already is put with replace=True."""
        layer: dict[Key, int] = {}
        try:
            with self.butler.transaction():
                for key, content, replace in puts:
                    is_there = key in self.model[-1]
                    self.try_put(layer, key, content, replace=replace or is_there)
                for (name, ccd), content in layer.items():
                    assert self.butler.get(name, visit=1, ccd=ccd) == content
                if not ends_well:
                    raise Discarded  # noqa: TRY301 - that is what is tested
            self.model[-1].update(layer)
            self.done.add("transaction")
        except Discarded:
            pass

    @precondition(lambda self: len(self.roots) < 4)
    @rule()
    def rerun(self) -> None:
        self.butler.close()
        parent, root = self.roots[-1], self.folder / str(len(self.roots))
        self.butler = Butler(inputs=parent, outputs=root)
        self.roots.append(root)
        self.model.append({})
        self.done.add("rerun")

    @rule()
    def reopen(self) -> None:
        self.butler.close()
        self.butler = Butler(self.roots[-1])

    @rule()
    def doctor(self) -> None:
        """A doctor finds no damage, and nothing of a living process is taken away."""
        treatment = Treatment(deep=True, repair="adopt", grace_s=-1)
        first = examine(self.roots[-1], treatment)
        assert not first.has_damage, first.findings
        again = examine(self.roots[-1], treatment)
        left = [one for one in again.findings if one.severity is Severity.LEFTOVER]
        assert not left
        self.done.add("doctor")

    @rule()
    def move(self) -> None:
        """Move the whole tree: it is of one piece."""
        self.butler.close()
        moved = Path(mkdtemp(prefix="skybutler-", dir=MEMORY))
        moved.rmdir()
        self.folder.rename(moved)
        self.roots = [moved / root.name for root in self.roots]
        for number in range(1, len(self.roots)):  # repositories side by side are absolute
            path = self.roots[number] / "butler.yaml"
            path.write_text(path.read_text().replace(str(self.folder), str(moved)))
        self.folder = moved
        self.done.add("move")
        self.butler = Butler(self.roots[-1])

    @precondition(lambda self: self.roots)
    @invariant()
    def reads_what_was_put(self) -> None:
        for name in TYPES_USED:
            for ccd in range(3):
                content = self.expected((name, ccd))
                exists = self.butler.dataset_exists(name, visit=1, ccd=ccd)
                assert exists == (content is not None)
                if content is not None:
                    assert self.butler.get(name, visit=1, ccd=ccd) == content

    @precondition(lambda self: self.roots)
    @invariant()
    def finds_what_was_put(self) -> None:
        for name in TYPES_USED:
            wanted = [ccd for ccd in range(3) if self.expected((name, ccd)) is not None]
            assert [row["ccd"] for row in self.butler.query(name, expTime=30.0)] == wanted
            held = sum((name, ccd) in layer for layer in self.model for ccd in range(3))
            assert self.butler.query(name, all=True).count() == held

    @precondition(lambda self: self.roots)
    @invariant()
    def keeps_its_promises(self) -> None:
        assert broken_promises(self.roots[-1]) == []
        assert list(self.folder.rglob(".tmp-*")) == []


def play(runs: int, *, derandomize: bool) -> list[str]:
    """Let hypothesis look for a sequence of calls whose answers differ; return what it says."""
    ButlerAndModel.done.clear()
    chosen = settings(
        max_examples=runs,
        stateful_step_count=12,
        derandomize=derandomize,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.target] if derandomize else list(Phase),
    )
    try:
        run_state_machine_as_test(ButlerAndModel, settings=chosen)
    except Exception as error:  # noqa: BLE001 - whatever a butler raises that a dictionary does not
        notes = "; ".join(getattr(error, "__notes__", ()))
        return [f"{type(error).__name__}: {error} {notes}"]
    return []


def test_the_butler_does_what_dictionaries_do(trials: Trials) -> None:
    broken = play(RUNS, derandomize=current_tier() == "pr")
    trials.add(broken, count=RUNS)
    assert trials.breaches == []
    assert ButlerAndModel.done == {"doctor", "move", "rerun", "transaction"}


@pytest.mark.parametrize("variant", variants_of(SUITE))
def test_a_broken_variant_is_found_out(monkeypatch: pytest.MonkeyPatch, variant: str) -> None:
    apply_variant(SUITE, variant, monkeypatch.setattr)
    assert play(30, derandomize=True)
