"""A process that does one thing to a repository and is killed at a named step of it.

Run as ``python doomed.py ROOT OPERATION STEP PROTOCOL``.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from butler import Butler
from butler.storage.commit import Commit, PendingDataset
from butler.storage.steps import observe_steps, step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONTENT = {"numbers": list(range(20_000))}
OTHER_CONTENT = {"numbers": list(range(20_000, 40_000))}


class RowFirst(Commit):
    """A deliberately wrong protocol: the row is committed before the file is there."""

    def _publish(self, datasets: Sequence[PendingDataset], run_id: int | None) -> None:
        rows = [one.row(self.store.seal(one.file)) for one in datasets]
        step("put:written")
        self.registry.insert(rows, run_id=run_id)
        step("put:registered")
        for one in datasets:
            self.store.publish(one.file)
        step("put:linked")


class InPlace(Commit):
    """A deliberately wrong protocol: the file grows under its final name."""

    def _publish(self, datasets: Sequence[PendingDataset], run_id: int | None) -> None:
        for one in datasets:
            content = Path(one.file.temporary).read_bytes()
            facts = self.store.seal(one.file)
            target = Path(self.store.root, one.file.target)
            with target.open("wb") as file:
                file.write(content[: len(content) // 2])
                file.flush()
                step("put:linked")
                file.write(content[len(content) // 2 :])
            self.store.discard(one.file)
            step("put:synced")
            self.registry.insert([one.row(facts)], run_id=run_id)
        step("put:registered")


PROTOCOLS = {"ours": Commit, "row first": RowFirst, "in place": InPlace}


def put(butler: Butler) -> None:
    butler.put(CONTENT, "summary", visit=1, ccd=1)


def put_many(butler: Butler) -> None:
    with butler.transaction():
        for ccd in range(10, 20):
            butler.put(CONTENT, "summary", visit=1, ccd=ccd)


def replace(butler: Butler) -> None:
    butler.put(OTHER_CONTENT, "summary", visit=2, ccd=1, replace=True)


def remove(butler: Butler) -> None:
    butler.remove("summary", visit=2, ccd=1)


OPERATIONS: dict[str, Callable[[Butler], None]] = {
    "put": put,
    "put many": put_many,
    "replace": replace,
    "remove": remove,
}


def main(root: str, operation: str, fatal_step: str, protocol: str) -> None:
    butler = Butler(root)
    for writer in butler._writable():
        writer.commit = PROTOCOLS[protocol](writer.commit.store, writer.commit.registry)

    def die(name: str) -> None:
        if name == fatal_step:
            os.kill(os.getpid(), signal.SIGKILL)

    observe_steps(die)
    OPERATIONS[operation](butler)


if __name__ == "__main__":
    main(*sys.argv[1:])
