"""Aliases of dataset types: ``@name`` stands for what `Butler.define_alias` said."""

from __future__ import annotations

from butler.errors import AliasError, ParameterError, suggest

__all__ = ["Aliases"]


class Aliases:
    """The aliases of one Butler, replaced as text so that suffixes go on working."""

    def __init__(self, aliases: dict[str, str] | None = None) -> None:
        self._targets: dict[str, str] = dict(aliases or {})

    def define(self, alias: str, dataset_type: str) -> None:
        """Let ``@alias`` stand for a dataset type.

        Parameters
        ----------
        alias
            With or without its ``@``; no alias may be the beginning of
            another one, since suffixes may follow it.
        dataset_type
            What it stands for.

        Raises
        ------
        AliasError
            If it is malformed, or clashes with another one.
        """
        name = alias.removeprefix("@")
        if not name or "@" in name or "@" in dataset_type:
            raise AliasError(
                f"{alias!r} cannot be an alias of {dataset_type!r}: '@' stands only in front."
            )
        for other, target in self._targets.items():
            clashes = other.startswith(name) or name.startswith(other)
            if clashes and (other, target) != (name, dataset_type):
                raise AliasError(
                    f"'@{name}' and '@{other}' (which is {target!r}) begin alike, so a name with "
                    f"a suffix could mean either. Choose another alias."
                )
        self._targets[name] = dataset_type

    def resolve(self, name: str) -> str:
        """Return a dataset type with its alias replaced.

        Raises
        ------
        AliasError
            If nobody defined the alias.
        ParameterError
            If it is no name at all.
        """
        if not isinstance(name, str):
            raise ParameterError(f"A dataset type is named by a word, not {name!r}.")
        if "@" not in name:
            return name
        if name.startswith("@"):
            rest = name[1:]
            for alias, target in self._targets.items():
                if rest.startswith(alias) and "@" not in rest:
                    return target + rest[len(alias) :]
        raise AliasError(
            f"{name!r} names an alias that nobody defined."
            f"{suggest(name.removeprefix('@'), self._targets)} "
            f"Define it with butler.define_alias(alias, dataset_type)."
        )

    def as_dict(self) -> dict[str, str]:
        """Return the aliases without their ``@``."""
        return dict(self._targets)
