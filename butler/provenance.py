"""How a dataset was made, looked up through the chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from butler.errors import DatasetNotFoundError
from butler.repository.chain import Chain
from butler.repository.native import NativeRepository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from butler.butler import Butler
    from butler.data_id import DataId
    from butler.registry.rows import InputRow, Provenance

__all__ = ["FoundProvenance", "find_provenance"]


@dataclass(frozen=True, slots=True)
class FoundProvenance:
    """How a dataset was made.

    Parameters
    ----------
    data_id
        Of the dataset.
    uri
        Where its file is.
    made
        What is recorded.
    inputs
        Its inputs as people read them: dataset type, data ID, repository.
    """

    data_id: DataId
    uri: str
    made: Provenance
    inputs: tuple[str, ...]


def find_provenance(
    butler: Butler, dataset_type: str, data_id: Mapping[str, object]
) -> FoundProvenance:
    """Return how a dataset was made.

    Parameters
    ----------
    butler
        Where it is looked for.
    dataset_type, data_id
        Which one; missing keys are completed.

    Raises
    ------
    DatasetNotFoundError
        If there is no such dataset, or nobody has recorded how it was made.
    """
    uri = butler.get_uri(dataset_type, data_id)  # says what is wrong, if there is none
    chain = Chain(butler.repositories)
    lookup = chain.lookup(dataset_type)
    complete = chain.ready(lookup, butler.data_ref(dataset_type, data_id=data_id).data_id)
    found = chain.find(dataset_type, complete)
    made = None
    if found is not None and found.stored.id is not None:
        repository = found.repository
        assert isinstance(repository, NativeRepository)  # noqa: S101 - others number nothing
        made = repository.registry.provenance(found.stored.id)
    if found is None or made is None:
        hint = (
            f"{uri} is there, and nobody has recorded how it was made: raw files and what was put "
            f"by hand have no provenance."
        )
        raise DatasetNotFoundError(f"provenance of {dataset_type}", str(complete), [], hint)
    inputs = tuple(_described(chain, one) for one in made.inputs)
    return FoundProvenance(found.stored.data_id, uri, made, inputs)


def _described(chain: Chain, one: InputRow) -> str:
    """Return one input with the names of its keys, as far as the chain knows them."""
    keys = chain.lookup(one.dataset_type).dataset_type.keys if chain.knows(one.dataset_type) else ()
    values = [unquote(value) for value in one.data_id.split(",")]
    data_id = one.data_id
    if len(keys) == len(values):
        data_id = " ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
    place = next((each.root for each in chain.repositories if each.uuid == one.repository), "")
    return f"{one.dataset_type} {data_id} of {place or one.repository}".replace("  ", " ")
