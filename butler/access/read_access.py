"""The reading half of the Butler: data IDs in, objects out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from butler.access.chain_access import ChainAccess
from butler.access.reading import read_dataset
from butler.data_id import DataId
from butler.data_ref import DataRef, DatasetAccess, Subset
from butler.errors import DatasetNotFoundError, FormatterError, ParameterError, suggest
from butler.gen2_names import ButlerGen2Names
from butler.policies.levels import keys_at_level
from butler.queries.questions import all_filters, make_query
from butler.registry.tags import TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from butler.access.explanation import Explanation
    from butler.components import DatasetName
    from butler.data_id import KeyValue
    from butler.policies.dataset_type import DatasetType
    from butler.queries.query import Query
    from butler.refcats.catalog import ReferenceCatalog
    from butler.repository.base import Found, Repository
    from butler.repository.chain import Chain, Lookup

__all__ = ["ReadAccess"]


class ReadAccess(ChainAccess, ButlerGen2Names[DataRef], ABC):
    """Finds and reads datasets in a chain of repositories."""

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

        Returns
        -------
        object
            What the storage class of the dataset type stands for: an image, a
            table, a header, plain data. It is read anew each time.

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
            _require_whole(name, ())
            ready = chain.ready(lookup, asked)
            return lookup.places[0][0].mapper.compute(kind.name, ready)
        found = chain.find(name.dataset_type, asked)
        if found is None:
            raise self._not_found(chain, lookup, asked)
        self._note_read(found, kind)
        return read_dataset(found, name, kind, parameters)

    def _note_read(self, found: Found, kind: DatasetType) -> None:
        """Do nothing; whoever records provenance overrides this."""

    def _get_composite(
        self,
        parts: Mapping[str, str],
        name: DatasetName,
        data_id: DataId,
        parameters: dict[str, object],
    ) -> object:
        if name.component is not None and name.component in parts:
            return self.get(parts[name.component], data_id, **parameters)
        _require_whole(name, parts)
        return {part: self.get(kind, data_id, **parameters) for part, kind in parts.items()}

    def _not_found(self, chain: Chain, lookup: Lookup, data_id: DataId) -> DatasetNotFoundError:
        name = lookup.dataset_type.name
        try:
            data_id = chain.ready(lookup, data_id)
        except DatasetNotFoundError as error:
            return error
        root = self._chain.repositories[0].root
        option = f" --id {data_id.as_arguments()}" if data_id else ""
        hint = (
            f"To see what exists: butler ls {root} {name}; "
            f"why: butler explain {root} {name}{option}"
        )
        return DatasetNotFoundError(
            name, str(data_id), chain.describe_places(lookup, data_id), hint
        )

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
        try:
            if kind.template is None:
                return bool(chain.ready(lookup, asked) or not kind.keys)
            if write:
                return self._exists_in_outputs(lookup, chain.ready(lookup, asked))
            found = chain.find(kind.name, asked)
        except DatasetNotFoundError:
            return False
        return found is not None and found.repository.has_file(found.stored)

    def _exists_in_outputs(self, lookup: Lookup, data_id: DataId) -> bool:
        transaction: Repository | None = getattr(self._local, "transaction", None)
        if transaction is not None and transaction.find(lookup.dataset_type, data_id) is not None:
            return True
        own = dict(lookup.places)
        for place in self._outputs:
            stored = place.find(own[place], data_id) if place in own else None
            if stored is None or not place.has_file(stored):
                return False
        return bool(self._outputs)

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
        FormatterError
            If such datasets have no file.
        """
        chain, _, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        kind = lookup.dataset_type
        if kind.template is None or kind.composite is not None:
            parts = ", ".join((kind.composite or {}).values())
            why = f"is composed of {parts}: ask for these" if parts else "is computed"
            raise FormatterError(f"{kind.name!r} has no file of its own; it {why}.")
        if write:
            complete = chain.complete(lookup, asked)
            return self._first_output().uri_of_target(lookup.dataset_type, complete)
        found = chain.find(lookup.dataset_type.name, asked)
        if found is None:
            raise self._not_found(chain, lookup, asked)
        return found.repository.uri(found.stored)

    def locate(
        self,
        dataset_type: str,
        data_id: Mapping[str, object] | None = None,
        **keywords: object,
    ) -> Found:
        """Return a dataset's place: its repository, its file, and what is recorded of it.

        Parameters
        ----------
        dataset_type, data_id, **keywords
            As for `get`.

        Raises
        ------
        DatasetNotFoundError
            If there is none.
        """
        chain, _, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        found = chain.find(lookup.dataset_type.name, asked)
        if found is None:
            raise self._not_found(chain, lookup, asked)
        return found

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
        from butler.access.explanation import explain, joined

        chain, name, lookup, asked, _ = self._ask(dataset_type, data_id, keywords)
        parts = lookup.dataset_type.composite or {}
        if name.component in parts:
            return self.explain(parts[str(name.component)], asked)
        if parts:
            return joined(name.dataset_type, [self.explain(one, asked) for one in parts.values()])
        return explain(chain, name, asked)

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
        lookup = self._lookup(dataset_type)
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
        lookup = self._lookup(dataset_type)
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        if not names:
            raise ParameterError("Name at least one key or column whose values are wanted.")
        filters = all_filters(data_id, keywords)
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
        lookup = self._lookup(dataset_type)
        keys = keys_at_level(lookup.policy, lookup.dataset_type, level)
        filters = all_filters(data_id, keywords)
        rows = make_query(lookup, None, None, filters).distinct(keys)
        single = {key: value for key, value in filters.items() if _is_single(value) and key != TAG}
        given = DataId(single).cast(lookup.policy.keys) if single else DataId()
        data_ids = [given.updated(dict(zip(keys, row, strict=True))) for row in rows]
        return Subset(self._access(), lookup.dataset_type.name, level, data_ids)

    def refcat(self, name: str) -> ReferenceCatalog:
        """Return a reference catalog, to load stars from.

        Parameters
        ----------
        name
            One of `refcat_names`. Where several repositories of the chain have
            it, that of the nearest counts, as a whole.

        Raises
        ------
        DatasetNotFoundError
            If there is none of this name.
        FormatterError
            If its files cannot be read.
        """
        from butler.refcats.catalog import open_catalog
        from butler.refcats.shards import find_catalog

        shards = find_catalog(self._searched(), name)
        shards.on_read = self._note_read
        return open_catalog(shards)

    def refcat_names(self) -> list[str]:
        """Return the names of the reference catalogs that the chain holds, sorted."""
        from butler.refcats.shards import catalog_names

        return catalog_names(self._searched())

    @abstractmethod
    def _access(self) -> DatasetAccess:
        """Return what data refs read and write through."""


def _require_whole(name: DatasetName, parts: Iterable[str]) -> None:
    """Refuse a component of what has none but these parts."""
    if name.is_part:
        raise FormatterError(
            f"{name.dataset_type!r} has no component {name.component!r}."
            f"{suggest(name.component or '', parts)} "
            f"Its components are: {', '.join(parts) or 'none'}."
        )


def _is_single(value: object) -> bool:
    return isinstance(value, str) or not hasattr(value, "__iter__")
