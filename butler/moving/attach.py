"""What belongs to datasets that are taken, beside their rows: validity ranges and tags."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from butler.errors import DataIdError, DatasetExistsError
from butler.registry.calibration_groups import DatedCalibration, RangeRule
from butler.registry.validity import Range, make_range

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from butler.moving.offer import Offer, OfferedRange
    from butler.policies.dataset_type import DatasetType
    from butler.registry.database import WriteCursor
    from butler.registry.registry import Registry

__all__ = ["attach"]


def attach(
    registry: Registry, cursor: WriteCursor, kind: DatasetType, offers: Mapping[str, Offer]
) -> dict[str, str]:
    """Give registered datasets the validity ranges and tags that they had elsewhere.

    Parameters
    ----------
    registry
        Where they are now.
    cursor
        Of the transaction that this is a part of.
    kind
        Their dataset type.
    offers
        What is known of them, by the canonical text of the data ID.

    Returns
    -------
    dict
        Why ranges were refused, by the same text.

    Notes
    -----
    A range that followed from dates does so here, too: it stays as it was
    until a calibration comes whose range would touch it. A calibration that
    has such a range here, or was given one by hand, keeps it.
    """
    wanted = {text: one for text, one in offers.items() if one.ranges or one.tags}
    found = {text: registry.number_within(cursor, kind.name, text) for text in wanted}
    numbers = {text: number for text, number in found.items() if number is not None}
    tagged: dict[str, list[int]] = defaultdict(list)
    for text, number in numbers.items():
        for tag in wanted[text].tags:
            tagged[tag].append(number)
    for tag, ids in tagged.items():
        registry.add_tag_within(cursor, tag, ids)
    if kind.calibration is None or not any(one.ranges for one in wanted.values()):
        return {}
    return _give_ranges(registry, cursor, kind, {numbers[text]: wanted[text] for text in numbers})


def _give_ranges(
    registry: Registry, cursor: WriteCursor, kind: DatasetType, offers: Mapping[int, Offer]
) -> dict[str, str]:
    there = registry.valid_ranges(list(offers), cursor)
    rule, calibration = RangeRule.of(kind), kind.calibration
    assert calibration is not None  # noqa: S101 - the caller has seen to it
    carried: dict[DatedCalibration, Range] = {}
    given: list[tuple[int, OfferedRange]] = []
    for number, offer in offers.items():
        for one in offer.ranges:
            if one.days is None or rule is None:
                given.append((number, one))
            elif number not in there:
                dated = DatedCalibration.of(rule, offer.data_id, one.days)
                carried[dated] = make_range(one.begin, one.end)
    refused = registry.carry_ranges(cursor, rule, carried) if rule is not None and carried else {}
    match = [key for key in calibration.match if key in kind.key_set]
    registry.check_keys(match)
    for number, one in given:
        known: Sequence[tuple[str, str]] = [valid[:2] for valid in there.get(number, ())]
        try:
            valid = make_range(one.begin, one.end)
            if valid not in known:
                registry.certify_within(cursor, number, valid, match)
        except (DatasetExistsError, DataIdError) as error:
            refused[offers[number].data_id.canonical(kind.keys)] = str(error)
    return refused
