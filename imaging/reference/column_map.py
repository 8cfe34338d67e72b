"""Which columns of a table become which fields of a reference catalog."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from imaging.errors import ReferenceCatalogError, closest_words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ROLES", "Brightness", "ColumnMap", "ColumnSource", "Role"]


class Role(NamedTuple):
    """A field of a reference catalog that a column may become.

    Parameters
    ----------
    field
        Its name, as in catalogs of the LSST stack.
    kind
        Type of the field.
    unit
        Of the field; empty for numbers that have none.
    doc
        What it is.
    """

    field: str
    kind: str
    unit: str
    doc: str


ROLES: Final[Mapping[str, Role]] = {
    "id": Role("id", "L", "", "unique ID"),
    "ra": Role("coord_ra", "Angle", "rad", "position in ra/dec"),
    "dec": Role("coord_dec", "Angle", "rad", "position in ra/dec"),
    "ra_err": Role("coord_raErr", "F", "rad", "1-sigma uncertainty on ra, times cos(dec)"),
    "dec_err": Role("coord_decErr", "F", "rad", "1-sigma uncertainty on dec"),
    "epoch": Role("epoch", "D", "d", "date of the position (TAI, MJD)"),
    "pm_ra": Role("pm_ra", "Angle", "rad/yr", "proper motion in ra, times cos(dec)"),
    "pm_dec": Role("pm_dec", "Angle", "rad/yr", "proper motion in dec"),
    "pm_ra_err": Role("pm_raErr", "F", "rad/yr", "1-sigma uncertainty on pm_ra"),
    "pm_dec_err": Role("pm_decErr", "F", "rad/yr", "1-sigma uncertainty on pm_dec"),
    "parallax": Role("parallax", "Angle", "rad", "parallax"),
    "parallax_err": Role("parallaxErr", "D", "rad", "1-sigma uncertainty on parallax"),
}
"""What is not a brightness, by the word for it in options and files."""

_SOURCE: Final = re.compile(r"(?P<column>.+?)\s*(?:\[(?P<unit>[^\[\]]*)\])?\s*")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_FILE_WORDS: Final = ("fluxes", "magnitudes", "keep", "missing")
_BRIGHTNESS_WORDS: Final = ("column", "unit", "error", "error_unit")


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A column, or a constant, and the unit that its values are in.

    Parameters
    ----------
    column
        Its name; for an epoch it may be the epoch itself.
    unit
        As astropy spells it, or ``mjd``, ``jd``, ``jyear``, ``iso``, ``unix``
        for epochs; empty for what the file says.
    """

    column: str
    unit: str = ""

    @classmethod
    def parse(cls, text: object) -> Self:
        """Return what ``pmra`` or ``pmra[mas/yr]`` means.

        Raises
        ------
        ReferenceCatalogError
            If it names no column.
        """
        match = _SOURCE.fullmatch(str(text).strip())
        if match is None:
            raise ReferenceCatalogError(f"{text!r} names no column: write NAME or NAME[unit].")
        return cls(match["column"], (match["unit"] or "").strip())

    def __str__(self) -> str:
        return f"{self.column}[{self.unit}]" if self.unit else self.column


