"""The calibrations that serve the same observations, and what a new one does to the others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from butler.registry.validity import Dated, Range, derive_ranges, normal_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from butler.data_id import DataId, KeyValue
    from butler.policies.dataset_type import DatasetType

__all__ = ["DatedCalibration", "Groups", "KnownCalibration", "RangeChange", "RangeRule"]


class RangeRule(NamedTuple):
    """How the ranges of one dataset type follow from dates.

    Calibrations that agree in the keys ``match`` form a group; ``date_key``
    holds their dates.
    """

    dataset_type: str
    identity_keys: tuple[str, ...]
    match: tuple[str, ...]
    date_key: str
    until_next: bool

    @classmethod
    def of(cls, kind: DatasetType) -> RangeRule | None:
        """Return the rule of a dataset type, None if it is not chosen by date.

        Parameters
        ----------
        kind
            Any dataset type.
        """
        rule = kind.calibration
        if rule is None or not kind.is_dated:
            return None
        match = tuple(key for key in rule.match if key in kind.key_set)
        return cls(kind.name, kind.keys, match, rule.date_key, rule.validity == "until_next")


class KnownCalibration(NamedTuple):
    """A registered calibration with one of its ranges, as far as it has any.

    ``days`` is None for a range that was given by hand.
    """

    number: int
    canonical: str
    path: str
    date: str
    group: tuple[KeyValue | None, ...]
    begin: str | None
    end: str | None
    days: int | None


class DatedCalibration(NamedTuple):
    """A calibration whose range shall follow from its date."""

    canonical: str
    group: tuple[KeyValue | None, ...]
    date: str
    days: int

    @classmethod
    def of(cls, rule: RangeRule, data_id: DataId, days: int) -> DatedCalibration:
        """Return what the range of a calibration follows from.

        Parameters
        ----------
        rule
            Of its dataset type.
        data_id
            Every key of its template.
        days
            How long it may serve.
        """
        return cls(
            data_id.canonical(rule.identity_keys),
            tuple(data_id[key] for key in rule.match),
            str(data_id[rule.date_key]),
            days,
        )


class RangeChange(NamedTuple):
    """The range that a calibration shall have instead of the one that was derived before."""

    number: int
    range: Range
    days: int


class _Fixed(NamedTuple):
    range: Range
    canonical: str
    path: str


class Groups:
    """The calibrations of one type, by what they serve.

    Parameters
    ----------
    known
        What is registered. One with several ranges comes several times.
    until_next
        As for `derive_ranges`.
    """

    def __init__(self, known: Iterable[KnownCalibration], *, until_next: bool) -> None:
        self._until_next = until_next
        self._numbers: dict[str, int] = {}
        self._paths: dict[str, str] = {}
        self._current: dict[str, tuple[Range, int]] = {}
        self._dated: dict[tuple[KeyValue | None, ...], dict[str, Dated]] = defaultdict(dict)
        self._fixed: dict[tuple[KeyValue | None, ...], list[_Fixed]] = defaultdict(list)
        self._moments: dict[tuple[KeyValue | None, ...], dict[str, str]] = defaultdict(dict)
        self._kept: dict[tuple[KeyValue | None, ...], dict[str, tuple[Range, int]]]
        self._kept = defaultdict(dict)
        self._touched: dict[tuple[KeyValue | None, ...], None] = {}
        self._derived: dict[str, Range] | None = None
        for one in known:
            self._numbers[one.canonical] = one.number
            self._paths[one.canonical] = one.path
            if one.begin is None or one.end is None:
                continue
            valid = Range(one.begin, one.end)
            if one.days is None:
                self._fixed[one.group].append(_Fixed(valid, one.canonical, one.path))
            else:
                self._current[one.canonical] = (valid, one.days)
                dated = Dated(one.canonical, one.date, one.days)
                self._dated[one.group][one.canonical] = dated
                self._moments[one.group][normal_time(one.date)] = one.canonical

    def fixed_ranges(self, one: DatedCalibration) -> list[Range]:
        """Return the ranges that a calibration was given by hand."""
        return [it.range for it in self._fixed[one.group] if it.canonical == one.canonical]

    def keep(self, one: DatedCalibration, valid: Range) -> bool:
        """Take a calibration with the range that was derived for it elsewhere, if that can be.

        Parameters
        ----------
        one
            A registered one that has no range here.
        valid
            The range. It is derived anew when something is added to the group.

        Returns
        -------
        bool
            Whether the range touches no other; nothing has changed otherwise.
        """
        moment = normal_time(one.date)
        if self._moments[one.group].get(moment, one.canonical) != one.canonical:
            return False
        there = [fixed.range for fixed in self._fixed[one.group]]
        there += [
            self._current[name][0] for name in self._dated[one.group] if name in self._current
        ]
        there += [kept for kept, _ in self._kept[one.group].values()]
        if any(map(valid.overlaps, there)):
            return False
        self._kept[one.group][one.canonical] = valid, one.days
        self._dated[one.group][one.canonical] = Dated(one.canonical, one.date, one.days)
        self._moments[one.group][moment] = one.canonical
        self._derived = None
        return True

    def add(self, one: DatedCalibration) -> str:
        """Let the range of a calibration follow from its date.

        Parameters
        ----------
        one
            A new one, or one that is registered, with these days from now on.

        Returns
        -------
        str
            Empty, or why it cannot be; nothing has changed then.

        Raises
        ------
        DataIdError
            If its date cannot be read.
        """
        moments = self._moments[one.group]
        moment = normal_time(one.date)
        twin = moments.get(moment, one.canonical)
        if twin != one.canonical:
            path = self._paths.get(twin, "another of these files")
            return f"{path} serves the same observations and has the same date"
        refusal = self._refusal(one)
        if not refusal:
            self._dated[one.group][one.canonical] = Dated(one.canonical, one.date, one.days)
            moments[moment] = one.canonical
            self._touched[one.group] = None
            self._derived = None
        return refusal

    def _refusal(self, one: DatedCalibration) -> str:
        """Return why the range of a calibration would touch one that was given by hand."""
        if not self._fixed[one.group]:
            return ""
        new = Dated(one.canonical, one.date, one.days)
        members = {**self._dated[one.group], one.canonical: new}
        wanted = derive_ranges(members.values(), until_next=self._until_next)[one.canonical]
        for fixed in self._fixed[one.group]:
            if fixed.range.overlaps(wanted):
                return (
                    f"its range {wanted} would overlap {fixed.range}, for which {fixed.path} was "
                    f"certified by hand; put it with butler put and give it a range with butler "
                    f"certify, or decertify the other first"
                )
        return ""

    def ranges(self) -> dict[str, Range]:
        """Return the derived ranges of all groups that something was added to."""
        if self._derived is not None:
            return self._derived
        found: dict[str, Range] = {}
        for group in self._touched:
            fixed = [one.range for one in self._fixed[group]]
            derived = derive_ranges(
                self._dated[group].values(), until_next=self._until_next, fixed=fixed
            )
            found.update({str(canonical): valid for canonical, valid in derived.items()})
        self._derived = found
        return found

    def changes(self) -> Iterator[RangeChange]:
        """Yield what the registry has to change; every calibration must have a row by now."""
        every = {name: one for group in self._touched for name, one in self._dated[group].items()}
        for canonical, valid in self.ranges().items():
            days = every[canonical].days
            if self._current.get(canonical) != (valid, days):
                yield RangeChange(self._numbers[canonical], valid, days)
        for group in self._kept.keys() - self._touched.keys():
            for canonical, (valid, days) in self._kept[group].items():
                yield RangeChange(self._numbers[canonical], valid, days)
