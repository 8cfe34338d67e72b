"""Why a dataset was found where it was, or was not found at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from butler.errors import AmbiguousDataIdError, ButlerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from butler.components import DatasetName
    from butler.data_id import DataId
    from butler.policies.dataset_type import DatasetType
    from butler.repository.base import Repository
    from butler.repository.chain import Chain, Lookup

__all__ = ["Explanation", "explain", "joined"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `Butler.explain` returns; ``str()`` of it is for people.

    Parameters
    ----------
    dataset_type
        The dataset type, its alias resolved.
    given
        The data ID as it was asked for.
    completed
        The data ID as it was looked for, None where it could not be completed.
    uri
        Where the dataset was found, None if it was not.
    lines
        The steps, in order.
    """

    dataset_type: str
    given: DataId
    completed: DataId | None
    uri: str | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


def explain(chain: Chain, name: DatasetName, data_id: DataId) -> Explanation:
    """Go the way of `Butler.get` and write down each step.

    Parameters
    ----------
    chain
        Where to look.
    name
        What to look for.
    data_id
        Typed.

    Raises
    ------
    UnknownDatasetTypeError
        If no repository defines it.
    """
    lookup = chain.lookup(name.dataset_type)
    kind = lookup.dataset_type
    lines = [f"dataset type: {kind.name} ({kind.storage_class}) {kind.description}".rstrip()]
    if name.component:
        lines.append(f"component: {name.component}")
    template = "computed from the data ID" if kind.template is None else kind.template.text
    lines += [f"template: {template}", f"data ID: {data_id or '(empty)'}"]
    try:
        ready = chain.ready(lookup, data_id)
    except ButlerError as error:
        return Explanation(kind.name, data_id, None, None, (*lines, str(error)))
    added = ready.without(data_id)
    if added:
        lines.append(f"completed by the registry: {added}")
    if kind.template is None:
        return Explanation(kind.name, data_id, ready, None, tuple(lines))
    uri, searched = _search(lookup, ready)
    lines += searched if uri is not None else [*searched, "not found"]
    return Explanation(kind.name, data_id, ready, uri, tuple(lines))


def joined(dataset_type: str, parts: Sequence[Explanation]) -> Explanation:
    """Return the explanation of a dataset type that is composed of others.

    Parameters
    ----------
    dataset_type
        Its name.
    parts
        The explanations of its parts; there are some.
    """
    lines = [f"dataset type: {dataset_type}, composed of {len(parts)} parts"]
    lines += [line for part in parts for line in part.lines]
    return Explanation(dataset_type, parts[0].given, parts[0].completed, None, tuple(lines))


def _search(lookup: Lookup, data_id: DataId) -> tuple[str | None, list[str]]:
    """Return where the dataset is, and lines for each place in the order of search."""
    uri = None
    steps: list[str] = []
    named: set[str] = set()
    for repository, kind in lookup.places:
        root = repository.root
        if uri is not None:
            if root not in named:  # what lies there unregistered is no place of its own
                steps.append(f"{root}: not asked, the first that has it wins")
        else:
            try:
                stored = repository.find(kind, data_id)
            except AmbiguousDataIdError as error:
                steps.append(f"{root}: {error}")
                break
            if stored is not None:
                uri = repository.uri(stored)
                steps.append(f"{root}: found {uri}{_reason(repository, kind, data_id)}")
            elif place := repository.describe_place(kind, data_id):
                steps.append(f"{place}: nothing{_candidates(repository, kind, data_id)}")
        named.add(root)
    text = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    return uri, text.splitlines()


def _reason(repository: Repository, kind: DatasetType, data_id: DataId) -> str:
    """Return why this calibration was chosen, in lines of its own; empty for anything else."""
    if kind.calibration is None:
        return ""
    return "".join(f"\n   {line}" for line in repository.explain(kind, data_id).splitlines())


def _candidates(repository: Repository, kind: DatasetType, data_id: DataId) -> str:
    """Return the calibrations among which none was chosen, in lines of their own."""
    if not kind.is_dated:
        return ""
    lines = repository.explain(kind, data_id).splitlines()[1:]  # the first says what the step says
    return "".join(f"\n   {line}" for line in lines)
