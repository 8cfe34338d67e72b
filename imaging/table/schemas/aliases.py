"""Other names of fields: an alias stands for the beginning of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING

from imaging.errors import SchemaError
from imaging.table.schemas.gen2_names import AliasMapNames

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["AliasMap", "current_spellings", "old_spellings"]

_FLUX_ERROR = re.compile(r"_flux(?:Err|Sigma)(?=_|$)")
_FLUX = re.compile(r"_flux(?=_|$)")
_SIGMA = re.compile(r"Sigma(?=_|$)")


class AliasMap(AliasMapNames, MutableMapping[str, str]):
    """Aliases and what each of them stands for.

    Parameters
    ----------
    aliases
        Where to begin.

    Notes
    -----
    An alias replaces the beginning of a name: with ``slot_Centroid`` for
    ``base_SdssCentroid``, the name ``slot_Centroid_x`` is
    ``base_SdssCentroid_x``. The longest alias that fits counts, and what it
    gives may begin with another alias.
    """

    __slots__ = ("_targets", "version")

    version: int
    """Grows with each change."""

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        self._targets: dict[str, str] = {}
        self.version = 0
        if aliases:
            self.update(aliases)

    def __getitem__(self, alias: str) -> str:
        return self._targets[alias]

    def __setitem__(self, alias: str, target: str) -> None:
        if not alias or not target:
            message = f"The alias {alias!r} for {target!r} is empty on one side."
            raise SchemaError(message)
        if ":" in alias:
            message = f"The alias {alias!r} has a colon, which files have behind aliases."
            raise SchemaError(message)
        for text in (alias, target):
            if not (text.isascii() and text.isprintable()) or text != text.strip():
                message = (
                    f"The alias {alias!r} for {target!r} cannot stand in a FITS header: use plain "
                    "ASCII, and no blanks at the ends."
                )
                raise SchemaError(message)
        self._targets[alias] = target
        self.version += 1

    def __delitem__(self, alias: str) -> None:
        del self._targets[alias]
        self.version += 1

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._targets))

    def __len__(self) -> int:
        return len(self._targets)

    def apply(self, name: str) -> str:
        """Return what a name is without aliases.

        Raises
        ------
        SchemaError
            If aliases stand for one another.
        """
        for _ in range(len(self._targets) + 1):
            fitting = [alias for alias in self._targets if name.startswith(alias)]
            if not fitting:
                return name
            longest = max(fitting, key=len)
            replaced = self._targets[longest] + name[len(longest) :]
            if replaced == name:
                return name
            name = replaced
        message = f"The aliases of {name!r} go round in a circle: {self._targets}."
        raise SchemaError(message)

    def copy(self) -> AliasMap:
        """Return an equal map that changes by itself."""
        return AliasMap(self._targets)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AliasMap):
            return NotImplemented
        return self._targets == other._targets

    __hash__ = None  # type: ignore[assignment]  # it can be changed in place

    def __repr__(self) -> str:
        return f"AliasMap({self._targets!r})"


def current_spellings(name: str) -> Iterator[str]:
    """Yield the names that fields of an older name may have today.

    Instrumental fluxes were called ``X_flux`` until 2018 and are
    ``X_instFlux``; errors were called ``Sigma`` until 2017 and are ``Err``.
    """
    renamed = _FLUX.sub("_instFlux", _FLUX_ERROR.sub("_instFluxErr", name))
    if renamed != name:
        yield renamed
    renewed = _SIGMA.sub("Err", renamed)
    if renewed != renamed:
        yield renewed


def old_spellings(names: Collection[str]) -> dict[str, str]:
    """Return aliases by which fields with the names of before 2018 are found by today's.

    Parameters
    ----------
    names
        The fields of a file of that time.
    """
    aliases = {}
    for name in names:
        renamed = _FLUX.sub("_instFlux", _FLUX_ERROR.sub("_instFluxErr", name))
        for spelling in (renamed, _SIGMA.sub("Err", renamed)):
            if spelling not in names:
                aliases[spelling] = name
    return aliases
