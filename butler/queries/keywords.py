"""Tell the keys of a data ID from the parameters of a formatter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from butler.data_id import DataId
from butler.errors import DataIdError, UnknownKeyError
from butler.formatter import find_formatter, formatter_names
from butler.gen2_names import modern_keywords
from butler.policies.policy import RESERVED_KEYS

if TYPE_CHECKING:
    from butler.repository.chain import Lookup

__all__ = ["require_mapping", "split_keywords"]


def split_keywords(
    lookup: Lookup, data_id: Mapping[str, object] | None, keywords: Mapping[str, object]
) -> tuple[DataId, dict[str, object]]:
    """Return the typed data ID, and the parameters that are left.

    Parameters
    ----------
    lookup
        Whose dataset type, and whose keys.
    data_id
        Keys and values, None for none.
    keywords
        Further keys, which win, and parameters.

    Raises
    ------
    UnknownKeyError
        If a name is neither a key nor anybody's parameter.
    DataIdError
        If a value does not fit its key, or the data ID is no mapping.
    """
    types = lookup.policy.keys
    parameters: dict[str, object] = {}
    if not keywords and type(data_id) is DataId:
        return data_id.cast(types), parameters
    merged: dict[str, object] = {}
    for name, value in (*require_mapping(data_id).items(), *keywords.items()):
        if name in types or not isinstance(name, str):
            merged[name] = value
        else:  # Gen2 let a bbox stand in the data ID too
            parameters[name] = value
    if parameters:
        unknown = [name for name in parameters if name not in RESERVED_KEYS]
        _check_unknown(lookup, unknown)
        parameters = modern_keywords(parameters)
    return DataId(merged).cast(types), parameters


def require_mapping(data_id: object) -> Mapping[str, object]:
    """Return a data ID as it was given, and an empty mapping for None.

    Raises
    ------
    DataIdError
        If it is anything else.
    """
    if data_id is None:
        return {}
    if isinstance(data_id, Mapping):
        return data_id
    message = (
        f"A data ID is keys and values, such as visit=903334, ccd=16 or "
        f"{{'visit': 903334, 'ccd': 16}}, not {data_id!r}."
    )
    raise DataIdError(message)


def _check_unknown(lookup: Lookup, names: list[str]) -> None:
    if not names:
        return
    storage_class = lookup.dataset_type.storage_class
    known: frozenset[str] = frozenset()
    if storage_class in formatter_names():
        formatter = find_formatter(storage_class)
        known = formatter.read_parameters | formatter.write_parameters
    for name in names:
        if name not in known:
            types = lookup.policy.keys
            raise UnknownKeyError(name, [*types, *known], types.context)
