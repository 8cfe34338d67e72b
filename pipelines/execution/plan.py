"""Which data IDs a run is about, and which of them are finished already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from butler.data_id import DataId
from butler.errors import DatasetNotFoundError
from butler.policies.levels import keys_at_level
from butler.queries.questions import query_from_condition
from butler.registry.condition import Everything, all_of, any_of
from butler.repository.chain import Chain
from butler.repository.native import NativeRepository
from pipelines.configuration.saved import differences, parse_saved
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from butler.butler import Butler
    from butler.data_id import KeyValue
    from butler.registry.condition import Condition
    from butler.registry.registry import Registry
    from pipelines.task.cmd_line_task import CmdLineTask
    from pipelines.task.config import Config

__all__ = ["Finished", "Selection", "select"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The data IDs of a run.

    Parameters
    ----------
    data_ids
        Complete, in order.
    warnings
        One for each ``--id`` that names nothing.
    """

    data_ids: tuple[DataId, ...]
    warnings: tuple[str, ...] = ()


def select(
    butler: Butler,
    task: type[CmdLineTask],
    config: Config,
    conditions: Sequence[Condition],
    where: Condition,
) -> Selection:
    """Return the data IDs that are asked for and exist.

    Parameters
    ----------
    butler
        Reads.
    task, config
        The ``data_type`` of the task is what data IDs are looked for of. They
        get the keys of its outputs too, as far as observations have them.
    conditions
        One for each ``--id``; their union is meant, everything if there is
        none.
    where
        Must hold too.

    Raises
    ------
    DatasetNotFoundError
        If nothing is there, saying why.
    """
    chain = Chain(butler.repositories)
    lookup = chain.lookup(task.data_type)
    wanted = any_of(*conditions) if conditions else Everything()
    query = query_from_condition(lookup, all_of(wanted, where))
    keys = keys_at_level(lookup.policy, lookup.dataset_type, None)
    more = _further_keys(chain, task, config, keys)
    rows = query.distinct((*keys, *more))
    if not rows:
        raise DatasetNotFoundError(task.data_type, "what was asked for", [], query.explain())
    data_ids = tuple(_data_ids(rows, (*keys, *more), len(keys)))
    warnings = []
    for one in conditions if len(conditions) > 1 else ():
        alone = query_from_condition(lookup, all_of(one, where))
        if alone.first() is None:
            warnings.append(alone.explain())
    return Selection(data_ids, tuple(warnings))


def _further_keys(
    chain: Chain, task: type[CmdLineTask], config: Config, keys: Sequence[str]
) -> list[str]:
    """Return the keys of outputs that the data type does not have, and observations do."""
    wanted: dict[str, None] = {}
    for name in (*task.output_types(config), task.metadata_type(), task.log_type()):
        if chain.knows(name):
            wanted.update(dict.fromkeys(chain.lookup(name).dataset_type.keys))
    columns = chain.lookup(task.data_type).policy.observation.columns
    return [key for key in wanted if key in columns and key not in keys]


def _data_ids(
    rows: Iterable[tuple[KeyValue | None, ...]], names: Sequence[str], known: int
) -> Iterator[DataId]:
    """Yield one data ID for each combination of the first values, as complete as there is one."""
    best: dict[tuple[KeyValue | None, ...], tuple[KeyValue | None, ...]] = {}
    for row in rows:
        there = best.setdefault(row[:known], row)
        if there.count(None) > row.count(None):
            best[row[:known]] = row
    for row in best.values():
        pairs = zip(names, row, strict=True)
        yield DataId.trusted({name: value for name, value in pairs if value is not None})


@dataclass
class Finished:
    """Knows which data IDs an output has all datasets of, made with one configuration.

    Parameters
    ----------
    butler
        Its first repository is the output.
    task, config
        What is run.
    text
        The configuration, as it is recorded.
    """

    butler: Butler
    task: type[CmdLineTask]
    config: Config
    text: str
    _there: dict[str, frozenset[str]] = field(default_factory=dict, init=False)
    _stale: frozenset[str] = field(default=frozenset(), init=False)
    _chain: Chain = field(init=False)

    def __post_init__(self) -> None:
        self._chain = Chain(self.butler.repositories)
        repository = self._chain.repositories[0]
        if not isinstance(repository, NativeRepository):
            return
        registry = repository.registry
        known = registry.dataset_types()
        metadata = self.task.metadata_type()
        for name in (metadata, *self.task.output_types(self.config)):
            makers = registry.makers(name) if name in known else {}
            alike = self._alike(registry, set(makers.values())) if name == metadata else None
            self._there[name] = frozenset(
                data_id for data_id, maker in makers.items() if alike is None or maker in alike
            )
            if name == metadata:
                self._stale = frozenset(makers) - self._there[name]

    def _alike(self, registry: Registry, numbers: Iterable[int | None]) -> set[int]:
        """Return the recipes that have the same configuration."""
        mine = parse_saved(self.text)
        alike = set()
        for number in numbers:
            recipe = None if number is None else registry.recipe(number)
            if number is None or recipe is None or recipe.configuration is None:
                continue
            try:
                is_same = not differences(parse_saved(recipe.configuration), mine)
            except ConfigError:
                continue
            if is_same:
                alike.add(number)
        return alike

    def __contains__(self, data_id: DataId) -> bool:
        if not self._there:
            return False
        for name, there in self._there.items():
            kind = self._chain.lookup(name).dataset_type
            if kind.key_set <= data_id.keys() and data_id.canonical(kind.keys) not in there:
                return False
        return True

    def is_stale(self, data_id: DataId) -> bool:
        """Tell whether a data ID was run with another configuration."""
        if not self._stale:
            return False
        keys = self._chain.lookup(self.task.metadata_type()).dataset_type.keys
        return data_id.canonical(keys) in self._stale

    def missing(self, data_ids: Iterable[DataId]) -> Iterator[DataId]:
        """Yield those that are not finished."""
        return (one for one in data_ids if one not in self)
