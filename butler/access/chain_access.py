"""The repositories that a Butler opens, and what a question to them means."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from butler.access.arguments import calib_root_at, inputs_from, mapper_name, outputs_from
from butler.access.outputs import check_dataset_types, prepare_output
from butler.aliases import Aliases
from butler.components import DatasetName, split_name
from butler.errors import ParameterError, ReadOnlyError, RepositoryError
from butler.gen2_names import modern_keywords
from butler.policies.levels import keys_at_level, sub_level
from butler.queries.keywords import split_keywords
from butler.repository.chain import Chain
from butler.repository.native import NativeRepository
from butler.repository.opening import RepositoryPool
from butler.repository.user_files import UserFiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from butler.access.arguments import RepositoryArgument, RepositoryArguments, RepositoryPlace
    from butler.data_id import DataId
    from butler.repository.base import Repository
    from butler.repository.chain import Lookup

__all__ = ["ChainAccess"]


class ChainAccess:
    """Opens repositories in the order of search, and takes questions apart.

    Parameters
    ----------
    root, mapper, inputs, outputs, user_calibs, calib_root
        As for `Butler`.
    """

    def __init__(
        self,
        root: RepositoryArgument | None,
        mapper: object,
        inputs: RepositoryArguments | None,
        outputs: RepositoryArguments | None,
        user_calibs: Mapping[str, str | PathLike[str]] | None = None,
        calib_root: str | PathLike[str] | None = None,
    ) -> None:
        if inputs is not None or outputs is not None:
            if root is not None or mapper is not None:
                raise RepositoryError(
                    "Name either one repository, Butler(root, mapper), or inputs= and outputs=, "
                    "not both. A camera is part of an input or output: "
                    "inputs={'root': ..., 'mapper': ...}"
                )
        elif root is None:
            root = "."
        self._aliases = Aliases()
        self._local = threading.local()
        self._pool = RepositoryPool()
        self._chain: Chain
        self._arguments: dict[str, object] = {}
        if root is not None:
            self._open_root(root, mapper, calib_root)
        elif calib_root is not None:
            raise RepositoryError(
                "calib_root belongs to one repository, Butler(root, calib_root=...). Of an input "
                "it is a part: inputs={'root': ..., 'mapperArgs': {'calibRoot': ...}}"
            )
        else:
            self._open_chain(inputs, outputs)
        if user_calibs:
            chain = self._chain
            files = UserFiles(
                user_calibs, chain.repositories[0], lambda name: chain.lookup(name).dataset_type
            )
            self._chain = Chain(chain.repositories, chain.tags, files)
            self._arguments["user_calibs"] = files.files

    def _open_root(
        self,
        root: RepositoryArgument,
        mapper: object,
        calib_root: str | PathLike[str] | None,
    ) -> None:
        (place,) = inputs_from([root])
        if calib_root is not None:
            place = replace(place, calib_root=calib_root_at(place.root, calib_root))
        camera = place.mapper if mapper is None else mapper_name(mapper)
        self._outputs: tuple[Repository, ...] = (self._open(place, camera),)
        self._chain = self._pool.chain([(place.root, place.tags)])
        self._arguments = {"root": place.as_argument(), "mapper": camera}

    def _open_chain(
        self, inputs: RepositoryArguments | None, outputs: RepositoryArguments | None
    ) -> None:
        sources = inputs_from(inputs)
        targets = outputs_from(outputs)
        if not sources and not targets:
            raise RepositoryError("No repository is named: both inputs= and outputs= are empty.")
        opened = [self._open(place, place.mapper) for place in sources]
        self._outputs = tuple(prepare_output(place, opened, self._pool) for place in targets)
        places = [(place.root, place.tags) for place in (*targets, *sources)]
        self._chain = self._pool.chain(places)
        self._arguments = {
            "inputs": [place.as_argument() for place in sources],
            "outputs": [place.as_argument() for place in targets],
        }

    def _open(self, place: RepositoryPlace, camera: str | None) -> Repository:
        repository = self._pool.open(place.root, camera)
        check_dataset_types(place, repository)
        if place.calib_root is not None:
            repository.use_calib_root(place.calib_root)
        return repository

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
        searched: Chain | None = getattr(self._local, "searched", None)
        if searched is None or searched.repositories[0] is not transaction:
            tags = dict(zip(self._chain.repositories, self._chain.tags, strict=True))
            own = tags[self._outputs[0]]  # a transaction stands for the output it will go to
            places = (transaction, *self._chain.repositories)
            searched = Chain(places, (own, *self._chain.tags), self._chain.user_files)
            self._local.searched = searched
        return searched

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
            chain = _tagged(chain, keywords.pop("tag"))
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
        lookup = self._lookup(dataset_type)
        kind, types = lookup.dataset_type, lookup.policy.keys
        keys = kind.keys if kind.template is None else kind.template.keys
        if level is not None:
            keys = keys_at_level(lookup.policy, kind, level)
        return {key: types.python_type(key) for key in keys}

    def sub_level(self, dataset_type: str, level: str | None) -> str | None:
        """Return the level below a level, None at the finest."""
        return sub_level(self._lookup(dataset_type).policy, level)

    def _lookup(self, dataset_type: str) -> Lookup:
        """Return where a dataset type, or the one that a component belongs to, is looked for."""
        chain = self._searched()
        name = split_name(self._aliases.resolve(dataset_type), _Known(chain))
        return chain.lookup(name.dataset_type)


def _tagged(chain: Chain, tag: object) -> Chain:
    found = chain.tagged(tag)
    if not found.repositories:
        known = sorted({word for words in chain.tags for word in words})
        raise ParameterError(
            f"No repository of this Butler has the tag {tag!r}; tags are given as "
            f"inputs={{'root': ..., 'tags': ...}}. There are: {', '.join(known) or 'none'}."
        )
    return found


class _Known:
    """The dataset types of a chain, as a container."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    def __contains__(self, name: object) -> bool:
        return self._chain.knows(str(name))