@dataclass(frozen=True, slots=True)
class Brightness:
    """The flux of one filter, and where it comes from.

    Parameters
    ----------
    name
        Of the filter: the field will be ``NAME_flux``.
    source
        The column.
    error
        That of its error, None if there is none.
    is_magnitude
        Whether the column holds AB magnitudes, not fluxes.
    """

    name: str
    source: ColumnSource
    error: ColumnSource | None = None
    is_magnitude: bool = False


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which columns are what.

    Parameters
    ----------
    roles
        By words of `ROLES`.
    brightnesses
        One for each filter.
    keep
        Columns that are taken over as they are.
    missing
        A number that stands for no value, None if there is none.
    """

    roles: Mapping[str, ColumnSource] = field(default_factory=dict)
    brightnesses: tuple[Brightness, ...] = ()
    keep: tuple[str, ...] = ()
    missing: float | None = None

    @classmethod
    def from_options(
        cls,
        roles: Mapping[str, str],
        *,
        fluxes: Sequence[str] = (),
        flux_errors: Sequence[str] = (),
        magnitudes: Sequence[str] = (),
        magnitude_errors: Sequence[str] = (),
        keep: Sequence[str] = (),
        missing: float | None = None,
    ) -> Self:
        """Return what options of a command say.

        Parameters
        ----------
        roles
            ``NAME`` or ``NAME[unit]`` by words of `ROLES`.
        fluxes, magnitudes
            ``NAME[unit]=FILTER``, or without the filter for one of that name.
        flux_errors, magnitude_errors
            Alike, for filters that have one of the others.
        keep, missing
            As for the class.

        Raises
        ------
        ReferenceCatalogError
            If they contradict each other.
        """
        found = [
            *_with_errors(fluxes, flux_errors, "flux", is_magnitude=False),
            *_with_errors(magnitudes, magnitude_errors, "magnitude", is_magnitude=True),
        ]
        sources = {word: ColumnSource.parse(text) for word, text in roles.items()}
        return cls(sources, tuple(found), tuple(keep), missing)

    @classmethod
    def from_mapping(cls, content: object, source: str) -> Self:
        """Return what the content of a YAML file says.

        Parameters
        ----------
        content
            A mapping: words of `ROLES` with ``NAME[unit]``, or a mapping of
            ``column`` and ``unit``; ``fluxes`` and ``magnitudes`` with a
            mapping of filters to ``NAME[unit]``, or to ``column``, ``unit``,
            ``error``, ``error_unit``; ``keep`` with a list; ``missing``.
        source
            Where it comes from, for messages.

        Raises
        ------
        ReferenceCatalogError
            If a word is not known or a value of the wrong kind.
        """
        if not isinstance(content, Mapping):
            raise ReferenceCatalogError(f"{source} is no mapping of words to columns.")
        for word in content:
            if word not in ROLES and word not in _FILE_WORDS:
                known = (*ROLES, *_FILE_WORDS)
                raise ReferenceCatalogError(
                    f"{source}: {word!r} is not known.{closest_words(str(word), known)} "
                    f"Known are: {', '.join(known)}."
                )
        roles = {
            word: _file_source(content[word], f"{source}: {word}")
            for word in ROLES
            if word in content
        }
        found = [
            _file_brightness(name, given, f"{source}: {word}: {name}", word == "magnitudes")
            for word in ("fluxes", "magnitudes")
            for name, given in _mapping(content.get(word), f"{source}: {word}").items()
        ]
        keep = content.get("keep") or []
        if isinstance(keep, str) or not isinstance(keep, Iterable):
            raise ReferenceCatalogError(f"{source}: keep is a list of columns, not {keep!r}.")
        missing = content.get("missing")
        if missing is not None and not isinstance(missing, int | float):
            raise ReferenceCatalogError(f"{source}: missing is a number, not {missing!r}.")
        return cls(roles, tuple(found), tuple(map(str, keep)), missing)

    def over(self, other: ColumnMap) -> ColumnMap:
        """Return this one, completed by what another has and this one has not."""
        own = {one.name for one in self.brightnesses}
        return ColumnMap(
            {**other.roles, **self.roles},
            (*self.brightnesses, *(one for one in other.brightnesses if one.name not in own)),
            tuple(dict.fromkeys((*self.keep, *other.keep))),
            other.missing if self.missing is None else self.missing,
        )

    def check(self) -> None:
        """Refuse filters that cannot be names of fields, or that are there twice.

        Raises
        ------
        ReferenceCatalogError
            With the name.
        """
        names = [one.name for one in self.brightnesses]
        for name in names:
            if not _NAME.fullmatch(name):
                raise ReferenceCatalogError(
                    f"{name!r} cannot be the name of a filter: letters, digits and underscores."
                )
            if names.count(name) > 1:
                raise ReferenceCatalogError(f"There are two columns for the filter {name!r}.")

    def describe(self) -> str:
        """Return all of it as one text, the same for the same map."""
        parts = [f"{word}={source}" for word, source in sorted(self.roles.items())]
        parts += [
            f"{'mag' if one.is_magnitude else 'flux'} {one.name}={one.source} +- {one.error}"
            for one in self.brightnesses
        ]
        return "; ".join([*parts, f"keep={','.join(self.keep)}", f"missing={self.missing}"])


def _with_errors(
    values: Sequence[str], errors: Sequence[str], what: str, *, is_magnitude: bool
) -> list[Brightness]:
    found = {name: source for name, source in map(_named_source, errors)}  # noqa: C416 - a pair
    made = []
    for text in values:
        name, source = _named_source(text)
        made.append(Brightness(name, source, found.pop(name, None), is_magnitude))
    if found:
        raise ReferenceCatalogError(
            f"There is an error but no {what} for: {', '.join(found)}. Write COLUMN=FILTER for "
            f"both."
        )
    return made


def _named_source(text: str) -> tuple[str, ColumnSource]:
    column, equals, name = text.rpartition("=")
    source = ColumnSource.parse(column if equals else text)
    return (name.strip() if equals else source.column), source


def _mapping(given: object, where: str) -> Mapping[str, object]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ReferenceCatalogError(f"{where} is a mapping of filters to columns, not {given!r}.")
    return {str(name): value for name, value in given.items()}


def _file_source(given: object, where: str) -> ColumnSource:
    if not isinstance(given, Mapping):
        return ColumnSource.parse(given)
    unknown = set(map(str, given)) - {"column", "unit"}
    if unknown or "column" not in given:
        raise ReferenceCatalogError(f"{where} takes column and unit, not {dict(given)!r}.")
    return ColumnSource(str(given["column"]), str(given.get("unit") or ""))


def _file_brightness(name: str, given: object, where: str, is_magnitude: bool) -> Brightness:  # noqa: FBT001 - a fact of its caller
    if not isinstance(given, Mapping):
        return Brightness(name, ColumnSource.parse(given), None, is_magnitude)
    unknown = set(map(str, given)) - set(_BRIGHTNESS_WORDS)
    if unknown or "column" not in given:
        words = ", ".join(_BRIGHTNESS_WORDS)
        raise ReferenceCatalogError(f"{where} takes {words}, not {dict(given)!r}.")
    error = given.get("error")
    return Brightness(
        name,
        ColumnSource(str(given["column"]), str(given.get("unit") or "")),
        None if error is None else ColumnSource(str(error), str(given.get("error_unit") or "")),
        is_magnitude,
    )
