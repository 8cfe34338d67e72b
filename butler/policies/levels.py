"""Levels: which keys of a data ID count when one thinks of visits rather than ccds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from butler.errors import DataIdError, suggest

if TYPE_CHECKING:
    from collections.abc import Collection

    from butler.policies.dataset_type import DatasetType
    from butler.policies.policy import Policy

__all__ = ["checked_level", "keys_at_level", "sub_level"]


def checked_level(policy: Policy, level: str | None) -> str:
    """Return a level, the camera's default one where none is given.

    Raises
    ------
    DataIdError
        If the camera has no such level.
    """
    if level is not None and not isinstance(level, str):
        raise DataIdError(
            f"A level is a word, not {level!r}. A data ID comes after it: data_id=..., or its keys "
            f"as keywords."
        )
    name = level or policy.default_level
    if name and name not in policy.levels:
        raise DataIdError(
            f"{policy.name} has no level {name!r}.{suggest(name, policy.levels)} "
            f"Its levels are: {', '.join(policy.levels)}."
        )
    return name


def keys_at_level(policy: Policy, dataset_type: DatasetType, level: str | None) -> tuple[str, ...]:
    """Return the keys that name a dataset at a level, in the template's order.

    Parameters
    ----------
    policy
        The camera.
    dataset_type
        Whose keys.
    level
        None or empty for the camera's default level.

    Raises
    ------
    DataIdError
        If the camera has no such level.
    """
    removed: Collection[str] = policy.levels.get(checked_level(policy, level), ())
    template = dataset_type.template
    keys = dataset_type.keys if template is None else template.keys
    return tuple(key for key in keys if key not in removed)


def sub_level(policy: Policy, level: str | None) -> str | None:
    """Return the level that follows a level by default, None at the finest."""
    return policy.default_sub_levels.get(checked_level(policy, level))
