"""The reading half of the Butler: data IDs in, objects out."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from butler.aliases import Aliases
from butler.arguments import inputs_from, mapper_name, outputs_from
from butler.components import DatasetName, split_name
from butler.data_id import DataId
from butler.data_ref import DataRef, DatasetAccess, Subset
from butler.errors import DatasetNotFoundError, ParameterError, ReadOnlyError, RepositoryError
from butler.gen2_names import ButlerGen2Names, modern_keywords
from butler.keywords import split_keywords
from butler.levels import keys_at_level, sub_level
from butler.outputs import prepare_output
from butler.questions import make_query
from butler.reading import read_dataset
from butler.repository.chain import Chain
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from butler.arguments import RepositoryArguments
    from butler.data_id import KeyValue
    from butler.explanation import Explanation
    from butler.query import Query
    from butler.repository.base import Found, Repository
    from butler.repository.chain import Lookup

__all__ = ["ReadAccess"]


class ReadAccess(ButlerGen2Names[DataRef], ABC):
    """Finds and reads datasets in a chain of repositories.

    Parameters
    ----------
    root, mapper, inputs, outputs
        As for `Butler`.
    """

    def __init__(
        self,
        root: str | PathLike[str] | None,
        mapper: object,
        inputs: RepositoryArguments | None,
        outputs: RepositoryArguments | None,
    ) -> None:
        if root is not None and (inputs is not None or outputs is not None):
            raise RepositoryError(
                "Name either one repository, Butler(root), or inputs= and outputs=, not both."
            )
        self._aliases = Aliases()
        self._local = threading.local()
        self._pool = RepositoryPool()
        if root is None and inputs is None and outputs is None:
            root = "."
        if root is not None:
            self._open_root(root, mapper)
        else:
            self._open_chain(inputs, outputs)

    def _open_root(self, root: str | PathLike[str], mapper: object) -> None:
        place = inputs_from(root)[0]
        camera = None if mapper is None else mapper_name(mapper)
        repository = self._pool.open(place.root, camera)
        self._outputs: tuple[Repository, ...] = (repository,)
        self._chain = self._pool.chain([(place.root, place.tags)])

    def _open_chain(
        self, inputs: RepositoryArguments | None, outputs: RepositoryArguments | None
    ) -> None:
        sources = inputs_from(inputs)
        targets = outputs_from(outputs)
        opened = [self._pool.open(place.root, place.mapper) for place in sources]
        self._outputs = tuple(prepare_output(place, opened, self._pool) for place in targets)
        places = [(place.root, place.tags) for place in (*targets, *sources)]
        self._chain = self._pool.chain(places)

    # What is searched, and what was asked for.

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """The repositories in the order in which they are searched."""
        return self._chain.repositories

    @property
    def outputs(self) -> tuple[Repository, ...]:
        """The repositories that are written to."""
        return self._outputs

    def _searched(self) -> Chain:
        """Return the chain, an open transaction of this thread in front."""
        transaction: Repository | None = getattr(self._local, "transaction", None)
        if transaction is None:
            return self._chain
        return Chain((transaction, *self._chain.repositories), (frozenset(), *self._chain.tags))

    def _ask(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None,
        keywords: dict[str, object],
    ) -> tuple[Chain, DatasetName, Lookup, DataId, dict[str, object]]:
        """Take a question apart: where to look, for what, with which parameters."""
        if keywords:
            keywords = modern_keywords(keywords)
            data_id = keywords.pop("data_id", data_id)  # type: ignore[assignment]
        chain = self._searched()
        if "tag" in keywords:
            chain = chain.tagged(keywords.pop("tag"))
        name = split_name(self._aliases.resolve(dataset_type), _Known(chain))
        lookup = chain.lookup(name.dataset_type)
        asked, parameters = split_keywords(lookup, data_id, keywords)
        return chain, name, lookup, asked, parameters

    def _first_output(self) -> NativeRepository:
        """Return where `get_uri` with ``write=True`` looks.

        Raises
        ------
        ReadOnlyError
            If there is no output.
        """
        for repository in self._outputs:
            if isinstance(repository, NativeRepository):
                return repository
        places = ", ".join(place.root for place in self._chain.repositories)
        raise ReadOnlyError(
            f"This Butler only reads ({places}). To write, give it an output: "
            f"Butler(inputs=..., outputs=...)"
        )

    # Reading.

    def get(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> object:
        """Return a dataset, or a component of one.

        Parameters
        ----------
        dataset_type
            Its name, ``calexp``, or that of a component, ``calexp.metadata``
            (Gen2's ``calexp_md`` works too).
        data_id
            Keys and values; missing keys are completed if they can only be
            one thing.
        **keywords
            Further keys (they win), and read parameters such as ``bbox``,
            ``columns`` or ``hdu``.

        Raises
        ------
        DatasetNotFoundError
            If no repository of the chain holds it, saying where it was
            looked for.
        AmbiguousDataIdError
            If the data ID does not name one dataset; candidates are listed.
        UnknownDatasetTypeError, UnknownKeyError, ParameterError
            If a name is not known.
        FormatterError
            If the file cannot be read.
        """
        if keywords.pop("immediate", True) is not True:
            raise ParameterError(
                "immediate=False is not supported: keep butler.data_ref(...) and call its get() "
                "when the data are needed."
            )
        chain, name, lookup, asked, parameters = self._ask(dataset_type, data_id, keywords)
        kind = lookup.dataset_type
        if kind.composite is not None:
            return self._get_composite(kind.composite, name, asked, parameters)
        if kind.template is None:
            ready = chain.ready(lookup, asked)
            return lookup.places[0][0].mapper.compute(kind.name, ready)
        found = chain.find(name.dataset_type, asked)
        if found is None:
            raise self._not_found(chain, lookup, asked)
        return read_dataset(found, name, kind, parameters)

    def _get_composite(
        self,
        parts: Mapping[str, str],
        name: DatasetName,
        data_id: DataId,
        parameters: dict[str, object],
    ) -> object:
        if name.component is not None and name.component in parts:
            return self.get(parts[name.component], data_id, **parameters)
        return {part: self.get(kind, data_id, **parameters) for part, kind in parts.items()}

    def _not_found(self, chain: Chain, lookup: Lookup, data_id: DataId) -> DatasetNotFoundError:
        name = lookup.dataset_type.name
        try:
            data_id = chain.ready(lookup, data_id)
        except DatasetNotFoundError as error:
            return error
        root = self._chain.repositories[0].root
        hint = (
            f"To see what exists: butler ls {root} {name}; "
            f"why: butler explain {root} {name} --id {data_id.as_arguments()}"
        )
        return DatasetNotFoundError(
            name, str(data_id), chain.describe_places(lookup, data_id), hint
        )

    def _find(self, chain: Chain, lookup: Lookup, data_id: DataId) -> Found | None:
        try:
            return chain.find(lookup.dataset_type.name, data_id)
        except DatasetNotFoundError:
            return None

    def dataset_exists(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        write: bool = False,
        **keywords: object,
    ) -> bool:
        """Tell whether a dataset is registered and its file is there.

        Parameters
        ----------
        dataset_type, data_id, **keywords
            As for `get`.
        write
            Ask the outputs only, and all of them.
        """
        chain, _, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        kind = lookup.dataset_type
        if kind.composite is not None:
            parts = kind.composite.values()
            return all(self.dataset_exists(part, asked, write=write) for part in parts)
        if kind.template is None:
            return True
        if write:
            return all(
                self._find(Chain([place]), Chain([place]).lookup(kind.name), asked) is not None
                for place in self._outputs
            )
        found = self._find(chain, lookup, asked)
        return found is not None and found.repository.has_file(found.stored)

    def get_uri(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        *,
        write: bool = False,
        **keywords: object,
    ) -> str:
        """Return where a dataset's file is, or where `put` would write it.

        Parameters
        ----------
        dataset_type, data_id, **keywords
            As for `get`.
        write
            Where a new dataset would go, without writing it.

        Raises
        ------
        DatasetNotFoundError
            If there is none, unless ``write``.
        """
        chain, _, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        if write:
            complete = chain.complete(lookup, asked)
            return self._first_output().uri_of_target(lookup.dataset_type, complete)
        found = chain.find(lookup.dataset_type.name, asked)
        if found is None:
            raise self._not_found(chain, lookup, asked)
        return found.repository.uri(found.stored)

    def explain(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> Explanation:
        """Return how a dataset is looked for, step by step; print it to read it.

        Parameters
        ----------
        dataset_type, data_id, **keywords
            As for `get`.
        """
        from butler.explanation import explain

        chain, name, _, asked, _ = self._ask(dataset_type, data_id, keywords)
        return explain(chain, name, asked)

    # What there is.

    def query(
        self,
        dataset_type: str,
        where: str | None = None,
        *,
        bind: Mapping[str, object] | None = None,
        order_by: str | Sequence[str] = (),
        limit: int | None = None,
        all: bool = False,  # noqa: A002 - the word that users know
        columns: Sequence[str] = (),
        **filters: object,
    ) -> Query:
        """Return the datasets that match, lazily.

        Parameters
        ----------
        dataset_type
            Its name.
        where
            An expression such as ``"ccd < 50 and expTime > 30"`` over data-ID
            keys and observation columns.
        bind
            Values for the ``:names`` in it.
        order_by
            A name or several; ``-name`` descends.
        limit
            At most so many rows.
        all
            Also datasets that a nearer repository hides.
        columns
            Observation columns wanted beside the data ID.
        **filters
            ``visit=[1, 2]``, ``ccd=range(10)``, ``filter="HSC-R"``.

        Raises
        ------
        ExpressionError
            If the expression cannot be understood.
        UnknownKeyError
            If it uses a name that is neither a key nor a column.
        """
        lookup = self._searched().lookup(self._aliases.resolve(dataset_type))
        return make_query(
            lookup,
            where,
            bind,
            filters,
            order_by=order_by,
            limit=limit,
            find_all=all,
            columns=columns,
        )

    def query_metadata(
        self,
        dataset_type: str,
        columns: str | Sequence[str],
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> list[KeyValue | None] | list[tuple[KeyValue | None, ...]]:
        """Return the distinct values of keys or columns over the datasets that exist.

        Parameters
        ----------
        dataset_type
            Its name.
        columns
            One name, which gives a list of values, or several, which give
            tuples.
        data_id, **keywords
            What the datasets must match; lists and ranges are allowed.
        """
        lookup = self._searched().lookup(self._aliases.resolve(dataset_type))
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        filters = {**(data_id or {}), **modern_keywords(keywords)}
        rows = make_query(lookup, None, None, filters).distinct(names)
        return [row[0] for row in rows] if isinstance(columns, str) else rows

    def data_ref(
        self,
        dataset_type: str,
        level: str | None = None,
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> DataRef:
        """Return the one data ref that a data ID names; its keys are completed.

        Parameters
        ----------
        dataset_type
            Its name.
        level
            Whose keys are completed, None for the camera's default level.
        data_id, **keywords
            As for `get`. The dataset need not exist.

        Raises
        ------
        AmbiguousDataIdError
            If there are several; candidates are listed.
        DatasetNotFoundError
            If nothing matches.
        """
        chain, name, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        keys = keys_at_level(lookup.policy, lookup.dataset_type, level)
        complete = chain.complete(lookup, asked, keys)
        return DataRef(self._access(), name.dataset_type, complete, level)

    def subset(
        self,
        dataset_type: str,
        level: str | None = None,
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> Subset:
        """Return data refs for the datasets that exist, one for each data ID at a level.

        Parameters
        ----------
        dataset_type
            Its name.
        level
            Keys that the level leaves out do not count, None for the camera's
            default level.
        data_id, **keywords
            What the datasets must match; lists and ranges are allowed.
        """
        lookup = self._searched().lookup(self._aliases.resolve(dataset_type))
        keys = keys_at_level(lookup.policy, lookup.dataset_type, level)
        filters = {**(data_id or {}), **modern_keywords(keywords)}
        rows = make_query(lookup, None, None, filters).distinct(keys)
        single = {key: value for key, value in filters.items() if _is_single(value)}
        given = DataId(single).cast(lookup.policy.keys) if single else DataId()
        data_ids = [given.updated(dict(zip(keys, row, strict=True))) for row in rows]
        return Subset(self._access(), lookup.dataset_type.name, level, data_ids)

    @abstractmethod
    def _access(self) -> DatasetAccess:
        """Return what data refs read and write through."""

    # What the names mean.

    def define_alias(self, alias: str, dataset_type: str) -> None:
        """Let ``@alias`` stand for a dataset type in this Butler.

        Raises
        ------
        AliasError
            If it clashes with another alias.
        """
        self._aliases.define(alias, dataset_type)

    def get_dataset_types(self) -> set[str]:
        """Return the names of all dataset types that the chain defines."""
        return set(self._chain.dataset_type_names())

    def get_keys(
        self, dataset_type: str | None = None, level: str | None = None
    ) -> dict[str, type]:
        """Return keys and the types of their values.

        Parameters
        ----------
        dataset_type
            Whose keys, None for all keys of the camera.
        level
            Leave out what this level leaves out; empty for the camera's
            default level, None for every key.
        """
        if dataset_type is None:
            types = self._chain.repositories[0].policy.keys
            return {key: types.python_type(key) for key in types}
        lookup = self._chain.lookup(self._aliases.resolve(dataset_type))
        kind, types = lookup.dataset_type, lookup.policy.keys
        keys = kind.keys if kind.template is None else kind.template.keys
        if level is not None:
            keys = keys_at_level(lookup.policy, kind, level)
        return {key: types.python_type(key) for key in keys}

    def sub_level(self, dataset_type: str, level: str | None) -> str | None:
        """Return the level below a level, None at the finest."""
        lookup = self._chain.lookup(self._aliases.resolve(dataset_type))
        return sub_level(lookup.policy, level)


class _Known:
    """The dataset types of a chain, as a container."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def __contains__(self, name: object) -> bool:
        return self._chain.knows(str(name))


def _is_single(value: object) -> bool:
    return isinstance(value, str) or not hasattr(value, "__iter__")
